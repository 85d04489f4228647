//! What a witness saw of each log before: one JSON file a witness's key and origin. It moves forward only, and before anything is signed by it.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use litopys::fork::SignedState;
use litopys::log::cosignature::WitnessKey;
use litopys::{ArchiveId, FileDigest, Origin, PublicKey, StatementId, TreeHead, Utc, limits};
use serde::{Deserialize, Serialize};

use super::{Home, lock_file, paths_in, private_dir, write_private};
use crate::failure::{Exit, Failure};

/// What a witness saw last of a log.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    schema: u32,
    /// The witness's verifier key.
    witness: String,
    origin: String,
    archive: String,
    size: u64,
    root: String,
    /// The time of its newest cosignature.
    time: Utc,
    /// The signed state, so that a fork can be proved and not only told.
    state: String,
}

/// What a witness saw of one log, held by one process until it is dropped.
pub(crate) struct WitnessState {
    path: PathBuf,
    seen: Option<Seen>,
    _lock: File,
}

impl Home {
    /// Where it is kept what the witness with this key saw of the log with this origin.
    pub(crate) fn witness_path(&self, key: &PublicKey, origin: &Origin) -> PathBuf {
        let log = FileDigest::of(origin.as_str().as_bytes()).to_hex();
        self.witness_dir(key).join(format!("{log}.json"))
    }

    fn witness_dir(&self, key: &PublicKey) -> PathBuf {
        self.root.join("witness").join(StatementId::from_bytes(*key.as_bytes()).to_hex())
    }

    /// What this key calls itself as a witness, if it is one already.
    pub(crate) fn witness_name(&self, key: &PublicKey) -> Option<String> {
        let mut paths = paths_in(&self.witness_dir(key)).ok()?;
        paths.retain(|path| path.extension().is_some_and(|ext| ext == "json"));
        paths.iter().find_map(|path| Some(read(path).ok()?.0.name().to_owned()))
    }
}

impl WitnessState {
    /// Takes hold of what is kept in this file, if anything is.
    pub(crate) fn open(path: PathBuf) -> Result<Self, Failure> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
            private_dir(folder)?;
        }
        let mut name = path.clone().into_os_string();
        name.push(".lock");
        let lock = PathBuf::from(name);
        let file = lock_file(&lock)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::new(Exit::Busy, "this witness is looking at this log already"));
            }
            Err(TryLockError::Error(error)) => return Err(Failure::io(&lock, &error)),
        }
        let seen = if path.exists() { Some(read(&path)?.1) } else { None };
        Ok(Self { path, seen, _lock: file })
    }

    /// The witness that it is kept for.
    pub(crate) fn witness(&self) -> Option<WitnessKey> {
        self.seen.as_ref()?.witness.parse().ok()
    }

    /// Which log it is of.
    pub(crate) fn origin(&self) -> Option<&str> {
        Some(&self.seen.as_ref()?.origin)
    }

    /// The archive and the checkpoint that were seen last.
    pub(crate) fn seen(&self) -> Option<(ArchiveId, TreeHead)> {
        head(self.seen.as_ref()?)
    }

    /// What was seen last, as it was signed.
    pub(crate) fn state(&self) -> Option<SignedState> {
        SignedState::parse(self.seen.as_ref()?.state.as_bytes()).ok()
    }

    /// When the witness cosigned last.
    pub(crate) fn time(&self) -> Option<&Utc> {
        self.seen.as_ref().map(|seen| &seen.time)
    }

    /// Moves forward to a checkpoint that was checked, and extends what was seen before.
    pub(crate) fn advance(
        &mut self,
        witness: &WitnessKey,
        archive: ArchiveId,
        (origin, state): (&Origin, &SignedState),
        time: &Utc,
    ) -> Result<(), Failure> {
        let head = state.claimed_head();
        let seen = Seen {
            schema: 1,
            witness: witness.to_string(),
            origin: origin.to_string(),
            archive: archive.to_hex(),
            size: head.size(),
            root: head.root().to_string(),
            time: time.clone(),
            state: state.to_text(),
        };
        let mut bytes = serde_json::to_vec_pretty(&seen).map_err(|error| Failure::of(Exit::Unable, &error))?;
        bytes.push(b'\n');
        write_private(&self.path, &bytes, true)?;
        self.seen = Some(seen);
        Ok(())
    }
}

fn head(seen: &Seen) -> Option<(ArchiveId, TreeHead)> {
    let root = StatementId::from_hex(&seen.root).ok()?.into();
    Some((ArchiveId::from_hex(&seen.archive).ok()?, TreeHead::new(seen.size, root)?))
}

/// What can't be read is an error: a witness that forgets what it saw would vouch for a fork.
fn read(path: &Path) -> Result<(WitnessKey, Seen), Failure> {
    let damaged = || {
        Failure::new(Exit::Unable, format_args!("{}: is not what litopys writes there", path.display()))
            .hint("it says what this witness saw: restore it, or never cosign this log with this key again")
    };
    let bytes = crate::clocks::read_bounded(path, 2 * limits::FORK_PROOF)?;
    let seen: Seen = serde_json::from_slice(&bytes).map_err(|_| damaged())?;
    let witness = seen.witness.parse().map_err(|_| damaged())?;
    let noted = SignedState::parse(seen.state.as_bytes()).map_err(|_| damaged())?;
    let (_, head) = head(&seen).ok_or_else(damaged)?;
    let whole = seen.schema == 1 && noted.claimed_head() == head;
    if whole { Ok((witness, seen)) } else { Err(damaged()) }
}
