//! `litopys withdraw`: what must not be kept.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, stdin};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use litopys::archive::{Archive, Grounds};
use litopys::authority::Authority;
use litopys::charter::KeyRole;
use litopys::check::Trust;
use litopys::statement::SignedStatement;
use litopys::view::{Article, VersionRef, View};
use litopys::withdrawal::{DataClass, EntryRef, Scope};
use litopys::{FileDigest, Signer};
use serde_json::{Value, json};

use super::add::{Writing, remember};
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::home::keys::Key;
use crate::select::{ID_PREFIX, select, short_id};
use crate::signers::own;
use crate::ui::words::count;
use crate::ui::{GOOD, escape, is_attended, paint};

/// Take out of an archive what must not be kept
///
/// A signed statement says what is withheld, what sort of data it is, why, and by which law; then its bytes leave the archive, and every bundle and
/// extract made from then on. The log, and the statements that name it, stay: everything still verifies, and every report discloses what was withdrawn.
///
/// It can't be undone, and it doesn't reach copies that were handed out before. A steward may withdraw anything; an archivist the versions that
/// they signed, and files in them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  litopys withdraw my-archive --version 0f8e2c1a --class personal --reason \"the person named asked for it\" --basis \"GDPR, article 17(1)(a)\"
  litopys withdraw my-archive --file sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 --class copyright --reason \"the photographer objects\" --basis \"court order 12 O 34/26\" --yes")]
pub(crate) struct Withdraw {
    /// The archive's folder
    archive: PathBuf,
    /// A version, by 8 digits or more of its statement's id: its manifest, and its files in it; repeat it for more
    #[arg(long, value_name = "ID", required_unless_present_any = ["article", "file"], conflicts_with = "file")]
    version: Vec<String>,
    /// All versions of an article, by its urn:uuid or the beginning of it, or its subject; repeat it for more
    #[arg(long, value_name = "ARTICLE", conflicts_with = "file")]
    article: Vec<String>,
    /// A file, by its SHA-256, in all versions that name it; repeat it for more
    #[arg(long, value_name = "DIGEST")]
    file: Vec<String>,
    /// What sort of data it is
    #[arg(long)]
    class: Class,
    /// Why, for everybody to read, for ever
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The legal basis, likewise
    #[arg(long, value_name = "TEXT")]
    basis: String,
    /// Don't ask
    #[arg(long)]
    yes: bool,
    /// Say what would be withdrawn, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    writing: Writing,
}

/// A sort of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Class {
    /// Personal data
    Personal,
    /// Special categories of personal data: health, beliefs, convictions
    Sensitive,
    /// What was told or is held in confidence
    Confidential,
    /// A work whose holder of rights objects
    Copyright,
    /// What nobody may hold
    Unlawful,
    /// None of these: the reason says what
    Other,
}

impl From<Class> for DataClass {
    fn from(class: Class) -> Self {
        match class {
            Class::Personal => Self::Personal,
            Class::Sensitive => Self::Sensitive,
            Class::Confidential => Self::Confidential,
            Class::Copyright => Self::Copyright,
            Class::Unlawful => Self::Unlawful,
            Class::Other => Self::Other,
        }
    }
}

/// A file of so many bytes or fewer may be found by trying: whoever can guess what it says can compare the digest.
const SHORT: u64 = 256;

/// A file that is to be withdrawn, where versions name it.
#[derive(Default)]
struct Found {
    size: u64,
    places: Vec<(VersionRef, String)>,
}

/// What is to be withdrawn.
#[derive(Default)]
struct Wanted {
    versions: BTreeMap<u64, (VersionRef, String)>,
    files: BTreeMap<FileDigest, Found>,
}

