//! `litopys cat`: one file of a version, byte for byte.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use litopys::manifest::{FileEntry, Manifest, Role};
use litopys::observation::Observed;
use litopys::view::{ReadError, VersionRef, View};
use litopys::{ArticleUrn, FileDigest};
use serde::Serialize;
use serde_json::json;

use super::show::FileRow;
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::open;
use crate::select::{Named, select_entry};
use crate::ui::escape::is_hidden;
use crate::ui::words::count;

/// How many files a hint names.
const NAMED: usize = 8;

/// Print one file of an article or observation, byte for byte, once its digest was checked
///
/// Without PATH or --role it is the article's text, or its capture where it has no text; of an observation the evidence. Bytes that may do harm to a terminal aren't
/// printed to one, unless --force. With --json it says what would be printed, without the bytes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  litopys cat my.litopys https://example.org/a
  litopys cat my.litopys urn:uuid:0f8e1a2b images/bridge.jpg > bridge.jpg
  litopys cat my.litopys 3f2a9c1b --statement > statement.cose
  litopys cat my.litopys 7c2d41aa > response.warc             an observation's evidence
  litopys cat my.litopys \"$(litopys id --quiet my.litopys)\" --statement > charter.cose")]
pub(crate) struct Cat {
    /// A folder or bundle
    archive: PathBuf,
    /// Its urn:uuid or the beginning of it, its subject, or 8 digits or more of a statement's id, a version's or an observation's
    article: String,
    /// The file's path within the article; `show` lists them
    #[arg(group = "what")]
    path: Option<String>,
    /// The one file with this role
    #[arg(long, group = "what", value_name = "ROLE")]
    role: Option<Kind>,
    /// The manifest, as CBOR
    #[arg(long, group = "what")]
    manifest: bool,
    /// The statement, as COSE; of the archive's id, 64 digits, the charter
    #[arg(long, group = "what")]
    statement: bool,
    /// Which version [default: the newest, or the one whose id was given]
    #[arg(long, value_name = "N")]
    version: Option<u64>,
    /// Print to a terminal whatever it is
    #[arg(long)]
    force: bool,
}

/// What a file is to its article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// The bytes as received
    Capture,
    /// Its text, derived from the capture
    Text,
    /// An image, sound or film shown in it
    Media,
    /// Something that comes with it
    Attachment,
}

impl From<Kind> for Role {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Capture => Self::Capture,
            Kind::Text => Self::Text,
            Kind::Media => Self::Media,
            Kind::Attachment => Self::Attachment,
        }
    }
}

/// What is printed.
enum What<'a> {
    Bytes { kind: &'static str, bytes: Vec<u8> },
    File(&'a Manifest, &'a FileEntry),
}

impl Cat {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let opened = open::open(&self.archive)?;
        let view = open::view(context, &self.archive, &opened)?;
        if self.statement && view.report().archive.is_some_and(|id| id.to_hex() == self.article) {
            return self.charter(context, &view);
        }
        let (article, version, observed) = match (select_entry(&view, &self.article)?, self.version) {
            (Named::Version(selected), number) => (selected.article.urn, *selected.at(number)?, None),
            (Named::Observation(seen), None) => (seen.article, seen.entry(), Some(seen.outcome)),
            (Named::Observation(_), Some(_)) => {
                return Err(Failure::new(Exit::Unable, "an observation has no versions"));
            }
        };
        let version = &version;
        // A statement is never withheld.
        let manifest = (!self.statement).then(|| view.manifest(version)).transpose()?;
        let what = match &manifest {
            None => What::Bytes { kind: "statement", bytes: view.statement(version)?.as_bytes().to_vec() },
            Some(manifest) if self.manifest => What::Bytes { kind: "manifest", bytes: encoded(version, manifest)? },
            Some(manifest) => What::File(manifest, self.file(manifest)?),
        };
        let source = Source { view: &view, version, observed, what };
        if context.json {
            return source.describe(context, article);
        }
        self.print(context, &|out| source.copy(out))
    }

    /// Statement 0.
    fn charter(&self, context: &Context, view: &View<'_>) -> Done {
        let founding = view.founding()?;
        let (id, bytes) = (founding.id().to_hex(), founding.as_bytes());
        if context.json {
            let (size, sha256) = (bytes.len(), FileDigest::of(bytes).to_string());
            context.ui.json(&json!({"schema": 1, "id": id, "what": "charter", "size": size, "sha256": sha256}))?;
            return Ok(Exit::Ok);
        }
        self.print(context, &|out| out.write_all(bytes).and_then(|()| out.flush()).map_err(ReadError::Output))
    }

    /// Prints what `copy` writes, unless it may do harm to a terminal.
    fn print(&self, context: &Context, copy: &dyn Fn(&mut dyn Write) -> Result<(), ReadError>) -> Done {
        if io::stdout().is_terminal() && !self.force {
            copy(&mut Harmless::default()).map_err(|error| match error {
                ReadError::Output(_) => Failure::new(Exit::False, "what is to be printed may do harm to a terminal")
                    .hint("send it to a file or a program: litopys cat ... > FILE")
                    .hint("`litopys show --text` shows a text with what is hidden in it; --force prints it as it is"),
                error => error.into(),
            })?;
        }
        let mut failed = None;
        context.ui.raw(|out| {
            let mut out = BufWriter::with_capacity(64 << 10, out);
            match copy(&mut out) {
                Err(ReadError::Output(error)) => return Err(error),
                Err(error) => failed = Some(error),
                Ok(()) => {}
            }
            out.flush()
        })?;
        failed.map_or(Ok(Exit::Ok), |error| Err(error.into()))
    }

    fn file<'m>(&self, manifest: &'m Manifest) -> Result<&'m FileEntry, Failure> {
        let unable = |message: String| Failure::new(Exit::Unable, message);
        if let Some(path) = &self.path {
            let found = manifest.files.iter().find(|file| file.path == *path);
            return found.ok_or_else(|| named(unable(format!("there is no file \"{path}\" in it")), &manifest.files));
        }
        let Some(role) = self.role.map(Role::from) else {
            let first = manifest.file(Role::Text).or_else(|| manifest.file(Role::Capture));
            return first.ok_or_else(|| named(unable("it has neither text nor capture".into()), &manifest.files));
        };
        let files: Vec<_> = manifest.files.iter().filter(|file| file.role == role).collect();
        match files.as_slice() {
            [one] => Ok(one),
            [] => Err(named(unable(format!("there is no file with the role {} in it", role)), &manifest.files)),
            many => {
                let what = count(many.len() as u64, "file");
                Err(named(unable(format!("{what} have the role {}: name one by its path", role)), many.iter().copied()))
            }
        }
    }
}

