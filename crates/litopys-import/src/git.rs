//! Histories in git: a version of an article for each commit that touches its file.
//!
//! Read are the commits that lead to `HEAD`, of a repository's folder or a bundle, and nothing but files in that
//! folder: no network, no program, no hook, no other repository. Objects are hashed when they are read, so that what a
//! commit's id stands for is what comes of it.

mod articles;
mod bundle;
mod commits;
mod objects;
mod renames;
mod repository;
mod tree;
mod version;

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gix_hash::ObjectId;

pub(crate) use bundle::is_bundle;
pub(crate) use repository::git_folder;

use articles::{Articles, Version};
use commits::{Commit, Order};
use repository::Repository;

use crate::document::Document;
use crate::drafts::Outcome;
use crate::load::{Loaded, SubjectFrom};
use crate::many::{Many, Source};
use crate::parallel::map_start;
use crate::walk::Skipped;
use crate::{Failure, ImportError, InCommit, Options, Place, limits, names};

/// What is wrong with a git history.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GitFault {
    /// A folder that is no repository.
    #[error("is no git repository")]
    NoRepository,
    /// A working tree or submodule whose repository is in another folder.
    #[error("is a working tree whose repository is in another folder")]
    Elsewhere,
    /// No commit yet.
    #[error("has no commits")]
    NoCommits,
    /// A reference that names no commit.
    #[error("has a reference {0:?} that names no commit")]
    Reference(String),
    /// A repository in a form that is not read.
    #[error("is a git repository with an unknown {0}")]
    Unknown(&'static str),
    /// A file that is no bundle.
    #[error("is no git bundle: {0}")]
    Bundle(&'static str),
    /// A pack or its index that can't be read.
    #[error("{} can't be read: {message}", path.display())]
    Pack {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// An object of a bundle that can't be read.
    #[error("the object at byte {offset} of the pack can't be read: {message}")]
    Entry {
        /// Where it is in the pack.
        offset: u64,
        /// What is wrong.
        message: String,
    },
    /// An object that is not there: a partial clone, or a bundle that builds upon another.
    #[error("content unavailable: object {object} is not in the repository")]
    Missing {
        /// Its name.
        object: String,
    },
    /// An object beyond [`GIT_OBJECT`](crate::limits::GIT_OBJECT).
    #[error("content unavailable: object {object} is too large")]
    TooLarge {
        /// Its name.
        object: String,
    },
    /// An object that is not what its name says.
    #[error("content unavailable: object {object} is damaged: {message}")]
    Corrupt {
        /// Its name.
        object: String,
        /// What is wrong.
        message: String,
    },
    /// More of something than [`limits`](crate::limits) allow.
    #[error("has too many {0}")]
    Limit(&'static str),
    /// It can't be read.
    #[error("can't be read")]
    Read(#[from] io::Error),
}

impl GitFault {
    fn pack(path: &Path, error: &gix_error::Error) -> Self {
        Self::Pack { path: path.to_owned(), message: error.to_string() }
    }
}

/// A history, read commit by commit.
pub(crate) struct Stream {
    input: PathBuf,
    repository: Repository,
    order: Order,
    articles: Articles,
    ready: VecDeque<Result<Version, Failure>>,
    /// The subject of each article, once its first version was read.
    subjects: HashMap<usize, String>,
    taken: HashSet<String>,
}

impl Stream {
    pub(crate) fn open(input: &Path, source: Source) -> Result<Self, Failure> {
        let fault = |fault| Failure::new(input, ImportError::Git(Box::new(fault)));
        let repository = match source {
            Source::Path(path) => Repository::open(&path),
            Source::Reader(reader) => bundle::open(reader),
        };
        let repository = repository.map_err(fault)?;
        let mut order = Order::of(&repository).map_err(fault)?;
        let lost = order.lost.drain(..).map(|(id, fault)| Err(failure(input, id, None, fault))).collect();
        Ok(Self {
            input: input.to_owned(),
            repository,
            order,
            articles: Articles::default(),
            ready: lost,
            subjects: HashMap::new(),
            taken: HashSet::new(),
        })
    }

    /// Gets the versions of more commits ready.
    fn fill(&mut self) {
        while self.ready.len() < limits::CHUNK {
            let Some(id) = self.order.next() else { return };
            let objects = &self.repository.objects;
            let versions = Commit::read(objects, &id).and_then(|commit| {
                let parents = self.order.parents(&id);
                self.articles.step(objects, &Arc::new(commit), &parents)
            });
            match versions {
                Ok(versions) => self.ready.extend(versions.into_iter().map(Ok)),
                Err(fault) => {
                    if matches!(fault, GitFault::Limit(_)) {
                        self.order.stop();
                    }
                    self.ready.push_back(Err(failure(&self.input, id, None, fault)));
                }
            }
        }
    }

    /// Gives a version that was read its article's subject.
    fn finish(&mut self, version: &Version, document: Result<Document, GitFault>, options: &Options) -> Outcome {
        let path = tree::text(&version.path);
        let place = place(version.commit.id, Some(path.clone()));
        let (mut document, fault) = match document {
            Ok(document) => (Some(document), None),
            Err(fault) => (None, Some(fault)),
        };
        let known = self.subjects.get(&version.article).cloned();
        let (subject, from, subject_from) = match known {
            Some(subject) => (subject, "the version before in the history".to_owned(), SubjectFrom::History),
            None => self.subject(version, &path, document.as_mut()),
        };
        if let Some(fault) = fault {
            return Err(failure(&self.input, version.commit.id, Some(path), fault));
        }
        let Some(document) = document else {
            return Err(Failure::at(&self.input, place, ImportError::Special));
        };
        let held = document.held();
        let mut draft = document.draft;
        draft.subject = subject;
        draft.metadata.provenance.insert("subject".to_owned(), from);
        options.overrides.apply(&mut draft);
        let given = options.overrides.subject.is_some();
        let subject_from = if given { SubjectFrom::Given } else { subject_from };
        let (input, warnings) = (self.input.clone(), document.warnings);
        Ok(Loaded { input, place: Some(place), draft, subject_from, warnings, linked: Vec::new(), held })
    }

    /// The subject of an article by its first version. None is given twice.
    fn subject(
        &mut self,
        version: &Version,
        path: &str,
        document: Option<&mut Document>,
    ) -> (String, String, SubjectFrom) {
        let (url, id) = document.map_or((None, None), |document| (document.url.take(), document.id.take()));
        let mut candidates = Vec::new();
        candidates.extend(url.map(|(url, from)| (url, from, SubjectFrom::Url)));
        candidates.extend(id.map(|(id, from)| (id, from, SubjectFrom::Id)));
        let by_path = names::subject_of(path);
        let from = "its first path in the history".to_owned();
        candidates.push((by_path.clone(), from.clone(), SubjectFrom::Path));
        let free = candidates.into_iter().find(|(subject, ..)| !self.taken.contains(subject));
        // A path that an article had which has another by now.
        let found = free.unwrap_or_else(|| {
            let id = version.commit.id.to_hex_with_len(COMMIT_DIGITS);
            (format!("{by_path}@{id}"), format!("{from}, and its first commit"), SubjectFrom::Path)
        });
        self.taken.insert(found.0.clone());
        self.subjects.insert(version.article, found.0.clone());
        found
    }
}

/// How much of a commit's id tells it from the others of its repository.
const COMMIT_DIGITS: usize = 16;

fn failure(input: &Path, commit: ObjectId, path: Option<String>, fault: GitFault) -> Failure {
    Failure::at(input, place(commit, path), ImportError::Git(Box::new(fault)))
}

fn place(commit: ObjectId, path: Option<String>) -> Place {
    Place::Commit(Box::new(InCommit { id: commit.to_string(), path }))
}

impl Many for Stream {
    fn chunk(&mut self, options: &Options, threads: NonZero<usize>) -> Vec<Outcome> {
        self.fill();
        let objects = &self.repository.objects;
        let read = map_start(self.ready.make_contiguous(), threads, limits::CHUNK_BYTES, |version| {
            let Ok(version) = version else { return (None, 0) };
            let document = version::read(objects, version);
            let held = document.as_ref().map_or(0, Document::held);
            (Some(document), held)
        });
        let mut done = Vec::with_capacity(read.len());
        for document in read {
            match (self.ready.pop_front(), document) {
                (Some(Ok(version)), Some(document)) => done.push(self.finish(&version, document, options)),
                (Some(Err(failure)), _) => done.push(Err(failure)),
                _ => {}
            }
        }
        done
    }

    fn skipped(&self) -> Skipped {
        self.articles.comparer().skipped.clone()
    }
}

#[cfg(test)]
mod tests;
