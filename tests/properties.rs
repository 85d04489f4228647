//! What holds for any manifest, statement, checkpoint, charter, order of adding, pair of archives.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;

use litopys::charter::{Charter, CharterKey, KeyRole};
use litopys::diff::{ArticleChange, ArticleDiff, DiffOptions, Relation, archives};
use litopys::draft::Draft;
use litopys::fuzzing::{is_profile, statement_again};
use litopys::log::checkpoint::SignedCheckpoint;
use litopys::log::{TreeHash, TreeHead};
use litopys::manifest::{Captured, Change, Derivation, DerivedFrom, FileEntry, Metadata, TextMap, is_path};
use litopys::statement::{ArticleVersion, ManifestRef, Payload, Pending, SignedStatement};
use litopys::store::folder::{FolderStore, FolderWriter};
use litopys::store::zip::BundleStore;
use litopys::transfer::{to_bundle, to_folder};
use litopys::{ArticleUrn, FileDigest, Manifest, Origin, Role, SecretKey, Signer, StatementId};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use support::archives::{Contents, add, archive_of, charter, create, draft, key, lock, noise, open, verified};
use support::cbor;
use support::data::files_below;

/// A text that a manifest may hold: not empty.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[a-zA-Z0-9 .-]{1,12}", 1 => "\\PC{1,8}", 1 => any::<char>().prop_map(String::from), 1 => "[a-z]{20,300}"]
}

fn text_map() -> impl Strategy<Value = TextMap> {
    btree_map(text(), text(), 0..5)
}

fn utc() -> impl Strategy<Value = String> {
    (0..=9999, 1..=12, 1..=28, 0..24, 0..60, 0..60)
        .prop_map(|(y, mo, d, h, mi, s)| format!("{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}Z"))
}

fn edtf() -> impl Strategy<Value = String> {
    let (year, month, day) = ("[0-9]{4}|XXXX", "0[1-9]|1[0-2]|XX", "0[1-9]|1[0-9]|2[0-8]|XX");
    let date = (year, month, day);
    prop_oneof![
        year.prop_map(String::from),
        (year, month).prop_map(|(y, m)| format!("{y}-{m}")),
        date.prop_map(|(y, m, d)| format!("{y}-{m}-{d}")),
        utc(),
    ]
}

fn metadata() -> impl Strategy<Value = Metadata> {
    let texts = || option::of(text());
    let captured =
        (option::of(utc()), texts(), texts(), texts()).prop_filter("not empty", |c| c != &(None, None, None, None));
    let kind =
        select(&[Derivation::Ocr, Derivation::Redaction, Derivation::Transcription, Derivation::Translation][..]);
    let derived = (any::<[u8; 32]>(), kind, texts());
    let plain = (texts(), texts(), texts(), texts(), texts(), option::of("[a-zA-Z0-9-]{1,64}"));
    let times = (option::of(edtf()), option::of(edtf()), option::of(captured), option::of(derived));
    let many = (vec(text(), 0..3), vec(text(), 0..3), text_map(), text_map());
    (plain, times, many).prop_map(|(plain, times, many)| {
        let (title, publisher, rights, summary, note, language) = plain;
        let (published, modified, captured, derived) = times;
        let (authors, tags, extra, provenance) = many;
        let at = |at: Option<String>| at.map(|at| at.parse().unwrap());
        let captured = captured.map(|(when, url, via, tool)| Captured { at: at(when), url, via, tool });
        let derived_from =
            derived.map(|(id, kind, tool)| DerivedFrom { id: StatementId::from_bytes(id), kind, tool });
        let date = |date: Option<String>| date.map(|date| date.parse().unwrap());
        let (published, modified) = (date(published), date(modified));
        #[rustfmt::skip]
        let metadata = Metadata {
            title, authors, publisher, language, published, modified, captured, tags, rights, summary, note, derived_from, extra, provenance,
        };
        metadata
    })
}

fn files() -> impl Strategy<Value = Vec<FileEntry>> {
    let path = "[a-zA-Z0-9._ é-]{1,5}(/[a-z]{1,4}){0,2}";
    let role = select(&[Role::Attachment, Role::Capture, Role::Media, Role::Text][..]);
    let file = (path, role, 0u64..1 << 53, text(), any::<[u8; 32]>(), option::of(text()));
    vec(file, 1..6).prop_map(|files| {
        let file = |(path, role, size, media_type, digest, original_name)| {
            let sha256 = FileDigest::from_bytes(digest);
            FileEntry { path, role, size, media_type, sha256, original_name }
        };
        files.into_iter().map(file).collect()
    })
}

