//! Whose keys may do what, since when, by whose word.

use std::path::Path;

use litopys::PublicKey;
use litopys::authority::{Approval, AuthorityChange, KeyHolder, PendingProposal, Standing};
use litopys::view::View;
use serde_json::{Value, json};

use super::words;
use crate::allowed;
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::open;
use crate::select::short_id;
use crate::ui::{BAD, BOLD, DIM, WARN, escape, paint};

/// Shows it.
pub(super) fn run(context: &Context, path: &Path, allowed_signers: bool) -> Done {
    let opened = open::open(path)?;
    let view = open::view(context, path, &opened)?;
    if allowed_signers {
        allowed::lines(view.authority()).iter().try_for_each(|line| context.ui.line(line))?
    } else if context.json {
        context.ui.json(&document(&view))?
    } else {
        print(context, &view)?
    }
    Ok(Exit::Ok)
}

fn print(context: &Context, view: &View<'_>) -> Result<(), Failure> {
    let (ui, authority) = (&context.ui, view.authority());
    let stewards = authority.keys(litopys::charter::KeyRole::Steward).count();
    ui.line(format_args!("{} of {stewards} stewards must agree to change keys", authority.threshold()))?;
    for holder in authority.holders() {
        ui.line(format_args!("  {}", key(holder)))?;
    }
    if !authority.changes().is_empty() {
        ui.line(paint(BOLD, "Changes"))?;
    }
    for change in authority.changes() {
        let at = change.completed().map_or(0, |approval| approval.index);
        let what = words::change(authority, &change.change);
        ui.line(format_args!("{at:>6}  {what}  {}", paint(DIM, approved(view, &change.approvals))))?;
    }
    let pending = authority.pending();
    if !pending.is_empty() {
        ui.line(paint(BOLD, "Waiting for more stewards"))?;
    }
    for PendingProposal { proposal, approvals, .. } in pending {
        let id = approvals.first().map(|approval| short_id(&approval.id)).unwrap_or_default();
        let what = words::proposal(authority, proposal);
        ui.line(format_args!("  {id}  {what}  {}", paint(DIM, approved(view, approvals))))?;
    }
    Ok(())
}

fn key(holder: &KeyHolder) -> String {
    let name = escape::short(&holder.name, 80);
    let (from, roles) = (holder.since, words::roles(&holder.roles));
    let (until, note) = match holder.standing {
        Standing::Retired(at) => (format!("{from} to {at}"), paint(WARN, "retired")),
        Standing::Revoked { at, doubtful_from: None } => (format!("{from} to {at}"), paint(BAD, "revoked")),
        Standing::Revoked { at, doubtful_from: Some(doubtful) } => {
            (format!("{from} to {at}"), paint(BAD, format_args!("revoked, doubtful from statement {doubtful} on")))
        }
        _ => (format!("from {from}"), String::new()),
    };
    format!("{}  {name}  {roles}  {until}  {note}", holder.key.fingerprint()).trim_end().to_owned()
}

fn approved(view: &View<'_>, approvals: &[Approval]) -> String {
    let by = approvals.iter().map(|approval| {
        let name = view.authority().holder(&approval.key).map(|holder| escape::short(&holder.name, 80).to_string());
        format!("{} ({})", name.unwrap_or_default(), approval.index)
    });
    format!("by {}", by.collect::<Vec<_>>().join(", "))
}

fn document(view: &View<'_>) -> Value {
    let authority = view.authority();
    let keys: Vec<_> = authority.holders().iter().map(key_document).collect();
    let changes: Vec<_> = authority.changes().iter().map(|change| change_document(view, change)).collect();
    let pending = authority.pending();
    let pending: Vec<_> = pending.iter().map(|pending| {
        json!({"what": words::proposal(authority, &pending.proposal), "approvals": approvals(&pending.approvals)})
    }).collect();
    json!({
        "schema": 1, "archive": view.report().archive.map(|id| id.to_hex()), "threshold": authority.threshold(),
        "epoch": authority.epoch(), "authority": authority.in_force().to_hex(), "keys": keys, "changes": changes,
        "pending": pending,
    })
}

fn key_document(holder: &KeyHolder) -> Value {
    let roles: Vec<_> = holder.roles.iter().map(|role| role.as_str()).collect();
    let (standing, until, doubtful_from) = match holder.standing {
        Standing::Retired(at) => ("retired", Some(at), None),
        Standing::Revoked { at, doubtful_from } => ("revoked", Some(at), doubtful_from),
        _ => ("active", None, None),
    };
    json!({
        "key": holder.key.fingerprint().to_string(), "public": holder.key.to_openssh(""), "claimed_name": holder.name, "roles": roles,
        "since": holder.since, "standing": standing, "until": until, "doubtful_from": doubtful_from,
    })
}

fn change_document(view: &View<'_>, change: &AuthorityChange) -> Value {
    json!({
        "epoch": change.epoch, "index": change.completed().map(|approval| approval.index),
        "what": words::change(view.authority(), &change.change), "approvals": approvals(&change.approvals),
    })
}

fn approvals(approvals: &[Approval]) -> Vec<Value> {
    let fingerprint =
        |key: &[u8; 32]| PublicKey::from_bytes(key).map(|key| key.fingerprint().to_string()).unwrap_or_default();
    let document = |approval: &Approval| json!({"key": fingerprint(&approval.key), "index": approval.index, "id": approval.id.to_hex()});
    approvals.iter().map(document).collect()
}
