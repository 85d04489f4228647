//! INPUTs to drafts, chunk by chunk.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead, BufReader, Read};
use std::num::NonZero;
use std::path::{Path, PathBuf};

use crate::fetch::{Fetch, FetchFault};
use crate::input::InputFile;
use crate::kind;
use crate::load::{Loaded, SubjectFrom, load, load_stream};
use crate::many::{self, Many, Source};
use crate::parallel::map_start;
use crate::walk::{Item, SkipReason, Skipped, Walk, walk};
use crate::warc::Warc;
use crate::{Exported, Failure, ImportError, Kind, Options, limits, translations};

/// What came of one input.
pub type Outcome = Result<Loaded, Failure>;

/// The drafts of some INPUTs, in chunks. See [`drafts`].
pub struct Drafts {
    options: Options,
    threads: NonZero<usize>,
    walk: Walk,
    stdin: Option<Box<dyn Read + Send>>,
    fetcher: Option<Box<dyn Fetch>>,
    /// Whether standard input is next, once what is ready is done.
    stdin_is_next: bool,
    /// Files that are read after those that link others, unless one of those links them.
    later: VecDeque<InputFile>,
    /// Translations of those that link others, and of those that are read later: each after its original.
    translations: VecDeque<InputFile>,
    later_translations: VecDeque<InputFile>,
    linked: HashSet<PathBuf>,
    ready: VecDeque<Ready>,
    many: Option<Box<dyn Many>>,
    /// The input that is read, as long as nothing came of it, where that is worth telling.
    fruitless: Option<PathBuf>,
    skipped: Skipped,
    exported: Vec<Exported>,
    /// Hashes of the subjects by path or id so far.
    subjects: HashSet<u64>,
    /// Those of the input that is read which another had before: later versions are refused too.
    refused: HashSet<String>,
    hasher: RandomState,
}

enum Ready {
    File(InputFile),
    Folder(Kind, InputFile),
    Url(String),
    Failed(Failure),
}

impl fmt::Debug for Drafts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drafts").field("walk", &self.walk).finish_non_exhaustive()
    }
}

/// The drafts of some INPUTs, over this many threads.
///
/// Documents that may link others come first, in the order of [`walk`]; then all other files, in the same order, but those that a
/// document brings along. A file that is a translation by its name comes after all originals. Each chunk is read when it is asked for, and holds some [`CHUNK_BYTES`](limits::CHUNK_BYTES)
/// of input. An input that holds many drafts gives them as they are read, without an end if it has none.
///
/// Two inputs with the same subject by their path or id are two articles with one name: the second is a [`Failure`].
pub fn drafts(inputs: &[PathBuf], options: &Options, threads: NonZero<usize>) -> Drafts {
    Drafts {
        options: options.clone(),
        threads,
        walk: walk(inputs, options),
        stdin: None,
        fetcher: None,
        stdin_is_next: false,
        later: VecDeque::new(),
        translations: VecDeque::new(),
        later_translations: VecDeque::new(),
        linked: HashSet::new(),
        ready: VecDeque::new(),
        many: None,
        fruitless: None,
        skipped: Skipped::default(),
        exported: Vec::new(),
        subjects: HashSet::new(),
        refused: HashSet::new(),
        hasher: RandomState::new(),
    }
}

impl Drafts {
    /// Reads this where an INPUT is `-`, instead of the process's standard input.
    #[must_use]
    pub fn with_stdin(mut self, reader: impl Read + Send + 'static) -> Self {
        self.stdin = Some(Box::new(reader));
        self
    }

    /// Fetches URLs with this. Without it, a URL is a [`Failure`].
    #[must_use]
    pub fn with_fetcher(mut self, fetcher: impl Fetch + 'static) -> Self {
        self.fetcher = Some(Box::new(fetcher));
        self
    }

    pub(crate) const fn threads(&self) -> NonZero<usize> {
        self.threads
    }

