//! What is withheld: bytes that are missing as they may, that are there still, and that stand where nothing may.

use super::*;

/// The bytes are there still. Of a large file no statement is said.
pub(super) fn not_purged(set: &mut Set) {
    let mut add = |name: &str, about: &str, n: u64, spec: &Spec, what: &What<'_>, edit: &dyn Fn(&mut Archive)| {
        let mut archive = spec.build();
        withdraw(&mut archive, STEWARD, what);
        edit(&mut archive);
        set.archive(&format!("withdrawal/{name}"), "W006", about, &archive).statement = (n > 0).then_some(n);
    };
    let second = What::Entries(&[2]);
    add("not-purged", "a manifest and a file that are there still", 2, &small(), &second, &|_| {});
    add("not-purged-manifest", "a manifest that is there still", 2, &small(), &second, &|a| {
        a.packs[2] = Cbor::Array(vec![null()]);
    });
    let other = digest("Other\n");
    add("not-purged-file", "a small file that is there still", 1, &files(), &What::Files(&[other]), &|_| {});
    add("not-purged-large", "a large file that is there still", 0, &files(), &What::Files(&[large_digest()]), &|_| {});
    add(
        "not-purged-one",
        "one of two versions has the file still",
        2,
        &shared(),
        &What::Files(&[digest("Same.\n")]),
        &|a| {
            a.packs[1].items()[0] = null();
        },
    );
}

/// Something is missing that no withdrawal in force withholds.
pub(super) fn gaps(set: &mut Set) {
    let mut add = |name: &str,
                   code: &str,
                   about: &str,
                   n: u64,
                   spec: &Spec,
                   signer: Key,
                   what: &What<'_>,
                   edit: &dyn Fn(&mut Archive)| {
        let mut archive = spec.build();
        withdraw(&mut archive, signer, what);
        edit(&mut archive);
        set.archive(&format!("withdrawal/{name}"), code, about, &archive).statement = (n > 0).then_some(n);
    };
    let (second, same) = (What::Entries(&[2]), [digest("Same.\n")]);
    add("in-vain", "E050", "a manifest is gone by a stranger's word", 2, &small(), STRANGER, &second, &|a| purge(a, 2));
    add(
        "in-vain-archivist",
        "E050",
        "a manifest is gone by another archivist's word",
        2,
        &two_archivists(),
        DEPUTY,
        &second,
        &|a| purge(a, 2),
    );
    add("other-version", "E050", "another manifest is gone than was withdrawn", 1, &small(), STEWARD, &second, &|a| {
        purge(a, 1)
    });
    add(
        "other-file",
        "E054",
        "another file is gone than was withdrawn",
        1,
        &files(),
        STEWARD,
        &What::Files(&[digest("Other\n")]),
        &|a| {
            a.packs[1].items()[0] = null();
        },
    );
    add(
        "other-versions-file",
        "E054",
        "a file is gone in another version than it was withdrawn of",
        2,
        &shared(),
        STEWARD,
        &What::FilesOf(1, &same),
        &|a| {
            a.packs[1].items()[0] = null();
            a.packs[2].items()[0] = null();
        },
    );
    add(
        "manifest-of-file",
        "E050",
        "a manifest is gone, and only its file was withdrawn",
        2,
        &small(),
        STEWARD,
        &What::Files(&[digest("Two.\n")]),
        &|a| purge(a, 2),
    );
    add(
        "shared-gone",
        "E054",
        "a large file is gone that another version names",
        0,
        &shared(),
        STEWARD,
        &What::Entries(&[1]),
        &|a| {
            purge(a, 1);
            a.large.clear();
        },
    );
    add(
        "shared-pack",
        "E054",
        "a small file is gone that another version names",
        2,
        &shared(),
        STEWARD,
        &What::Entries(&[1]),
        &|a| {
            purge(a, 1);
            a.packs[2].items()[0] = null();
        },
    );
}