impl Withdraw {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let archive = self.writing.open(context, &self.archive)?;
        let wanted = self.find(context, &archive)?;
        let key = self.key(context, archive.authority())?;
        let steward = archive.authority().holder(key.public_key().as_bytes());
        let steward = steward.is_some_and(|holder| holder.may(KeyRole::Steward));
        wanted.say(context);
        context.ui.warn("this can't be undone, and copies that were handed out before stay as they are");
        if self.dry_run {
            context.ui.note("nothing was written");
            if context.json {
                context.ui.json(&self.document(&wanted, json!({"dry_run": true, "statements": []})))?;
            }
            return Ok(Exit::Ok);
        }
        if !self.yes && is_attended() && !confirmed(context) {
            return Err(Failure::new(Exit::False, "nothing was withdrawn"));
        }
        let statements = self.sign(&archive, &wanted, &key, steward)?;
        let log = self.log_key(context, archive.authority(), &key)?;
        let before = archive.head().size();
        let archive = archive.append(&statements, log.as_ref().unwrap_or(&key))?;
        remember(context, &archive);
        self.print(context, &statements, before, &wanted)
    }

    /// What is named, as the archive has it.
    fn find(&self, context: &Context, archive: &Archive) -> Result<Wanted, Failure> {
        let view = View::open(archive.store(), Trust::default(), context.threads().get())?;
        let mut wanted = Wanted::default();
        for text in &self.version {
            if text.len() < ID_PREFIX || !text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')) {
                let what = format_args!("\"{text}\" is no id of a version");
                return Err(Failure::new(Exit::Unable, what)
                    .hint("name 8 digits or more of its statement's id; `litopys show ARCHIVE ARTICLE` lists them"));
            }
            let selected = select(&view, text)?;
            wanted.add(selected.article, selected.version)?;
        }
        for text in &self.article {
            let article = select(&view, text)?.article;
            let left: Vec<_> = article.versions.iter().filter(|version| version.withheld.is_none()).collect();
            if left.is_empty() {
                return Err(Failure::new(Exit::False, format_args!("\"{text}\" is withdrawn already")));
            }
            left.into_iter().try_for_each(|version| wanted.add(article, version))?;
        }
        wanted.files = self.files(&view)?;
        Ok(wanted)
    }

    fn files(&self, view: &View<'_>) -> Result<BTreeMap<FileDigest, Found>, Failure> {
        let mut files = BTreeMap::new();
        for text in &self.file {
            let digest = FileDigest::from_hex(text.strip_prefix("sha256:").unwrap_or(text))
                .map_err(|error| Failure::new(Exit::Unable, format_args!("\"{text}\" is no digest: {error}")))?;
            if let Some(by) = view.withheld().names(&digest) {
                let by = by.index;
                let what = format_args!("the file {digest} is withdrawn already, by statement {by}");
                return Err(Failure::new(Exit::False, what));
            }
            files.insert(digest, Found::default());
        }
        if files.is_empty() {
            return Ok(files);
        }
        for article in view.articles() {
            view.manifests(&article.versions, &mut |version, manifest| {
                for file in &manifest.files {
                    if let Some(found) = files.get_mut(&file.sha256) {
                        found.size = file.size;
                        found.places.push((*version, file.path.clone()));
                    }
                }
            })?;
        }
        match files.iter().find(|(_, found)| found.places.is_empty()) {
            None => Ok(files),
            Some((digest, _)) => Err(Failure::new(Exit::False, format_args!("no version names the file {digest}"))
                .hint("`litopys find ARCHIVE --sha256 FILE` finds a file's versions; `litopys show` lists digests")),
        }
    }

    /// The key that was named; else one of a steward, or else of an archivist.
    fn key(&self, context: &Context, authority: &Authority) -> Result<Key, Failure> {
        match &self.writing.key {
            Some(key) => context.home()?.read_key(key),
            None => own(context, authority, KeyRole::Steward).or_else(|_| own(context, authority, KeyRole::Archivist)),
        }
    }

    fn log_key(&self, context: &Context, authority: &Authority, key: &Key) -> Result<Option<Key>, Failure> {
        let holds_log = authority.holder(key.public_key().as_bytes()).is_some_and(|holder| holder.may(KeyRole::Log));
        match &self.writing.log_key {
            Some(key) => context.home()?.read_key(key).map(Some),
            None if holds_log => Ok(None),
            None => own(context, authority, KeyRole::Log).map(Some),
        }
    }

    /// A steward withdraws files of the whole archive; an archivist in each version that names them.
    fn sign(
        &self,
        archive: &Archive,
        wanted: &Wanted,
        key: &Key,
        steward: bool,
    ) -> Result<Vec<SignedStatement>, Failure> {
        let grounds = || Grounds { class: self.class.into(), reason: self.reason.clone(), basis: self.basis.clone() };
        let mut scopes = Vec::new();
        let entry = |version: &VersionRef| EntryRef { index: version.index, id: version.id };
        let versions: Vec<_> = wanted.versions.values().map(|(version, _)| entry(version)).collect();
        scopes.extend(versions.chunks(MOST).map(|some| Scope::Entries(some.iter().copied().collect())));
        let digests: Vec<_> = wanted.files.keys().copied().collect();
        if steward {
            scopes.extend(digests.chunks(MOST).map(|some| Scope::Files(some.iter().copied().collect())));
        } else {
            let mut of: BTreeMap<EntryRef, BTreeSet<FileDigest>> = BTreeMap::new();
            for (digest, found) in &wanted.files {
                found.places.iter().for_each(|(version, _)| _ = of.entry(entry(version)).or_default().insert(*digest));
            }
            scopes.extend(of.into_iter().map(|(entry, files)| Scope::FilesOf(entry, files)));
        }
        let sign = |scope| Ok(archive.withdrawal(scope, grounds(), key)?);
        scopes.into_iter().map(sign).collect()
    }

    /// What is said as JSON, with what became of it.
    fn document(&self, wanted: &Wanted, became: Value) -> Value {
        let versions: Vec<_> = wanted.versions.values().map(|(version, _)| version.id.to_hex()).collect();
        let files: Vec<_> = wanted.files.keys().map(ToString::to_string).collect();
        let mut document = json!({
            "schema": 1, "versions": versions, "files": files,
            "class": DataClass::from(self.class).as_str(), "reason": self.reason, "basis": self.basis,
        });
        if let (Value::Object(document), Value::Object(became)) = (&mut document, became) {
            document.extend(became);
        }
        document
    }

    fn print(&self, context: &Context, statements: &[SignedStatement], before: u64, wanted: &Wanted) -> Done {
        if context.json {
            let ids: Vec<_> = statements.iter().map(|statement| statement.id().to_hex()).collect();
            context.ui.json(&self.document(wanted, json!({"statements": ids, "index": before})))?;
        } else {
            let by = statements.first().map(|statement| short_id(&statement.id())).unwrap_or_default();
            let what = wanted.sentence();
            context.ui.detail(format_args!("{} {what}, by statement {by}", paint(GOOD, "withdrawn:")))?;
            context.ui.note(
                "bundles and extracts made before have it still: make new ones, and ask whoever has the old ones",
            );
        }
        Ok(Exit::Ok)
    }
}

