//! What every job needs: the workloads, the programs, and where to put things.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::args::{Args, Scale};
use crate::process::Runner;
use crate::workload::Workloads;
use crate::{Result, disk, tool};

/// One run of this program.
pub(crate) struct Bench {
    pub(crate) runner: Runner,
    pub(crate) workloads: Workloads,
    pub(crate) litopys: PathBuf,
    pub(crate) p2p: Option<PathBuf>,
    pub(crate) runs: usize,
    pub(crate) scale: Scale,
    /// Whether only what has a target is measured.
    pub(crate) targets: bool,
    dir: PathBuf,
    aside: AtomicU64,
}

impl Bench {
    /// Finds the programs and makes the folders.
    pub(crate) fn new(args: &Args) -> Result<Self> {
        // Absolute: commands run in other folders.
        let given = args.workloads.as_ref().map(|dir| dir.canonicalize()).transpose()?;
        let name = match &given {
            Some(given) => format!("given{}", given.to_string_lossy().replace(['/', '\\', '.', ':'], "-")),
            None => args.scale.slug(),
        };
        fs::create_dir_all(args.work.join(&name))?;
        let dir = args.work.join(name).canonicalize()?;
        let bench = Self {
            runner: Runner::new(&dir, args.timeout()),
            workloads: Workloads::new(dir.clone(), args.scale, given),
            litopys: litopys(args.litopys.as_deref())?,
            p2p: p2p(args.p2p.as_deref())?,
            runs: usize::from(args.runs),
            scale: args.scale,
            targets: args.targets,
            dir,
            aside: AtomicU64::new(0),
        };
        // What an earlier build of litopys wrote says nothing about this one. What peers wrote stays.
        disk::fresh(&bench.ours(""))?;
        disk::remove(&bench.dir.join("aside"))?;
        fs::create_dir_all(bench.peer(""))?;
        Ok(bench)
    }

    /// A path for what litopys writes.
    pub(crate) fn ours(&self, name: &str) -> PathBuf {
        self.dir.join("ours").join(name)
    }

    /// A path for what a peer reads or writes.
    pub(crate) fn peer(&self, name: &str) -> PathBuf {
        self.dir.join("peers").join(name)
    }

    /// Takes what was made there before out of the way. It is removed at the end: for a minute and more after files are removed, ext4 makes new ones
    /// slowly.
    pub(crate) fn put_aside(&self, path: &Path) -> Result<()> {
        let aside = self.dir.join("aside");
        fs::create_dir_all(&aside)?;
        if path.exists() {
            fs::rename(path, aside.join(self.aside.fetch_add(1, Ordering::Relaxed).to_string()))?;
        }
        Ok(())
    }

    /// Has what was written before written out, so that no command pays for another's.
    pub(crate) fn settle(&self) {
        if let Some(sync) = tool::find("sync") {
            // A courtesy to what is measured next: where it fails, there is only more noise.
            let _ = std::process::Command::new(sync).arg("-f").arg(&self.dir).status();
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // The next run tries again.
        let _ = disk::remove(&self.dir.join("aside"));
    }
}

fn litopys(given: Option<&Path>) -> Result<PathBuf> {
    let path = match given {
        Some(path) => path.to_owned(),
        None => std::env::current_exe()?.with_file_name(format!("litopys{}", std::env::consts::EXE_SUFFIX)),
    };
    path.canonicalize()
        .map_err(|_| format!("no litopys at {}: cargo build --release, or --litopys PATH", path.display()).into())
}

fn p2p(given: Option<&Path>) -> Result<Option<PathBuf>> {
    if let Some(path) = given {
        return path.canonicalize().map(Some).map_err(|error| format!("{}: {error}", path.display()).into());
    }
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/p2panda/target/release/p2p");
    Ok(tool::find("p2p").or_else(|| Some(built).filter(|path| path.exists())))
}
