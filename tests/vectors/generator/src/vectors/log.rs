//! Statements dropped, inserted, reordered, repeated and replaced: by one who holds a log key and signs a new checkpoint, and by one
//! who doesn't.

use super::{Version, chain};
use crate::Set;
use crate::archive::{Archive, Spec, Stage, urn};
use crate::cbor::Cbor;
use crate::keys::{ARCHIVIST, STRANGER};

/// Adds both: the changed log under a new checkpoint, and under the old one.
fn both(set: &mut Set, name: &str, insider: &str, about: &str, edit: impl Fn(&mut Archive)) {
    let good = chain().build();
    let mut archive = good.clone();
    edit(&mut archive);
    set.archive(&format!("log/{name}"), insider, &format!("{about}; the log key signed a new checkpoint"), &archive);
    let same_size = archive.statements.len() == good.statements.len();
    let mut tree = archive.tree();
    *tree.file("checkpoint") = good.checkpoint();
    let code = match name {
        "reordered-charter" => insider,
        _ if same_size => "E015",
        _ => "E003",
    };
    set.tree(&format!("log/{name}-outsider"), code, &format!("{about}; the checkpoint is the old one"), &tree);
    if matches!(name, "dropped" | "inserted" | "repeated") {
        // The tiles under the names that the old checkpoint calls for.
        let (new, old) = (archive.statements.len(), good.statements.len());
        for (file, _) in &mut tree.0 {
            *file = file.replace(&format!("000.p/{new}"), &format!("000.p/{old}"));
        }
        let about = format!("{about}; the checkpoint is the old one, and so are the tiles' names");
        set.tree(&format!("log/{name}-renamed"), "E020", &about, &tree);
        let note = crate::archive::note(&archive.origin, old as u64, &archive.root());
        let signed = format!("{note}\n{}", crate::archive::line(&archive.origin, archive.log, &note));
        *tree.file("checkpoint") = signed.into_bytes();
        let about = format!("{about}; the log key signed the new root with the old size");
        set.tree(&format!("log/{name}-old-size"), "E020", &about, &tree);
    }
}

