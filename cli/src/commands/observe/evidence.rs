//! What a source answered, as files to be signed, and whether that is what was said of it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use litopys::manifest::{Role, TextMap, is_path};
use litopys::observation::Observed;
use litopys::{Content, DraftFile, Utc};
use litopys_import::fetch::{Fetch, FetchFault, Fetched};

use crate::clock;
use crate::context::Context;
use crate::failure::{Exit, Failure, chain};

/// A source's answer.
pub(super) struct Evidence {
    pub(super) at: Utc,
    pub(super) via: Option<String>,
    pub(super) files: Vec<DraftFile>,
    /// The status, and where a redirect led.
    pub(super) extra: TextMap,
    answer: Answer,
}

/// What the answer was, as far as it is known.
enum Answer {
    /// Given in files.
    Unknown,
    /// None at all, and why.
    None(String),
    Status {
        status: u16,
        redirected: bool,
    },
}

impl Evidence {
    /// Of files that somebody else saved.
    pub(super) fn of_files(paths: &[PathBuf], at: Utc) -> Result<Self, Failure> {
        let mut names = HashSet::new();
        let mut file = |path: &PathBuf| {
            let meta = std::fs::metadata(path).map_err(|error| Failure::io(path, &error))?;
            if !meta.is_file() {
                return Err(Failure::new(Exit::Unable, format_args!("{}: not a file", path.display())));
            }
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if !is_path(name) || !names.insert(name.to_ascii_lowercase()) {
                let text = format_args!("{}: its name is none for an archive, or there are two", path.display());
                return Err(Failure::new(Exit::Unable, text).hint("give it another name"));
            }
            Ok(capture(name, media_type(path), Content::File(path.clone())))
        };
        let files = paths.iter().map(&mut file).collect::<Result<_, _>>()?;
        Ok(Self { at, via: None, files, extra: TextMap::new(), answer: Answer::Unknown })
    }

    /// Asks the source once.
    pub(super) fn fetch(fetcher: &dyn Fetch, url: &str) -> Result<Self, Failure> {
        let fetched = fetcher.fetch(url);
        let at = clock::now()?;
        let mut extra = TextMap::new();
        match fetched {
            Ok(Fetched { warc, status, hops, via }) => {
                extra.insert("http.status".to_owned(), status.to_string());
                let redirected = hops.len() > 1;
                if let Some(last) = hops.last().filter(|_| redirected) {
                    extra.insert("redirected_to".to_owned(), last.clone());
                }
                let files = vec![capture("response.warc", "application/warc", warc.into())];
                Ok(Self { at, via, files, extra, answer: Answer::Status { status, redirected } })
            }
            // That nothing answers is an answer, too: what is kept is what this program saw of it.
            Err(error @ (FetchFault::Connection(_) | FetchFault::Timeout | FetchFault::Message(_))) => {
                let why = chain(&error);
                let text = format!("GET {url}\n{at}\n{why}\n");
                let files = vec![capture("no-response.txt", "text/plain", text.into_bytes().into())];
                Ok(Self { at, via: None, files, extra, answer: Answer::None(why) })
            }
            Err(error) => Err(Failure::of(Exit::Unable, &error).at(url)),
        }
    }

    /// Refuses what the answer speaks against, and warns of what it doesn't speak for.
    pub(super) fn judge(&self, context: &Context, outcome: Observed) -> Result<(), Failure> {
        let refuse = |what: &str, hint: &str| {
            Err(Failure::new(Exit::False, format_args!("{what}: nothing was written")).hint(hint))
        };
        match (outcome, &self.answer) {
            (Observed::Gone, Answer::Status { status: 200..=299, .. }) => context
                .ui
                .warn("the source answered with a page: what is signed is your word that the article is not on it"),
            // The network at hand may be what is gone.
            (Observed::Gone, Answer::None(why)) => {
                context
                    .ui
                    .warn(format_args!("the source did not answer ({why}): what is signed is that, and your word"));
            }
            (Observed::Gone, _) | (_, Answer::Unknown) => {}
            (_, Answer::None(_)) => {
                return refuse("the source did not answer", "--gone signs that; or try again later");
            }
            (Observed::Moved, Answer::Status { redirected: false, .. }) => {
                context.ui.warn("the source sent no redirect: what is signed is your word that the article moved");
            }
            (Observed::Moved, _) | (_, Answer::Status { status: 200..=299, .. }) => {}
            (_, Answer::Status { status, .. }) => {
                return refuse(&format!("the source answered with status {status}"), "--gone signs that");
            }
        }
        Ok(())
    }
}

fn capture(path: &str, media_type: &str, content: Content) -> DraftFile {
    let (path, media_type) = (path.to_owned(), media_type.to_owned());
    DraftFile { path, role: Role::Capture, media_type, original_name: None, content }
}

fn media_type(path: &Path) -> &'static str {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "warc" => "application/warc",
        "html" | "htm" => "text/html",
        "txt" => "text/plain",
        "json" => "application/json",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "mhtml" | "mht" => "multipart/related",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests;