fn manifest() -> impl Strategy<Value = Manifest> {
    let change = select(
        &[
            Change::Correction,
            Change::Extraction,
            Change::First,
            Change::Observation,
            Change::Recapture,
            Change::Source,
        ][..],
    );
    (text(), change, utc(), any::<[u8; 16]>(), metadata(), files()).prop_filter_map(
        "allowed paths",
        |(subject, change, at, salt, metadata, files)| {
            Manifest::new(subject, change, at.parse().unwrap(), salt, metadata, files).ok()
        },
    )
}

fn article() -> impl Strategy<Value = ArticleVersion> {
    let version = prop_oneof![Just(1u64), 2u64..300, Just((1 << 53) - 1)];
    (any::<[u8; 16]>(), version, any::<[[u8; 32]; 3]>(), 1u64..=16 << 20).prop_map(|(urn, version, [a, b, c], size)| {
        let previous = (version > 1).then(|| StatementId::from_bytes(a));
        let manifest = ManifestRef { size, sha256: FileDigest::from_bytes(b) };
        let (article, authority) = (ArticleUrn::from_random(urn), StatementId::from_bytes(c));
        ArticleVersion { article, version, previous, manifest, authority }
    })
}

fn secret() -> impl Strategy<Value = SecretKey> {
    any::<[u8; 32]>().prop_map(|seed| SecretKey::from_seed(&seed))
}

fn origin() -> impl Strategy<Value = Origin> {
    "[a-z0-9._/-]{1,40}".prop_map(|origin| origin.parse().unwrap())
}

fn any_charter() -> impl Strategy<Value = (SecretKey, Charter)> {
    let roles = subsequence(&[KeyRole::Archivist, KeyRole::Log, KeyRole::Steward][..], 1..=3);
    let members = vec((any::<[u8; 32]>(), text(), roles), 0..4);
    (secret(), origin(), text(), members, any::<[u8; 16]>(), 1u64..3).prop_filter_map(
        "a charter",
        |(secret, origin, title, members, nonce, threshold)| {
            let public = secret.public_key().clone();
            let all = vec![KeyRole::Archivist, KeyRole::Log, KeyRole::Steward];
            let member = |(seed, name, roles)| {
                let key = SecretKey::from_seed(&seed).public_key().clone();
                CharterKey { key, name, roles }
            };
            let mut members: Vec<_> = members.into_iter().map(member).collect();
            members.push(CharterKey { key: public, name: "founder".into(), roles: all });
            Charter::new(origin, title, members, threshold, nonce).ok().map(|charter| (secret, charter))
        },
    )
}

/// Bytes changed here and there.
fn changed(mut bytes: Vec<u8>, changes: &[(Index, u8, u8)]) -> Vec<u8> {
    for (at, how, byte) in changes {
        let at = at.index(bytes.len() + 1);
        match how % 3 {
            0 if at < bytes.len() => bytes[at] = *byte,
            1 if at < bytes.len() => drop(bytes.remove(at)),
            _ => bytes.insert(at, *byte),
        }
    }
    bytes
}

fn changes() -> impl Strategy<Value = Vec<(Index, u8, u8)>> {
    let byte =
        prop_oneof![any::<u8>(), select(&[0x40u8, 0x60, 0x80, 0xa0, 0xf6, 0xc0, 0x18, 0x58, 0x78, 0x9f, 0xff][..])];
    vec((any::<Index>(), any::<u8>(), byte), 0..4)
}

