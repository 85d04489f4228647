//! What the machine does to a command: locks, full and broken disks, pipes that nobody reads, many at once.

use std::fs::File;
use std::io::Read;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::run::{Ran, Sandbox};

#[test]
fn a_second_writer_is_told_that_the_archive_is_busy_or_waits() {
    let sandbox = Sandbox::with_archive();
    sandbox.write("a.md", "# One\n\nIt was said otherwise.\n");
    let lock = File::options().append(true).open(sandbox.join("arch/.lock")).unwrap();
    lock.lock().unwrap();
    let before = sandbox.snapshot("arch");
    let ran = sandbox.run("add arch a.md");
    assert_eq!((ran.code, ran.stdout.as_str()), (5, ""));
    assert!(ran.stderr.starts_with("error: arch: another process is writing to this archive\nhint: --wait"), "{ran:?}");
    let began = Instant::now();
    assert_eq!(sandbox.run("add arch a.md --wait 1").code, 5);
    assert!(began.elapsed() >= Duration::from_secs(1));
    assert_eq!(sandbox.snapshot("arch"), before);
    assert_eq!(sandbox.run("correct arch a.md --title B --json").json()["error"]["code"], 5);

    // One waits on while another, begun after it, comes, is told and goes.
    let mut waiting =
        sandbox.command("add arch a.md --wait 60").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    assert_eq!(sandbox.run("add arch a.md").code, 5);
    assert_eq!(waiting.try_wait().unwrap(), None);
    lock.unlock().unwrap();
    let ran = Ran::from(waiting.wait_with_output().unwrap());
    assert_eq!(ran.code, 0, "{ran:?}");
    sandbox.ok("verify arch");
}

#[test]
fn writers_at_once_lose_nothing() {
    let sandbox = Sandbox::with_archive();
    let spawn = |nth: usize| {
        sandbox.write(&format!("in{nth}/{nth}.md"), &format!("# {nth}\n\nText {nth}.\n"));
        sandbox
            .command(&format!("add --wait 60 arch in{nth}"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let children: Vec<_> = (0..6).map(spawn).collect();
    for child in children {
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    assert_eq!(sandbox.ok("verify --json arch").json()["counts"]["articles"], 7);
}

#[test]
fn a_folder_that_cannot_be_written_stays_as_it_was() {
    let sandbox = Sandbox::with_archive();
    // The next entries tile can't take its name, whoever runs this.
    std::fs::create_dir(sandbox.join("arch/tile/entries/000.p/3")).unwrap();
    sandbox.write("b.md", "# B\n");
    let before = sandbox.snapshot("arch");
    let ran = sandbox.run("add arch b.md");
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("tile/entries/000.p/3 can't be written"), "{ran:?}");
    assert_eq!(sandbox.snapshot("arch"), before);
    std::fs::remove_dir(sandbox.join("arch/tile/entries/000.p/3")).unwrap();
    sandbox.ok("add arch b.md");
    sandbox.ok("verify arch");

    // Nor can an archive be made below a file, or a key, or a pin kept.
    assert_eq!(sandbox.run("create b.md/arch").code, 2);
    assert_eq!(sandbox.run("key new b.md/key").code, 2);
    let mut command = sandbox.command("trust add arch");
    let ran = Ran::from(command.env("LITOPYS_HOME", sandbox.join("b.md")).output().unwrap());
    assert_eq!(ran.code, 2, "{ran:?}");
}

#[test]
fn nobody_reading_is_no_error() {
    let sandbox = Sandbox::new();
    // More than a pipe holds.
    sandbox.write("a.md", &format!("# A\n\n{}\n", "word ".repeat(200_000)));
    let mut child = sandbox.command("inspect a.md").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 16];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.stderr.as_str()), (141, ""));
}

#[test]
fn what_is_signed_stays_signed_when_nobody_reads() {
    let sandbox = Sandbox::with_archive();
    sandbox.write("b.md", "# B\n");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let ran = Ran::from(sandbox.command("add arch b.md").stdout(writer).stderr(Stdio::piped()).output().unwrap());
    assert_eq!((ran.code, ran.stderr.as_str()), (141, ""));
    assert_eq!(sandbox.ok("verify --json arch").json()["counts"]["articles"], 2);
    assert_eq!(sandbox.ok("trust list --json").json()["checkpoint"]["size"], 3);
}

#[test]
fn standard_input_is_an_input() {
    let sandbox = Sandbox::with_archive();
    let ran = sandbox.with_stdin("add arch - --subject told", "Told\n\nIt was told.\n");
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = sandbox.with_stdin("add arch -", "Told\n\nIt was told.\n");
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("error: -: has no subject"), "{ran:?}");
}

#[test]
fn many_articles_over_several_tiles_are_signed_in_and_named_one_by_one() {
    let sandbox = Sandbox::with_archive();
    for nth in 0..600 {
        sandbox.write(&format!("in/{nth:03}.txt"), &format!("Title {nth}\n\nText {nth}.\n"));
    }
    let lines = sandbox.ok("add --json arch in").lines();
    assert_eq!(lines.len(), 601);
    let wrong = lines[..600].iter().enumerate().find(|(nth, line)| line["subject"] != format!("{nth:03}.txt"));
    assert_eq!(wrong, None);
    let counts = &sandbox.ok("verify --json arch").json()["counts"];
    assert_eq!((counts["statements"].as_u64(), counts["articles"].as_u64()), (Some(602), Some(601)));
}
