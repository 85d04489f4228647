//! What is to be withdrawn, found in an archive.

use std::collections::{BTreeMap, BTreeSet};

use litopys::FileDigest;
use litopys::archive::Archive;
use litopys::check::Trust;
use litopys::manifest::Manifest;
use litopys::view::{Article, ObservationRef, VersionRef, View};
use litopys::withdrawal::{EntryRef, Scope};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::select::{ID_PREFIX, Named, select, select_entry, short_id};
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

/// A version or an observation that is to be withdrawn.
pub(super) struct Entry {
    version: VersionRef,
    /// Which, in words.
    what: String,
    is_observation: bool,
}

/// What is to be withdrawn.
#[derive(Default)]
pub(super) struct Wanted {
    /// By their places in the log.
    entries: BTreeMap<u64, Entry>,
    pub(super) files: BTreeMap<FileDigest, Found>,
}

impl Entry {
    fn version(article: &Article, version: &VersionRef) -> Self {
        let what = format!("v{} of {}", version.version, article.label());
        Self { version: *version, what, is_observation: false }
    }

    fn observation(view: &View<'_>, observation: &ObservationRef) -> Self {
        let ObservationRef { article, outcome, at, .. } = observation;
        let label = view.article(article).map_or_else(|| article.to_string(), Article::label);
        Self {
            version: observation.entry(),
            what: format!("the observation {outcome} at {at} of {label}"),
            is_observation: true,
        }
    }
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
                let what = format_args!("\"{text}\" is no id of a version or observation");
                return Err(Failure::new(Exit::Unable, what)
                    .hint("name 8 digits or more of its statement's id; `litopys show ARCHIVE ARTICLE` lists them"));
            }
            match select_entry(&view, text)? {
                Named::Version(selected) => wanted.add(Entry::version(selected.article, selected.version))?,
                Named::Observation(observation) => wanted.add(Entry::observation(&view, observation))?,
            }
        }
        for text in articles {
            let article = select(&view, text)?.article;
            let versions = article.versions.iter().map(|version| Entry::version(article, version));
            let observations = view.observations_of(article.urn).map(|seen| Entry::observation(&view, seen));
            let left: Vec<_> = versions.chain(observations).filter(|entry| entry.version.withheld.is_none()).collect();
            if left.is_empty() {
                return Err(Failure::new(Exit::False, format_args!("\"{text}\" is withdrawn already")));
            }
            left.into_iter().try_for_each(|entry| wanted.add(entry))?;
        }
        wanted.files = self::files(&view, files)?;
        Ok(wanted)
    }

    fn add(&mut self, entry: Entry) -> Result<(), Failure> {
        if let Some(by) = entry.version.withheld {
            let what = format_args!("{} is withdrawn already, by statement {by}", entry.what);
            return Err(Failure::new(Exit::False, what));
        }
        self.entries.insert(entry.version.index, entry);
        Ok(())
    }

    /// The ids of versions, or of observations.
    pub(super) fn ids(&self, observations: bool) -> Vec<String> {
        let named = self.entries.values().filter(|entry| entry.is_observation == observations);
        named.map(|entry| entry.version.id.to_hex()).collect()
    }

    /// What statements are about: a steward's of files in the whole archive, an archivist's of them in each version that names them.
    pub(super) fn scopes(&self, steward: bool) -> Vec<Scope> {
        let mut scopes = Vec::new();
        let entry = |version: &VersionRef| EntryRef { index: version.index, id: version.id };
        let versions: Vec<_> = self.entries.values().map(|wanted| entry(&wanted.version)).collect();
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
        let observations = self.entries.values().filter(|entry| entry.is_observation).count();
        let counts =
            [(self.entries.len() - observations, "version"), (observations, "observation"), (self.files.len(), "file")];
        let there = counts.into_iter().filter(|(n, _)| *n > 0);
        there.map(|(n, what)| count(n as u64, what)).collect::<Vec<_>>().join(", ")
    }

    /// Says what is about to go.
    pub(super) fn say(&self, context: &Context) {
        for Entry { what, .. } in self.entries.values() {
            context.ui.note(format_args!("to be withdrawn: {}, its manifest and its files in it", escape::line(what)));
        }
        if !self.entries.is_empty() {
            context.ui.note("a file that another version or observation names too stays in that one: name it with --file to withdraw it everywhere");
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
    let mut look = |version: &VersionRef, manifest: Manifest| {
        for file in &manifest.files {
            if let Some(found) = files.get_mut(&file.sha256) {
                found.size = file.size;
                found.places.push((*version, file.path.clone()));
            }
        }
    };
    for article in view.articles() {
        view.manifests(&article.versions, &mut look)?;
    }
    let observations: Vec<_> = view.observations().iter().map(ObservationRef::entry).collect();
    view.manifests(&observations, &mut look)?;
    match files.iter().find(|(_, found)| found.places.is_empty()) {
        None => Ok(files),
        Some((digest, _)) => {
            Err(Failure::new(Exit::False, format_args!("no version or observation names the file {digest}"))
                .hint("`litopys find ARCHIVE --sha256 FILE` finds a file's versions; `litopys show` lists digests"))
        }
    }
}