pub(super) fn add(set: &mut Set) {
    both(set, "dropped", "E074", "a version amid its article's chain was dropped", |a| a.remove(3));
    both(set, "dropped-first", "E074", "the first version of an article was dropped", |a| a.remove(1));
    both(set, "dropped-charter", "E078", "the charter was dropped", |a| a.remove(0));
    both(set, "reordered", "E074", "two versions of an article change places", |a| a.swap(3, 4));
    both(set, "reordered-charter", "E078", "the charter and the first version change places", |a| a.swap(0, 1));
    both(set, "repeated", "E022", "a statement stands in the log twice", |a| a.insert(5, &a.clone(), 2));
    both(set, "repeated-amid", "E022", "a statement stands in the log twice, at once", |a| a.insert(3, &a.clone(), 2));
    both(set, "repeated-charter", "E022", "the charter stands in the log twice", |a| a.insert(5, &a.clone(), 0));

    let mut spec = chain();
    spec.versions.push(Version::text(3, "first", "Inserted.\n"));
    spec.versions[4].signer = STRANGER;
    let stranger = spec.build();
    both(set, "inserted", "E071", "a statement by a stranger was inserted", |a| a.insert(3, &stranger, 5));
    let replaced = |version: Version| {
        let mut spec = chain();
        spec.versions[2] = version;
        spec.build()
    };
    let other = replaced(Version::text(1, "source", "Another two.\n"));
    both(set, "replaced", "E074", "a version was replaced by another one that the archivist signed", |a| {
        a.remove(3);
        a.insert(3, &other, 3);
    });
    let moved = |n: usize, stage: Stage<'_>| {
        if let (3, Stage::Header(header)) = (n, stage) {
            header.get(15).set(2, urn(2));
        }
    };
    let moved = chain().build_with(&moved);
    both(set, "moved", "E074", "a version was moved to another article, and signed so", |a| {
        a.remove(3);
        a.insert(3, &moved, 3);
    });
    let unsigned = |n: usize, stage: Stage<'_>| {
        if let (3, Stage::Outer(outer)) = (n, stage) {
            // The signature is that of the statement under its own article.
            let old = crate::cbor::raw(urn(1));
            let protected = outer.at(0);
            let Cbor::Bytes(bytes) = protected else { panic!() };
            let at = bytes.len() - old.encode().len();
            bytes[at..].copy_from_slice(urn(2).as_bytes());
        }
    };
    let unsigned = chain().build_with(&unsigned);
    both(set, "moved-unsigned", "E040", "a version was moved to another article with its old signature", |a| {
        a.remove(3);
        a.insert(3, &unsigned, 3);
    });
    let elsewhere = Spec { origin: "vectors.example/other", ..chain() }.build();
    both(set, "replayed", "E073", "a statement of another archive, by the same archivist, was inserted", |a| {
        a.insert(5, &elsewhere, 2);
    });
    let namesake = Spec { nonce: "another nonce", ..chain() }.build();
    both(set, "replayed-same-origin", "E070", "a statement of another archive of the same origin was inserted", |a| {
        a.insert(5, &namesake, 2);
    });
    both(set, "replayed-charter", "E075", "another archive's charter was inserted", |a| a.insert(5, &namesake, 0));
    let broken = Spec { nonce: "another nonce", ..chain() }.build_with(&|n, stage| {
        if let (0, Stage::Payload(p)) = (n, stage) {
            p.set("threshold", 9);
        }
    });
    both(set, "broken-charter", "E075", "a charter that would be none was inserted", |a| a.insert(5, &broken, 0));
    for (name, about, edit) in [
        ("later", "a charter of a later format was inserted", (|p| p.set("format", 2)) as fn(&mut Cbor)),
        ("shapeless", "a charter without a title was inserted", |p| p.remove("title")),
        ("unsorted", "a charter with fields out of order was inserted", |p| p.entries().swap(0, 1)),
    ] {
        let other = Spec { nonce: "another nonce", ..chain() }.build_with(&|n, stage| {
            if let (0, Stage::Payload(p)) = (n, stage) {
                edit(p);
            }
        });
        both(set, &format!("{name}-charter"), "E075", about, |a| a.insert(5, &other, 0));
    }
    both(set, "replaced-charter", "E070", "the charter is another one, with the same keys", |a| {
        a.remove(0);
        a.insert(0, &namesake, 0);
    });

    // A chain that forks: two versions 2, both signed by the archivist.
    let fork = |n: usize, stage: Stage<'_>| {
        if let (4, Stage::Payload(payload)) = (n, stage) {
            let first = chain().build().id(1);
            payload.set("version", 2);
            payload.set("previous", first);
        }
    };
    set.archive("log/forked-chain", "E074", "a second version 2 of an article", &chain().build_with(&fork)).statement =
        Some(4);
    let mut spec = chain();
    spec.versions[1] = Version { signer: ARCHIVIST, ..Version::text(9, "first", "Another first.\n") };
    let again = |n: usize, stage: Stage<'_>| {
        if let (2, Stage::Header(header)) = (n, stage) {
            header.get(15).set(2, urn(1));
        }
    };
    set.archive("log/second-first", "E076", "a second version 1 of an article", &spec.build_with(&again)).statement =
        Some(2);
    // What a void entry leaves: the chain goes on from the head before it.
    let void = |n: usize, stage: Stage<'_>| match (n, stage) {
        (3, Stage::Payload(payload)) => payload.set("authority", [9; 32]),
        (4, Stage::Payload(payload)) => {
            payload.set("version", 2);
            payload.set("previous", chain().build().id(1));
        }
        _ => {}
    };
    let about = "a void entry has no effect: the version after it continues the head before it, and is not void";
    let archive = chain().build_with(&void);
    set.archive("log/void-has-no-effect", "E070", about, &archive).statement = Some(3);
}
