//! Hash tiles and entries tiles that are not what the statements give.

use super::{cut, small};
use crate::Set;
use crate::archive::Tree;

pub(super) fn add(set: &mut Set) {
    let mut with = |name: &str, expected: &str, about: &str, edit: &dyn Fn(&mut Tree)| {
        let mut tree = small().build().tree();
        edit(&mut tree);
        set.tree(&format!("tile/{name}"), expected, about, &tree);
    };
    with("hashes-flip", "E021", "a bit of a hash tile was flipped", &|t| t.file("tile/0/")[40] ^= 1);
    with("hashes-swapped", "E021", "two hashes of a tile change places", &|t| t.file("tile/0/").rotate_left(32));
    with("hashes-short", "E021", "a hash tile of a hash less", &|t| t.file("tile/0/").truncate(64));
    with("hashes-long", "E021", "a hash tile of a hash more", &|t| t.file("tile/0/").extend([0; 32]));
    with("hashes-byte", "E021", "a hash tile with a byte more", &|t| t.file("tile/0/").push(0));
    with("hashes-empty", "E021", "an empty hash tile", &|t| t.file("tile/0/").clear());
    with("entries-empty", "E020", "an empty entries tile", &|t| t.file("tile/entries").clear());
    with("entries-byte", "E020", "an entries tile with a byte more", &|t| t.file("tile/entries").push(0));
    with("entries-short", "E020", "an entries tile with a byte less", &|t| cut(t.file("tile/entries")));
    with("entries-more", "E020", "an entries tile with an entry more", &|t| {
        let tile = t.file("tile/entries");
        let copy = tile.clone();
        tile.extend(copy);
    });
    with("entries-length", "E020", "an entry's length reaches beyond the tile", &|t| t.file("tile/entries")[0] = 0xff);
    with("entries-empty-entry", "E020", "an entry of no bytes in place of the last", &|t| {
        let last = small().build().statements[2].len();
        let tile = t.file("tile/entries");
        tile.truncate(tile.len() - last - 2);
        tile.extend([0, 0]);
    });
    with("entries-flip", "E040", "a bit of a signature in an entries tile was flipped", &|t| {
        *t.file("tile/entries").last_mut().unwrap() ^= 1;
    });
    with("entries-flip-charter", "E040", "a bit of the charter's nonce was flipped", &|t| {
        let tile = t.file("tile/entries");
        let nonce = tile.windows(6).position(|window| window == b"\x65nonce").unwrap();
        tile[nonce + 8] ^= 1;
    });
}
