//! A request as who is asked to sign reads it. What it says stands right of the labels, so that it can't pass for one.

use litopys::governance::KeyChange;
use litopys::manifest::Manifest;
use litopys::request::Request;
use litopys::statement::Payload;
use litopys::withdrawal::{EntryRef, Scope, Withdrawal};

use crate::commands::signers::roles;
use crate::failure::Failure;
use crate::render::metadata;
use crate::trust::grouped;
use crate::ui::words::count;
use crate::ui::{BOLD, DIM, Ui, escape, paint};

/// How much is shown of the archive's title, which nothing that is signed commits to.
const TITLE: usize = 200;

/// Prints all of a request that the signatures commit to, whole.
pub(super) fn show(ui: &Ui, request: &Request) -> Result<(), Failure> {
    let title = escape::short(request.claimed_title(), TITLE);
    ui.line(format_args!("for the archive that calls itself \"{title}\" ({})", request.origin()))?;
    let [first, second] = grouped(request.claimed_archive());
    ui.line(format_args!("  its id, by the request: {first} {second}"))?;
    for (nth, unsigned) in (1..).zip(request.statements()) {
        ui.line("")?;
        ui.line(paint(BOLD, format_args!("{nth}. {}", what(unsigned.payload()))))?;
        if let Some(manifest) = unsigned.manifest() {
            content(ui, manifest)?;
        }
        if let Payload::Withdrawal(withdrawal) = unsigned.payload() {
            withdrawn(ui, withdrawal)?;
        }
        field(ui, "under", unsigned.payload().authority().map(|id| id.to_hex()).unwrap_or_default())?;
    }
    ui.line("")
}

/// What a statement would do, in words.
pub(super) fn what(payload: &Payload) -> String {
    match payload {
        Payload::Article(version) if version.version == 1 => format!("a new article, {}", version.article),
        Payload::Article(version) => {
            let previous = version.previous.map(|id| id.to_hex()).unwrap_or_default();
            format!("version {} of {}, after {previous}", version.version, version.article)
        }
        Payload::Observation(observation) => {
            let (outcome, at, article, of) =
                (observation.outcome, &observation.at, observation.article, observation.id.to_hex());
            format!("an observation: {outcome} at {at}, of {article} against {of}")
        }
        Payload::Keys(keys) => format!("a change of keys: {}", change(&keys.change)),
        Payload::Void(void) => {
            let reason = escape::line(&void.reason);
            format!("a void entry acknowledged: statement {} ({}): {reason}", void.index, void.id.to_hex())
        }
        Payload::Withdrawal(_) => "a withdrawal: what it names leaves the archive, which can't be undone".to_owned(),
        _ => "a statement".to_owned(),
    }
}

/// A change of keys, without the archive that has their names.
fn change(change: &KeyChange) -> String {
    match change {
        KeyChange::Add(added) => {
            let name = escape::line(&added.member.name);
            format!("add \"{name}\" {} as {}", added.member.key.fingerprint(), roles(&added.member.roles))
        }
        KeyChange::Retire { key } => format!("retire {}", key.fingerprint()),
        KeyChange::Revoke { key, doubtful_from: None } => format!("revoke {}", key.fingerprint()),
        KeyChange::Revoke { key, doubtful_from: Some(from) } => {
            format!("revoke {}, doubtful from statement {from} on", key.fingerprint())
        }
        KeyChange::Roles { key, roles: given } => format!("give {} the roles {}", key.fingerprint(), roles(given)),
        KeyChange::Threshold(threshold) => format!("let {} decide", count(*threshold, "steward")),
        _ => "another one".to_owned(),
    }
}

fn content(ui: &Ui, m: &Manifest) -> Result<(), Failure> {
    if let Some(title) = &m.title {
        field(ui, "title", escape::line(title))?;
    }
    field(ui, "subject", escape::line(&m.subject))?;
    field(ui, "change", m.change)?;
    metadata::fields(m, &mut |label, value| field(ui, label, value))?;
    field(ui, "signed at", &m.signed_at)?;
    for file in &m.files {
        let (path, media_type) = (escape::line(&file.path), escape::line(&file.media_type));
        let about = format!("{media_type}, {}, {}", count(file.size, "byte"), file.sha256);
        field(ui, file.role.as_str(), format_args!("{path}  {}", paint(DIM, about)))?;
        if let Some(name) = &file.original_name {
            field(ui, "", format_args!("named {} where it came from", escape::line(name)))?;
        }
    }
    let mut from = m.provenance.iter();
    from.try_for_each(|(name, from)| {
        field(ui, "provenance", format_args!("{}: {}", escape::line(name), escape::line(from)))
    })
}

fn withdrawn(ui: &Ui, withdrawal: &Withdrawal) -> Result<(), Failure> {
    field(ui, "class", withdrawal.class.as_str())?;
    field(ui, "reason", escape::line(&withdrawal.reason))?;
    field(ui, "basis", escape::line(&withdrawal.basis))?;
    let named = |entry: &EntryRef| format!("statement {} ({})", entry.index, entry.id.to_hex());
    let whose = match &withdrawal.scope {
        Scope::FilesOf(entry, _) => format!("in {}", named(entry)),
        Scope::Files(_) => "wherever it is named".to_owned(),
        scope => {
            let mut entries = scope.entries();
            return entries.try_for_each(|entry| {
                field(ui, "withdrawn", format_args!("the manifest of {}, and its files in it", named(entry)))
            });
        }
    };
    let mut files = withdrawal.scope.files();
    files.try_for_each(|file| field(ui, "withdrawn", format_args!("{file}, {whose}")))
}

fn field(ui: &Ui, name: &str, value: impl std::fmt::Display) -> Result<(), Failure> {
    ui.line(format_args!("   {} {value}", paint(DIM, format_args!("{name:<13}"))))
}
