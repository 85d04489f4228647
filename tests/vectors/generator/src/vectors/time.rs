//! Checkpoints and timestamps below `time/`. What a timestamp says takes certificates, and is no matter of these vectors: any bytes will do.

use super::authority::{add_key, change, one_key};
use super::{chain, small};
use crate::archive::{Archive, ORIGIN, Tree, hex, line, note, sha256};
use crate::keys::{LOG, STRANGER, SUCCESSOR};
use crate::{Edit, Set};

const TOKEN: &[u8] = b"a timestamp";

fn token() -> String {
    format!("{}.tsr", hex(&sha256(TOKEN)))
}

/// The checkpoint of the first `size` statements.
fn checkpoint(size: usize) -> Vec<u8> {
    let mut archive = chain().build();
    archive.truncate(size);
    archive.checkpoint()
}

/// An archive of five statements with these files below `time/`.
pub(super) fn with(files: &[(String, Vec<u8>)]) -> Tree {
    let mut tree = chain().build().tree();
    for (name, bytes) in files {
        tree.0.push((format!("time/{name}"), bytes.clone()));
    }
    tree
}

pub(super) fn add(set: &mut Set) {
    let at = |size: usize| {
        vec![(format!("{size}/checkpoint"), checkpoint(size)), (format!("{size}/{}", token()), TOKEN.to_vec())]
    };
    let mut tree = |name: &str, expected: &str, about: &str, files: &[(String, Vec<u8>)]| {
        set.tree(&format!("time/{name}"), expected, about, &with(files));
    };
    tree("newest", "", "a timestamp of the whole log", &at(5));
    tree("older", "", "a timestamp of its first three statements", &at(3));
    tree("two", "", "timestamps of two sizes", &[at(1), at(4)].concat());
    let (second, first) = (b"another timestamp".to_vec(), at(3));
    let second = (format!("3/{}.tsr", hex(&sha256(&second))), second);
    let mut both = vec![first[1].clone(), second];
    both.sort();
    tree("plural", "", "two timestamps of one size", &[vec![first[0].clone()], both].concat());

    let replaced = |checkpoint: Vec<u8>| vec![("3/checkpoint".to_owned(), checkpoint), at(3)[1].clone()];
    let mut archive = chain().build();
    archive.truncate(3);
    let text = archive.note();
    let signed = |text: &str| format!("{text}\n{}", line(ORIGIN, LOG, text)).into_bytes();
    tree("other-size", "E100", "a checkpoint of another size than its folder's name", &replaced(checkpoint(2)));
    tree(
        "other-root",
        "E083",
        "a checkpoint of another history, by the log key",
        &replaced(signed(&note(ORIGIN, 3, &[7; 32]))),
    );
    let stranger = format!("{text}\n{}", line(ORIGIN, STRANGER, &text)).into_bytes();
    tree("stranger", "E012", "a checkpoint by a key of no charter", &replaced(stranger));
    let renamed = signed(&text.replace(ORIGIN, "other.example"));
    tree("other-origin", "E011", "a checkpoint of another origin", &replaced(renamed));
    tree("malformed", "E010", "a checkpoint that is none", &replaced(b"none".to_vec()));
    let mut flipped = checkpoint(3);
    let last = flipped.len() - 20;
    flipped[last] ^= 1;
    tree("signature-flip", "E013", "a checkpoint whose signature doesn't verify", &replaced(flipped));
    let larger = signed(&note(ORIGIN, 9, &[7; 32]));
    let files = [("9/checkpoint".to_owned(), larger), (format!("9/{}", token()), TOKEN.to_vec())];
    tree("larger", "E082", "a checkpoint of more statements than the log has", &files);
    tree("no-checkpoint", "E003", "a timestamp without its checkpoint", &at(3)[1..]);
    let changed = [at(3)[0].clone(), (format!("3/{}", token()), b"a timestamq".to_vec())];
    tree("token-changed", "E100", "a timestamp of another digest than its name", &changed);
    // Under keys that changed.
    let mut moved = small().build();
    let payload = add_key(&moved, SUCCESSOR, &["log"]);
    change(&mut moved, 1, payload);
    change(&mut moved, 2, one_key("retire", LOG));
    moved.log = SUCCESSOR;
    for (name, expected, about, size, key) in [
        ("log-key-then", "", "a checkpoint by a log key that the next statement retired", 4, LOG),
        ("log-key-just-added", "", "a checkpoint by a log key that its last statement added", 4, SUCCESSOR),
        ("log-key-too-late", "E012", "a checkpoint by a log key that its last statement retired", 5, LOG),
        ("log-key-too-early", "E012", "a checkpoint by a log key that the next statement added", 3, SUCCESSOR),
    ] {
        let mut then = moved.clone();
        then.truncate(size);
        then.log = key;
        let mut archive = moved.tree();
        archive.put(&format!("time/{size}/checkpoint"), then.checkpoint());
        archive.put(&format!("time/{size}/{}", token()), TOKEN.to_vec());
        set.tree(&format!("time/{name}"), expected, about, &archive);
    }
    let mut tree = |name: &str, expected: &str, about: &str, files: &[(String, Vec<u8>)]| {
        set.tree(&format!("time/{name}"), expected, about, &with(files));
    };
    let long = vec![0; 65_537];
    let long = [at(3)[0].clone(), (format!("3/{}.tsr", hex(&sha256(&long))), long)];
    tree("token-long", "E100", "a timestamp of 65,537 bytes", &long);

    let mut bundle = |name: &str, expected: &str, about: &str, files: &[(String, Vec<u8>)]| {
        set.tree(&format!("time/{name}"), expected, about, &with(files)).unpacked = false;
    };
    bundle("no-token", "E004", "a checkpoint that has no timestamp", &at(3)[..1]);
    bundle("order", "E002", "a timestamp before its checkpoint", &[at(3)[1].clone(), at(3)[0].clone()]);
    bundle("order-sizes", "E002", "sizes in the order of their digits", &[at(4), at(3)].concat());
    let other = |name: &str| vec![at(3)[0].clone(), at(3)[1].clone(), (name.to_owned(), TOKEN.to_vec())];
    bundle("name", "E002", "a timestamp that is not named by a digest", &other("3/a.tsr"));
    bundle("size-zeros", "E002", "a size with a zero in front", &other("04/checkpoint"));
    bundle("size-zero", "E002", "a size of 0", &other("0/checkpoint"));
    bundle("size-large", "E002", "a size of 2^32 + 1", &other("4294967297/checkpoint"));

    // In a folder what a crash leaves is no fault.
    let small: Archive = small().build();
    let left = vec![Edit::Write("time/3/checkpoint".to_owned(), small.checkpoint())];
    set.folder("time/left-over", "good/small", "W001", "a checkpoint that has no timestamp yet", left);
}
