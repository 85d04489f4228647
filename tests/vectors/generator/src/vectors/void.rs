//! Void entries that the stewards acknowledge (section 4.4): a warning from then on.

use super::authority::{one_key, two};
use super::{Version, small};
use crate::Set;
use crate::archive::{Archive, Spec, Stage};
use crate::cbor::{Cbor, NULL, map, raw};
use crate::keys::{ARCHIVIST, DEPUTY, Key, STEWARD, STRANGER};

/// The archive of [`small`], in which a stranger signed statement 2.
fn spoiled(spec: Spec) -> Archive {
    let mut spec = spec;
    spec.versions[1].signer = STRANGER;
    spec.build()
}

pub(super) fn payload(archive: &Archive, n: usize) -> Cbor {
    let id = archive.statements.get(n).map_or([7; 32], |_| archive.id(n));
    map([
        ("id", id.into()),
        ("index", (n as u64).into()),
        ("reason", "a stranger's".into()),
        ("authority", archive.in_force().into()),
    ])
}

fn acknowledge(archive: &mut Archive, signer: Key, n: usize) {
    let payload = payload(archive, n);
    archive.govern("void", signer, payload);
}

pub(super) fn add(set: &mut Set) {
    known(set);
    refused(set);
    shapes(set);
}

fn known(set: &mut Set) {
    let mut archive = spoiled(small());
    acknowledge(&mut archive, STEWARD, 2);
    let version = Version::text(1, "source", "Two.\n");
    archive.add_version(&small(), &version, Some((1, 1)));
    let about = "a void entry that the steward has acknowledged; the article goes on";
    set.archive("void/acknowledged", "W004", about, &archive).statement = Some(2);
    let mut archive = spoiled(two());
    acknowledge(&mut archive, STEWARD, 2);
    set.archive("void/one-short", "E071", "one of two stewards has acknowledged it", &archive).statement = Some(2);
    acknowledge(&mut archive, DEPUTY, 2);
    set.archive("void/two-stewards", "W004", "both stewards have acknowledged it", &archive).statement = Some(2);
    let mut both = spoiled(two());
    both.add_version(&two(), &Version { signer: STRANGER, ..Version::text(2, "first", "Two.\n") }, None);
    for (signer, n) in [(STEWARD, 2), (STEWARD, 3), (DEPUTY, 2), (DEPUTY, 3)] {
        acknowledge(&mut both, signer, n);
    }
    let about = "two void entries; one was acknowledged while the other waited for its second approval";
    set.archive("void/two-at-once", "W004", about, &both).statement = Some(3);
    // The worst that a keeper of the log can put into it.
    let faulty = |edit: &dyn Fn(Stage<'_>)| {
        let mut archive = small().build_with(&|n, stage| {
            if n == 2 {
                edit(stage);
            }
        });
        acknowledge(&mut archive, STEWARD, 2);
        archive
    };
    let signature = faulty(&|stage| {
        if let Stage::Signature(_, signature) = stage {
            signature[0] ^= 1;
        }
    });
    set.archive("void/signature", "W004", "a bad signature, acknowledged", &signature).statement = Some(2);
    let mut beside = small().build();
    let payload =
        [("epoch", 1.into()), ("change", one_key("retire", ARCHIVIST)), ("authority", beside.in_force().into())];
    beside.govern("keys", STEWARD, map(payload));
    *beside.statements[3].last_mut().unwrap() ^= 1;
    beside.manifests[3] = vec![1].into();
    beside.packs[3] = Cbor::Array(vec![raw(NULL)]);
    acknowledge(&mut beside, STEWARD, 3);
    let about = "a change of keys with a bad signature, acknowledged: whatever items stand beside it are passed over";
    set.archive("void/keys-beside", "W004", about, &beside).statement = Some(3);
    let mut bare = signature;
    bare.manifests[2] = raw(NULL);
    bare.packs[2] = Cbor::Array(Vec::new());
    let about = "a bad signature, acknowledged: it commits to no manifest, and needs none";
    set.archive("void/signature-bare", "W004", about, &bare).statement = Some(2);
    let unknown = faulty(&|stage| match stage {
        Stage::Header(header) => header.set(3, "application/vnd.litopys.future+cbor"),
        Stage::Signature(_, signature) => signature[0] ^= 1,
        _ => {}
    });
    let about = "a bad signature under an unknown kind, acknowledged: nobody said anything unknown";
    set.archive("void/unknown-kind", "W004", about, &unknown).statement = Some(2);
    let garbage = faulty(&|stage| {
        if let Stage::Statement(statement) = stage {
            *statement = b"garbage".to_vec();
        }
    });
    set.archive("void/garbage", "W004", "an entry that is no statement, acknowledged", &garbage).statement = Some(2);
    let mut later = small().build();
    later.govern("charter", STEWARD, map([("format", 2.into())]));
    acknowledge(&mut later, STEWARD, 3);
    set.archive("void/charter-format", "W004", "a second charter, of an unknown format, acknowledged", &later)
        .statement = Some(3);
    let mut repeated = small().build();
    repeated.insert(3, &repeated.clone(), 1);
    acknowledge(&mut repeated, STEWARD, 3);
    set.archive("void/repeated", "W004", "a statement twice, acknowledged", &repeated).statement = Some(3);
    // A void statement may itself be one too many.
    let mut void = spoiled(small());
    acknowledge(&mut void, ARCHIVIST, 2);
    acknowledge(&mut void, STEWARD, 3);
    acknowledge(&mut void, STEWARD, 2);
    set.archive("void/void", "W004", "a void entry and a void statement by no steward, both acknowledged", &void)
        .statement = Some(3);
}

