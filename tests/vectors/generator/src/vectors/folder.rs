//! What only a folder can hold: leftovers, strays, links. Each is a bundle's files, changed.

use super::{chain, small};
use crate::archive::{file_name, sha256};
use crate::frame::frame;
use crate::{Edit, Set};

pub(super) fn add(set: &mut Set) {
    let write = |name: &str, bytes: &[u8]| Edit::Write(name.into(), bytes.into());
    let mut with = |name: &str, expected: &str, about: &str, edits: Vec<Edit>| {
        set.folder(&format!("folder/{name}"), "good/small", expected, about, edits);
    };
    with("lock", "", "a writer's lock file", vec![write(".lock", b"")]);
    with("stray", "W001", "a file of another name", vec![write("notes.txt", b"x")]);
    with("stray-deep", "W001", "a file of another name, in folders", vec![write("tile/0/a/b/c/d/e/f/g/h", b"x")]);
    with("lock-elsewhere", "W001", "a file `.lock` that is not at the top", vec![write("tile/.lock", b"")]);
    with("partial", "W001", "an unfinished file of a writer", vec![write(".partial-1", b"x")]);
    with("mimetype", "W001", "a bundle's first member", vec![write("mimetype", b"application/vnd.litopys+zip")]);
    with("readme", "W001", "a file README.txt", vec![write("README.txt", b"x")]);
    with(
        "leftover",
        "W002",
        "the partial tiles of a smaller log",
        vec![
            write("tile/0/000.p/2", b"x"),
            write("tile/entries/000.p/2", b"x"),
            write("tile/manifests/000.p/2", b"x"),
            write("tile/packs/000.p/2", b"x"),
        ],
    );
    with("leftover-later", "W002", "a tile of a larger log", vec![write("tile/entries/001.p/1", b"x")]);
    with("leftover-full", "W002", "a full tile that the log doesn't fill", vec![write("tile/0/000", b"x")]);
    with(
        "leftover-level",
        "W002",
        "a hash tile of a level that the log doesn't reach",
        vec![write("tile/1/000.p/1", b"x")],
    );
    with(
        "stray-file",
        "W001",
        "a file below files/ that nothing names",
        vec![write(&file_name(&[0xaa; 32], false), b"x")],
    );
    with(
        "stray-zst",
        "W001",
        "a compressed file below files/ that nothing names",
        vec![write(&file_name(&sha256(b"Two.\n"), true), &frame(b"Two.\n"))],
    );
    with(
        "link-stray",
        "W001",
        "a symbolic link of another name",
        vec![Edit::Link("notes".into(), "checkpoint".into())],
    );
    with("link-nowhere", "W001", "a symbolic link to nothing", vec![Edit::Link("notes".into(), "nowhere".into())]);
    with(
        "link-folder-stray",
        "W001",
        "a symbolic link to a folder, under another name",
        vec![Edit::Link("notes".into(), "tile".into())],
    );
    with(
        "link-loop",
        "W001",
        "a symbolic link to the folder that it is in",
        vec![Edit::Link("loop".into(), ".".into())],
    );
    with(
        "link-checkpoint",
        "E003",
        "the checkpoint is a symbolic link to its own bytes",
        vec![Edit::Move("checkpoint".into(), "elsewhere".into()), Edit::Link("checkpoint".into(), "elsewhere".into())],
    );
    with(
        "link-tile",
        "E003",
        "a tile is a symbolic link to its own bytes",
        vec![
            Edit::Move("tile/packs/000.p/3".into(), "elsewhere".into()),
            Edit::Link("tile/packs/000.p/3".into(), "../../../elsewhere".into()),
        ],
    );
    with(
        "link-folder",
        "E003",
        "a folder of tiles is a symbolic link to those tiles",
        vec![
            Edit::Move("tile/packs".into(), "elsewhere".into()),
            Edit::Link("tile/packs".into(), "../elsewhere".into()),
        ],
    );
    with(
        "link-tiles",
        "E003",
        "the folder of all tiles is a symbolic link",
        vec![Edit::Move("tile".into(), "elsewhere".into()), Edit::Link("tile".into(), "elsewhere".into())],
    );
    with(
        "folder-as-file",
        "E003",
        "a folder in place of the checkpoint",
        vec![Edit::Remove("checkpoint".into()), write("checkpoint/checkpoint", b"x")],
    );
    with(
        "file-as-folder",
        "E003",
        "a file in place of a folder of tiles",
        vec![Edit::Move("tile/packs".into(), "elsewhere".into()), write("tile/packs", b"x")],
    );
    with("empty", "E003", "no checkpoint", vec![Edit::Remove("checkpoint".into())]);

    let name = file_name(&sha256(&[b'x'; super::LARGE]), true);
    let mut large = |name: &str, expected: &str, about: &str, edits: Vec<Edit>| {
        set.folder(&format!("folder/{name}"), "good/files", expected, about, edits);
    };
    large(
        "link-file",
        "E054",
        "a large file is a symbolic link to its own bytes",
        vec![Edit::Move(name.clone(), "elsewhere".into()), Edit::Link(name.clone(), "../../../elsewhere".into())],
    );
    large(
        "link-files",
        "E054",
        "the folder of large files is a symbolic link",
        vec![Edit::Move("files".into(), "elsewhere".into()), Edit::Link("files".into(), "elsewhere".into())],
    );
    large(
        "small-file",
        "W001",
        "a small file below files/ that the pack has too",
        vec![write(&file_name(&sha256(b"Text.\n"), false), b"Text.\n")],
    );

    let mut two = |name: &str, expected: &str, about: &str, edits: Vec<Edit>| {
        set.folder(&format!("folder/{name}"), "good/two-tiles", expected, about, edits);
    };
    let root = vec![7; 32];
    two("upper-other", "E021", "a hash tile of level 1 with another hash", vec![write("tile/1/000.p/1", &root)]);
    two("upper-missing", "E003", "a hash tile of level 1 is missing", vec![Edit::Remove("tile/1/000.p/1".into())]);
    two("full-missing", "E003", "the full entries tile is missing", vec![Edit::Remove("tile/entries/000".into())]);
    two(
        "second-missing",
        "E003",
        "the second entries tile is missing",
        vec![Edit::Remove("tile/entries/001.p/2".into())],
    );
    two("second-hashes", "E021", "the second hash tile with other hashes", vec![write("tile/0/001.p/2", &[7; 64])]);
    two("second-packs", "E060", "the second pack is empty", vec![write("tile/packs/001.p/2", b"")]);
    two(
        "partial-beside-full",
        "W002",
        "the partial tiles of a log before the tile was full",
        vec![write("tile/0/000.p/255", b"x"), write("tile/entries/000.p/1", b"x")],
    );
    let old = vec![Edit::Write("checkpoint".into(), {
        let mut a = chain().build();
        a.truncate(3);
        a.checkpoint()
    })];
    set.folder(
        "folder/old-checkpoint",
        "good/chain",
        "E003",
        "the checkpoint of a smaller log, whose tiles are gone",
        old,
    );
    let other = vec![Edit::Write("checkpoint".into(), small().build().checkpoint())];
    let about = "the checkpoint of another archive of the same origin, by another log key";
    set.folder("folder/other-checkpoint", "good/one-key", "E012", about, other);
}
