//! Versions that are signed apart from writing: requests for them, and what was signed for any request taken in.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use litopys::archive::{Archive, ArchiveError, FileContents};
use litopys::charter::KeyRole;
use litopys::check::Trust;
use litopys::manifest::Manifest;
use litopys::report::Code;
use litopys::request::{Request, Signed, SignedEntry};
use litopys::statement::Payload;
use litopys::view::View;
use litopys::{Content, FileDigest};
use litopys_import::{Options, drafts, is_url};
use serde_json::json;

use super::{Writing, remember};
use crate::commands::apart::{self, read};
use crate::commands::intake::Asked;
use crate::commands::intake::record::place_and_reason;
use crate::commands::withdraw::COPIES;
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::signers::own;
use crate::ui::words::count;
use crate::ui::{GOOD, escape, paint};

/// Writes a request for what the inputs have that is new.
pub(super) fn ask(context: &Context, asked: Asked<'_>, inputs: &[PathBuf], out: &Path) -> Done {
    let Asked { mut record, request, kept } = asked;
    let tally = record.tally;
    let Some(request) = request else {
        record.print()?;
        context.ui.note("nothing is new: no request was written");
        return Ok(tally.exit());
    };
    let bytes = apart::write(&request, out)?;
    let kept = kept.and_then(|kept| kept.finish(Some(&request)));
    record.print()?;
    let statements = request.statements().len() as u64;
    if context.json {
        context.ui.json(&json!({
            "schema": 1, "inputs": tally, "written": false, "request": out.to_string_lossy(),
            "archive": request.claimed_archive().to_hex(), "statements": statements,
            "kept": kept.map(|kept| kept.to_string_lossy().into_owned()),
        }))?;
    } else {
        let (path, bytes) = (escape::line(&out.to_string_lossy()).to_string(), count(bytes, "byte"));
        let asked = paint(GOOD, "asked:");
        context.ui.detail(format_args!("{asked} {} in {path} ({bytes})", count(statements, "statement")))?;
        let others = !inputs.iter().all(|input| is_fleeting(input));
        apart::note(context, out, &apart::inputs(others, kept.as_deref()));
    }
    Ok(tally.exit())
}

/// Whether an input can't be read a second time, or not the same.
pub(crate) fn is_fleeting(input: &Path) -> bool {
    input.as_os_str() == "-" || input.to_str().is_some_and(is_url)
}

/// Takes in what was signed.
pub(super) fn take(
    context: &Context,
    archive: Archive,
    writing: &Writing,
    path: &Path,
    (inputs, options): (&[PathBuf], &Options),
) -> Done {
    let bytes = read(path)?;
    let signed = Signed::decode(&bytes).map_err(|error| {
        let sign = "`litopys sign REQUEST --out SIGNED` makes what is taken in";
        match Request::decode(&bytes) {
            Ok(_) => Failure::new(Exit::False, "is a request, which nobody signed yet").at(path.display()).hint(sign),
            Err(_) => Failure::of(Exit::False, &error).at("is nothing that was signed").at(path.display()).hint(sign),
        }
    })?;
    let log = match writing.log_key.as_ref().or(writing.key.as_ref()) {
        Some(key) => context.home()?.read_key(key)?,
        None => own(context, archive.authority(), KeyRole::Log)?,
    };
    let wanted = wanted(signed.entries());
    let mut files = FileContents::default();
    let left = as_they_are(inputs, &wanted, &mut files)?;
    if !has_all(&files, &wanted) {
        gather(context, &left, options, &wanted, &mut files)?;
        from_archive(context, &archive, signed.entries(), &wanted, &mut files)?;
    }
    let before = archive.head().size();
    let archive = archive.take_signed(&signed, &files, &log).map_err(|error| refused(error, path))?;
    remember(context, &archive);
    let (head, taken) = (archive.head(), archive.head().size() - before);
    if context.json {
        let ids: Vec<_> = signed.entries().iter().map(|entry| entry.statement.id().to_hex()).collect();
        context.ui.json(&json!({
            "schema": 1, "written": true, "archive": archive.id().to_hex(), "index": before, "statements": ids,
            "checkpoint": {"size": head.size(), "root": head.root().to_string()},
        }))?;
    } else {
        let (taken, log) = (count(taken, "statement"), count(head.size(), "statement"));
        context.ui.detail(format_args!("{} {taken}; the log has {log}", paint(GOOD, "taken in:")))?;
        if archive.ledger().withheld().all().iter().any(|by| by.index >= before) {
            context.ui.note(COPIES);
        }
    }
    Ok(Exit::Ok)
}

/// The digests of all files that the manifests name.
fn wanted(entries: &[SignedEntry]) -> HashSet<FileDigest> {
    let manifests = entries.iter().filter_map(|entry| Manifest::decode(entry.manifest.as_ref()?).ok());
    manifests.flat_map(|manifest| manifest.files.into_iter().map(|file| file.sha256)).collect()
}

fn has_all(files: &FileContents, wanted: &HashSet<FileDigest>) -> bool {
    wanted.iter().all(|digest| files.has(*digest))
}

