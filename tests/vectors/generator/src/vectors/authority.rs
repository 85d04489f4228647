//! Keys over time (section 4.3): added, retired, revoked; approvals that count, and those that don't.

use super::{Version, small};
use crate::Set;
use crate::archive::{Archive, Spec};
use crate::cbor::{Cbor, map};
use crate::extract::{proof_name, statement_name};
use crate::keys::{ANOTHER, ARCHIVIST, DEPUTY, IDENTITY, Key, LOG, STEWARD, STRANGER, SUCCESSOR};

/// Two stewards who must both agree; then an article in two versions.
pub(super) fn two() -> Spec {
    let mut spec = small();
    spec.keys.push((DEPUTY, "Daryna", &["steward"]));
    spec.threshold = 2;
    spec
}

fn roles(roles: &[&str]) -> Cbor {
    Cbor::Array(roles.iter().map(|role| (*role).into()).collect())
}

/// What a new key signs.
fn possession(archive: [u8; 32], authority: [u8; 32], name: &str, of: &[&str]) -> Vec<u8> {
    Cbor::Array(vec!["Possession".into(), archive.into(), authority.into(), name.into(), roles(of)]).encode()
}

pub(super) fn add_key(archive: &Archive, key: Key, of: &[&str]) -> Cbor {
    let proof = key.sign(&possession(archive.id(0), archive.in_force(), "Sofia", of));
    added(key, of, proof)
}

fn added(key: Key, of: &[&str], proof: [u8; 64]) -> Cbor {
    let key = key.public().into();
    map([("add", map([("key", key), ("name", "Sofia".into()), ("proof", proof.into()), ("roles", roles(of))]))])
}

pub(super) fn one_key(what: &str, key: Key) -> Cbor {
    map([(what, map([("key", key.public().into())]))])
}

pub(super) fn revoke_from(key: Key, from: u64) -> Cbor {
    map([("revoke", map([("key", key.public().into()), ("doubtful_from", from.into())]))])
}

pub(super) fn roles_of(key: Key, of: &[&str]) -> Cbor {
    map([("roles", map([("key", key.public().into()), ("roles", roles(of))]))])
}

fn threshold(threshold: u64) -> Cbor {
    map([("threshold", threshold.into())])
}

/// The payload of a change of keys.
fn payload(archive: &Archive, epoch: u64, change: Cbor) -> Cbor {
    map([("epoch", epoch.into()), ("change", change), ("authority", archive.in_force().into())])
}

/// A change of keys by the one steward, in force.
pub(super) fn change(archive: &mut Archive, epoch: u64, change: Cbor) {
    let payload = payload(archive, epoch, change);
    archive.authority = archive.govern("keys", STEWARD, payload);
}

/// The next version of the article of [`small`], by this key.
fn third(archive: &mut Archive, signer: Key) {
    let version = Version { signer, ..Version::text(1, "source", "Three.\n") };
    archive.add_version(&small(), &version, Some((2, 2)));
}

pub(super) fn add(set: &mut Set) {
    in_force(set);
    signers(set);
    approvals(set);
    impossible(set);
    possessions(set);
    shapes(set);
    beside(set);
    extracts(set);
}

/// Extracts show the approvals of all changes in force, or nobody can tell who may sign.
fn extracts(set: &mut Set) {
    let mut archive = two().build();
    let payload = payload_of(&archive, 1, SUCCESSOR);
    archive.govern("keys", STEWARD, payload.clone());
    third(&mut archive, ARCHIVIST);
    archive.authority = archive.govern("keys", DEPUTY, payload);
    let version = Version { signer: SUCCESSOR, ..Version::text(1, "source", "Four.\n") };
    archive.add_version(&two(), &version, Some((3, 4)));
    let tree = archive.extract(&two(), &[1]);
    let shown = |indexes: &[usize]| {
        let mut tree = tree.clone();
        for index in indexes.iter().copied() {
            tree.put(&statement_name(index), archive.statements[index].clone());
            tree.put(&proof_name(index), archive.proof(index));
        }
        tree
    };
    let about = "an extract with both approvals of a change of keys; the added key signed the last statement";
    set.extract("keys/extract", "", about, &shown(&[3, 5]));
    let about = "an extract that leaves an approval out: the last statement is by a stranger";
    set.extract("keys/extract-one-short", "E071", about, &shown(&[3])).statement = Some(6);
    let about = "an extract that leaves the change of keys out";
    set.extract("keys/extract-none", "E071", about, &shown(&[])).statement = Some(6);
}