/// How many entries or files a statement names at most.
const MOST: usize = litopys::limits::WITHDRAWN;

impl Wanted {
    fn add(&mut self, article: &Article, version: &VersionRef) -> Result<(), Failure> {
        if let Some(by) = version.withheld {
            let what =
                format_args!("version {} of {} is withdrawn already, by statement {by}", version.version, article.urn);
            return Err(Failure::new(Exit::False, what));
        }
        self.versions.insert(version.index, (*version, article.label()));
        Ok(())
    }

    fn sentence(&self) -> String {
        let versions = count(self.versions.len() as u64, "version");
        let files = count(self.files.len() as u64, "file");
        if self.files.is_empty() { versions } else { files }
    }

    /// Says what is about to go.
    fn say(&self, context: &Context) {
        for (version, label) in self.versions.values() {
            let what = format!("v{} of {}", version.version, escape::line(label));
            context.ui.note(format_args!("to be withdrawn: {what}, its manifest and its files in it"));
        }
        if !self.versions.is_empty() {
            context.ui.note("a file that another version names too stays in that one: name it with --file to withdraw it everywhere");
        }
        for (digest, found) in &self.files {
            let versions: BTreeSet<_> = found.places.iter().map(|(version, _)| version.index).collect();
            let places = count(versions.len() as u64, "version");
            context.ui.note(format_args!("to be withdrawn: {digest}, {}, in {places}", count(found.size, "byte")));
            for (version, path) in &found.places {
                context.ui.note(format_args!("  {} {}", short_id(&version.id), escape::line(path)));
            }
            if found.size <= SHORT {
                context.ui.warn(format_args!(
                    "the file has {}: its digest stays in the log, and whoever can guess what so short a file says (at most {SHORT} bytes) can prove it; withdraw \
                     its versions instead, whose manifests are salted",
                    count(found.size, "byte")
                ));
            }
        }
    }
}

/// Asks on the terminal.
fn confirmed(context: &Context) -> bool {
    context.ui.note("type \"yes\" to withdraw it");
    let mut answer = String::new();
    stdin().lock().read_line(&mut answer).is_ok() && answer.trim() == "yes"
}
