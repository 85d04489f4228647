//! Observations (section 4.5): what an article's source answered.

use super::small;
use crate::Set;
use crate::archive::{Archive, Edit, File, Spec, Stage, Version, file_name, header, sha256, urn};
use crate::cbor::Cbor;
use crate::extract::{proof_name, statement_name};
use crate::keys::{ARCHIVIST, Key, LOG, STEWARD, STRANGER};

/// The observation's index: behind the charter and two versions.
const LAST: usize = 3;

fn answer() -> Vec<File> {
    vec![File::new("response.html", "capture", "Not found.\n")]
}

fn observation(article: u64, signer: Key, files: Vec<File>) -> Version {
    Version { signer, ..Version::new(article, "observation", files) }
}

/// [`small`], and then an observation of its newest version.
fn observed(edit: Edit<'_>) -> Archive {
    let (spec, mut archive) = (small(), small().build());
    let head = archive.id(2);
    archive.observe(&spec, &observation(1, ARCHIVIST, answer()), head, edit);
    archive
}

fn plain() -> Archive {
    observed(&|_, _| {})
}

pub(super) fn add(set: &mut Set) {
    good(set);
    rules(set);
    shapes(set);
    evidence(set);
    extracts(set);
}

fn good(set: &mut Set) {
    set.archive("observation/gone", "", "an observation that an article is gone, with the answer", &plain());
    for outcome in ["changed", "moved", "unchanged"] {
        let archive = observed(&|_, stage| {
            if let Stage::Payload(payload) = stage {
                payload.set("outcome", outcome);
            }
        });
        set.archive(&format!("observation/{outcome}"), "", &format!("one that it is {outcome}"), &archive);
    }
    let mut archive = plain();
    let (spec, version) = (small(), Version::text(1, "source", "Three.\n"));
    archive.add_version(&spec, &version, Some((2, 2)));
    let head = archive.id(4);
    let answer = File { role: "capture", ..super::large("answer", b'y') };
    archive.observe(&spec, &observation(1, ARCHIVIST, vec![answer]), head, &|_, _| {});
    set.archive("observation/between", "", "observations between versions, one with a large answer", &archive);
}

fn rules(set: &mut Set) {
    let mut rule = |name: &str, code: &str, about: &str, archive: &Archive| {
        set.archive(&format!("observation/{name}"), code, about, archive).statement = Some(LAST as u64);
    };
    let by = |signer, article, n: usize| {
        let (spec, mut archive) = (small(), small().build());
        let of = archive.id(n);
        archive.observe(&spec, &observation(article, signer, answer()), of, &|_, _| {});
        archive
    };
    rule("forged", "E071", "an observation by a stranger", &by(STRANGER, 1, 2));
    rule("role-log", "E072", "an observation by a key that may sign checkpoints only", &by(LOG, 1, 2));
    rule("role-steward", "E072", "an observation by the founder, who is no archivist", &by(STEWARD, 1, 2));
    rule("no-article", "E115", "an observation of an article that there isn't", &by(ARCHIVIST, 7, 2));
    rule("older-version", "E116", "an observation of a version that isn't the newest", &by(ARCHIVIST, 1, 1));
    rule("charter", "E116", "the charter as the version that was observed", &by(ARCHIVIST, 1, 0));
    let payload = |field: &'static str| {
        observed(&move |_, stage| {
            if let Stage::Payload(payload) = stage {
                payload.set(field, [7; 32]);
            }
        })
    };
    rule("authority", "E070", "another authority than the charter", &payload("authority"));
    rule("other-id", "E116", "a version that there isn't", &payload("id"));
    let spec =
        Spec { versions: vec![Version::text(1, "first", "One.\n"), Version::text(2, "first", "Two.\n")], ..small() };
    let mut archive = spec.build();
    let other = archive.id(2);
    archive.observe(&spec, &observation(1, ARCHIVIST, answer()), other, &|_, _| {});
    rule("other-article", "E116", "another article's version", &archive);
    let header = observed(&|_, stage| {
        if let Stage::Header(of) = stage {
            *of = header("observation", ARCHIVIST.public(), "elsewhere.example", &urn(1));
        }
    });
    rule("other-origin", "E073", "an observation for another archive", &header);
    let mut archive = plain();
    archive.insert(LAST + 1, &archive.clone(), LAST);
    set.archive("observation/twice", "E022", "an observation twice", &archive).statement = Some(LAST as u64 + 1);
    let mut archive = plain();
    archive.statements[LAST] = {
        let mut bytes = archive.statements[LAST].clone();
        *bytes.last_mut().unwrap() ^= 1;
        bytes
    };
    set.archive("observation/signature", "E040", "an observation whose signature is another", &archive).statement =
        Some(LAST as u64);
}