/// Changes that are good.
fn in_force(set: &mut Set) {
    let mut archive = small().build();
    let payload = add_key(&archive, SUCCESSOR, &["archivist"]);
    change(&mut archive, 1, payload);
    third(&mut archive, SUCCESSOR);
    set.archive("keys/added", "", "a key was added, and signs a version", &archive);
    change(&mut archive, 2, one_key("retire", ARCHIVIST));
    set.archive("keys/retired", "", "a key was retired; what it signed before stays good", &archive);
    let (mut long, name) = (small().build(), "n".repeat(1024));
    let proof = SUCCESSOR.sign(&possession(long.id(0), long.in_force(), &name, &["archivist"]));
    let mut named = added(SUCCESSOR, &["archivist"], proof);
    named.get("add").set("name", name.as_str());
    change(&mut long, 1, named);
    set.archive("keys/name-longest", "", "a key was added with a name of 1,024 bytes", &long);
    let mut several = small().build();
    for (epoch, (key, length)) in (1..).zip([(SUCCESSOR, 23), (ANOTHER, 24), (DEPUTY, 255), (STRANGER, 256)]) {
        let name = "n".repeat(length);
        let proof = key.sign(&possession(several.id(0), several.in_force(), &name, &["archivist"]));
        let mut named = added(key, &["archivist"], proof);
        named.get("add").set("name", name.as_str());
        change(&mut several, epoch, named);
    }
    let about = "keys were added with names of 23, 24, 255 and 256 bytes: their proofs have heads of each size";
    set.archive("keys/name-heads", "", about, &several);
    let mut revoked = small().build();
    change(&mut revoked, 1, one_key("revoke", ARCHIVIST));
    set.archive("keys/revoked", "", "a key was revoked; what it signed before stays good", &revoked);
    let seen = Some((4, crate::archive::hex(&revoked.root())));
    revoked.truncate(3);
    let about = "a revocation undone by dropping the end of the log, which the verifier saw";
    set.archive("keys/revocation-dropped", "E082", about, &revoked).seen = seen;
    let about = "the same, for a verifier that never saw it: nothing shows";
    set.another("keys/revocation-dropped-unseen", "keys/revocation-dropped", "", about);
    let mut doubtful = small().build();
    change(&mut doubtful, 1, revoke_from(ARCHIVIST, 2));
    let about = "a key was revoked, and what it signed from statement 2 on is doubtful; the state is the same";
    set.archive("keys/doubtful", "W005", about, &doubtful).statement = Some(2);
    let mut last = small().build();
    change(&mut last, 1, revoke_from(ARCHIVIST, 0));
    set.archive("keys/doubtful-all", "W005", "all that a revoked key signed is doubtful", &last).statement = Some(0);

    let mut moved = small().build();
    change(&mut moved, 1, roles_of(LOG, &["archivist", "log"]));
    third(&mut moved, LOG);
    set.archive("keys/roles", "", "a key was given another role, and uses it", &moved);
    let mut log = small().build();
    let payload = add_key(&log, SUCCESSOR, &["log"]);
    change(&mut log, 1, payload);
    let old = log.clone();
    log.log = SUCCESSOR;
    set.archive("keys/log-added", "", "the checkpoint is signed by a log key that the last statement added", &log);
    change(&mut log, 2, one_key("retire", LOG));
    set.archive("keys/log-moved", "", "another key signs checkpoints from now on", &log);
    log.log = LOG;
    set.archive("keys/checkpoint-retired", "E012", "the checkpoint is signed by a log key that was retired", &log);
    let mut lost = old.clone();
    change(&mut lost, 2, roles_of(LOG, &["archivist"]));
    set.archive("keys/checkpoint-lost-role", "E012", "the checkpoint is signed by a key that lost the role log", &lost);
    let mut early = small().build();
    early.log = SUCCESSOR;
    set.archive("keys/checkpoint-early", "E012", "the checkpoint is signed by a key that isn't added yet", &early);

    let mut both = two().build();
    let payload = payload_of(&both, 1, SUCCESSOR);
    both.govern("keys", STEWARD, payload.clone());
    third(&mut both, ARCHIVIST);
    set.archive("keys/pending", "", "a change that one of two stewards approved of waits", &both);
    both.authority = both.govern("keys", DEPUTY, payload);
    both.add_version(&two(), &Version { signer: SUCCESSOR, ..Version::text(2, "first", "Two.\n") }, None);
    set.archive("keys/two-stewards", "", "two stewards approved of the same change, at different times", &both);
    let mut fewer = two().build();
    let payload = payload_threshold(&fewer, 1);
    fewer.govern("keys", STEWARD, payload.clone());
    fewer.authority = fewer.govern("keys", DEPUTY, payload);
    change(&mut fewer, 2, one_key("retire", DEPUTY));
    set.archive("keys/threshold", "", "two stewards agreed that one is enough, and one retired the other", &fewer);
}

