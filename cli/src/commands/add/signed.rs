//! Signing apart from writing: requests written, and what was signed for them taken in.

use std::collections::HashSet;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use litopys::archive::{Archive, ArchiveError, FileContents};
use litopys::charter::KeyRole;
use litopys::check::Trust;
use litopys::limits;
use litopys::manifest::Manifest;
use litopys::report::Code;
use litopys::request::{Request, Signed, SignedEntry};
use litopys::statement::Payload;
use litopys::view::View;
use litopys_import::{Options, drafts};
use serde_json::json;

use super::{Writing, remember};
use crate::commands::intake::record::{Record, place_and_reason};
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::signers::own;
use crate::ui::words::{count, quoted};
use crate::ui::{GOOD, escape, paint};

/// Writes a file that isn't there yet.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let written = File::create_new(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|error| Failure::io(path, &error))
}

/// Reads a request, or what was signed for one: as many bytes as either may have.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(limits::REQUEST + 1).read_to_end(&mut bytes));
    read.map_err(|error| Failure::io(path, &error))?;
    Ok(bytes)
}

/// Writes a request.
pub(super) fn ask(context: &Context, mut record: Record<'_>, request: Option<Request>, out: Option<&Path>) -> Done {
    let tally = record.tally;
    let (Some(request), Some(out)) = (&request, out) else {
        record.print()?;
        context.ui.note("nothing is new: no request was written");
        return Ok(tally.exit());
    };
    let bytes = request.encode().map_err(|error| Failure::of(Exit::Unable, &error))?;
    write_new(out, &bytes)?;
    record.print()?;
    let statements = request.statements().len() as u64;
    if context.json {
        context.ui.json(&json!({
            "schema": 1, "inputs": tally, "written": false, "request": out.to_string_lossy(),
            "archive": request.claimed_archive().to_hex(), "statements": statements,
        }))?;
    } else {
        let (path, bytes) = (escape::line(&out.to_string_lossy()).to_string(), count(bytes.len() as u64, "byte"));
        let asked = paint(GOOD, "asked:");
        context.ui.detail(format_args!("{asked} {} in {path} ({bytes})", count(statements, "statement")))?;
        context.ui.note(format_args!(
            "nothing was signed: `litopys sign {0} --out SIGNED` does, and `litopys add ARCHIVE INPUT... --signed SIGNED` takes it in",
            quoted(out)
        ));
    }
    Ok(tally.exit())
}

/// Takes in what was signed.
pub(super) fn take(
    context: &Context,
    archive: Archive,
    writing: &Writing,
    path: &Path,
    (inputs, options): (&[PathBuf], &Options),
) -> Done {
    let bad = |error: &dyn std::error::Error| Failure::of(Exit::False, error).at(path.display());
    let signed = Signed::decode(&read(path)?)
        .map_err(|error| bad(&error).hint("`litopys sign REQUEST --out SIGNED` makes such a file"))?;
    let log = match writing.log_key.as_ref().or(writing.key.as_ref()) {
        Some(key) => context.home()?.read_key(key)?,
        None => own(context, archive.authority(), KeyRole::Log)?,
    };
    let wanted = wanted(signed.entries());
    let mut files = FileContents::default();
    gather(context, inputs, options, &wanted, &mut files)?;
    from_archive(context, &archive, signed.entries(), &wanted, &mut files)?;
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
    }
    Ok(Exit::Ok)
}

/// The digests of all files that the manifests name.
fn wanted(entries: &[SignedEntry]) -> HashSet<litopys::FileDigest> {
    let manifests = entries.iter().filter_map(|entry| Manifest::decode(entry.manifest.as_ref()?).ok());
    manifests.flat_map(|manifest| manifest.files.into_iter().map(|file| file.sha256)).collect()
}

/// Reads the inputs, and keeps the files that are wanted.
fn gather(
    context: &Context,
    inputs: &[PathBuf],
    options: &Options,
    wanted: &HashSet<litopys::FileDigest>,
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
    wanted: &HashSet<litopys::FileDigest>,
    files: &mut FileContents,
) -> Result<(), Failure> {
    if wanted.iter().all(|digest| files.has(*digest)) {
        return Ok(());
    }
    let view = View::open(archive.store(), Trust::default(), context.threads().get())?;
    for entry in entries {
        let Ok(verified) = entry.statement.verify() else { continue };
        let Payload::Article(version) = verified.payload() else { continue };
        let Some(head) = view.article(&version.article).and_then(|article| article.head()) else { continue };
        let manifest = view.manifest(head)?;
        for file in manifest.files.iter().filter(|file| file.is_small() && wanted.contains(&file.sha256)) {
            let bytes = view.file(head, &manifest, file)?;
            files.add(bytes.into()).map_err(|error| Failure::of(Exit::Unable, &error))?;
        }
    }
    Ok(())
}

/// Why what was signed isn't taken in.
fn refused(error: ArchiveError, path: &Path) -> Failure {
    let again = "make a new request, and `litopys sign` it again";
    let nothing = |text: &dyn std::fmt::Display| {
        Failure::new(Exit::False, format_args!("{}: {text}: nothing was written", path.display()))
    };
    match error {
        ArchiveError::WouldBeVoid { nth, code } => {
            let nth = nth + 1;
            match code {
                Code::BrokenChain | Code::ForkedChain | Code::ObservedVersion => {
                    nothing(&format_args!("statement {nth}: its article has another newest version meanwhile ({code})"))
                        .hint(again)
                }
                Code::Authority => {
                    nothing(&format_args!("statement {nth}: the archive's keys changed meanwhile ({code})")).hint(again)
                }
                Code::RepeatedLeaf => nothing(&format_args!("statement {nth} is in the archive already ({code})")),
                Code::UnknownSigner | Code::WrongRole | Code::RetiredSigner | Code::RevokedSigner => {
                    nothing(&format_args!("statement {nth} is signed by a key that may not sign it ({code})"))
                        .hint("`litopys signers ARCHIVE` lists who may")
                }
                code => nothing(&format_args!("statement {nth} would have no effect ({code})")),
            }
        }
        ArchiveError::Taken { nth, subject } => {
            let nth = nth + 1;
            nothing(&format_args!("statement {nth} is a first version of \"{subject}\", of which there is an article"))
                .hint(again)
        }
        ArchiveError::NoFile { nth, path, digest } => {
            let nth = nth + 1;
            nothing(&format_args!("statement {nth}: the file {path} ({digest}) is not there"))
                .hint("name the inputs that the request was made from, as they were then")
        }
        ArchiveError::NotCommitted { nth, code, detail } => {
            nothing(&format_args!("statement {}: {detail} ({code})", nth + 1))
        }
        ArchiveError::OtherArchive(_) | ArchiveError::Statement(_) => nothing(&error),
        error => error.into(),
    }
}
