//! Every maximum, with its reason. All sizes are in bytes.

/// A statement: what a length prefix of an entry tile (uint16, tlog-tiles) can say.
pub const STATEMENT: usize = 65_535;
/// A manifest: some 100,000 files; what one worker holds at a time.
pub const MANIFEST: u64 = 16 << 20;
/// Files of a manifest.
pub const MANIFEST_FILES: usize = 65_536;
/// Entries of a manifest's `extra` and `provenance` maps, each.
pub const MAP_ENTRIES: usize = 256;
/// A manifest's authors and tags, each: more than any article has, and each costs a reader some fifty bytes for two of the file's.
pub const LIST_ENTRIES: usize = 1_024;
/// A file up to this size is kept in the pack beside its statement, a larger one by itself.
pub const SMALL_FILE: u64 = 65_536;
/// A path in a manifest.
pub const PATH: usize = 1_024;
/// A name or title in a charter.
pub const CHARTER_TEXT: usize = 1_024;
/// Keys of a charter.
pub const CHARTER_KEYS: usize = 64;
/// Keys that an archive ever has, those that left among them: each costs every reader memory for ever.
pub const KEYS_EVER: usize = 4_096;
/// Entries that a withdrawal names, or files: what fits into a statement.
pub const WITHDRAWN: usize = 1_024;
/// Nesting of CBOR: a manifest needs 3; the rest is room.
pub const CBOR_DEPTH: usize = 8;
/// Integers in signed bytes: what JSON readers hold exactly.
pub const INTEGER: u64 = (1 << 53) - 1;
/// An origin: what C2SP key names bear in practice.
pub const ORIGIN: usize = 255;
/// A request to sign, and what comes back: the manifests of some ten thousand articles. Whoever signs on a small machine holds it.
pub const REQUEST: u64 = 32 << 20;
/// Statements of a request: more than anybody looks at.
pub const REQUEST_STATEMENTS: usize = 4_096;
/// A checkpoint: tlog-witness allows 64 KiB of note.
pub const CHECKPOINT: u64 = 65_536;
/// Signature lines of a checkpoint: each may cost a signature check.
pub const CHECKPOINT_LINES: usize = 64;
/// A proof as text: its checkpoint, and 40 hashes of 45 bytes with what stands before them.
pub const PROOF: u64 = CHECKPOINT + 2_048;
/// A fork proof, and a signed state: two checkpoints, and some thousand approvals of changes of keys with their proofs.
pub const FORK_PROOF: u64 = 4 << 20;
/// Window of a Zstandard frame (RFC 8878 section 3.1.1.1.2 recommends support of 8 MiB).
pub const ZSTD_WINDOW: u64 = 8 << 20;
/// Leaves (and hashes) of a full tile, tlog-tiles.
pub const TILE: u64 = 256;
/// Statements of a log: four levels of tiles, and what all indexes hold comfortably.
pub const LOG_SIZE: u64 = 1 << 32;
/// The central directory of a bundle: some two million members.
pub const ZIP_DIRECTORY: u64 = 256 << 20;
/// A timestamp's response: real ones have 1 to 10 KB.
pub const TOKEN: u64 = 65_536;
/// Files below `time/`: three timestamps a day for fifty years. Each may cost its reader a chain of signature checks.
pub const TIME_FILES: usize = 65_536;
/// Findings kept in a report; the rest is only counted.
pub const FINDINGS: usize = 1_000;
/// Words of a finding: it may quote the archive.
pub const DETAIL: usize = 1_024;
/// Decoded manifests of a tile that are held until its turn comes: some four times what 256 usual ones take. Those beyond are read again, one by one.
pub(crate) const MANIFESTS_HELD: u64 = 2 << 20;
/// Checked tiles that wait for their turn, taken together.
pub(crate) const TILES_HELD: u64 = 32 << 20;
/// Manifests that a reader of many holds at a time, as they are encoded.
pub(crate) const STRETCH: u64 = 4 << 20;
/// A text that is compared by word: the tables for that take some ten bytes for one of the text's.
pub const COMPARED_TEXT: u64 = 4 << 20;
/// Texts that a comparison holds at a time, of both archives.
#[cfg(feature = "diff")]
pub(crate) const COMPARED: u64 = 32 << 20;
/// Titles, subjects and publishers of all articles that a reader holds, beside 1,024 bytes an article: a million articles have some 200 MB.
pub const INDEX: u64 = 256 << 20;