fn payload_of(archive: &Archive, epoch: u64, key: Key) -> Cbor {
    payload(archive, epoch, add_key(archive, key, &["archivist"]))
}

fn payload_threshold(archive: &Archive, to: u64) -> Cbor {
    payload(archive, 1, threshold(to))
}

/// Entries by keys that may not sign them.
fn signers(set: &mut Set) {
    for (name, code, about, signer) in [
        ("stranger", "E071", "a stranger's change of keys", STRANGER),
        ("archivist", "E072", "an archivist's change of keys", ARCHIVIST),
        ("log", "E072", "a change of keys by a key that signs checkpoints", LOG),
    ] {
        let mut archive = small().build();
        let payload = payload_of(&archive, 1, SUCCESSOR);
        archive.govern("keys", signer, payload);
        set.archive(&format!("keys/{name}"), code, about, &archive).statement = Some(3);
    }
    for (name, code, about, what) in [
        ("retired-signer", "E090", "a version by a key that was retired before", "retire"),
        ("revoked-signer", "E091", "a version by a key that was revoked before", "revoke"),
    ] {
        let mut archive = small().build();
        change(&mut archive, 1, one_key(what, ARCHIVIST));
        third(&mut archive, ARCHIVIST);
        set.archive(&format!("keys/{name}"), code, about, &archive).statement = Some(4);
        archive.authority = 0;
        archive.remove(4);
        third(&mut archive, ARCHIVIST);
        let about = format!("{about}, with the charter as its authority");
        set.archive(&format!("keys/{name}-old"), code, &about, &archive).statement = Some(4);
    }
    let mut archive = small().build();
    change(&mut archive, 1, roles_of(ARCHIVIST, &["log"]));
    third(&mut archive, ARCHIVIST);
    set.archive("keys/lost-role", "E072", "a version by a key that lost the role archivist", &archive).statement =
        Some(4);
    let mut archive = small().build();
    let payload = add_key(&archive, SUCCESSOR, &["log"]);
    change(&mut archive, 1, payload);
    third(&mut archive, SUCCESSOR);
    set.archive("keys/added-role", "E072", "a version by an added key without the role", &archive).statement = Some(4);
    let mut archive = small().build();
    let payload = add_key(&archive, SUCCESSOR, &["archivist"]);
    change(&mut archive, 1, payload);
    archive.authority = 0;
    third(&mut archive, ARCHIVIST);
    let about = "a version that doesn't know of the last change of keys";
    set.archive("keys/authority-old", "E070", about, &archive).statement = Some(4);
}

/// Approvals that don't count.
fn approvals(set: &mut Set) {
    let unknown = |set: &mut Set, name: &str, about: &str, archive: &mut Archive| {
        archive.add_version(&two(), &Version { signer: SUCCESSOR, ..Version::text(2, "first", "Two.\n") }, None);
        let last = archive.statements.len() as u64 - 1;
        set.archive(&format!("keys/{name}"), "E071", about, archive).statement = Some(last);
    };
    let mut archive = two().build();
    let payload = payload_of(&archive, 1, SUCCESSOR);
    archive.govern("keys", STEWARD, payload.clone());
    let pending = archive.clone();
    unknown(set, "one-short", "one approval short: the key isn't there yet", &mut archive);

    let mut archive = pending.clone();
    // The same statement but for the number of its algorithm, so that it is another leaf.
    archive.govern_with("keys", STEWARD, payload.clone(), &|header| header.set(1, Cbor::Negative(18)));
    set.archive("keys/twice", "E093", "the same steward approves twice", &archive).statement = Some(4);
    unknown(set, "twice-counts-once", "who approves twice counts once: the key isn't there yet", &mut archive);
    let mut archive = pending.clone();
    archive.govern("keys", STEWARD, payload.clone());
    set.archive("keys/repeated", "E022", "an approval is logged twice", &archive).statement = Some(4);

    let mut archive = pending.clone();
    let other = self::payload(&archive, 1, add_key(&archive, SUCCESSOR, &["archivist", "log"]));
    archive.govern("keys", DEPUTY, other);
    unknown(set, "two-payloads", "two stewards approve of different changes", &mut archive);

    let mut archive = pending.clone();
    let other = payload_of(&archive, 1, ANOTHER);
    archive.govern("keys", STEWARD, other.clone());
    archive.authority = archive.govern("keys", DEPUTY, other);
    archive.govern("keys", DEPUTY, payload.clone());
    let about = "an old approval is completed after another change of keys";
    set.archive("keys/old-approval", "E070", about, &archive).statement = Some(6);
    let mut archive = pending.clone();
    archive.govern("keys", ARCHIVIST, payload.clone());
    set.archive("keys/approved-by-archivist", "E072", "an archivist's approval", &archive).statement = Some(4);
    let mut archive = pending;
    archive.govern_with("keys", DEPUTY, payload, &|header| header.get(15).set(1, "vectors.example/other"));
    archive.statements.pop();
    archive.manifests.pop();
    archive.packs.pop();
    let payload = payload_of(&archive, 1, SUCCESSOR);
    archive.govern_with("keys", DEPUTY, payload, &|header| {
        header.get(15).set(1, "vectors.example/other");
        header.get(15).set(2, "vectors.example/other");
    });
    set.archive("keys/iss-other", "E073", "an approval of another origin", &archive).statement = Some(4);
}

