//! Offers of new keys: a small JSON document by which a key's holder proves to have it.

use std::path::Path;

use litopys::archive::Archive;
use litopys::authority::Authority;
use litopys::charter::{CharterKey, KeyRole};
use litopys::governance::AddedKey;
use litopys::{ArchiveId, PublicKey, StatementId};
use serde::{Deserialize, Serialize};

use super::{NewKey, sorted};
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::home::keys::read_text;
use crate::open;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Offer {
    schema: u32,
    archive: String,
    authority: String,
    key: String,
    name: String,
    roles: Vec<String>,
    proof: String,
}

/// Has a key prove itself.
pub(super) fn make(
    context: &Context,
    archive: ArchiveId,
    authority: &Authority,
    new: &NewKey,
) -> Result<AddedKey, Failure> {
    let missing =
        |what: &str| Failure::new(Exit::Unable, format_args!("{what} is missing: what a new key is and may do"));
    let key = new.new_key.as_ref().ok_or_else(|| missing("--new-key"))?;
    let name = new.name.clone().ok_or_else(|| missing("--name"))?;
    if new.role.is_empty() {
        return Err(
            missing("--role").hint("archivist signs articles, log signs checkpoints, steward decides about keys")
        );
    }
    let key = context.home()?.read_key(key)?;
    let public = litopys::Signer::public_key(&key).clone();
    if !public.is_torsion_free() {
        return Err(Failure::new(
            Exit::False,
            "the new key has a torsion component: libraries disagree on its signatures",
        ));
    }
    let member = CharterKey { key: public, name, roles: sorted(new.role.clone()) };
    AddedKey::prove(member, archive, authority.in_force(), &key).map_err(|error| Failure::of(Exit::Unable, &error))
}

/// Writes an offer to standard output.
pub(super) fn write(context: &Context, path: &Path, new: &NewKey) -> Done {
    let opened = open::open(path)?;
    let view = open::view(context, path, &opened)?;
    let archive = view.report().archive.ok_or_else(|| Failure::new(Exit::Unable, "the archive has no charter"))?;
    let AddedKey { member, proof } = make(context, archive, view.authority(), new)?;
    context.ui.json(&Offer {
        schema: 1,
        archive: archive.to_hex(),
        authority: view.authority().in_force().to_hex(),
        key: member.key.to_openssh(""),
        name: member.name,
        roles: member.roles.iter().map(|role| role.as_str().to_owned()).collect(),
        proof: proof.iter().map(|byte| format!("{byte:02x}")).collect(),
    })?;
    Ok(Exit::Ok)
}

/// Reads an offer that fits this archive as it is.
pub(super) fn read(archive: &Archive, path: &Path) -> Result<AddedKey, Failure> {
    let bad = |what: &str| Failure::new(Exit::Unable, format_args!("{}: {what}", path.display()));
    let again =
        |failure: Failure| failure.hint("`litopys signers offer` makes one; its archive must be as new as this one");
    let offer: Offer = serde_json::from_str(&read_text(path)?).map_err(|_| again(bad("is no offer of a key")))?;
    if offer.schema != 1 {
        return Err(bad("is an offer that this version can't read"));
    }
    if ArchiveId::from_hex(&offer.archive) != Ok(archive.id()) {
        return Err(again(bad("is an offer for another archive")));
    }
    if StatementId::from_hex(&offer.authority) != Ok(archive.authority().in_force()) {
        return Err(again(bad("was made before the last change of keys, or after one that this copy hasn't")));
    }
    let key = PublicKey::from_openssh(&offer.key).map_err(|_| bad("its key is none"))?;
    let roles = offer.roles.iter().map(|role| KeyRole::parse(role)).collect::<Option<Vec<_>>>();
    let roles = sorted(roles.ok_or_else(|| bad("a role is unknown"))?);
    let proof = unhex(&offer.proof).ok_or_else(|| bad("its proof is none"))?;
    let added = AddedKey { member: CharterKey { key, name: offer.name, roles }, proof };
    let checked = added.check(archive.id(), archive.authority().in_force());
    checked.map_err(|_| Failure::new(Exit::False, format_args!("{}: its proof does not hold", path.display())))?;
    Ok(added)
}

fn unhex(text: &str) -> Option<[u8; 64]> {
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| high << 4 | low).collect::<Vec<u8>>().try_into().ok()
}
