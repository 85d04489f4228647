//! A steward's decision: found, signed, and logged or written to a file.

use std::path::Path;

use litopys::archive::{Archive, ArchiveError};
use litopys::authority::{Authority, Proposal};
use litopys::charter::KeyRole;
use litopys::governance::{KeyChange, KeysStatement, VoidStatement};
use litopys::report::Code;
use litopys::request::{Signed, SignedEntry, Unsigned};
use litopys::statement::SignedStatement;
use litopys::{PublicKey, Signer, StatementId};
use serde_json::json;

use super::super::add::remember;
use super::super::apart::{self, read, write_new};
use super::{Deciding, words};
use crate::context::Context;
use crate::failure::{Done, Exit, Failure, chain};
use crate::home::keys::{Key, public_key};
use crate::select::{ID_PREFIX, short_id};
use crate::signers::{own, own_but};
use crate::ui::words::quoted;
use crate::ui::{GOOD, WARN, paint};

/// What is decided, and what others signed about it elsewhere.
pub(super) struct Decision {
    proposal: Proposal,
    signed: Vec<SignedStatement>,
}

/// The next change of keys.
pub(super) fn keys(archive: &Archive, change: KeyChange) -> Decision {
    let authority = archive.authority();
    let statement = KeysStatement { epoch: authority.epoch() + 1, change, authority: authority.in_force() };
    Decision { proposal: Proposal::Keys(Box::new(statement)), signed: Vec::new() }
}

/// The acknowledgement of a void entry.
pub(super) fn void(archive: &Archive, text: &str, reason: &str) -> Result<Decision, Failure> {
    let (index, id) = statement(archive, text)?;
    let (reason, authority) = (reason.to_owned(), archive.authority().in_force());
    let proposal = Proposal::Void(Box::new(VoidStatement { index, id, reason, authority }));
    Ok(Decision { proposal, signed: Vec::new() })
}

/// What waits for approval: in the log, or in the file of a steward's statement.
pub(super) fn pending(archive: &Archive, what: &str) -> Result<Decision, Failure> {
    let pending = archive.authority().pending();
    let is_hex = what.len() >= ID_PREFIX && what.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
    if is_hex && !Path::new(what).exists() {
        let names = |id: StatementId| id.to_hex().starts_with(what);
        let found = pending.iter().find(|pending| pending.approvals.iter().any(|approval| names(approval.id)));
        let found = found.ok_or_else(|| {
            Failure::new(Exit::False, format_args!("no decision that waits is named by \"{what}\""))
                .hint("`litopys signers ARCHIVE` lists what waits")
        })?;
        return Ok(Decision { proposal: found.proposal.clone(), signed: Vec::new() });
    }
    let path = Path::new(what);
    let bad = |what: &dyn std::fmt::Display| Failure::new(Exit::False, format_args!("{}: {what}", path.display()));
    let bytes = read(path).map_err(|failure| {
        failure.hint("name 8 digits or more of a statement's id, or the file of what was signed elsewhere")
    })?;
    let file = Signed::decode(&bytes).map_err(|error| bad(&chain(&error)))?;
    if file.claimed_archive() != archive.id() {
        return Err(bad(&"was signed for another archive"));
    }
    let (mut proposal, mut signed) = (None, Vec::new());
    for SignedEntry { statement, .. } in file.entries() {
        let verified = statement.verify().map_err(|error| bad(&error))?;
        let one = Proposal::of(verified.payload()).ok_or_else(|| bad(&"is no steward's decision"))?;
        if proposal.replace(one.clone()).is_some_and(|other| other != one) {
            return Err(bad(&"holds several decisions"));
        }
        signed.push(statement.clone());
    }
    let proposal = proposal.ok_or_else(|| bad(&"holds no decision"))?;
    Ok(Decision { proposal, signed })
}