/// Changes that can't be made.
fn impossible(set: &mut Set) {
    let mut no = |name: &str, about: &str, epoch: u64, change: &dyn Fn(&Archive) -> Cbor| {
        let mut archive = small().build();
        let payload = payload(&archive, epoch, change(&archive));
        archive.govern("keys", STEWARD, payload);
        set.archive(&format!("keys/{name}"), "E092", about, &archive).statement = Some(3);
    };
    no("epoch-skipped", "epoch 2 after the charter", 2, &|a| add_key(a, SUCCESSOR, &["archivist"]));
    no("add-known", "a key is added that is there", 1, &|a| add_key(a, ARCHIVIST, &["archivist"]));
    no("retire-unknown", "a key is retired that isn't there", 1, &|_| one_key("retire", STRANGER));
    no("revoke-unknown", "a key is revoked that isn't there", 1, &|_| one_key("revoke", STRANGER));
    no("retire-last-log", "the last key that signs checkpoints is retired", 1, &|_| one_key("retire", LOG));
    no("revoke-last-steward", "the last steward is revoked", 1, &|_| one_key("revoke", STEWARD));
    no("roles-last-steward", "the last steward gets another role", 1, &|_| roles_of(STEWARD, &["log"]));
    no("roles-same", "a key is given the roles that it has", 1, &|_| roles_of(LOG, &["log"]));
    no("roles-unknown", "roles for a key that isn't there", 1, &|_| roles_of(STRANGER, &["log"]));
    no("threshold-same", "the threshold that there is", 1, &|_| threshold(1));
    no("threshold-more", "a threshold of more than there are stewards", 1, &|_| threshold(2));
    no("doubtful-later", "doubtful from the revocation's own place on", 1, &|_| revoke_from(ARCHIVIST, 3));
    let mut archive = small().build();
    change(&mut archive, 1, one_key("retire", ARCHIVIST));
    let back = payload(&archive, 2, add_key(&archive, ARCHIVIST, &["archivist"]));
    let again = payload(&archive, 2, one_key("revoke", ARCHIVIST));
    let mut twice = archive.clone();
    archive.govern("keys", STEWARD, back);
    set.archive("keys/add-retired", "E092", "a key that was retired comes back", &archive).statement = Some(4);
    twice.govern("keys", STEWARD, again);
    set.archive("keys/revoke-retired", "E092", "a key is revoked that was retired", &twice).statement = Some(4);
    let mut full = small();
    full.keys.extend((100..161).map(|n| (Key(n), "n", &["archivist"][..])));
    let mut archive = full.build();
    let mut room = archive.clone();
    let payload = payload_of(&archive, 1, SUCCESSOR);
    archive.govern("keys", STEWARD, payload);
    set.archive("keys/add-65th", "E092", "a 65th key", &archive).statement = Some(3);
    change(&mut room, 1, one_key("retire", Key(100)));
    let payload = add_key(&room, SUCCESSOR, &["archivist"]);
    change(&mut room, 2, payload);
    set.archive("keys/add-65th-after-one-left", "", "a 65th key, of which 64 may sign", &room);
}

