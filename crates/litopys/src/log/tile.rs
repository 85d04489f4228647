//! The bytes of entry tiles and hash tiles (C2SP tlog-tiles).

use super::TreeHash;
use crate::limits;

/// Why bytes are no entry tile (E020). Offsets are in bytes from the tile's begin; entries are numbered in the tile, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntryTileError {
    /// The tile ends within an entry or its length, or before it.
    #[error("the entry tile ends within entry {entry}, which begins at byte {offset}")]
    Truncated {
        /// Where the entry's length begins, or should.
        offset: usize,
        /// Which entry.
        entry: u16,
    },
    /// An entry of no bytes, which is no statement.
    #[error("entry {entry} at byte {offset} of the entry tile is empty")]
    Empty {
        /// Where the entry's length begins.
        offset: usize,
        /// Which entry.
        entry: u16,
    },
    /// Bytes after the last entry.
    #[error("the entry tile goes on after its {entries} entries, at byte {offset}")]
    Trailing {
        /// Where the entries end.
        offset: usize,
        /// How many there are.
        entries: u16,
    },
}

/// An entry can't be written to an entry tile: it is empty or of more than [`limits::STATEMENT`] bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an entry tile can't hold an entry of {len} bytes")]
pub struct EntryLengthError {
    /// The entry's length, in bytes.
    pub len: usize,
}

/// Bytes are no hash tile: their number is not 32 for each hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a hash tile of {width} hashes can't have {len} bytes")]
pub struct HashTileError {
    /// How many hashes the tile should hold.
    pub width: u16,
    /// The length found, in bytes.
    pub len: usize,
}

/// The `width` entries of an entry tile, in order: each is an uint16 length and that many bytes.
///
/// # Errors
/// [`EntryTileError`] unless the bytes are exactly that many entries, none of them empty.
pub fn read_entries(tile: &[u8], width: u16) -> Result<Vec<&[u8]>, EntryTileError> {
    let mut rest = tile;
    let mut entries = Vec::with_capacity(width.into());
    for entry in 0..width {
        let offset = tile.len() - rest.len();
        let truncated = EntryTileError::Truncated { offset, entry };
        let (len, after) = rest.split_first_chunk().ok_or(truncated)?;
        let (bytes, after) = after.split_at_checked(u16::from_be_bytes(*len).into()).ok_or(truncated)?;
        if bytes.is_empty() {
            return Err(EntryTileError::Empty { offset, entry });
        }
        entries.push(bytes);
        rest = after;
    }
    let offset = tile.len() - rest.len();
    if rest.is_empty() { Ok(entries) } else { Err(EntryTileError::Trailing { offset, entries: width }) }
}

/// The bytes of an entry tile with these entries. A partial tile grows by appending what this gives for the entries that follow.
///
/// # Errors
/// [`EntryLengthError`] if an entry is empty or too long.
pub fn write_entries<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, EntryLengthError> {
    let mut tile = Vec::new();
    for entry in entries {
        let len = entry.len();
        let prefix = u16::try_from(len).ok().filter(|len| *len > 0).ok_or(EntryLengthError { len })?;
        tile.extend_from_slice(&prefix.to_be_bytes());
        tile.extend_from_slice(entry);
    }
    Ok(tile)
}

/// The `width` hashes of a hash tile. They prove nothing until they are compared with a root.
///
/// # Errors
/// [`HashTileError`] unless there are exactly 32 bytes for each.
pub fn read_hashes(tile: &[u8], width: u16) -> Result<Vec<TreeHash>, HashTileError> {
    let (hashes, rest) = tile.as_chunks();
    if hashes.len() != usize::from(width) || !rest.is_empty() {
        return Err(HashTileError { width, len: tile.len() });
    }
    Ok(hashes.iter().copied().map(TreeHash::from_bytes).collect())
}

/// The bytes of a hash tile with these hashes.
pub fn write_hashes(hashes: &[TreeHash]) -> Vec<u8> {
    hashes.iter().flat_map(TreeHash::as_bytes).copied().collect()
}

const _: () = assert!(limits::STATEMENT == u16::MAX as usize, "what a length prefix can say");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_read_back() {
        let long = vec![7; limits::STATEMENT];
        let entries: [&[u8]; 3] = [b"a", &long, b"ccc"];
        let tile = write_entries(entries).unwrap();
        assert_eq!(tile[..3], [0, 1, b'a']);
        assert_eq!(read_entries(&tile, 3).unwrap(), entries);
        assert_eq!(read_entries(b"", 0), Ok(vec![]));
        for len in [0, 65_536] {
            assert_eq!(write_entries([&*vec![0; len]]), Err(EntryLengthError { len }));
        }
    }

    #[test]
    fn an_entry_tile_holds_exactly_its_entries() {
        let tile = [0, 1, b'a', 0, 2, b'b', b'b'];
        assert_eq!(read_entries(&tile, 2).unwrap(), [&b"a"[..], b"bb"]);
        assert_eq!(read_entries(&tile, 1), Err(EntryTileError::Trailing { offset: 3, entries: 1 }));
        assert_eq!(read_entries(&tile, 3), Err(EntryTileError::Truncated { offset: 7, entry: 2 }));
        for end in 3..tile.len() {
            let error = EntryTileError::Truncated { offset: 3, entry: 1 };
            assert_eq!(read_entries(&tile[..end], 2), Err(error), "{end}");
        }
        assert_eq!(read_entries(&[0, 1, b'a', 0, 0], 2), Err(EntryTileError::Empty { offset: 3, entry: 1 }));
    }

    #[test]
    fn a_hash_tile_holds_exactly_its_hashes() {
        let hashes = [TreeHash::from_bytes([1; 32]), TreeHash::from_bytes([2; 32])];
        let tile = write_hashes(&hashes);
        assert_eq!(read_hashes(&tile, 2).unwrap(), hashes);
        for (bytes, width) in [(&tile[..63], 2), (&tile[..], 1), (&tile[..], 3), (&[0; 65], 2), (b"", 1)] {
            assert_eq!(read_hashes(bytes, width), Err(HashTileError { width, len: bytes.len() }));
        }
    }
}