    /// The INPUTs that were not begun yet.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &Path> {
        self.walk.inputs()
    }

    /// What was passed over so far.
    pub fn skipped(&self) -> Skipped {
        let mut all = self.walk.skipped().clone();
        all.extend(&self.skipped);
        if let Some(many) = &self.many {
            all.extend(&many.skipped());
        }
        all
    }

    /// Which messages of which chats the Telegram exports have that were read to their end, whatever became of them.
    pub fn exported(&self) -> &[Exported] {
        &self.exported
    }

    /// Fills `ready` up to a chunk, or up to standard input, whose document is a chunk of its own.
    fn fill(&mut self) -> Option<Outcome> {
        if self.stdin_is_next {
            if !self.ready.is_empty() {
                return None;
            }
            self.stdin_is_next = false;
            return self.start_stdin();
        }
        while self.ready.len() < limits::CHUNK {
            match self.walk.next() {
                Some(Ok(Item::File(file))) => {
                    match (file.kind(self.options.from).links(), translations::is_translation(&file, &self.options)) {
                        (true, false) => self.ready.push_back(Ready::File(file)),
                        (true, true) => self.translations.push_back(file),
                        (false, false) => self.later.push_back(file),
                        (false, true) => self.later_translations.push_back(file),
                    }
                }
                Some(Ok(Item::Folder(kind, folder))) => self.ready.push_back(Ready::Folder(kind, folder)),
                Some(Ok(Item::Url(url))) => self.ready.push_back(Ready::Url(url)),
                Some(Ok(Item::Stdin)) => {
                    self.stdin_is_next = true;
                    return self.fill();
                }
                Some(Err(failure)) => self.ready.push_back(Ready::Failed(failure)),
                None if !self.translations.is_empty() => {
                    self.ready.extend(self.translations.pop_front().map(Ready::File))
                }
                // All documents that link files must be done before the other files are looked at.
                None if !self.ready.is_empty() && self.later_is_blocked() => break,
                None => match self.later.pop_front().or_else(|| self.later_translations.pop_front()) {
                    Some(file) if self.linked.contains(&file.real_path()) => self.skipped.add(SkipReason::Linked),
                    Some(file) => self.ready.push_back(Ready::File(file)),
                    None => break,
                },
            }
        }
        None
    }

    fn later_is_blocked(&self) -> bool {
        let links = |ready: &Ready| matches!(ready, Ready::File(file) if file.kind(self.options.from).links());
        self.ready.iter().any(links)
    }

    fn start_stdin(&mut self) -> Option<Outcome> {
        let input = PathBuf::from("-");
        let reader = self.stdin.take().unwrap_or_else(|| Box::new(io::stdin()));
        let mut reader = BufReader::with_capacity(1 << 20, reader);
        let start = match reader.fill_buf() {
            Ok(start) => start,
            Err(e) => return Some(Err(Failure::new(input, e))),
        };
        let detected = || if kind::is_jsonl(start) { Some(Kind::Jsonl) } else { kind::by_content(start) };
        if let Some(kind) = self.options.from.or_else(detected).filter(|kind| kind.holds_many()) {
            let start = start.to_vec();
            let reader = io::Cursor::new(start).chain(reader.into_inner());
            return self.open(kind, &input, Source::Reader(Box::new(reader))).err().map(Err);
        }
        Some(load_stream(&mut reader, &self.options).map_err(|error| Failure::new(input, error)))
    }

    fn open(&mut self, kind: Kind, input: &Path, source: Source) -> Result<(), Failure> {
        self.many = Some(many::open(kind, input, source, &self.options)?);
        // No lines are no drafts, and nothing is wrong with that.
        self.fruitless = (kind != Kind::Jsonl).then(|| input.to_owned());
        Ok(())
    }

    fn fetch(&mut self, url: &str) -> Result<(), Failure> {
        let fetcher = self.fetcher.as_ref().ok_or(FetchFault::NoFetcher);
        let fetched = fetcher.and_then(|fetcher| fetcher.fetch(url)).map_err(|fault| Failure::new(url, fault))?;
        self.many = Some(Box::new(Warc::fetched(Path::new(url), fetched, &self.options)?));
        Ok(())
    }

    /// Reads the files that are ready, up to the first that turns out to hold many drafts.
    fn file_chunk(&mut self) -> Vec<Outcome> {
        let (ready, options) = (self.ready.make_contiguous(), &self.options);
        let mut outcomes = map_start(ready, self.threads, limits::CHUNK_BYTES, |item| match item {
            Ready::File(file) => {
                let outcome = load(file, options);
                let held = outcome.as_ref().map_or(0, |loaded| loaded.held);
                (Some(outcome), held)
            }
            Ready::Folder(kind, folder) => (Some(Err(Failure::new(folder.path(), ImportError::Many(*kind)))), 0),
            Ready::Url(url) => (Some(Err(Failure::new(url, ImportError::Many(Kind::Warc)))), 0),
            Ready::Failed(_) => (None, 0),
        });
        let holds_many =
            |outcome: &Option<Outcome>| matches!(outcome, Some(Err(Failure { error: ImportError::Many(_), .. })));
        let many = outcomes.iter().position(holds_many);
        outcomes.truncate(many.map_or(outcomes.len(), |at| at + 1));
        let mut done = Vec::with_capacity(outcomes.len());
        for outcome in outcomes {
            let outcome = match (self.ready.pop_front(), outcome) {
                (Some(Ready::Failed(failure)), _) => Err(failure),
                (Some(Ready::Url(url)), _) => match self.fetch(&url) {
                    Ok(()) => continue,
                    Err(failure) => Err(failure),
                },
                (_, Some(Err(Failure { error: ImportError::Many(kind), input, .. }))) => {
                    match self.open(kind, &input, Source::Path(input.clone())) {
                        Ok(()) => continue,
                        Err(failure) => Err(failure),
                    }
                }
                (Some(Ready::File(file)), Some(Ok(mut loaded))) => {
                    translations::relate(&file, &mut loaded, &self.options);
                    self.accept(loaded)
                }
                (_, Some(Ok(loaded))) => self.accept(loaded),
                (_, Some(Err(failure))) => Err(failure),
                (_, None) => continue,
            };
            done.push(outcome);
        }
        done
    }

    /// Remembers what a draft brought along, and that its subject is taken.
    fn accept(&mut self, mut loaded: Loaded) -> Outcome {
        self.linked.extend(loaded.linked.drain(..));
        if matches!(loaded.subject_from, SubjectFrom::Path | SubjectFrom::Id) {
            let hash = self.hasher.hash_one((&loaded.draft.subject, &loaded.draft.metadata.language));
            if !self.subjects.insert(hash) {
                self.refused.insert(loaded.draft.subject.clone());
            }
        }
        if self.refused.contains(&loaded.draft.subject) {
            let Loaded { input, place, draft, .. } = loaded;
            return Err(Failure { input, place, error: ImportError::SameSubject { subject: draft.subject } });
        }
        Ok(loaded)
    }
}

