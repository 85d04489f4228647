//! Withdrawals (section 4.6): what may be missing, by whose word, and that nothing else stands in its place.

mod content;

use super::authority::{change, one_key, roles_of};
use super::{LARGE, Version, files, large, small};
use crate::archive::{Archive, File, Spec, file_name, sha256};
use crate::cbor::{self, Cbor, map, raw};
use crate::frame::RawFrame;
use crate::keys::{ARCHIVIST, DEPUTY, Key, LOG, STEWARD, STRANGER};
use crate::{Edit, Set};

/// What is withdrawn.
#[derive(Clone)]
enum What<'a> {
    Files(&'a [[u8; 32]]),
    Entries(&'a [usize]),
    FilesOf(usize, &'a [[u8; 32]]),
}

fn entry(archive: &Archive, n: usize) -> Cbor {
    let id = archive.statements.get(n).map_or([7; 32], |_| archive.id(n));
    map([("id", id.into()), ("index", (n as u64).into())])
}

fn payload(archive: &Archive, what: &What<'_>) -> Cbor {
    let mut payload = map([
        ("basis", "GDPR, article 17(1)(d)".into()),
        ("data", "personal".into()),
        ("reason", "the person named asked for it".into()),
        ("authority", archive.in_force().into()),
    ]);
    let list = |files: &[[u8; 32]]| {
        let mut files = files.to_vec();
        files.sort_unstable();
        Cbor::Array(files.into_iter().map(Cbor::from).collect())
    };
    match what {
        What::Files(files) => payload.set("files", list(files)),
        What::Entries(of) => payload.set("entries", Cbor::Array(of.iter().map(|n| entry(archive, *n)).collect())),
        What::FilesOf(n, files) => {
            payload.set("files", list(files));
            payload.set("entries", Cbor::Array(vec![entry(archive, *n)]));
        }
    }
    payload
}

fn withdraw(archive: &mut Archive, signer: Key, what: &What<'_>) -> usize {
    let payload = payload(archive, what);
    archive.govern("withdrawal", signer, payload)
}

fn null() -> Cbor {
    raw(cbor::NULL)
}

/// Takes the manifest of an entry out, and the small files beside it.
fn purge(archive: &mut Archive, n: usize) {
    archive.manifests[n] = null();
    archive.packs[n] = Cbor::Array(Vec::new());
}

/// The archive of [`small`] with another archivist.
fn two_archivists() -> Spec {
    let mut spec = small();
    spec.keys.push((DEPUTY, "Danylo", &["archivist"]));
    spec
}

/// Two articles that name the same small and the same large file.
fn shared() -> Spec {
    let version =
        |article| Version::new(article, "first", vec![File::new("text.md", "text", "Same.\n"), large("large", b'x')]);
    Spec::new(vec![version(1), version(2)])
}

pub(super) fn add(set: &mut Set) {
    in_force(set);
    content::not_purged(set);
    refused(set);
    content::gaps(set);
    content::filled(set);
    shapes(set);
    content::extracts(set);
}

fn digest(text: &str) -> [u8; 32] {
    sha256(text.as_bytes())
}

fn large_digest() -> [u8; 32] {
    sha256(&vec![b'x'; LARGE])
}

/// Nothing is wrong, and the withdrawal is disclosed.
fn in_force(set: &mut Set) {
    let mut add = |name: &str, about: &str, spec: &Spec, signer: Key, what: &What<'_>, edit: &dyn Fn(&mut Archive)| {
        let mut archive = spec.build();
        let n = withdraw(&mut archive, signer, what);
        edit(&mut archive);
        set.archive(&format!("withdrawal/{name}"), "W007", about, &archive).statement = Some(n as u64);
    };
    let second = What::Entries(&[2]);
    add("version", "a version's manifest, withdrawn by a steward", &small(), STEWARD, &second, &|a| purge(a, 2));
    add("version-own", "the same by the version's signer", &small(), ARCHIVIST, &second, &|a| purge(a, 2));
    add("version-nulls", "nulls beside a manifest that is withheld", &small(), STEWARD, &second, &|a| {
        a.manifests[2] = null();
        a.packs[2] = Cbor::Array(vec![null(); 3]);
    });
    add("versions", "all versions of an article", &small(), STEWARD, &What::Entries(&[1, 2]), &|a| {
        purge(a, 1);
        purge(a, 2);
    });
    add("head", "the article goes on after a version that is withheld", &small(), STEWARD, &second, &|a| {
        purge(a, 2);
        a.add_version(&small(), &Version::text(1, "source", "Three.\n"), Some((2, 2)));
    });
    let other = digest("Other\n");
    add("file", "a small file", &files(), STEWARD, &What::Files(&[other]), &|a| a.packs[1].items()[1] = null());
    add("file-empty", "the empty file", &files(), STEWARD, &What::Files(&[digest("")]), &|a| {
        a.packs[1].items()[2] = null();
    });
    add("file-large", "a large file", &files(), STEWARD, &What::Files(&[large_digest()]), &|a| a.large.clear());
    add(
        "files",
        "all files of a version, but not its manifest",
        &files(),
        STEWARD,
        &What::Files(&[digest("Text.\n"), other, digest(""), large_digest()]),
        &|a| {
            a.packs[1] = Cbor::Array(vec![null(); 3]);
            a.large.clear();
        },
    );
    let of = [other, large_digest()];
    add("file-of", "two files of a version, by its signer", &files(), ARCHIVIST, &What::FilesOf(1, &of), &|a| {
        a.packs[1].items()[1] = null();
        a.large.clear();
    });
    add("shared", "one of two versions that name the same files", &shared(), STEWARD, &What::Entries(&[1]), &|a| {
        purge(a, 1);
    });
    add("shared-both", "both of them", &shared(), STEWARD, &What::Entries(&[1, 2]), &|a| {
        purge(a, 1);
        purge(a, 2);
        a.large.clear();
    });
    add("file-everywhere", "a file of two versions", &shared(), STEWARD, &What::Files(&[digest("Same.\n")]), &|a| {
        a.packs[1].items()[0] = null();
        a.packs[2].items()[0] = null();
    });
    add("file-unknown", "a file that nothing names", &small(), STEWARD, &What::Files(&[[9; 32]]), &|_| {});
    add(
        "file-later",
        "a file that is named only later",
        &small(),
        STEWARD,
        &What::Files(&[digest("Three.\n")]),
        &|a| {
            let n = a.add_version(&small(), &Version::text(1, "source", "Three.\n"), Some((2, 2)));
            a.packs[n].items()[0] = null();
        },
    );
    let many = Spec::new((1..=257).map(|article| Version::text(article, "first", "Text.\n")).collect());
    add("second-tile", "a version of the second tile", &many, STEWARD, &What::Entries(&[257]), &|a| purge(a, 257));
    let (one, two) = ([digest("Two.\n")], [digest("Three.\n"), digest("Two.\n")]);
    for (name, about, first, wider) in [
        ("wider", "a file that is withheld in one version, everywhere", What::FilesOf(2, &one), What::Files(&one)),
        ("more", "a file that is withheld already, and another", What::Files(&one), What::Files(&two)),
        ("more-versions", "a version that is withheld already, and another", second.clone(), What::Entries(&[1, 2])),
    ] {
        let mut archive = small().build();
        withdraw(&mut archive, STEWARD, &first);
        let n = withdraw(&mut archive, STEWARD, &wider);
        set.archive(&format!("withdrawal/{name}"), "W007", about, &archive).statement = Some(n as u64);
    }
    let mut spoiled = small();
    spoiled.versions[1].signer = STRANGER;
    let mut archive = spoiled.build();
    archive.govern(
        "void",
        STEWARD,
        map([
            ("id", archive.id(2).into()),
            ("index", 2.into()),
            ("reason", "a stranger's".into()),
            ("authority", archive.in_force().into()),
        ]),
    );
    withdraw(&mut archive, STEWARD, &second);
    purge(&mut archive, 2);
    let about = "the manifest of an entry that is void, as the stewards have acknowledged";
    set.archive("withdrawal/void", "W007", about, &archive).statement = Some(4);
}

/// Withdrawals that are void.
fn refused(set: &mut Set) {
    let mut add = |name: &str, code: &str, about: &str, spec: &Spec, signer: Key, what: &What<'_>| {
        let mut archive = spec.build();
        let n = withdraw(&mut archive, signer, what);
        set.archive(&format!("withdrawal/{name}"), code, about, &archive).statement = Some(n as u64);
    };
    let second = What::Entries(&[2]);
    let everywhere = [digest("Two.\n")];
    add("stranger", "E071", "a stranger withdraws a version", &small(), STRANGER, &second);
    add("log", "E072", "a key that signs checkpoints withdraws a version", &small(), LOG, &second);
    add("other-archivist", "E110", "an archivist withdraws another's version", &two_archivists(), DEPUTY, &second);
    add(
        "archivist-files",
        "E110",
        "an archivist withdraws a file everywhere",
        &small(),
        ARCHIVIST,
        &What::Files(&everywhere),
    );
    let of = What::FilesOf(2, &everywhere);
    add(
        "other-archivist-file",
        "E110",
        "an archivist withdraws a file of another's version",
        &two_archivists(),
        DEPUTY,
        &of,
    );
    add("charter", "E111", "the charter is withdrawn", &small(), STEWARD, &What::Entries(&[0]));
    add("one-of-two", "E111", "a version is withdrawn, and the charter", &small(), STEWARD, &What::Entries(&[0, 2]));
    add("itself", "E111", "a withdrawal of itself", &small(), STEWARD, &What::Entries(&[3]));
    add("later", "E111", "an entry that isn't there yet", &small(), STEWARD, &What::Entries(&[4]));
    let mut mixed = two_archivists();
    mixed.versions[1].signer = DEPUTY;
    add(
        "own-and-other",
        "E110",
        "an archivist withdraws their own version and another's",
        &mixed,
        ARCHIVIST,
        &What::Entries(&[1, 2]),
    );

    let mut archive = small().build();
    let mut other = payload(&archive, &second);
    other.set("entries", Cbor::Array(vec![map([("id", archive.id(1).into()), ("index", 2.into())])]));
    archive.govern("withdrawal", STEWARD, other);
    set.archive("withdrawal/other-id", "E111", "another id than the version's", &archive).statement = Some(3);
    let mut archive = small().build();
    let mut other = payload(&archive, &second);
    other.set("authority", archive.id(1));
    archive.govern("withdrawal", STEWARD, other);
    set.archive("withdrawal/authority", "E070", "another authority than the charter", &archive).statement = Some(3);
    for (name, about, first, again) in [
        ("again", "a version that is withheld already", second.clone(), second.clone()),
        ("again-file", "a file that is withheld already, in one version", What::Files(&everywhere), of.clone()),
        ("again-of-version", "a file of a version that is withheld already", second.clone(), of.clone()),
        (
            "again-files",
            "a file that is withheld already, everywhere",
            What::Files(&everywhere),
            What::Files(&everywhere),
        ),
        ("again-file-of", "a file that is withheld already in that version", of.clone(), of),
    ] {
        let mut archive = small().build();
        withdraw(&mut archive, STEWARD, &first);
        let mut again = payload(&archive, &again);
        again.set("reason", "once more");
        let n = archive.govern("withdrawal", STEWARD, again);
        set.archive(&format!("withdrawal/{name}"), "E112", about, &archive).statement = Some(n as u64);
    }
    let mut archive = small().build();
    change(&mut archive, 1, one_key("retire", ARCHIVIST));
    let n = withdraw(&mut archive, ARCHIVIST, &second);
    let about = "an archivist whose key was retired withdraws their version";
    set.archive("withdrawal/retired", "E090", about, &archive).statement = Some(n as u64);
    let mut archive = small().build();
    change(&mut archive, 1, roles_of(ARCHIVIST, &["log"]));
    let n = withdraw(&mut archive, ARCHIVIST, &second);
    let about = "a version's signer who is an archivist no more withdraws it";
    set.archive("withdrawal/no-role", "E072", about, &archive).statement = Some(n as u64);
    // Nothing is missing, and nothing is withheld.
    let mut archive = small().build();
    let n = withdraw(&mut archive, STEWARD, &second);
    if let Some(last) = archive.statements[n].last_mut() {
        *last ^= 1;
    }
    set.archive("withdrawal/forged", "E040", "a withdrawal that the steward didn't sign", &archive).statement =
        Some(n as u64);
}