fn shapes(set: &mut Set) {
    let mut shape = |name: &str, code: &str, about: &str, edit: &dyn Fn(&mut Cbor)| {
        let archive = observed(&|_, stage| {
            if let Stage::Payload(payload) = stage {
                edit(payload);
            }
        });
        set.archive(&format!("observation/{name}"), code, about, &archive).statement = Some(LAST as u64);
    };
    shape("outcome-unknown", "E034", "an outcome that there isn't", &|p| p.set("outcome", "lost"));
    shape("at-local", "E034", "a time without its Z", &|p| p.set("at", "2026-11-24T10:00:00"));
    shape("no-at", "E034", "no time", &|p| p.remove("at"));
    shape("no-manifest", "E034", "no manifest", &|p| p.remove("manifest"));
    shape("id-short", "E034", "an id of 31 bytes", &|p| p.set("id", vec![7; 31]));
    shape("field-more", "E034", "a field more", &|p| p.set("note", "gone"));
    let subject = observed(&|_, stage| {
        if let Stage::Header(of) = stage {
            *of = header("observation", ARCHIVIST.public(), crate::archive::ORIGIN, crate::archive::ORIGIN);
        }
    });
    let about = "the origin as subject of an observation";
    set.archive("observation/subject-origin", "E031", about, &subject).statement = Some(LAST as u64);
}

fn evidence(set: &mut Set) {
    let mut with = |name: &str, code: &str, about: &str, archive: &Archive| {
        set.archive(&format!("observation/{name}"), code, about, archive).statement = Some(LAST as u64);
    };
    let manifest = |field: &'static str, value: &'static str| {
        observed(&move |_, stage| {
            if let Stage::Manifest(manifest) = stage {
                manifest.set(field, value);
            }
        })
    };
    with("change-source", "E053", "a manifest whose reason is that of a version", &manifest("change", "source"));
    with("change-first", "E053", "a manifest whose reason is that of a first version", &manifest("change", "first"));
    let (spec, mut archive) = (small(), small().build());
    let head = archive.id(2);
    let files = [answer(), vec![File::new("text.md", "text", "Gone.\n")]].concat();
    archive.observe(&spec, &observation(1, ARCHIVIST, files), head, &|_, _| {});
    with("text", "E053", "a file that is no capture", &archive);
    let mut archive = plain();
    archive.manifests[LAST] = crate::cbor::raw(crate::cbor::NULL);
    with("manifest-missing", "E050", "an observation's manifest is not there", &archive);
    let mut archive = plain();
    archive.packs[LAST] = Cbor::Array(vec![b"Found!!!!!\n".to_vec().into()]);
    with("answer-altered", "E055", "another answer in the pack", &archive);
    let mut archive = plain();
    archive.packs[LAST] = Cbor::Array(vec![crate::cbor::raw(crate::cbor::NULL)]);
    with("answer-missing", "E054", "the answer is not in the pack", &archive);
    let (spec, mut archive) = (small(), small().build());
    let head = archive.id(2);
    let version = Version { change: "observation", ..Version::text(1, "source", "Three.\n") };
    archive.add_version(&spec, &version, Some((2, 2)));
    let about = "a version whose reason is that of an observation";
    assert_ne!(archive.id(LAST), head);
    set.archive("observation/version", "E053", about, &archive).statement = Some(LAST as u64);
}

fn extracts(set: &mut Set) {
    let tree = |observed: &Archive, shown: &[usize], content: bool| {
        let (spec, last) = (small(), observed.statements.len() - 1);
        let mut tree = observed.extract(&spec, shown);
        if content && let Cbor::Bytes(manifest) = &observed.manifests[last] {
            tree.put(&file_name(&sha256(manifest), false), manifest.clone());
            tree.put(&file_name(&sha256(b"Not found.\n"), false), b"Not found.\n".to_vec());
        }
        tree
    };
    let archive = plain();
    set.extract(
        "observation/extract",
        "",
        "an extract of a version and what was observed of it",
        &tree(&archive, &[2], true),
    );
    let about =
        "an observation that is there for nothing but its authority: neither its version nor its evidence is shown";
    set.extract("observation/extract-last", "", about, &tree(&archive, &[1], false));
    let mut long = plain();
    long.add_version(&small(), &Version::text(1, "source", "Three.\n"), Some((2, 2)));
    let mut shown = long.extract(&small(), &[1, 2]);
    shown.put(&statement_name(LAST), long.statements[LAST].clone());
    shown.put(&proof_name(LAST), long.proof(LAST));
    let about = "an observation in the middle without its evidence";
    set.extract("observation/extract-bare", "E050", about, &shown).statement = Some(LAST as u64);
    let (spec, mut stale) = (small(), small().build());
    let first = stale.id(1);
    stale.observe(&spec, &observation(1, ARCHIVIST, answer()), first, &|_, _| {});
    let about = "an observation of a version that isn't the newest of those that are shown, and none is skipped";
    set.extract("observation/extract-older", "E116", about, &tree(&stale, &[1, 2], true)).statement = Some(LAST as u64);
}