/// Keeps the inputs that are wanted as they are, and those below a folder beside a request, which are named by their digests. Gives the inputs that
/// may have more.
fn as_they_are(
    inputs: &[PathBuf],
    wanted: &HashSet<FileDigest>,
    files: &mut FileContents,
) -> Result<Vec<PathBuf>, Failure> {
    let mut left = Vec::new();
    for input in inputs.iter().filter(|input| !is_fleeting(input)) {
        let mut is_kept = false;
        let mut add = |path: &Path| {
            files.add(Content::File(path.to_owned())).map_err(|error| Failure::io(path, &error)).map(drop)
        };
        if input.is_file() {
            add(input)?;
        } else if input.is_dir() {
            for entry in fs::read_dir(input).map_err(|error| Failure::io(input, &error))? {
                let entry = entry.map_err(|error| Failure::io(input, &error))?;
                let digest = entry.file_name().to_str().and_then(|name| FileDigest::from_hex(name).ok());
                if digest.is_some_and(|digest| wanted.contains(&digest)) {
                    add(&entry.path())?;
                    is_kept = true;
                }
            }
        }
        files.retain(wanted);
        if !is_kept {
            left.push(input.clone());
        }
    }
    Ok(left)
}

/// Reads the inputs, and keeps the files that are wanted.
fn gather(
    context: &Context,
    inputs: &[PathBuf],
    options: &Options,
    wanted: &HashSet<FileDigest>,
    files: &mut FileContents,
) -> Result<(), Failure> {
    for outcome in drafts(inputs, options, context.threads()).flatten() {
        let loaded = outcome.map_err(|failure| Failure::new(Exit::Unable, place_and_reason(&failure)))?;
        for file in loaded.draft.files {
            files.add(file.content).map_err(|error| Failure::io(&loaded.input, &error))?;
        }
        files.retain(wanted);
    }
    Ok(())
}

/// Small files that the version before has, too: they are in the archive.
fn from_archive(
    context: &Context,
    archive: &Archive,
    entries: &[SignedEntry],
    wanted: &HashSet<FileDigest>,
    files: &mut FileContents,
) -> Result<(), Failure> {
    if has_all(files, wanted) {
        return Ok(());
    }
    let view = View::open(archive.store(), Trust::default(), context.threads().get())?;
    for entry in entries {
        let Ok(verified) = entry.statement.verify() else { continue };
        let Payload::Article(version) = verified.payload() else { continue };
        let Some(head) = view.article(&version.article).and_then(|article| article.head()) else { continue };
        if head.withheld.is_some() {
            continue;
        }
        let manifest = view.manifest(head)?;
        let is_there = |digest| wanted.contains(digest) && view.withheld().of_file(head.index, digest).is_none();
        for file in manifest.files.iter().filter(|file| file.is_small() && is_there(&file.sha256)) {
            let bytes = view.file(head, &manifest, file)?;
            files.add(bytes.into()).map_err(|error| Failure::of(Exit::Unable, &error))?;
        }
    }
    Ok(())
}

/// Why what was signed isn't taken in.
fn refused(error: ArchiveError, path: &Path) -> Failure {
    let nothing = |text: &dyn std::fmt::Display| {
        Failure::new(Exit::False, format_args!("{}: {text}: nothing was written", path.display()))
    };
    match error {
        ArchiveError::WouldBeVoid { nth, code } => {
            let (why, hint) = of_void(code);
            let failure = nothing(&format_args!("statement {}{why} ({code})", nth + 1));
            hint.into_iter().fold(failure, Failure::hint)
        }
        ArchiveError::Taken { nth, subject } => {
            let nth = nth + 1;
            nothing(&format_args!("statement {nth} is a first version of \"{subject}\", of which there is an article"))
                .hint(AGAIN)
        }
        ArchiveError::NoFile { nth, path, digest } => {
            let nth = nth + 1;
            nothing(&format_args!("statement {nth}: the file {path} ({digest}) is not there"))
                .hint("name the inputs that the request was made from, as they were then")
                .hint("what it was made from that can't be read again, a fetched page above all, is in the folder REQUEST.files: name that")
        }
        ArchiveError::NotCommitted { nth, code, detail } => {
            nothing(&format_args!("statement {}: {detail} ({code})", nth + 1))
        }
        ArchiveError::OtherArchive(_) | ArchiveError::Statement(_) => nothing(&error),
        error => error.into(),
    }
}

const AGAIN: &str = "make a new request, and `litopys sign` it again";

/// Why a statement would have no effect, after its number, and what to do about that.
const fn of_void(code: Code) -> (&'static str, Option<&'static str>) {
    match code {
        Code::BrokenChain | Code::ForkedChain | Code::ObservedVersion => {
            (": its article has another newest version meanwhile", Some(AGAIN))
        }
        Code::Authority => (": the archive's keys changed meanwhile", Some(AGAIN)),
        Code::RepeatedLeaf => (" is in the archive already", None),
        Code::UnknownSigner | Code::WrongRole | Code::RetiredSigner | Code::RevokedSigner => {
            (" is signed by a key that may not sign it", Some("`litopys signers ARCHIVE` lists who may"))
        }
        Code::WithdrawalRight => (
            " is a withdrawal by a key that may not withdraw that",
            Some("a steward may withdraw anything; an archivist the versions that they signed, and files in them"),
        ),
        Code::WithdrawalRepeated => (" withdraws nothing new", None),
        _ => (" would have no effect", None),
    }
}