/// The statement that is named by its index or the beginning of its id.
pub(super) fn statement(archive: &Archive, text: &str) -> Result<(u64, StatementId), Failure> {
    let none = || Failure::new(Exit::Unable, format_args!("no statement is named by \"{text}\""));
    let hint =
        |failure: Failure| failure.hint("name its index, or 8 digits or more of its id; `litopys log` lists them");
    let wanted = text.parse::<u64>().ok().filter(|_| text.len() < ID_PREFIX);
    let is_hex = text.len() >= ID_PREFIX && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
    if wanted.is_none() && !is_hex {
        return Err(hint(none()));
    }
    let mut found = Vec::new();
    archive.statement_ids(&mut |index, id| {
        if wanted.map_or_else(|| id.to_hex().starts_with(text), |wanted| wanted == index) {
            found.push((index, id));
        }
    })?;
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(hint(none())),
        _ => Err(Failure::new(Exit::Unable, format_args!("{} statements are named by \"{text}\"", found.len()))),
    }
}

/// The key of the archive that is named: by its holder's name, its fingerprint or the beginning of it, or a file.
pub(super) fn find(context: &Context, authority: &Authority, text: &str) -> Result<PublicKey, Failure> {
    let active = || authority.holders().iter().filter(|holder| holder.standing == litopys::authority::Standing::Active);
    let fits = |holder: &&litopys::authority::KeyHolder| {
        let fingerprint = holder.key.fingerprint().to_string();
        holder.name == text || text.len() >= 15 && fingerprint.starts_with(text)
    };
    let found: Vec<_> = active().filter(fits).collect();
    match found.as_slice() {
        [one] => return Ok(one.key.clone()),
        [] => {}
        _ => return Err(Failure::new(Exit::Unable, format_args!("several keys are named by \"{text}\""))),
    }
    let unknown = || {
        let failure = Failure::new(Exit::Unable, format_args!("no key of the archive is named by \"{text}\""));
        active().fold(failure, |failure, holder| {
            failure.hint(format_args!("it has {} \"{}\"", holder.key.fingerprint(), holder.name))
        })
    };
    let key = public_key(&context.home()?, text).map_err(|_| unknown())?;
    active().find(|holder| holder.key == key).map(|holder| holder.key.clone()).ok_or_else(unknown)
}

/// Decides: signs, and logs it or writes it to a file.
pub(super) fn run(
    context: &Context,
    path: &Path,
    deciding: &Deciding,
    decide: &dyn Fn(&Archive) -> Result<Decision, Failure>,
) -> Done {
    let archive = deciding.writing.open(context, path)?;
    let Decision { proposal, signed } = decide(&archive)?;
    let what = words::proposal(archive.authority(), &proposal);
    if let Some(out) = &deciding.request {
        return ask(context, &archive, &proposal, out);
    }
    let steward = match &deciding.writing.key {
        Some(key) => context.home()?.read_key(key)?,
        None => {
            let approved = approved(&archive, &proposal);
            own_but(context, archive.authority(), KeyRole::Steward, &approved)?
        }
    };
    let mut statements = signed;
    statements.push(archive.approve(&proposal, &steward)?);
    let (last, others) = statements.split_last().ok_or_else(|| Failure::new(Exit::Unable, "nothing was signed"))?;
    let after = archive.preview(&statements).map_err(|error| refused(error, &archive, others.len()))?;
    warn(context, archive.authority(), &after);
    if let Some(out) = &deciding.out {
        let entry = SignedEntry { statement: last.clone(), manifest: None };
        let signed = Signed::new(archive.id(), archive.charter().origin.clone(), vec![entry]);
        let bytes = signed.and_then(|signed| signed.encode());
        write_new(out, &bytes.map_err(|error| Failure::of(Exit::Unable, &error))?)?;
        context.ui.detail(format_args!("{} {what}", paint(GOOD, "signed:")))?;
        context.ui.note("nothing was logged: another steward logs it with `litopys signers approve ARCHIVE FILE`");
        return Ok(Exit::Ok);
    }
    let log = log_key(context, deciding, &steward, &after)?;
    let (before, ids) = (archive.head().size(), statements.iter().map(SignedStatement::id).collect::<Vec<_>>());
    let archive = archive.append(&statements, log.as_ref().unwrap_or(&steward))?;
    remember(context, &archive);
    let waiting = archive.authority().pending().into_iter().find(|pending| pending.proposal == proposal);
    let approvals = waiting.map(|pending| pending.approvals.len());
    let threshold = archive.authority().threshold();
    if context.json {
        let ids: Vec<_> = ids.iter().map(|id| id.to_hex()).collect();
        context.ui.json(&json!({
            "schema": 1, "statements": ids, "index": before, "in_force": approvals.is_none(),
            "approvals": approvals, "threshold": threshold,
        }))?;
    } else if let Some(approvals) = approvals {
        let id = ids.first().map(short_id).unwrap_or_default();
        context.ui.detail(format_args!("{} {what}: {approvals} of {threshold} stewards", paint(WARN, "waits:")))?;
        context
            .ui
            .detail(format_args!("another steward approves with `litopys signers approve {} {id}`", path.display()))?;
    } else {
        context.ui.detail(format_args!("{} {what}", paint(GOOD, "in force:")))?;
    }
    Ok(Exit::Ok)
}