impl Iterator for Drafts {
    type Item = Vec<Outcome>;

    fn next(&mut self) -> Option<Vec<Outcome>> {
        loop {
            if let Some(many) = &mut self.many {
                let chunk = many.chunk(&self.options, self.threads);
                if !chunk.is_empty() {
                    self.fruitless = None;
                    return Some(
                        chunk.into_iter().map(|outcome| outcome.and_then(|loaded| self.accept(loaded))).collect(),
                    );
                }
                let (skipped, mut exported) = (many.skipped(), many.exported());
                let nothing = skipped.is_empty() && exported.is_empty();
                self.skipped.extend(&skipped);
                self.exported.append(&mut exported);
                self.many = None;
                self.refused.clear();
                if let Some(input) = self.fruitless.take().filter(|_| nothing) {
                    return Some(vec![Err(Failure::new(input, ImportError::Nothing))]);
                }
            }
            if let Some(outcome) = self.fill() {
                return Some(vec![outcome.and_then(|loaded| self.accept(loaded))]);
            }
            if self.many.is_some() {
                continue;
            }
            if self.ready.is_empty() {
                return None;
            }
            let chunk = self.file_chunk();
            if !chunk.is_empty() {
                return Some(chunk);
            }
        }
    }
}

#[cfg(test)]
mod tests;
