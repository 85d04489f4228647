//! The commands of litopys that are measured.

use std::fs;
use std::path::{Path, PathBuf};

use crate::bench::Bench;
use crate::measure::Task;
use crate::process::Cmd;
use crate::workload::ROUNDS;
use crate::{Result, disk};

/// Whether archives are trusted is no question here: intact, but of an unknown archive (3), is fine.
const INTACT: &[i32] = &[0, 3];

impl Bench {
    /// A litopys command that remembers in the folder `home`, and nowhere else.
    fn litopys(&self, home: &str) -> Cmd {
        Cmd::new(&self.litopys).env("LITOPYS_HOME", self.ours(home)).env("NO_COLOR", "1")
    }

    /// The key that every archive here is signed with.
    fn key(&self) -> Result<PathBuf> {
        disk::prepared(&self.ours("keys"), |dir| {
            self.runner.run(&self.litopys("home").args(["key", "new"]).arg(dir.join("bench"))).map(drop)
        })
        .map(|dir| dir.join("bench"))
    }

    /// Starts an archive with the first of the folders and adds the others to it, a command each.
    fn archiving(&self, home: &str, archive: &Path, rounds: &[PathBuf]) -> Result<Vec<Cmd>> {
        let key = self.key()?;
        let name = archive.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let command = |(number, round): (usize, &PathBuf)| {
            let verb = if number == 0 { "create" } else { "add" };
            let command = self.litopys(home).arg(verb).arg(archive).arg(round).arg("--key").arg(&key);
            match number {
                0 => command.arg("--origin").arg(format!("bench.example/{name}")).arg("--title").arg(&name),
                _ => command,
            }
        };
        Ok(rounds.iter().enumerate().map(command).collect())
    }

    /// The archive of these folders, made once a run of this program.
    pub(crate) fn archive(&self, name: &str, rounds: &[PathBuf]) -> Result<PathBuf> {
        disk::prepared(&self.ours(&format!("made-{name}")), |dir| {
            let commands = self.archiving("home", &dir.join(name), rounds)?;
            commands.iter().try_for_each(|command| self.runner.run(command).map(drop))
        })
        .map(|dir| dir.join(name))
    }

    /// A copy of an archive, grown by one more folder: the two of them are what a diff compares.
    pub(crate) fn grown(&self, archive: &Path, name: &str, round: &Path) -> Result<PathBuf> {
        let key = self.key()?;
        disk::prepared(&self.ours(&format!("grown-{name}")), |dir| {
            let copy = dir.join(name);
            disk::copy(archive, &copy)?;
            let add = self.litopys("home").arg("add").arg(copy).arg(round).arg("--key").arg(key);
            self.runner.run(&add).map(drop)
        })
        .map(|dir| dir.join(name))
    }

    /// The archive as a bundle.
    pub(crate) fn bundle(&self, name: &str, archive: &Path) -> Result<PathBuf> {
        let out = self.ours(&format!("{name}.litopys"));
        disk::remove(&out)?;
        self.runner.run(&self.litopys("home").arg("bundle").arg(archive).arg(&out))?;
        Ok(out)
    }

    /// Creating an archive of these folders, from nothing each time.
    pub(crate) fn create_task(&self, label: &str, name: &str, rounds: &[PathBuf]) -> Result<Task<'_>> {
        let (out, home) = (self.ours("new"), self.ours("home-new"));
        let commands = self.archiving("home-new", &out.join(name), rounds)?;
        Ok(Task::of(label, commands).after(move || {
            for dir in [&out, &home] {
                self.put_aside(dir)?;
                fs::create_dir_all(dir)?;
            }
            self.settle();
            Ok(())
        }))
    }

    /// Verifying an archive or bundle, without any memory of it: so every signature is checked each time.
    pub(crate) fn verify_task(&self, label: &str, archive: &Path) -> Task<'_> {
        let command = self.litopys("home-verify").arg("verify").arg(archive).arg("--quiet").accept(INTACT);
        Task::new(label, command).after(|| disk::fresh(&self.ours("home-verify")))
    }

    /// Comparing two archives, which differ.
    pub(crate) fn diff_task(&self, label: &str, from: &Path, to: &Path, names_only: bool) -> Task<'_> {
        let command = self.litopys("home").arg("diff").arg(from).arg(to).accept(&[1]);
        Task::new(label, if names_only { command.arg("--names-only") } else { command })
    }
}

/// The folders of W1's rounds.
pub(crate) fn rounds(w1: &Path) -> Vec<PathBuf> {
    ROUNDS.iter().map(|round| w1.join(round)).collect()
}
