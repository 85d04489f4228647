//! An archive in memory.

use std::collections::BTreeMap;
use std::io::Read;

use super::{Found, Store, StoreError, StoreKind};
use crate::layout::Member;

/// The static files of an archive, held in memory: for tests, and for programs without a file system.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    files: BTreeMap<Member, Vec<u8>>,
}

impl MemoryStore {
    /// No files.
    pub const fn new() -> Self {
        Self { files: BTreeMap::new() }
    }

    /// Puts a file in, in place of one of that name.
    pub fn insert(&mut self, member: Member, bytes: Vec<u8>) {
        self.files.insert(member, bytes);
    }

    /// Takes a file out.
    pub fn remove(&mut self, member: Member) -> Option<Vec<u8>> {
        self.files.remove(&member)
    }

    /// The files in the order of a bundle.
    pub fn iter(&self) -> impl Iterator<Item = (Member, &[u8])> {
        self.files.iter().map(|(member, bytes)| (*member, bytes.as_slice()))
    }

    fn get(&self, member: Member) -> Result<&[u8], StoreError> {
        self.files.get(&member).map(Vec::as_slice).ok_or(StoreError::Missing(member))
    }
}

impl Store for MemoryStore {
    fn kind(&self) -> StoreKind {
        StoreKind::Folder
    }

    fn size(&self, member: Member) -> Result<u64, StoreError> {
        self.get(member).map(|bytes| bytes.len() as u64)
    }

    fn open(&self, member: Member) -> Result<Box<dyn Read + Send + '_>, StoreError> {
        self.get(member).map(|bytes| Box::new(bytes) as _)
    }

    fn scan(&self, visit: &mut dyn FnMut(Found)) -> Result<(), StoreError> {
        self.files.keys().for_each(|member| visit(Found::Member(*member)));
        Ok(())
    }
}
