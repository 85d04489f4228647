//! Proofs that are malformed, or of something else.

use super::*;

pub(super) fn proofs(set: &mut Set) {
    let mut with = |name: &str, expected: &str, about: &str, proof: &dyn Fn(&Archive) -> Vec<u8>| {
        let vector = set.extracted(name, expected, about, |archive, tree| tree.put(&proof_name(1), proof(archive)));
        vector.statement = Some(1);
    };
    let text = |archive: &Archive, index: usize, path: &[[u8; 32]]| proof_text(index, path, &archive.checkpoint());
    with("proof-of-another", "E017", "the proof of statement 2 stands there for statement 1", &|a| a.proof(2));
    with("proof-other-index", "E017", "the proof gives another index than its name", &|a| text(a, 2, &a.path(1)));
    with("proof-other-path", "E017", "the path of another statement, under the right index", &|a| {
        text(a, 1, &a.path(2))
    });
    with("path-short", "E017", "an inclusion path one node short", &|a| text(a, 1, &a.path(1)[..2]));
    with("path-long", "E017", "an inclusion path one node long", &|a| {
        let path = a.path(1);
        text(a, 1, &[&path[..], &path[2..]].concat())
    });
    with("path-empty", "E017", "an inclusion path of no nodes", &|a| text(a, 1, &[]));
    with("path-of-40", "E017", "an inclusion path of 40 nodes", &|a| text(a, 1, &[[7; 32]; 40]));
    with("path-of-41", "E016", "an inclusion path of 41 nodes", &|a| text(a, 1, &[[7; 32]; 41]));
    with("proof-index-of-2-64", "E016", "an index of 2^64", &|a| {
        proof_text("18446744073709551616", &a.path(1), &a.checkpoint())
    });
    with("path-reversed", "E017", "an inclusion path from the root down", &|a| {
        let mut path = a.path(1);
        path.reverse();
        text(a, 1, &path)
    });
    with("path-changed", "E017", "a bit of the path is another", &|a| {
        let mut path = a.path(1);
        path[1][31] ^= 1;
        text(a, 1, &path)
    });
    with("path-other-size", "E017", "the path in the tree of one statement less", &|a| {
        let mut less = a.clone();
        less.truncate(4);
        text(a, 1, &less.path(1))
    });
    with("proof-other-size", "E018", "a proof under the checkpoint of one statement less", &|a| {
        let mut less = a.clone();
        less.truncate(4);
        less.proof(1)
    });
    with("proof-other-root", "E018", "a proof under a checkpoint of another root, signed as it must be", &|a| {
        let note = note(&a.origin, 5, &[7; 32]);
        proof_text(1, &a.path(1), format!("{note}\n{}", line(&a.origin, LOG, &note)).as_bytes())
    });
    with("proof-other-archive", "E018", "a proof out of another archive", &|_| other().build().proof(1));
    with("proof-other-lines", "E018", "a proof whose checkpoint has a signature line more", &|a| {
        let note = a.note();
        [a.proof(1), line("witness", STRANGER, &note).into_bytes()].concat()
    });
    set.extracted("proof-long", "E016", "a proof of more than 67,584 bytes", |archive, tree| {
        tree.put(&proof_name(1), [archive.proof(1), vec![b'x'; 67_584]].concat());
    });
    set.extracted("checkpoint-other-archive", "E011", "checkpoint and proofs of another archive", |_, tree| {
        let other = other().build();
        tree.put("checkpoint", other.checkpoint());
        [0, 1, 3, 4].into_iter().for_each(|at| tree.put(&proof_name(at), other.proof(at)));
    });
    set.extracted(
        "renumbered",
        "E017",
        "statement 3 under the name and with the proof of statement 2",
        |archive, tree| {
            tree.remove("statement/3");
            tree.remove("proof/3");
            tree.put(&statement_name(2), archive.statements[3].clone());
            tree.put(&proof_name(2), archive.proof(2));
        },
    )
    .statement = Some(2);
    let about = "statement 3 with its own proof, both under the name of statement 2";
    let vector = set.extracted("renamed", "E017", about, |archive, tree| {
        tree.remove("statement/3");
        tree.remove("proof/3");
        tree.put(&statement_name(2), archive.statements[3].clone());
        tree.put(&proof_name(2), archive.proof(3));
    });
    vector.statement = Some(2);
}

pub(super) fn texts(set: &mut Set) {
    let mut with = |name: &str, about: &str, edit: &dyn Fn(String) -> String| {
        let vector = set.extracted(&format!("text-{name}"), "E016", about, |archive, tree| {
            let text = edit(String::from_utf8(archive.proof(1)).unwrap());
            tree.put(&proof_name(1), text.into_bytes());
        });
        vector.statement = Some(1);
    };
    with("magic", "a proof of another version", &|text| text.replacen("@v1", "@v2", 1));
    with("extra", "a proof with extra data", &|text| text.replacen("index", "extra AAAA\nindex", 1));
    with("index-padded", "an index with a zero in front", &|text| text.replacen("index 1", "index 01", 1));
    with("index-signed", "an index with a sign in front", &|text| text.replacen("index 1", "index +1", 1));
    with("no-index", "a proof without an index", &|text| text.replacen("index 1\n", "", 1));
    with("crlf", "a line that ends with CR and LF", &|text| text.replacen("index 1\n", "index 1\r\n", 1));
    with("base64", "a hash whose unused bits are not zero", &|text| {
        let hash = text.lines().nth(2).unwrap();
        let last = &hash[42..43];
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let next = alphabet.chars().nth(alphabet.find(last).unwrap() + 1).unwrap();
        text.replacen(hash, &format!("{}{next}=", &hash[..42]), 1)
    });
    with("unpadded", "a hash without its padding", &|text| text.replacen("=\n", "\n", 1));
    with("hash-long", "a hash of 33 bytes", &|text| {
        let hash = text.lines().nth(2).unwrap();
        text.replacen(hash, &Base64::encode_string(&[7; 33]), 1)
    });
    with("paths-many", "a path of 41 hashes", &|text| {
        let hash = text.lines().nth(2).unwrap();
        text.replacen(hash, &[hash; 39].join("\n"), 1)
    });
    with("no-empty-line", "no empty line before the checkpoint", &|text| text.replace("\n\n", "\n"));
    with("empty", "a proof of no bytes", &|_| String::new());
}
