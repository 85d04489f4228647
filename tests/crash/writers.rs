//! Writers beside each other, and where none can write.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use litopys::store::folder::{FolderWriter, WriteError};

use crate::disk::snapshot;
use crate::support::archives::{add, archive_of, draft, lock, open};
use crate::{contents, texts};

#[test]
fn one_writer_at_a_time() {
    let dir = archive_of(&[&texts(0..2)]);
    let first = open(lock(dir.path())).unwrap();
    let busy = FolderWriter::lock(dir.path(), Duration::ZERO);
    assert!(matches!(busy, Err(WriteError::Busy)));
    drop(first);
    // Two processes of two threads, each with batches of its own, wait for each other; nothing is lost.
    let child = |who| {
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "writers::writes_where_another_process_writes"])
            .env(WRITER, who)
            .env(FOLDER, dir.path());
        command.stdout(std::process::Stdio::null()).spawn().unwrap()
    };
    for mut child in [child("a"), child("b")] {
        assert!(child.wait().unwrap().success());
    }
    let contents = contents(dir.path()).unwrap();
    assert_eq!(contents.articles.len(), 2 + 12 + 1);
    assert_eq!(contents.articles["of all"].0, 12, "no version was lost");
}

const WRITER: &str = "LITOPYS_TEST_WRITER";
const FOLDER: &str = "LITOPYS_TEST_FOLDER";

/// The other processes of [`one_writer_at_a_time`]; by itself it does nothing.
#[test]
fn writes_where_another_process_writes() {
    let (Ok(who), Some(root)) = (std::env::var(WRITER), std::env::var_os(FOLDER)) else { return };
    std::thread::scope(|scope| {
        for thread in [1, 2] {
            let (who, root) = (&who, Path::new(&root));
            scope.spawn(move || {
                for n in 0..3 {
                    let name = format!("{who} {thread} {n}");
                    let drafts = [draft(&name, "Alone.", None), draft("of all", &name, None)];
                    let writer = FolderWriter::lock(root, Duration::from_secs(600)).unwrap();
                    add(open(writer).unwrap(), &drafts, 1).unwrap();
                }
            });
        }
    });
}

#[test]
fn a_folder_that_cannot_be_written_is_left_as_it_is() {
    // A file, or nothing, where the folder should be.
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), "x").unwrap();
    for name in ["file", "nothing"] {
        let error = FolderWriter::lock(dir.path().join(name), Duration::ZERO).err();
        assert!(matches!(error, Some(WriteError::Io { .. })), "{name}: {error:?}");
    }
    assert_eq!(snapshot(dir.path()).len(), 1);
    // A folder without the right to write. The superuser may all the same: then there is nothing to see.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let base = archive_of(&[&texts(0..2)]);
        let before = snapshot(base.path());
        fs::remove_file(base.path().join(".lock")).unwrap();
        let mode = |mode| fs::set_permissions(base.path(), fs::Permissions::from_mode(mode)).unwrap();
        mode(0o555);
        let locked = FolderWriter::lock(base.path(), Duration::ZERO);
        mode(0o755);
        match locked {
            Err(WriteError::Io { source, .. }) => assert_eq!(source.kind(), ErrorKind::PermissionDenied),
            Err(other) => panic!("{other:?}"),
            Ok(_) => eprintln!("this user may write anywhere"),
        }
        assert_eq!(snapshot(base.path()), before);
    }
}
