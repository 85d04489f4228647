//! What the first pass over a web archive finds.

use std::collections::HashMap;

use super::{Info, Origin};
use crate::Failure;
use crate::walk::Skipped;

/// A record that may give an article.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Which source it is in.
    pub(super) source: u32,
    /// Where its record begins; in gzip, where its member does.
    pub(super) offset: u64,
    /// The warcinfo record that speaks of it.
    pub(super) info: Option<u32>,
    /// Whether it stands in damaged data, or after bytes that belong to no record.
    pub(super) is_doubtful: bool,
    /// Whether it ends before its length.
    pub(super) is_cut: bool,
    pub(super) is_revisit: bool,
    /// Whether it says that it is a page, and isn't only not known to be something else.
    pub(super) is_page: bool,
    /// The record that a revisit refers to.
    pub(super) original: Option<Origin>,
    pub(super) order: u128,
    pub(super) keys: Keys,
}

/// Hashes by which revisits find what they refer to: 0 where there is nothing to hash.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Keys {
    pub(super) id: u64,
    pub(super) target: u64,
    pub(super) payload: u64,
}

/// What the first pass found.
#[derive(Default)]
pub(super) struct Index {
    pub(super) entries: Vec<Entry>,
    pub(super) infos: Vec<Info>,
    pub(super) failures: Vec<Failure>,
    pub(super) skipped: Skipped,
    pub(super) more_failures: u64,
}

impl Index {
    /// Finds what revisits refer to: by record, by URI and date, by the payload's digest.
    pub(super) fn resolve(&mut self) {
        let (mut ids, mut targets, mut payloads) = (HashMap::new(), HashMap::new(), HashMap::new());
        for entry in self.entries.iter().filter(|entry| !entry.is_revisit) {
            let origin = Origin { source: entry.source, offset: entry.offset };
            ids.entry(entry.keys.id).or_insert(origin);
            targets.entry(entry.keys.target).or_insert(origin);
            payloads.entry(entry.keys.payload).or_insert(origin);
        }
        for map in [&mut ids, &mut targets, &mut payloads] {
            map.remove(&0);
        }
        for entry in self.entries.iter_mut().filter(|entry| entry.is_revisit) {
            let found = ids.get(&entry.keys.id).or_else(|| targets.get(&entry.keys.target));
            entry.original = found.or_else(|| payloads.get(&entry.keys.payload)).copied();
        }
    }
}