/// Writes a request for a steward's word.
fn ask(context: &Context, archive: &Archive, proposal: &Proposal, out: &Path) -> Done {
    let unsigned = Unsigned::new(proposal.payload(), None).map_err(|(_, detail)| Failure::new(Exit::Unable, detail))?;
    apart::write(&apart::request(archive, vec![unsigned])?, out)?;
    let what = words::proposal(archive.authority(), proposal);
    context.ui.detail(format_args!("{} {what}", paint(GOOD, "asked:")))?;
    context.ui.note(format_args!(
        "nothing was signed: `litopys sign {} --out SIGNED` does, on the machine that has the steward's key",
        quoted(out)
    ));
    Ok(Exit::Ok)
}

/// Who approved of it before.
fn approved(archive: &Archive, proposal: &Proposal) -> Vec<[u8; 32]> {
    let pending = archive.authority().pending();
    let approvals =
        pending.iter().filter(|pending| pending.proposal == *proposal).flat_map(|pending| &pending.approvals);
    approvals.map(|approval| approval.key).collect()
}

/// Who may sign the checkpoint after it; `None` for the steward.
fn log_key(context: &Context, deciding: &Deciding, steward: &Key, after: &Authority) -> Result<Option<Key>, Failure> {
    if let Some(key) = &deciding.writing.log_key {
        return context.home()?.read_key(key).map(Some);
    }
    let holds_log = after.holder(steward.public_key().as_bytes()).is_some_and(|holder| holder.may(KeyRole::Log));
    let lost = "if that key is lost: --out FILE writes this steward's word to a file, and the last one who approves gives another key the role";
    if holds_log { Ok(None) } else { own(context, after, KeyRole::Log).map(Some).map_err(|failure| failure.hint(lost)) }
}

/// What a decision would mean for those to come, said before it is signed into the log.
fn warn(context: &Context, before: &Authority, after: &Authority) {
    let (stewards, threshold) = (after.keys(KeyRole::Steward).count() as u64, after.threshold());
    let (were, asked) = (before.keys(KeyRole::Steward).count() as u64, before.threshold());
    if (stewards, threshold) == (were, asked) || stewards > threshold {
        return;
    }
    if stewards == 1 {
        context.ui.warn("one steward will be left: if that key is lost, nobody can ever change this archive's keys again, revoke a stolen one or withdraw anything");
    } else {
        context.ui.warn(format_args!(
            "{stewards} stewards will be left, and all of them must agree: if one key is lost, nobody can ever change this archive's keys again"
        ));
    }
}

/// Why a decision would have no effect.
fn refused(error: ArchiveError, archive: &Archive, others: usize) -> Failure {
    let ArchiveError::WouldBeVoid { nth, code } = error else { return error.into() };
    let threshold = archive.authority().threshold();
    let failure = |text: &str| Failure::new(Exit::False, format_args!("{text} ({code}): nothing was written"));
    match code {
        Code::ApprovedTwice => failure("this steward has approved of it already")
            .hint(format_args!("{threshold} stewards must agree; --key names another one's key")),
        Code::Authority if nth < others => failure("it was signed before the last change of keys, which voids it")
            .hint("the steward who signed it has to sign again"),
        Code::KeyChange => failure("this change can't be made")
            .hint("an archive needs a key that signs checkpoints and as many stewards as must agree; a key that left doesn't come back")
            .hint("`litopys signers ARCHIVE` lists the keys"),
        Code::NotVoid => failure("that statement is not void, or is acknowledged already")
            .hint("`litopys verify` lists the void ones"),
        _ => failure("it would have no effect"),
    }
}