fn shapes(set: &mut Set) {
    let mut shape = |name: &str, code: &str, about: &str, edit: &dyn Fn(&Archive, &mut Cbor)| {
        let mut archive = small().build();
        let mut payload = payload(&archive, &What::Entries(&[2]));
        edit(&archive, &mut payload);
        archive.govern("withdrawal", STEWARD, payload);
        set.archive(&format!("withdrawal/{name}"), code, about, &archive).statement = Some(3);
    };
    let files = |all: &[u8]| Cbor::Array(all.iter().map(|byte| [*byte; 32].into()).collect());
    shape("nothing", "E034", "neither entries nor files", &|_, p| p.remove("entries"));
    shape("no-entries", "E030", "an empty list of entries", &|_, p| p.set("entries", Cbor::Array(Vec::new())));
    shape("entries-order", "E034", "entries out of order", &|a, p| {
        p.set("entries", Cbor::Array(vec![entry(a, 2), entry(a, 1)]));
    });
    shape("entry-twice", "E034", "an entry twice", &|a, p| {
        p.set("entries", Cbor::Array(vec![entry(a, 2), entry(a, 2)]));
    });
    shape("entry-of-two-ids", "E034", "an entry under two ids", &|a, p| {
        let other = map([("id", [0xff; 32].into()), ("index", 2u64.into())]);
        p.set("entries", Cbor::Array(vec![entry(a, 2), other]));
    });
    shape("entries-and-files", "E034", "files of two entries", &|a, p| {
        p.set("entries", Cbor::Array(vec![entry(a, 1), entry(a, 2)]));
        p.set("files", files(&[1]));
    });
    shape("files-order", "E034", "files out of order", &|_, p| {
        p.remove("entries");
        p.set("files", files(&[2, 1]));
    });
    shape("file-twice", "E034", "a file twice", &|_, p| {
        p.remove("entries");
        p.set("files", files(&[1, 1]));
    });
    shape("file-short", "E034", "a digest of 31 bytes", &|_, p| {
        p.remove("entries");
        p.set("files", Cbor::Array(vec![vec![7; 31].into()]));
    });
    shape("files-1025", "E034", "1,025 files", &|_, p| {
        let file = |n: u16| {
            let mut file = [0; 32];
            file[..2].copy_from_slice(&n.to_be_bytes());
            Cbor::from(file)
        };
        p.remove("entries");
        p.set("files", Cbor::Array((0..1025).map(file).collect()));
    });
    shape("class", "E034", "a class that there is not", &|_, p| p.set("data", "secret"));
    shape("no-class", "E034", "no class", &|_, p| p.remove("data"));
    shape("no-reason", "E034", "no reason", &|_, p| p.remove("reason"));
    shape("no-basis", "E034", "no legal basis", &|_, p| p.remove("basis"));
    shape("reason-empty", "E030", "an empty reason", &|_, p| p.set("reason", ""));
    shape("reason-long", "E034", "a reason of 1,025 bytes", &|_, p| p.set("reason", "r".repeat(1025)));
    shape("basis-long", "E034", "a legal basis of 1,025 bytes", &|_, p| p.set("basis", "b".repeat(1025)));
    shape("field", "E034", "a field that there is not", &|_, p| p.set("subject", "x"));
    let mut archive = small().build();
    let of = payload(&archive, &What::Entries(&[2]));
    archive.govern_with("withdrawal", STEWARD, of, &|h| {
        *h = crate::archive::header("withdrawal", STEWARD.public(), crate::archive::ORIGIN, "x");
    });
    set.archive("withdrawal/sub", "E031", "another subject than the origin", &archive).statement = Some(3);
}