/// Other bytes in place of what is withheld.
pub(super) fn filled(set: &mut Set) {
    let mut add =
        |name: &str, code: &str, about: &str, n: u64, spec: &Spec, what: &What<'_>, edit: &dyn Fn(&mut Archive)| {
            let mut archive = spec.build();
            withdraw(&mut archive, STEWARD, what);
            edit(&mut archive);
            set.archive(&format!("withdrawal/{name}"), code, about, &archive).statement = (n > 0).then_some(n);
        };
    let second = What::Entries(&[2]);
    add("filled-manifest", "E051", "another manifest in place of one that is withheld", 2, &small(), &second, &|a| {
        let Cbor::Bytes(bytes) = &mut a.manifests[2] else { panic!() };
        *bytes.last_mut().unwrap() ^= 1;
    });
    add(
        "filled-manifest-size",
        "E052",
        "a manifest of another size in place of one that is withheld",
        2,
        &small(),
        &second,
        &|a| a.manifests[2] = b"x".to_vec().into(),
    );
    add("filled-pack", "E113", "a file beside a manifest that is withheld", 2, &small(), &second, &|a| {
        a.manifests[2] = null()
    });
    let other = [digest("Other\n")];
    add(
        "filled-file",
        "E055",
        "another file in place of one that is withheld",
        1,
        &files(),
        &What::Files(&other),
        &|a| {
            a.packs[1].items()[1] = b"Othes\n".to_vec().into();
        },
    );
    add(
        "filled-file-size",
        "E056",
        "a file of another size in place of one that is withheld",
        1,
        &files(),
        &What::Files(&other),
        &|a| {
            a.packs[1].items()[1] = Vec::new().into();
        },
    );
    add(
        "filled-large",
        "E055",
        "another large file in place of one that is withheld",
        0,
        &files(),
        &What::Files(&[large_digest()]),
        &|a| {
            a.large[0].1 = RawFrame::repeat(b'y', LARGE).to_bytes();
        },
    );
    let mut archive = files().build();
    withdraw(&mut archive, STEWARD, &What::Entries(&[1]));
    purge(&mut archive, 1);
    let about = "a large file that only a manifest named that is withheld";
    set.zip("withdrawal/left-large", "E004", about, &archive.tree().zip());
    let edits = vec![Edit::Write(".lock".into(), Vec::new())];
    set.folder("withdrawal/left-large-folder", "withdrawal/left-large", "W001", about, edits);
}

/// Withdrawals in extracts of the first article's two versions.
pub(super) fn extracts(set: &mut Set) {
    let (spec, two) = (small(), digest("Two.\n"));
    let file = file_name(&two, false);
    let manifest = |archive: &Archive, n: usize| {
        let Cbor::Bytes(bytes) = &archive.manifests[n] else { panic!() };
        file_name(&sha256(bytes), false)
    };
    let second = What::Entries(&[2]);
    let with = |signer: Key, what: &What<'_>| {
        let mut archive = spec.build();
        let n = withdraw(&mut archive, signer, what);
        // So that the withdrawal isn't the last statement, which is there in any case.
        archive.add_version(&spec, &Version::text(2, "first", "Another.\n"), None);
        (archive, n)
    };
    let mut add = |name: &str, code: &str, about: &str, n: usize, tree: &crate::archive::Tree| {
        set.extract(&format!("extract/withdrawal-{name}"), code, about, tree).statement = Some(n as u64);
    };
    for (signer, whose) in [(STEWARD, "steward"), (ARCHIVIST, "signer")] {
        let (archive, n) = with(signer, &second);
        let mut tree = archive.extract(&spec, &[1, 2, n]);
        tree.remove(&file);
        tree.remove(&manifest(&archive, 2));
        let about = format!("a manifest that is withheld, with its withdrawal by a {whose}");
        add(whose, "W007", &about, n, &tree);
    }
    let (archive, n) = with(STEWARD, &second);
    let mut tree = archive.extract(&spec, &[2]);
    tree.remove(&file);
    tree.remove(&manifest(&archive, 2));
    add("not-shown", "E050", "a manifest that is withheld, without its withdrawal", 2, &tree);
    add("not-purged", "W006", "a manifest and a file that are there still", 2, &archive.extract(&spec, &[2, n]));
    let mut tree = archive.extract(&spec, &[2, n]);
    tree.remove(&file);
    add("not-purged-manifest", "W006", "a manifest that is there still, without its file", 2, &tree);
    let (archive, n) = with(STEWARD, &What::Files(&[two]));
    let mut tree = archive.extract(&spec, &[2, n]);
    tree.remove(&file);
    add("file", "W007", "a file that is withheld, with its withdrawal", n, &tree);
    let mut tree = archive.extract(&spec, &[2]);
    tree.remove(&file);
    add("file-not-shown", "E054", "a file that is withheld, without its withdrawal", 2, &tree);
    let mut tree = archive.extract(&spec, &[2, n]);
    *tree.file(&file) = b"Twa.\n".to_vec();
    add("file-filled", "E055", "another file in place of one that is withheld", 2, &tree);
    let (archive, n) = with(STEWARD, &What::Entries(&[4]));
    let about = "a withdrawal of an entry that comes later";
    add("later", "E111", about, n, &archive.extract(&spec, &[2, n]));
    let mut archive = spec.build();
    let mut other = payload(&archive, &second);
    other.get("entries").items()[0].set("id", [7; 32]);
    let n = archive.govern("withdrawal", STEWARD, other);
    let about = "a withdrawal of an entry that is shown, by another id";
    add("other-id", "E111", about, n, &archive.extract(&spec, &[2, n]));
    let (archive, n) = with(STRANGER, &second);
    let mut tree = archive.extract(&spec, &[2, n]);
    tree.remove(&file);
    tree.remove(&manifest(&archive, 2));
    add("stranger", "E050", "a manifest is gone by a stranger's word", 2, &tree);
    let (archive, n) = with(ARCHIVIST, &second);
    let about = "a withdrawal by the signer of a version that isn't shown";
    add("elsewhere", "W007", about, n, &archive.extract(&spec, &[1, n]));
}
