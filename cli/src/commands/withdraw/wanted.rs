//! What is to be withdrawn, found in an archive.

use std::collections::{BTreeMap, BTreeSet};

use litopys::FileDigest;
use litopys::archive::Archive;
use litopys::check::Trust;
use litopys::view::{Article, VersionRef, View};
use litopys::withdrawal::{EntryRef, Scope};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::select::{ID_PREFIX, select, short_id};
use crate::ui::escape;
use crate::ui::words::count;

/// How many entries or files a statement names at most.
const MOST: usize = litopys::limits::WITHDRAWN;

/// A file of so many bytes or fewer may be found by trying: whoever can guess what it says can compare the digest.
const SHORT: u64 = 256;

/// A file that is to be withdrawn, where versions name it.
#[derive(Default)]
pub(super) struct Found {
    size: u64,
    places: Vec<(VersionRef, String)>,
}

/// What is to be withdrawn.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) versions: BTreeMap<u64, (VersionRef, String)>,
    pub(super) files: BTreeMap<FileDigest, Found>,
}

impl Wanted {
    /// What is named, as the archive has it.
    pub(super) fn find(
        context: &Context,
        archive: &Archive,
        (versions, articles, files): (&[String], &[String], &[String]),
    ) -> Result<Wanted, Failure> {
        let view = View::open(archive.store(), Trust::default(), context.threads().get())?;
        let mut wanted = Wanted::default();
        for text in versions {
            if text.len() < ID_PREFIX || !text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')) {
                let what = format_args!("\"{text}\" is no id of a version");
                return Err(Failure::new(Exit::Unable, what)
                    .hint("name 8 digits or more of its statement's id; `litopys show ARCHIVE ARTICLE` lists them"));
            }
            let selected = select(&view, text)?;
            wanted.add(selected.article, selected.version)?;
        }
        for text in articles {
            let article = select(&view, text)?.article;
            let left: Vec<_> = article.versions.iter().filter(|version| version.withheld.is_none()).collect();
            if left.is_empty() {
                return Err(Failure::new(Exit::False, format_args!("\"{text}\" is withdrawn already")));
            }
            left.into_iter().try_for_each(|version| wanted.add(article, version))?;
        }
        wanted.files = self::files(&view, files)?;
        Ok(wanted)
    }

    fn add(&mut self, article: &Article, version: &VersionRef) -> Result<(), Failure> {
        if let Some(by) = version.withheld {
            let what =
                format_args!("version {} of {} is withdrawn already, by statement {by}", version.version, article.urn);
            return Err(Failure::new(Exit::False, what));
        }
        self.versions.insert(version.index, (*version, article.label()));
        Ok(())
    }

    /// What statements are about: a steward's of files in the whole archive, an archivist's of them in each version that names them.
    pub(super) fn scopes(&self, steward: bool) -> Vec<Scope> {
        let mut scopes = Vec::new();
        let entry = |version: &VersionRef| EntryRef { index: version.index, id: version.id };
        let versions: Vec<_> = self.versions.values().map(|(version, _)| entry(version)).collect();
        scopes.extend(versions.chunks(MOST).map(|some| Scope::Entries(some.iter().copied().collect())));
        let digests: Vec<_> = self.files.keys().copied().collect();
        if steward {
            scopes.extend(digests.chunks(MOST).map(|some| Scope::Files(some.iter().copied().collect())));
        } else {
            let mut of: BTreeMap<EntryRef, BTreeSet<FileDigest>> = BTreeMap::new();
            for (digest, found) in &self.files {
                found.places.iter().for_each(|(version, _)| _ = of.entry(entry(version)).or_default().insert(*digest));
            }
            scopes.extend(of.into_iter().map(|(entry, files)| Scope::FilesOf(entry, files)));
        }
        scopes
    }

    pub(super) fn sentence(&self) -> String {
        let versions = count(self.versions.len() as u64, "version");
        let files = count(self.files.len() as u64, "file");
        if self.files.is_empty() { versions } else { files }
    }

    /// Says what is about to go.
    pub(super) fn say(&self, context: &Context) {
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

fn files(view: &View<'_>, named: &[String]) -> Result<BTreeMap<FileDigest, Found>, Failure> {
    let mut files = BTreeMap::new();
    for text in named {
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
