//! What the user trusts, and the newest checkpoint verified of it: one JSON file an archive, one a founder's key.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use litopys::check::{Anchor, Trust};
use litopys::fork::SignedState;
use litopys::log::cosignature::WitnessKey;
use litopys::{ArchiveId, PublicKey, StatementId, TreeHead, Utc, limits};
use serde::{Deserialize, Serialize};

use super::{Home, lock_file, paths_in, private_dir, write_private};
use crate::clocks::read_bounded;
use crate::failure::{Exit, Failure};

/// What is remembered of an archive.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Memory {
    schema: u32,
    archive: String,
    /// Whether the user said to trust it; otherwise it is trusted for its founder's key, and only remembered.
    pub(crate) pinned: bool,
    /// What it called itself then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) origin: Option<String>,
    /// When it was pinned, or first remembered.
    pub(crate) since: Utc,
    /// The newest checkpoint that was verified of it, or that the user was told of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checkpoint: Option<Seen>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    size: u64,
    root: String,
    /// Whether every signature up to it was verified here, and held.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    signed: bool,
}

/// What is known of a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// Every signature up to it was verified here, and held.
    Signed,
    /// It was seen, or the user was told of it.
    Seen,
}

impl Known {
    /// By how many entries are void: the signature of one may be what is wrong with it.
    pub(crate) const fn by_void(void: u64) -> Self {
        if void == 0 { Self::Signed } else { Self::Seen }
    }
}

/// A founder's key that the user trusts.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Founder {
    schema: u32,
    key: String,
    /// When it was pinned.
    pub(crate) since: Utc,
}

impl Memory {
    /// Of an archive that wasn't known so far.
    pub(crate) fn new(archive: ArchiveId, pinned: bool, origin: Option<String>, since: Utc) -> Self {
        Self { schema: 1, archive: archive.to_hex(), pinned, origin, since, checkpoint: None }
    }

    /// Which archive.
    pub(crate) fn archive(&self) -> Option<ArchiveId> {
        ArchiveId::from_hex(&self.archive).ok()
    }

    /// That checkpoint, if every signature up to it was verified here, and held.
    fn signed(&self) -> Option<TreeHead> {
        self.seen().filter(|_| self.checkpoint.as_ref().is_some_and(|seen| seen.signed))
    }

    /// The newest checkpoint known of it.
    pub(crate) fn seen(&self) -> Option<TreeHead> {
        let seen = self.checkpoint.as_ref()?;
        TreeHead::new(seen.size, StatementId::from_hex(&seen.root).ok()?.into())
    }

    /// Takes a newer checkpoint in, or more that is known of this one. An older one changes nothing.
    fn advance(&mut self, head: TreeHead, known: Known) -> bool {
        let signed = known == Known::Signed;
        let more = signed && self.signed().is_none() && self.seen() == Some(head);
        let news = more || self.seen().is_none_or(|seen| head.size() > seen.size());
        if news {
            self.checkpoint = Some(Seen { size: head.size(), root: head.root().to_string(), signed });
        }
        news
    }
}

impl Founder {
    /// The key.
    pub(crate) fn key(&self) -> Option<PublicKey> {
        PublicKey::from_openssh(&self.key).ok()
    }
}

/// A witness whose word the user takes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pinned {
    schema: u32,
    witness: String,
    /// When it was pinned.
    pub(crate) since: Utc,
}

impl Pinned {
    /// Which witness.
    pub(crate) fn witness(&self) -> Option<WitnessKey> {
        self.witness.parse().ok()
    }
}

/// All that is remembered.
#[derive(Debug, Default)]
pub(crate) struct Memories {
    /// Archives, by id.
    pub(crate) archives: Vec<Memory>,
    /// Founders' keys.
    pub(crate) founders: Vec<Founder>,
    /// Witnesses.
    pub(crate) witnesses: Vec<Pinned>,
}

impl Memories {
    /// The same, as a check takes it.
    pub(crate) fn trust(&self) -> Trust {
        let pinned = self.archives.iter().filter(|memory| memory.pinned);
        let archives = pinned.filter_map(|memory| memory.archive().map(Anchor::Archive));
        let founders = self.founders.iter().filter_map(|founder| founder.key().map(Anchor::Founder));
        let seen = self.archives.iter().filter_map(|memory| Some((memory.archive()?, memory.seen()?)));
        Trust { known: archives.chain(founders).collect(), seen: seen.collect(), ..Trust::default() }
    }

