//! A job that is stopped at every step.

use std::cell::RefCell;
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::io::ErrorKind;
use std::path::Path;

use litopys::archive::ArchiveError;
use litopys::store::folder::FolderWriter;

use crate::disk::{Disked, Fault, Loss, Unsynced, snapshot};
use crate::support::archives::{Contents, WAIT};
use crate::{contents, folder_of};

/// Something that is done to a folder and may be interrupted.
pub(crate) struct Case<'a> {
    base: &'a Path,
    job: &'a dyn Fn(FolderWriter) -> Result<(), ArchiveError>,
    /// Whether the job is also done where it was done before: `create` is not.
    again: bool,
    /// The states that were looked at: many losses leave the same.
    seen: RefCell<HashSet<u64>>,
}

impl<'a> Case<'a> {
    pub(crate) fn new(base: &'a Path, job: &'a dyn Fn(FolderWriter) -> Result<(), ArchiveError>, again: bool) -> Self {
        Self { base, job, again, seen: RefCell::default() }
    }

    fn run(&self, disk: &Disked, root: &Path) -> Result<(), ArchiveError> {
        let writer = FolderWriter::lock_on(Box::new(disk.clone()), root.to_owned(), WAIT)?;
        (self.job)(writer)
    }

    /// Stops the job at every step in turn, in every way; how many steps there are.
    pub(crate) fn stop_everywhere(&self) -> usize {
        let old = contents(self.base);
        let done = folder_of(&snapshot(self.base));
        let disk = Disked::new(done.path(), None);
        self.run(&disk, done.path()).unwrap();
        let new = contents(done.path());
        assert_ne!(old, new);
        let steps = disk.model().steps.len();
        // It took effect and said so: no loss of power takes it back.
        for seed in 0..8 {
            let loss = if seed == 0 { Loss::All } else { Loss::Some(seed) };
            self.after(&disk, loss, &[&new], "the end");
        }
        for at in 0..steps {
            let of = |step: &str| disk.model().steps[at].starts_with(step);
            let full = if at % 2 == 0 { ErrorKind::StorageFull } else { ErrorKind::PermissionDenied };
            let mut faults = vec![Fault::Stop, Fault::Fail(full)];
            faults.extend(of("write").then_some(Fault::Torn));
            faults.extend(of("rename").then_some(Fault::Unsure));
            for fault in faults {
                let dir = folder_of(&snapshot(self.base));
                let disk = Disked::new(dir.path(), Some((at, fault)));
                let result = self.run(&disk, dir.path());
                let step = disk.faulted().expect("each run takes the same steps");
                let place = format!("{fault:?} at step {at} of {steps}: {step}");
                self.judge(&disk, dir.path(), fault, result, (&old, &new), &place);
            }
        }
        steps
    }

    fn judge(
        &self,
        disk: &Disked,
        root: &Path,
        fault: Fault,
        result: Result<(), ArchiveError>,
        (old, new): (&Option<Contents>, &Option<Contents>),
        place: &str,
    ) {
        let found = contents(root);
        assert!(found == *old || found == *new, "{place}: {:?}", found.map(|found| found.checkpoint));
        if result.is_ok() {
            assert_eq!(found, *new, "{place}");
        }
        match fault {
            Fault::Stop | Fault::Torn => {
                let seed = place.bytes().fold(7, |seed: u64, byte| seed.wrapping_mul(31) + u64::from(byte));
                for loss in [Loss::All, Loss::AllButCheckpoint, Loss::Some(seed)] {
                    self.after(disk, loss, &[old, new], place);
                }
            }
            Fault::Fail(_) | Fault::Unsure => {
                if result.is_err() && found == *old {
                    assert_eq!(snapshot(root), snapshot(self.base), "{place}: something was changed");
                }
                self.after(disk, Loss::All, &[old, new], place);
            }
        }
        // The next one, in the folder as it is; what that did outlives a loss of power.
        if self.again || found == *old {
            disk.restart();
            self.run(disk, root).unwrap_or_else(|error| panic!("{place}, and again: {error:?}"));
            let again = contents(root);
            assert_eq!(again.as_ref().map(|c| &c.articles), new.as_ref().map(|c| &c.articles), "{place}");
            self.after(disk, Loss::All, &[&again], place);
        }
    }

    /// After a loss of power the archive is one of these, and can be written on.
    fn after(&self, disk: &Disked, loss: Loss, expected: &[&Option<Contents>], place: &str) {
        let place = format!("{place}, {loss:?} lost");
        let left = disk.model().after(loss);
        let mut hasher = std::hash::DefaultHasher::new();
        let heads: Vec<_> = expected.iter().map(|contents| contents.as_ref().map(|c| c.checkpoint)).collect();
        (&left, format!("{heads:?}")).hash(&mut hasher);
        if !self.seen.borrow_mut().insert(hasher.finish()) {
            return;
        }
        let dir = folder_of(&left);
        let found = contents(dir.path());
        assert!(expected.contains(&&found), "{place}: {:?}", found.map(|found| found.checkpoint));
        if self.again || found.is_none() {
            let writer = FolderWriter::lock_on(Box::new(Unsynced), dir.path().to_owned(), WAIT).unwrap();
            (self.job)(writer).unwrap_or_else(|error| panic!("{place}, and again: {error:?}"));
            if matches!(loss, Loss::All) {
                contents(dir.path()).unwrap();
            }
        }
    }
}