proptest! {
    #[test]
    fn manifests_read_back(manifest in manifest()) {
        let bytes = manifest.encode().unwrap();
        prop_assert!(is_profile(&bytes, false) && cbor::is_profile(&bytes, false));
        let decoded = Manifest::decode(&bytes).unwrap();
        prop_assert_eq!(decoded.encode().unwrap(), bytes);
        prop_assert_eq!(decoded.metadata(), manifest.metadata());
        prop_assert_eq!(decoded, manifest);
    }

    #[test]
    fn what_decodes_as_a_manifest_encodes_to_the_same(manifest in manifest(), changes in changes()) {
        let bytes = changed(manifest.encode().unwrap(), &changes);
        prop_assert_eq!(is_profile(&bytes, false), cbor::is_profile(&bytes, false));
        if let Ok(decoded) = Manifest::decode(&bytes) {
            prop_assert_eq!(decoded.encode().unwrap(), bytes);
        }
    }

    #[test]
    fn paths_are_judged_byte_by_byte(path in prop_oneof!["[a.:/\\\\\u{1}\u{7f}é ]{0,8}", "\\PC{0,10}", "(a/){340,342}a"]) {
        let parts: Vec<_> = path.split('/').collect();
        let allowed = path.len() <= 1024
            && parts.iter().all(|part| !["", ".", ".."].contains(part))
            && path.chars().all(|c| !c.is_ascii_control() && c != ':' && c != '\\');
        prop_assert_eq!(is_path(&path), allowed);
    }

    #[test]
    fn statements_read_back(article in article(), secret in secret(), origin in origin(), changes in changes()) {
        let payload = Payload::Article(article);
        let signed = Pending::new(secret.public_key().clone(), &origin, &payload).unwrap().sign(&secret).unwrap();
        let verified = signed.verify().unwrap();
        prop_assert_eq!(verified.payload(), &payload);
        prop_assert_eq!(verified.issuer(), origin.as_str());
        prop_assert_eq!(verified.signer(), secret.public_key().as_bytes());
        prop_assert_eq!(verified.id(), signed.id());
        prop_assert_eq!(statement_again(signed.as_bytes()).unwrap().unwrap(), signed.as_bytes());
        let again = SignedStatement::parse(signed.as_bytes()).unwrap();
        prop_assert_eq!(&again, &signed);

        // Changed, it is none, or its signature is wrong, or it wasn't changed.
        let bytes = changed(signed.as_bytes().to_vec(), &changes);
        if let Ok(Some(again)) = statement_again(&bytes) {
            prop_assert_eq!(&again, &bytes);
        }
        if SignedStatement::parse(bytes.clone()).is_ok_and(|changed| changed.verify().is_ok()) {
            prop_assert_eq!(bytes, signed.as_bytes());
        }
    }

    #[test]
    fn charters_read_back((secret, charter) in any_charter()) {
        let payload = Payload::Charter(Box::new(charter.clone()));
        let pending = Pending::new(secret.public_key().clone(), &charter.origin, &payload).unwrap();
        let signed = pending.sign(&secret).unwrap();
        let verified = signed.verify().unwrap();
        prop_assert_eq!(verified.payload(), &payload);
        prop_assert_eq!(statement_again(signed.as_bytes()).unwrap().unwrap(), signed.as_bytes());
    }

    #[test]
    fn checkpoints_read_back(secret in secret(), origin in origin(), size in 1u64..=1 << 32, root: [u8; 32], changes in changes()) {
        let head = TreeHead::new(size, TreeHash::from_bytes(root)).unwrap();
        let signed = SignedCheckpoint::sign(&origin, head, &secret).unwrap();
        let parsed = SignedCheckpoint::parse(signed.bytes()).unwrap();
        prop_assert_eq!(&parsed, &signed);
        prop_assert_eq!((parsed.claimed_head(), parsed.claimed_origin()), (head, &origin));
        let verified = parsed.verify(&origin, &[secret.public_key()]).unwrap();
        prop_assert_eq!((verified.head(), verified.unknown_lines()), (head, 0));
        // Changed, it is none, or another's, or it wasn't changed.
        let bytes = changed(signed.bytes().to_vec(), &changes);
        if let Ok(other) = SignedCheckpoint::parse(&bytes) {
            prop_assert_eq!(other.bytes(), &bytes);
            if other.verify(&origin, &[secret.public_key()]).is_ok() {
                prop_assert_eq!(bytes, signed.bytes());
            }
        }
    }

    #[test]
    fn the_cbor_validator_agrees_with_the_long_way_round(bytes in vec(prop_oneof![
        select(&b"\x00\x01\x17\x18\x20\x27\x3a\x40\x41\x42\x58\x60\x61\x62a\x78\x80\x81\x82\x98\x9f\xa0\xa1\xa2\xb8\xbf\xc0\xd2\xf4\xf6\xf7\xfb\xff"[..]),
        any::<u8>(),
    ], 0..24)) {
        for integer_keys in [false, true] {
            prop_assert_eq!(is_profile(&bytes, integer_keys), cbor::is_profile(&bytes, integer_keys));
        }
    }
}