    /// The checkpoints up to which every signature was verified here, and held.
    pub(crate) fn signed(&self) -> Vec<(ArchiveId, TreeHead)> {
        self.archives.iter().filter_map(|memory| Some((memory.archive()?, memory.signed()?))).collect()
    }

    /// The witnesses that are pinned.
    pub(crate) fn witnesses(&self) -> Vec<WitnessKey> {
        self.witnesses.iter().filter_map(Pinned::witness).collect()
    }

    /// What is remembered of this archive.
    pub(crate) fn of(&self, archive: ArchiveId) -> Option<&Memory> {
        self.archives.iter().find(|memory| memory.archive() == Some(archive))
    }
}

impl Home {
    /// Reads all that is remembered. What can't be read is an error: to forget a pin in silence would be to weaken it.
    pub(crate) fn memories(&self) -> Result<Memories, Failure> {
        let mut paths = paths_in(&self.trust_dir())?;
        paths.retain(|path| path.extension().is_some_and(|ext| ext == "json"));
        let mut memories = Memories::default();
        for path in paths {
            let begins = |with: &[u8]| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(with));
            if begins(b"witness-") {
                let pinned: Pinned = read(&path)?;
                pinned.witness().filter(|_| pinned.schema == 1).ok_or_else(|| damaged(&path))?;
                memories.witnesses.push(pinned);
            } else if begins(b"key-") {
                let founder: Founder = read(&path)?;
                founder.key().filter(|_| founder.schema == 1).ok_or_else(|| damaged(&path))?;
                memories.founders.push(founder);
            } else {
                memories.archives.push(read_memory(&path)?);
            }
        }
        Ok(memories)
    }

    /// Pins an archive; one that is pinned already keeps what is remembered of it.
    pub(crate) fn pin(
        &self,
        archive: ArchiveId,
        origin: Option<String>,
        head: Option<(TreeHead, Known)>,
        now: Utc,
    ) -> Result<(), Failure> {
        self.change(archive, |memory| {
            let mut memory = memory.unwrap_or_else(|| Memory::new(archive, true, origin.clone(), now.clone()));
            memory.pinned = true;
            memory.origin = memory.origin.or_else(|| origin.clone());
            if let Some((head, known)) = head {
                memory.advance(head, known);
            }
            Some(memory)
        })
    }

    /// Remembers a checkpoint that was verified in full, of an archive that is trusted.
    pub(crate) fn remember(
        &self,
        archive: ArchiveId,
        origin: Option<String>,
        (head, known): (TreeHead, Known),
        now: Utc,
    ) -> Result<(), Failure> {
        self.change(archive, |memory| {
            let mut memory = memory.unwrap_or_else(|| Memory::new(archive, false, origin.clone(), now.clone()));
            memory.advance(head, known).then_some(memory)
        })
    }

    /// Pins a founder's key.
    pub(crate) fn pin_founder(&self, key: &PublicKey, now: Utc) -> Result<(), Failure> {
        let founder = Founder { schema: 1, key: key.to_openssh(""), since: now };
        self.locked(|| store(&self.founder_path(key), &founder))
    }

    /// Pins a witness.
    pub(crate) fn pin_witness(&self, witness: &WitnessKey, now: Utc) -> Result<(), Failure> {
        let pinned = Pinned { schema: 1, witness: witness.to_string(), since: now };
        self.locked(|| store(&self.witness_pin(witness), &pinned))
    }

    /// Forgets a witness; false if it wasn't known.
    pub(crate) fn forget_witness(&self, witness: &WitnessKey) -> Result<bool, Failure> {
        self.locked(|| remove(&self.witness_pin(witness)))
    }

    /// The files of root certificates of timestamp authorities that are pinned.
    pub(crate) fn tsa_roots(&self) -> Result<Vec<PathBuf>, Failure> {
        let mut paths = paths_in(&self.trust_dir())?;
        let is_roots = |path: &PathBuf| {
            let name = path.file_name().map(|name| name.as_encoded_bytes().to_vec()).unwrap_or_default();
            name.starts_with(b"tsa-") && name.ends_with(b".pem")
        };
        paths.retain(is_roots);
        Ok(paths)
    }

    /// Pins a file of root certificates of timestamp authorities, under this name.
    pub(crate) fn pin_tsa_roots(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        self.locked(|| write_private(&self.trust_dir().join(name), bytes, true))
    }

    /// Forgets it; false if it wasn't pinned.
    pub(crate) fn forget_tsa_roots(&self, name: &str) -> Result<bool, Failure> {
        self.locked(|| remove(&self.trust_dir().join(name)))
    }

    /// Keeps the newest signed state of an archive whose checkpoint is remembered: with it a fork can be proved, not only told.
    pub(crate) fn keep_state(&self, archive: ArchiveId, state: &SignedState) -> Result<(), Failure> {
        self.locked(|| write_private(&self.state_path(archive), state.to_text().as_bytes(), true))
    }

    /// The signed state with this head. What is kept may be another, or damaged: then there is none, and nothing is less safe.
    pub(crate) fn state(&self, archive: ArchiveId, head: TreeHead) -> Option<SignedState> {
        let bytes = read_bounded(&self.state_path(archive), limits::FORK_PROOF).ok()?;
        SignedState::parse(&bytes).ok().filter(|state| state.claimed_head() == head)
    }

    /// Forgets an archive; false if it wasn't known.
    pub(crate) fn forget(&self, archive: ArchiveId) -> Result<bool, Failure> {
        self.locked(|| {
            remove(&self.state_path(archive))?;
            remove(&self.memory_path(archive))
        })
    }

    /// Forgets a founder's key; false if it wasn't known.
    pub(crate) fn forget_founder(&self, key: &PublicKey) -> Result<bool, Failure> {
        self.locked(|| remove(&self.founder_path(key)))
    }

    fn change(&self, archive: ArchiveId, with: impl FnOnce(Option<Memory>) -> Option<Memory>) -> Result<(), Failure> {
        let path = self.memory_path(archive);
        self.locked(|| {
            // Read again under the lock: another process may have got further.
            let old = if path.exists() { Some(read_memory(&path)?) } else { None };
            with(old).map_or(Ok(()), |memory| store(&path, &memory))
        })
    }

    fn locked<T>(&self, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        let folder = self.trust_dir();
        private_dir(&folder)?;
        let path = folder.join(".lock");
        let lock = lock_file(&path)?;
        lock.lock().map_err(|error| Failure::io(&path, &error))?;
        work()
    }

    fn state_path(&self, archive: ArchiveId) -> PathBuf {
        self.trust_dir().join(format!("{archive}.state"))
    }

    fn memory_path(&self, archive: ArchiveId) -> PathBuf {
        self.trust_dir().join(format!("{archive}.json"))
    }

    /// One file a key: a key under a second name is no second witness.
    fn witness_pin(&self, witness: &WitnessKey) -> PathBuf {
        let hex = StatementId::from_bytes(*witness.key().as_bytes());
        self.trust_dir().join(format!("witness-{hex}.json"))
    }

    fn founder_path(&self, key: &PublicKey) -> PathBuf {
        let hex = StatementId::from_bytes(*key.as_bytes());
        self.trust_dir().join(format!("key-{hex}.json"))
    }
}

fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T, Failure> {
    serde_json::from_str(&super::keys::read_text(path)?).map_err(|_| damaged(path))
}

fn read_memory(path: &Path) -> Result<Memory, Failure> {
    let memory: Memory = read(path)?;
    let whole = memory.checkpoint.is_some() == memory.seen().is_some();
    let named = path.file_stem().is_some_and(|name| memory.archive().is_some_and(|id| name == id.to_hex().as_str()));
    if memory.schema == 1 && whole && named { Ok(memory) } else { Err(damaged(path)) }
}

fn damaged(path: &Path) -> Failure {
    Failure::new(Exit::Unable, format_args!("{}: is not what litopys writes there", path.display()))
        .hint("it says whom you trust: restore it, or remove it and pin the archive again")
}

fn store(path: &Path, document: &impl Serialize) -> Result<(), Failure> {
    let mut bytes = serde_json::to_vec_pretty(document).map_err(|error| Failure::of(Exit::Unable, &error))?;
    bytes.push(b'\n');
    write_private(path, &bytes, true)
}

fn remove(path: &Path) -> Result<bool, Failure> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Failure::io(path, &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(size: u64, root: u8) -> TreeHead {
        TreeHead::new(size, StatementId::from_bytes([root; 32]).into()).unwrap()
    }

    #[test]
    fn signatures_are_spared_only_up_to_what_was_verified() {
        let now: Utc = "2026-11-23T10:00:00Z".parse().unwrap();
        let mut memory = Memory::new(StatementId::from_bytes([1; 32]).into(), true, None, now);
        assert!(memory.advance(head(5, 1), Known::Seen));
        assert_eq!((memory.seen(), memory.signed()), (Some(head(5, 1)), None));
        // The same checkpoint, verified; another of that size is none that was seen.
        assert!(!memory.advance(head(5, 2), Known::Signed));
        assert_eq!(memory.signed(), None);
        assert!(memory.advance(head(5, 1), Known::Signed));
        assert_eq!(memory.signed(), Some(head(5, 1)));
        // Less is no news, and neither is an older one.
        assert!(!memory.advance(head(5, 1), Known::Seen) && !memory.advance(head(4, 1), Known::Signed));
        assert_eq!(memory.signed(), Some(head(5, 1)));
        // Of a newer one that was only heard of, nothing is known to be signed.
        assert!(memory.advance(head(6, 1), Known::Seen));
        assert_eq!((memory.seen(), memory.signed()), (Some(head(6, 1)), None));
        let written: Memory = serde_json::from_str(&serde_json::to_string(&memory).unwrap()).unwrap();
        assert_eq!((written.seen(), written.signed()), (memory.seen(), None));
        assert_eq!((Known::by_void(0), Known::by_void(1)), (Known::Signed, Known::Seen));
    }

    #[test]
    fn two_that_remember_at_once_lose_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home { root: dir.path().to_owned() };
        let (id, now) = (StatementId::from_bytes([1; 32]).into(), "2026-11-23T10:00:00Z".parse::<Utc>().unwrap());
        // A lock is of one open file, so that threads keep each other out as processes do.
        let is_locked = || {
            let lock = lock_file(&home.trust_dir().join(".lock")).unwrap_or_else(|_| panic!("no lock"));
            matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock))
        };
        home.change(id, |memory| {
            assert!(memory.is_none() && is_locked());
            let mut memory = Memory::new(id, false, None, now.clone());
            memory.advance(head(1, 1), Known::Seen);
            Some(memory)
        })
        .unwrap();
        assert!(!is_locked());
        let remember = |size| home.remember(id, None, (head(size, 1), Known::Seen), now.clone()).unwrap();
        std::thread::scope(|scope| {
            for step in [1, 2, 5, 7] {
                scope.spawn(move || (1..=33).map(|n| 2 + n * step % 33).for_each(remember));
            }
        });
        assert_eq!(home.memories().unwrap().of(id).and_then(Memory::seen), Some(head(34, 1)));
    }

    #[test]
    fn what_is_not_as_it_was_written_is_damaged() {
        let dir = tempfile::tempdir().unwrap();
        let id = StatementId::from_bytes([1; 32]);
        let mut memory = Memory::new(id.into(), true, None, "2026-11-23T10:00:00Z".parse().unwrap());
        memory.advance(head(5, 2), Known::Signed);
        let (path, written) = (dir.path().join(format!("{id}.json")), serde_json::to_string(&memory).unwrap());
        let read = |path: &Path, text: &str| {
            fs::write(path, text).unwrap();
            read_memory(path).map(|memory| memory.seen())
        };
        assert_eq!(read(&path, &written).ok(), Some(memory.seen()));
        // The memory of another archive under this one's name would be no memory of this one.
        assert!(read(&dir.path().join(format!("{}.json", StatementId::from_bytes([3; 32]))), &written).is_err());
        let root = StatementId::from_bytes([2; 32]);
        for (from, to) in [
            ("\"schema\":1", "\"schema\":2"),
            ("\"size\":5", "\"size\":0"),
            (&*root.to_string(), "0202"),
            ("\"pinned\"", "\"pined\""),
            ("\"signed\":true", "\"signed\":true,\"verified\":true"),
        ] {
            assert!(written.contains(from), "{written}");
            assert!(read(&path, &written.replacen(from, to, 1)).is_err(), "{to}");
        }
        assert!(read(&path, "").is_err() && read(&path, &written[..written.len() / 2]).is_err());
    }
}