fn refused(set: &mut Set) {
    for (name, code, about, signer) in [
        ("archivist", "E072", "an archivist acknowledges a void entry", ARCHIVIST),
        ("stranger", "E071", "a stranger acknowledges their own entry", STRANGER),
    ] {
        let mut archive = spoiled(small());
        acknowledge(&mut archive, signer, 2);
        set.archive(&format!("void/{name}"), code, about, &archive).statement = Some(3);
        set.another(&format!("void/{name}-in-vain"), &format!("void/{name}"), "E071", &format!("{about}, in vain"))
            .statement = Some(2);
    }
    let mut archive = small().build();
    acknowledge(&mut archive, STEWARD, 2);
    set.archive("void/in-force", "E095", "a version in force is called void", &archive).statement = Some(3);
    let mut archive = small().build();
    acknowledge(&mut archive, STEWARD, 0);
    set.archive("void/charter", "E095", "the charter is called void", &archive).statement = Some(3);
    let mut archive = spoiled(small());
    acknowledge(&mut archive, STEWARD, 3);
    set.archive("void/itself", "E095", "an entry that isn't there yet is called void", &archive).statement = Some(3);
    let mut archive = spoiled(small());
    let mut other = payload(&archive, 2);
    other.set("id", archive.id(1));
    archive.govern("void", STEWARD, other);
    set.archive("void/other-id", "E095", "another id than the void entry's", &archive).statement = Some(3);
    let mut archive = spoiled(small());
    acknowledge(&mut archive, STEWARD, 2);
    let mut again = payload(&archive, 2);
    again.set("reason", "once more");
    archive.govern("void", STEWARD, again);
    set.archive("void/again", "E095", "a void entry is acknowledged again", &archive).statement = Some(4);
    let mut archive = spoiled(small());
    let mut other = payload(&archive, 2);
    other.set("authority", archive.id(1));
    archive.govern("void", STEWARD, other);
    set.archive("void/authority", "E070", "another authority than the charter", &archive).statement = Some(3);
}

fn shapes(set: &mut Set) {
    let mut shape = |name: &str, about: &str, edit: &dyn Fn(&mut Cbor)| {
        let mut archive = spoiled(small());
        let mut payload = payload(&archive, 2);
        edit(&mut payload);
        archive.govern("void", STEWARD, payload);
        set.archive(&format!("void/{name}"), "E034", about, &archive).statement = Some(3);
    };
    shape("reason-long", "a reason of 1,025 bytes", &|p| p.set("reason", "r".repeat(1025)));
    shape("no-reason", "no reason", &|p| p.remove("reason"));
    shape("id-short", "an id of 31 bytes", &|p| p.set("id", vec![7; 31]));
    shape("index-negative", "an index that is no number", &|p| p.set("index", "2"));
}