/// What happens to an article: its subject and text.
fn edits() -> impl Strategy<Value = Vec<(u8, u8)>> {
    vec((0u8..12, 0u8..4), 1..14)
}

fn draft_of((subject, text): (u8, u8)) -> Draft {
    let attachment = match text {
        2 => Some(vec![subject; 70_000]),
        3 => Some(noise(subject.into(), 66_000)),
        _ => None,
    };
    draft(&format!("article {subject}"), &format!("Text {text} of {subject}."), attachment)
}

fn contents(root: &Path) -> Contents {
    verified(&FolderStore::new(root)).unwrap()
}

fn added(root: &Path, edits: &[(u8, u8)]) {
    let drafts: Vec<_> = edits.iter().copied().map(draft_of).collect();
    drop(add(open(lock(root)).unwrap(), &drafts, 2).unwrap());
}

fn snapshot(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = files_below(root).into_iter().filter(|file| !file.ends_with(".lock"));
    let row = |file: std::path::PathBuf| {
        (file.strip_prefix(root).unwrap().to_str().unwrap().to_owned(), std::fs::read(&file).unwrap())
    };
    files.map(row).collect()
}

fn copy(from: &Path) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in snapshot(from) {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    dir
}

fn compared(first: &Path, second: &Path) -> (Relation, Vec<ArticleDiff>) {
    let mut diffs = Vec::new();
    let options = DiffOptions { details: true, threads: 2 };
    let (first, second) = (FolderStore::new(first), FolderStore::new(second));
    let relation = archives(&first, &second, options, &mut |diff| diffs.push(diff)).unwrap();
    (relation, diffs)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Articles of which each is added once, in any order and any batches, are the same articles.
    #[test]
    fn any_order_of_adding_gives_the_same_articles(
        texts in btree_map(0u8..40, 0u8..4, 1..14),
        order in any::<u64>(),
        cuts in vec(any::<Index>(), 0..4),
    ) {
        let edits: Vec<(u8, u8)> = texts.into_iter().collect();
        let straight = archive_of(&[&[]]);
        added(straight.path(), &edits);

        let mut shuffled = edits.clone();
        shuffled.sort_by_key(|edit| FileDigest::of(&[&order.to_be_bytes()[..], &[edit.0]].concat()).to_hex());
        let mut at: Vec<_> = cuts.iter().map(|cut| cut.index(edits.len() + 1)).chain([0, edits.len()]).collect();
        at.sort_unstable();
        let parts = archive_of(&[&[]]);
        for pair in at.windows(2) {
            added(parts.path(), &shuffled[pair[0]..pair[1]]);
        }
        let (straight, parts) = (contents(straight.path()), contents(parts.path()));
        prop_assert_eq!(&straight.articles, &parts.articles);
        prop_assert_eq!(straight.articles.len(), edits.len());
        prop_assert_eq!(straight.checkpoint.unwrap().size(), parts.checkpoint.unwrap().size());
    }

    /// Edits in any batches leave each article as its last edit says, with a version for each change.
    #[test]
    fn any_batches_of_edits_give_the_same_articles(edits in edits(), cut in any::<Index>()) {
        let (whole, parts) = (archive_of(&[&[]]), archive_of(&[&[]]));
        added(whole.path(), &edits);
        let (first, second) = edits.split_at(cut.index(edits.len() + 1));
        added(parts.path(), first);
        added(parts.path(), second);
        let mut expected = BTreeMap::new();
        for (subject, text) in &edits {
            let (version, last) = expected.entry(format!("article {subject}")).or_insert((0, 255));
            if *last != *text {
                (*version, *last) = (*version + 1, *text);
            }
        }
        let (whole, parts) = (contents(whole.path()), contents(parts.path()));
        prop_assert_eq!(&whole.articles, &parts.articles);
        let versions: BTreeMap<_, _> = whole.articles.into_iter().map(|(subject, (version, _))| (subject, version)).collect();
        prop_assert_eq!(versions, expected.into_iter().map(|(subject, (version, _))| (subject, version)).collect::<BTreeMap<_, _>>());
    }

    /// Folder, bundle and folder again; and what grew out of the one is what grew out of the other.
    #[test]
    fn folder_bundle_folder_is_the_identity(edits in edits(), more in edits()) {
        let folder = archive_of(&[&[]]);
        added(folder.path(), &edits);
        let bundle = |root: &Path| to_bundle(&FolderStore::new(root), Cursor::new(Vec::new()), 2).unwrap().0.into_inner();
        let bytes = bundle(folder.path());
        let again = tempfile::tempdir().unwrap();
        to_folder(&BundleStore::open(bytes.clone()).unwrap(), &lock(again.path()), 2).unwrap();
        prop_assert_eq!(snapshot(folder.path()), snapshot(again.path()));
        prop_assert!(bundle(again.path()) == bytes);
        prop_assert_eq!(verified(&BundleStore::open(bytes).unwrap()).unwrap(), contents(folder.path()));
        let (relation, diffs) = compared(folder.path(), again.path());
        prop_assert_eq!((relation, diffs), (Relation::Same, vec![]));
        added(folder.path(), &more);
        added(again.path(), &more);
        prop_assert_eq!(snapshot(folder.path()), snapshot(again.path()));
    }

    /// What a batch added is what a comparison shows.
    #[test]
    fn diff_and_add_agree(edits in edits(), more in edits()) {
        let old = archive_of(&[&[]]);
        added(old.path(), &edits);
        let new = copy(old.path());
        added(new.path(), &more);
        let (before, after) = (contents(old.path()), contents(new.path()));
        let expected: BTreeMap<_, _> = after.articles.iter().filter_map(|(subject, (to, files))| {
            match before.articles.get(subject) {
                None => Some((subject.clone(), (ArticleChange::Added, 0, *to, files.len()))),
                Some((from, _)) if from != to => Some((subject.clone(), (ArticleChange::Revised, *from, *to, files.len()))),
                Some(_) => None,
            }
        }).collect();
        let (relation, diffs) = compared(old.path(), new.path());
        prop_assert_eq!(relation, if expected.is_empty() { Relation::Same } else { Relation::SecondExtends });
        let version = |facts: &Option<litopys::diff::VersionFacts>| facts.as_ref().map_or(0, |facts| facts.version);
        let found: BTreeMap<_, _> = diffs.iter().map(|diff| {
            let (change, from, to) = (diff.change, version(&diff.from), version(&diff.to));
            (diff.subject.clone(), (change, from, to, after.articles[&diff.subject].1.len()))
        }).collect();
        prop_assert_eq!(found.len(), diffs.len());
        prop_assert_eq!(&found, &expected);
        for diff in &diffs {
            if diff.change != ArticleChange::Revised {
                continue;
            }
            // The files that differ are those whose digests do; the text reads as the two versions do.
            let of = |contents: &Contents| contents.articles[&diff.subject].1.iter().cloned().collect::<BTreeMap<_, _>>();
            let (from, to) = (of(&before), of(&after));
            let differs: Vec<_> = from.keys().chain(to.keys()).filter(|path| from.get(*path) != to.get(*path)).collect();
            prop_assert_eq!(
                diff.files.iter().map(|file| &file.path).collect::<std::collections::BTreeSet<_>>(),
                differs.into_iter().collect::<std::collections::BTreeSet<_>>()
            );
            if let Some(text) = &diff.text {
                prop_assert_eq!(FileDigest::of(text.before.as_bytes()), from["text.md"]);
                prop_assert_eq!(FileDigest::of(text.after.as_bytes()), to["text.md"]);
            } else {
                prop_assert_eq!(from["text.md"], to["text.md"]);
            }
        }
        let (relation, backward) = compared(new.path(), old.path());
        prop_assert_eq!(relation, if expected.is_empty() { Relation::Same } else { Relation::FirstExtends });
        prop_assert_eq!(backward.len(), diffs.len());
    }
}

/// The first statement of an archive is its charter, whatever writer it is founded by.
#[test]
fn an_archive_begins_with_its_charter() {
    let dir = tempfile::tempdir().unwrap();
    let writer = FolderWriter::lock(dir.path(), std::time::Duration::ZERO).unwrap();
    let archive = create(writer).unwrap();
    assert_eq!((archive.head().size(), archive.charter()), (1, &charter()));
    assert_eq!(archive.head().root(), TreeHash::from_bytes(*archive.id().as_bytes()));
    assert_eq!(archive.charter().members[0].key, *key().public_key());
}
