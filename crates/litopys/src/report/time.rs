//! What a report says of timestamps.

use crate::layout::{Member, TimeFile, TimeName};
use crate::log::checkpoint::SignedCheckpoint;
use crate::{FileDigest, TreeHead, Utc};

/// A checkpoint that has timestamps: signed by a log key, and with the root that the log had at its size.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimestampedCheckpoint {
    /// Its size and root.
    pub head: TreeHead,
    /// What the timestamps are over: its three lines with their LFs.
    pub text: Vec<u8>,
    /// The timestamps, by the digests of their files.
    pub tokens: Vec<FileDigest>,
}

impl TimestampedCheckpoint {
    pub(crate) fn new(signed: &SignedCheckpoint) -> Self {
        Self { head: signed.claimed_head(), text: signed.text().to_vec(), tokens: Vec::new() }
    }

    /// Its files, in the order of a bundle; none where it has no timestamp.
    pub fn members(&self) -> impl Iterator<Item = Member> {
        let files = (!self.tokens.is_empty()).then_some(TimeFile::Checkpoint).into_iter();
        let files = files.chain(self.tokens.iter().copied().map(TimeFile::Token));
        files.map(|file| Member::Time(TimeName { size: self.head.size(), file }))
    }
}

/// What one who knows authorities says of a timestamp.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Judgement {
    /// It holds.
    Holds(Clock),
    /// It may be good, but not for this reader, or not at this moment.
    Open {
        /// The time that it claims.
        claimed_time: Option<Utc>,
        /// The authority that it claims.
        claimed_authority: Option<String>,
        /// Why, in words: one line, lower case.
        detail: String,
    },
    /// It is false, whoever looks (E101).
    False {
        /// Why, in words: one line, lower case.
        detail: String,
    },
}

/// What a timestamp that holds says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// Its time.
    pub time: Utc,
    /// What it is over existed before this second: its time, and by how much the clock may be wrong.
    pub before: Utc,
    /// Whom the authority's certificate names: hostile text, like all that comes from outside.
    pub authority: String,
    /// Whom the root names under which it was verified.
    pub root: String,
}

/// A timestamp that was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct JudgedTimestamp {
    /// How many statements, from the first on, it is over.
    pub size: u64,
    /// Its file.
    pub token: FileDigest,
    /// What was made of it.
    pub judgement: Judgement,
}
