//! Entries that break a rule of section 9, step 6: void, each for one reason.

use super::{Version, chain, small};
use crate::Set;
use crate::archive::{Archive, Spec, Stage, urn};
use crate::keys::{ARCHIVIST, Key, LOG, STEWARD, STRANGER};

const LAST: usize = 2;

pub(super) fn add(set: &mut Set) {
    let signed_by = |signer: Key| {
        let mut spec = small();
        spec.versions[1].signer = signer;
        spec.build()
    };
    let mut add = |name: &str, expected: &str, about: &str, archive: &Archive| {
        set.archive(&format!("ledger/{name}"), expected, about, archive).statement = Some(LAST as u64);
    };
    add("unknown-signer", "E071", "signed by a key of no charter", &signed_by(STRANGER));
    add("role-log", "E072", "signed by a key that may sign checkpoints only", &signed_by(LOG));
    add("role-steward", "E072", "signed by the founder, who is no archivist", &signed_by(STEWARD));

    let stage = |edit: &dyn Fn(Stage<'_>)| {
        small().build_with(&|n, stage| {
            if n == LAST {
                edit(stage);
            }
        })
    };
    let payload = |edit: &dyn Fn(&mut crate::cbor::Cbor)| {
        stage(&|stage| {
            if let Stage::Payload(payload) = stage {
                edit(payload);
            }
        })
    };
    let first = small().build().id(1);
    add("authority-other", "E070", "another authority than the charter", &payload(&|p| p.set("authority", [7; 32])));
    add(
        "authority-article",
        "E070",
        "an article's version as authority",
        &payload(&move |p| p.set("authority", first)),
    );
    add("previous-other", "E074", "a previous version that there isn't", &payload(&|p| p.set("previous", [7; 32])));
    add(
        "previous-charter",
        "E074",
        "the charter as previous version",
        &payload(&|p| {
            let authority = p.get("authority").clone();
            p.set("previous", authority);
        }),
    );
    add("version-skipped", "E074", "version 3 after version 1", &payload(&|p| p.set("version", 3)));
    add(
        "version-largest",
        "E074",
        "the largest version after version 1",
        &payload(&|p| p.set("version", (1 << 53) - 1)),
    );
    add(
        "no-head",
        "E074",
        "a version 2 of an article that there isn't",
        &stage(&|stage| {
            if let Stage::Header(header) = stage {
                header.get(15).set(2, urn(7));
            }
        }),
    );
    add(
        "iss-other",
        "E073",
        "a statement of another origin",
        &stage(&|stage| {
            if let Stage::Header(header) = stage {
                header.get(15).set(1, "vectors.example/other");
            }
        }),
    );
    let fork = |n: usize, stage: Stage<'_>| match (n, stage) {
        (LAST, Stage::Header(header)) => header.get(15).set(2, urn(1)),
        (LAST, Stage::Manifest(manifest)) => manifest.set("subject", "another"),
        _ => {}
    };
    let two = Spec::new(vec![Version::text(1, "first", "One.\n"), Version::text(2, "first", "Two.\n")]);
    add("forked", "E076", "a second version 1 of an article", &two.build_with(&fork));

    // Each rule goes before the next: an entry that breaks all but the first so many has the first one's code.
    let order = |from: usize| {
        let mut spec = small();
        spec.versions[1].signer = [STRANGER, STRANGER, STRANGER, LOG, LOG, ARCHIVIST][from];
        spec.build_with(&|n, stage| match (n, stage) {
            (LAST, Stage::Header(header)) if from < 1 => header.get(15).set(1, "vectors.example/other"),
            (LAST, Stage::Payload(payload)) => {
                if from < 3 {
                    payload.set("authority", [7; 32]);
                }
                payload.set("previous", [7; 32]);
            }
            _ => {}
        })
    };
    add("first-rule-iss", "E073", "an entry that breaks all rules from the issuer's on", &order(0));
    add("first-rule-signer", "E071", "an entry that breaks all rules from the signer's on", &order(1));
    add("first-rule-role", "E072", "an entry that breaks the rules of role and chain", &order(3));
    let mut known = small();
    known.versions[1].signer = LOG;
    let both = known.build_with(&|n, stage| {
        if let (LAST, Stage::Payload(payload)) = (n, stage) {
            payload.set("authority", [7; 32]);
        }
    });
    add("first-rule-authority", "E070", "an entry that breaks the rules of authority and role", &both);

    // A chain goes on behind a void entry as if that weren't there.
    let after_void = |n: usize, stage: Stage<'_>| match (n, stage) {
        (3, Stage::Header(header)) => header.set(4, STRANGER.public()),
        (3, Stage::Signature(message, signature)) => *signature = STRANGER.sign(message).into(),
        _ => {}
    };
    let about = "a version whose previous one is void doesn't continue the chain";
    set.archive("ledger/after-void", "E074", about, &chain().build_with(&after_void)).statement = Some(4);
    let after_fault = |n: usize, stage: Stage<'_>| {
        if let (3, Stage::Signature(_, signature)) = (n, stage) {
            signature[0] ^= 1;
        }
    };
    let about = "a version whose previous one has a bad signature doesn't continue the chain";
    set.archive("ledger/after-fault", "E074", about, &chain().build_with(&after_fault)).statement = Some(4);
    // State doesn't depend on manifests.
    let bad_manifest = |n: usize, stage: Stage<'_>| {
        if let (3, Stage::Manifest(manifest)) = (n, stage) {
            manifest.set("subject", "");
        }
    };
    let about = "the manifest of a version is malformed; the chain goes on all the same";
    set.archive("ledger/after-bad-manifest", "E053", about, &chain().build_with(&bad_manifest)).statement = Some(3);
    let void = |n: usize, stage: Stage<'_>| match (n, stage) {
        (LAST, Stage::Manifest(manifest)) => manifest.set("subject", ""),
        (LAST, Stage::Payload(payload)) => payload.set("authority", [7; 32]),
        _ => {}
    };
    let about = "the manifest of a void entry is malformed, which is told too";
    set.archive("ledger/void-bad-manifest", "E053", about, &small().build_with(&void)).statement = Some(LAST as u64);
}
