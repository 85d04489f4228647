//! git: a repository with a commit for each version, its pack, its check, its diffs, and signed commits.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::bench::Bench;
use crate::measure::{Peer, Task};
use crate::process::Cmd;
use crate::{Result, disk, tool};

/// Which files a commit brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Commits {
    /// One file each: as many commits as statements.
    EachFile,
    /// One folder each.
    EachFolder,
}

/// Makes a repository of the folders through `git fast-import`, each over the one before, and has git pack it.
pub(crate) fn repository(bench: &Bench, name: &str, folders: &[PathBuf], commits: Commits) -> Result<Option<PathBuf>> {
    let Some(program) = tool::find("git") else { return Ok(None) };
    let made = disk::prepared(&bench.peer(&format!("git-{name}")), |dir| {
        bench.runner.run(&git(&program, dir).args(["init", "--quiet", "--bare", "--initial-branch=main"]))?;
        let stream = bench.peer("git-stream");
        write_stream(folders, commits, &stream)?;
        bench.runner.run(&git(&program, dir).args(["fast-import", "--quiet"]).input(&stream))?;
        disk::remove(&stream)?;
        bench.runner.run(&git(&program, dir).args(["gc", "--quiet"])).map(drop)
    })?;
    Ok(Some(made))
}

/// A copy of the repository whose deltas git has sought anew: the smallest that it makes by itself.
pub(crate) fn repacked(bench: &Bench, name: &str, repository: &Path) -> Result<Option<PathBuf>> {
    let Some(program) = tool::find("git") else { return Ok(None) };
    let made = disk::prepared(&bench.peer(&format!("git-{name}-repacked")), |dir| {
        disk::copy(repository, dir)?;
        bench.runner.run(&git(&program, dir).args(["repack", "-a", "-d", "-f", "--quiet"])).map(drop)
    })?;
    Ok(Some(made))
}

/// Checks all objects of a repository: hashes and links; there are no signatures.
pub(crate) fn fsck(repository: Option<PathBuf>) -> Peer<'static> {
    task("git fsck --full", repository, &["fsck", "--full", "--no-progress"])
}

/// Names of the files that the last commit changed.
pub(crate) fn diff_names(repository: Option<PathBuf>) -> Peer<'static> {
    task("git diff --name-only", repository, &["diff", "--name-only", "main~1", "main"])
}

/// What the last commit changed in them.
pub(crate) fn diff_text(repository: Option<PathBuf>) -> Peer<'static> {
    task("git diff", repository, &["diff", "main~1", "main"])
}

/// Adds and commits the loose files of each folder in turn, then packs all. The commits are not signed.
pub(crate) fn commit<'a>(bench: &'a Bench, folders: &[PathBuf]) -> Peer<'a> {
    let Some(program) = tool::find("git") else { return Ok(None) };
    let dir = bench.peer("git-new");
    let mut commands = Vec::new();
    for folder in folders {
        let git = || git(&program, &dir).env("GIT_WORK_TREE", folder).dir(folder);
        commands.push(git().args(["add", "--all"]));
        commands.push(git().args(["-c", "gc.auto=0", "commit", "--quiet", "--message=round"]));
    }
    commands.push(git(&program, &dir).args(["gc", "--quiet"]));
    Ok(Some(Task::of("git add, commit, gc", commands).after(move || {
        bench.put_aside(&dir)?;
        disk::fresh(&dir)?;
        bench.runner.run(&git(&program, &dir).args(["init", "--quiet", "--bare"]))?;
        bench.settle();
        Ok(())
    })))
}

/// Verifies so many commits that are signed with an SSH key.
pub(crate) fn verify_commits<'a>(bench: &'a Bench, count: usize) -> Peer<'a> {
    let (Some(program), Some(keygen)) = (tool::find("git"), tool::find("ssh-keygen")) else { return Ok(None) };
    let dir = disk::prepared(&bench.peer(&format!("git-signed-{count}")), |dir| {
        bench.runner.run(&git(&program, dir).args(["init", "--quiet", "--bare"]))?;
        bench.runner.run(&Cmd::new(&keygen).args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", "key"]).dir(dir))?;
        fs::write(dir.join("allowed"), format!("a@bench.example {}", fs::read_to_string(dir.join("key.pub"))?))?;
        let commit = ["-c", "user.signingkey=key", "commit", "--quiet", "-S", "--allow-empty", "--message=signed"];
        let commit = signing(&program, dir).env("GIT_WORK_TREE", dir).args(commit);
        (0..count).try_for_each(|_| bench.runner.run(&commit).map(drop))
    })?;
    let commits = bench.runner.output(&git(&program, &dir).args(["rev-list", "HEAD"]))?;
    let command = signing(&program, &dir).arg("verify-commit").args(commits.lines());
    Ok(Some(Task::new(format!("git verify-commit, {count} commits"), command)))
}

/// The bytes of a repository's packs, without their indexes.
pub(crate) fn pack_size(repository: &Path) -> Result<u64> {
    let dir = repository.join("objects/pack");
    let packs = disk::files(&dir)?.into_iter().filter(|path| path.extension().is_some_and(|kind| kind == "pack"));
    packs.map(|path| disk::size(&dir.join(path))).sum()
}

fn task(label: &str, repository: Option<PathBuf>, args: &[&str]) -> Peer<'static> {
    let found = tool::find("git").zip(repository);
    Ok(found.map(|(program, dir)| Task::new(label, git(&program, &dir).args(args.iter().copied()))))
}

/// git on this bare repository and no other, regardless of how its user has configured it.
fn git(program: &Path, dir: &Path) -> Cmd {
    let command = Cmd::new(program).dir(dir).env("GIT_DIR", dir);
    let command = command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"]
        .into_iter()
        .fold(command, |command, name| command.env(name, "a@bench.example"))
}

fn signing(program: &Path, dir: &Path) -> Cmd {
    git(program, dir).args(["-c", "gpg.format=ssh", "-c", "gpg.ssh.allowedSignersFile=allowed"])
}

/// Writes the input of `git fast-import`.
fn write_stream(folders: &[PathBuf], commits: Commits, out: &Path) -> Result<()> {
    let mut stream = BufWriter::new(File::create(out)?);
    let mut time = 1_790_000_000;
    let mut commit = |stream: &mut BufWriter<File>, message: &str| {
        time += 1;
        let length = message.len();
        write!(stream, "commit refs/heads/main\ncommitter A <a@bench.example> {time} +0000\ndata {length}\n{message}\n")
    };
    for folder in folders {
        if commits == Commits::EachFolder {
            commit(&mut stream, "round")?;
        }
        for path in disk::files(folder)? {
            let name = path.to_str().ok_or("a path that is no text")?;
            if commits == Commits::EachFile {
                commit(&mut stream, name)?;
            }
            let bytes = fs::read(folder.join(&path))?;
            writeln!(stream, "M 100644 inline {name}\ndata {}", bytes.len())?;
            stream.write_all(&bytes)?;
            stream.write_all(b"\n")?;
        }
    }
    Ok(stream.flush()?)
}