/// Proofs that a new key's holder has it.
fn possessions(set: &mut Set) {
    let mut bad = |name: &str, about: &str, proof: &dyn Fn(&Archive) -> [u8; 64]| {
        let mut archive = small().build();
        let payload = payload(&archive, 1, added(SUCCESSOR, &["archivist"], proof(&archive)));
        archive.govern("keys", STEWARD, payload);
        set.archive(&format!("keys/{name}"), "E094", about, &archive).statement = Some(3);
    };
    let own = |archive: [u8; 32], authority: [u8; 32], name: &str, of: &[&str]| {
        SUCCESSOR.sign(&possession(archive, authority, name, of))
    };
    bad("proof-by-steward", "the steward proves that the new key is there", &|a| {
        STEWARD.sign(&possession(a.id(0), a.id(0), "Sofia", &["archivist"]))
    });
    bad("proof-of-archive", "a proof for another archive", &|a| own([7; 32], a.id(0), "Sofia", &["archivist"]));
    bad("proof-of-authority", "a proof from another time", &|a| own(a.id(0), a.id(1), "Sofia", &["archivist"]));
    bad("proof-of-name", "a proof under another name", &|a| own(a.id(0), a.id(0), "Solomiia", &["archivist"]));
    bad("proof-of-roles", "a proof for another role", &|a| own(a.id(0), a.id(0), "Sofia", &["steward"]));
    bad("proof-zero", "a proof of zeros", &|_| [0; 64]);
}

/// Payloads that are malformed.
fn shapes(set: &mut Set) {
    let mut shape = |name: &str, code: &str, about: &str, edit: &dyn Fn(&mut Cbor)| {
        let mut archive = small().build();
        let mut payload = payload_of(&archive, 1, SUCCESSOR);
        edit(&mut payload);
        archive.govern("keys", STEWARD, payload);
        set.archive(&format!("keys/{name}"), code, about, &archive).statement = Some(3);
    };
    fn key(payload: &mut Cbor) -> &mut Cbor {
        payload.get("change").get("add")
    }
    shape("two-changes", "E034", "two changes in one statement", &|p| p.get("change").set("threshold", 1));
    shape("change-unknown", "E034", "a change that there isn't", &|p| p.set("change", map([("rename", 1.into())])));
    shape("field-unknown", "E034", "a field that there isn't", &|p| p.set("expires", 1));
    shape("epoch-0", "E034", "epoch 0", &|p| p.set("epoch", 0));
    shape("no-authority", "E034", "no authority", &|p| p.remove("authority"));
    shape("threshold-0", "E034", "a threshold of 0", &|p| p.set("change", threshold(0)));
    shape("threshold-65", "E034", "a threshold of 65", &|p| p.set("change", threshold(65)));
    shape("key-short", "E034", "a key of 31 bytes", &|p| key(p).set("key", vec![7; 31]));
    shape("key-small-order", "E041", "a key of small order", &|p| key(p).set("key", IDENTITY));
    shape("proof-short", "E034", "a proof of 63 bytes", &|p| key(p).set("proof", vec![7; 63]));
    shape("roles-unsorted", "E034", "roles out of order", &|p| key(p).set("roles", roles(&["log", "archivist"])));
    shape("roles-repeated", "E034", "a role twice", &|p| key(p).set("roles", roles(&["log", "log"])));
    shape("role-unknown", "E034", "an unknown role", &|p| key(p).set("roles", roles(&["witness"])));
    shape("name-long", "E034", "a name of 1,025 bytes", &|p| key(p).set("name", "n".repeat(1025)));
    let mut archive = small().build();
    let payload = payload_of(&archive, 1, SUCCESSOR);
    archive.govern_with("keys", STEWARD, payload, &|header| header.get(15).set(2, crate::archive::urn(1)));
    set.archive("keys/sub-article", "E031", "an article as subject", &archive).statement = Some(3);
}

/// What stands beside a statement that has no manifest.
fn beside(set: &mut Set) {
    let mut archive = small().build();
    change(&mut archive, 1, one_key("retire", ARCHIVIST));
    let mut other = archive.clone();
    archive.manifests[3] = archive.manifests[1].clone();
    set.archive("keys/manifest", "E061", "a manifest beside a change of keys", &archive);
    other.packs[3] = Cbor::Array(vec![b"x".to_vec().into()]);
    set.archive("keys/file", "E061", "a file beside a change of keys", &other);
}
