//! Small archives, made with one key that holds all roles.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use litopys::archive::{Archive, ArchiveError, BatchOptions, Outcome};
use litopys::authority::Proposal;
use litopys::charter::{Charter, CharterKey, KeyRole};
use litopys::check::{Anchor, CheckOptions, Entry, Files, Observer, Signatures, Trust, Witnesses, check};
use litopys::draft::{Content, Draft, DraftFile};
use litopys::governance::{AddedKey, KeyChange, KeysStatement};
use litopys::log::TreeHead;
use litopys::log::cosignature::WitnessKey;
use litopys::manifest::{Metadata, Role};
use litopys::report::{Code, Finding, Report, Severity, Verdict};
use litopys::statement::Payload;
use litopys::store::Store;
use litopys::store::folder::FolderWriter;
use litopys::{SecretKey, Signer};

use super::prng::Prng;

pub fn key() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

/// Somebody else, who cosigns.
pub fn witness() -> (WitnessKey, SecretKey) {
    let key = SecretKey::from_seed(&[2; 32]);
    (WitnessKey::new("witness.example", key.public_key().clone()).unwrap(), key)
}

pub fn charter() -> Charter {
    let roles = vec![KeyRole::Archivist, KeyRole::Log, KeyRole::Steward];
    let member = CharterKey { key: key().public_key().clone(), name: "tester".into(), roles };
    Charter::new("test.example/archive".parse().unwrap(), "A test".into(), vec![member], 1, [9; 16]).unwrap()
}

/// An article of a text, which is its capture too, and perhaps an attachment.
pub fn draft(subject: &str, text: &str, attachment: Option<Vec<u8>>) -> Draft {
    let content: Content = text.as_bytes().to_vec().into();
    let file = |path: &str, role, content| DraftFile {
        path: path.into(),
        role,
        media_type: "text/markdown".into(),
        original_name: None,
        content,
    };
    let mut files = vec![file("a.md", Role::Capture, content.clone()), file("text.md", Role::Text, content)];
    files.extend(attachment.map(|bytes| file("data.bin", Role::Attachment, bytes.into())));
    let metadata = Metadata { title: Some(format!("About {subject}")), ..Metadata::default() };
    Draft { subject: subject.into(), metadata, files, ..Draft::default() }
}

/// Gives the archive in a folder another key.
pub fn add_key(folder: &Path, added: &SecretKey, roles: &[KeyRole]) {
    let archive = open(lock(folder)).unwrap();
    let member = CharterKey { key: added.public_key().clone(), name: "another".into(), roles: roles.to_vec() };
    let authority = archive.authority().in_force();
    let change = KeyChange::Add(AddedKey::prove(member, archive.id(), authority, added).unwrap());
    let change = Proposal::Keys(Box::new(KeysStatement { epoch: 1, change, authority }));
    let word = archive.approve(&change, &key()).unwrap();
    drop(archive.append(&[word], &key()).unwrap());
}

/// Bytes that don't compress.
pub fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    Prng(seed).fill(&mut bytes);
    bytes
}

/// A process that another test starts has this one's locks until it executes its program.
pub const WAIT: Duration = Duration::from_secs(60);

pub fn lock(root: &Path) -> FolderWriter {
    FolderWriter::lock(root, WAIT).unwrap()
}

pub fn create(writer: FolderWriter) -> Result<Archive, ArchiveError> {
    Archive::create(writer, charter(), &key(), &key())
}

pub fn open(writer: FolderWriter) -> Result<Archive, ArchiveError> {
    Archive::open(writer, Trust::default(), Signatures::All, 2)
}

/// Adds drafts and commits; what became of each.
pub fn add(archive: Archive, drafts: &[Draft], threads: usize) -> Result<(Archive, Vec<Outcome>), ArchiveError> {
    let (key, mut outcomes) = (key(), Vec::new());
    let root = archive.head().root();
    let seed = root.as_bytes().first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
    let mut prng = Prng(seed);
    let mut random = move |out: &mut [u8]| {
        prng.fill(out);
        true
    };
    let mut outcome = |_, outcome| outcomes.push(outcome);
    let signed_at = "2026-11-23T10:00:00Z".parse().unwrap();
    let options = BatchOptions::new(signed_at, threads);
    let mut batch = archive.batch(&key, &key, options, &mut random, &mut outcome)?;
    for draft in drafts {
        batch.add(draft.clone())?;
    }
    let (archive, _) = batch.commit()?;
    Ok((archive, outcomes))
}

/// An archive in a new folder, to which these batches were added.
pub fn archive_of(batches: &[&[Draft]]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let mut archive = create(lock(dir.path())).unwrap();
    for batch in batches {
        archive = add(archive, batch, 2).unwrap().0;
    }
    drop(archive);
    dir
}

/// What an archive says: its log, and each article's newest version by its subject.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contents {
    pub checkpoint: Option<TreeHead>,
    pub articles: BTreeMap<String, (u64, Vec<(String, litopys::FileDigest)>)>,
    /// The timestamped checkpoints: their sizes, and how many timestamps each has.
    pub timestamped: Vec<(u64, usize)>,
    /// When the witness cosigned the checkpoint, if it did.
    pub cosigned: Vec<u64>,
    /// What was found, until it was compared with the report.
    told: Vec<Finding>,
}

impl Observer for Contents {
    fn entry(&mut self, entry: &Entry<'_>) -> ControlFlow<()> {
        let statement = entry.statement.filter(|_| entry.void.is_none());
        // What is withheld may be there still, and says nothing any more.
        let statement = statement.filter(|_| entry.withheld.of_manifest(entry.index).is_none());
        if let (Some(Payload::Article(version)), Some(manifest)) = (statement.map(|s| s.payload()), entry.manifest) {
            let files = manifest.files.iter().map(|file| (file.path.clone(), file.sha256)).collect();
            self.articles.insert(manifest.subject.clone(), (version.version, files));
        }
        ControlFlow::Continue(())
    }

    fn finding(&mut self, finding: &Finding) -> ControlFlow<()> {
        self.told.push(finding.clone());
        ControlFlow::Continue(())
    }
}

/// A full check by one who trusts the key.
pub fn full_check(store: &dyn Store) -> (Report, Contents) {
    let witnesses = Witnesses { keys: vec![witness().0], quorum: 0, demanded: false };
    let trust = Trust { demanded: vec![Anchor::Founder(key().public_key().clone())], witnesses, ..Trust::default() };
    let options = CheckOptions { files: Files::All, trust, threads: 2, signatures: Signatures::All };
    let mut contents = Contents::default();
    let report = check(store, &options, &mut contents).unwrap();
    assert_eq!(std::mem::take(&mut contents.told), report.findings, "an observer is told what the report says");
    contents.checkpoint = report.checkpoint;
    contents.cosigned = report.cosigned.iter().filter_map(|says| says.time).collect();
    contents.timestamped =
        report.timestamped.iter().map(|checkpoint| (checkpoint.head.size(), checkpoint.tokens.len())).collect();
    (report, contents)
}

/// What an archive says, which must pass; `None` where there is none.
pub fn verified(store: &dyn Store) -> Option<Contents> {
    let (report, contents) = full_check(store);
    let errors: Vec<_> =
        report.findings.iter().filter(|finding| finding.code.severity() != Severity::Warning).collect();
    if report.checkpoint.is_none() && errors.len() == 1 && errors[0].code == Code::MissingMember {
        return None;
    }
    assert_eq!(report.verdict(), Verdict::Verified, "{errors:#?}");
    Some(contents)
}