/// Names files to choose from.
fn named<'m>(failure: Failure, files: impl IntoIterator<Item = &'m FileEntry>) -> Failure {
    files
        .into_iter()
        .take(NAMED)
        .fold(failure, |failure, file| failure.hint(format_args!("{} {}", file.role, file.path)))
}

/// The manifest's bytes: there is one encoding, so they are those that the statement names.
fn encoded(version: &VersionRef, manifest: &Manifest) -> Result<Vec<u8>, Failure> {
    let bytes = manifest.encode().map_err(|error| Failure::of(Exit::False, &error))?;
    if FileDigest::of(&bytes) == version.manifest.sha256 {
        Ok(bytes)
    } else {
        Err(Failure::new(Exit::False, format_args!("statement {}: the manifest is not encoded as read", version.index)))
    }
}

/// What would be printed.
#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: u32,
    article: String,
    version: u64,
    id: String,
    /// Of an observation: what was found. Its version is the newest that there was.
    #[serde(skip_serializing_if = "Option::is_none")]
    observation: Option<Observed>,
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<FileRow<'a>>,
}

struct Source<'a, 's> {
    view: &'a View<'s>,
    version: &'a VersionRef,
    observed: Option<Observed>,
    what: What<'a>,
}

impl Source<'_, '_> {
    fn copy(&self, out: &mut dyn Write) -> Result<(), ReadError> {
        match &self.what {
            What::Bytes { bytes, .. } => out.write_all(bytes).map_err(ReadError::Output)?,
            What::File(manifest, file) => self.view.copy_file(self.version, manifest, file, out)?,
        }
        out.flush().map_err(ReadError::Output)
    }

    fn describe(&self, context: &Context, article: ArticleUrn) -> Done {
        let mut document = Document {
            schema: 1,
            article: article.to_string(),
            version: self.version.version,
            id: self.version.id.to_hex(),
            observation: self.observed,
            what: "file",
            size: None,
            sha256: None,
            file: None,
        };
        match &self.what {
            What::Bytes { kind, bytes } => {
                document.what = kind;
                (document.size, document.sha256) = (Some(bytes.len()), Some(FileDigest::of(bytes).to_string()));
            }
            What::File(_, file) => {
                self.copy(&mut io::sink())?;
                document.file = Some(FileRow::of(self.view, self.version.index, file));
            }
        }
        context.ui.json(&document)?;
        Ok(Exit::Ok)
    }
}

/// Takes text that changes nothing on a terminal but what it shows; anything else is an error.
#[derive(Default)]
struct Harmless {
    /// The beginning of a character whose end is to come.
    rest: Vec<u8>,
}

impl Write for Harmless {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.rest.extend_from_slice(bytes);
        let (text, cut) = match std::str::from_utf8(&self.rest) {
            Ok(text) => (text, 0),
            Err(error) if error.error_len().is_none() => {
                let (text, rest) = self.rest.split_at(error.valid_up_to());
                (std::str::from_utf8(text).unwrap_or_default(), rest.len())
            }
            Err(_) => return Err(io::ErrorKind::InvalidData.into()),
        };
        // Whether it ends a line, the next bytes tell.
        let (text, cut) = text.strip_suffix('\r').map_or((text, cut), |text| (text, cut + 1));
        let line_end = |c, next| c == '\n' || c == '\t' || c == '\r' && next == Some('\n');
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if is_hidden(c) && !line_end(c, chars.peek().copied()) {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
        self.rest.drain(..self.rest.len() - cut);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_harmless(chunks: &[&[u8]]) -> bool {
        let mut out = Harmless::default();
        chunks.iter().all(|chunk| out.write_all(chunk).is_ok()) && out.flush().is_ok()
    }

    #[test]
    fn only_text_that_hides_nothing_is_harmless() {
        assert!(is_harmless(&["Літопис\n\tрік 2025\r\n".as_bytes()]));
        assert!(is_harmless(&[b"caf\xc3", b"\xa9\r", b"\n"]));
        for bad in
            [&b"\x1b[31m"[..], b"a\rb", b"a\r", b"\0", b"\xff", b"\xc3", "\u{202e}".as_bytes(), "\u{9b}".as_bytes()]
        {
            assert!(!is_harmless(&[bad]), "{bad:?}");
        }
    }
}
