//! The names of an archive's static files (format.md, section 7.2), the same in a folder, on a web server and in a bundle; and those of an
//! extract (section 8.2).

use std::fmt;

use crate::FileDigest;
use crate::limits;

/// Which of the four things that stand beside each other for the same 256 leaves a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Merkle hashes of the given level.
    Hashes(u8),
    /// Statements, with length prefixes.
    Entries,
    /// The statements' manifests.
    Manifests,
    /// The statements' small files.
    Packs,
}

/// One tile: what it holds, its number, and its width where it is partial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileName {
    /// What it holds.
    pub kind: TileKind,
    /// Its number at its level, from 0.
    pub index: u64,
    /// How many hashes or statements it holds: 1 to 256; below 256 it is a partial tile.
    pub width: u16,
}

/// A static file of an archive. The order of members is the order in a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Member {
    /// `mimetype`: the first member of a bundle.
    Mimetype,
    /// `README.txt`: the second member of a bundle.
    Readme,
    /// `checkpoint`.
    Checkpoint,
    /// A tile. Extracts have none.
    Tile(TileName),
    /// A statement by its index in the log, in an extract.
    Statement(u64),
    /// The proof that the statement with this index is in the log, in an extract.
    Proof(u64),
    /// A file by its digest: one of more than 65,536 bytes; in an extract, any file, and a manifest.
    File {
        /// The digest of its content.
        digest: FileDigest,
        /// Whether it is kept as a Zstandard frame.
        compressed: bool,
    },
    /// A checkpoint that has timestamps, and they: below `time/`.
    Time(TimeName),
}

/// A file below `time/`: a checkpoint of the log when it had `size` statements, or a timestamp over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeName {
    /// The checkpoint's size.
    pub size: u64,
    /// What the file is.
    pub file: TimeFile,
}

/// What a file below `time/` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeFile {
    /// The checkpoint.
    Checkpoint,
    /// The proof that the log extends it, in an extract.
    Consistency,
    /// A timestamp token over its text (RFC 3161, `TimeStampResp`), by the digest of the file.
    Token(FileDigest),
}

impl TileName {
    /// Whether this tile holds less than 256 hashes or statements.
    pub const fn is_partial(&self) -> bool {
        (self.width as u64) < limits::TILE
    }
}

impl Member {
    /// The member with this name, if it is a name of the layout.
    pub fn parse(name: &str) -> Option<Self> {
        let member = match name.split_once('/') {
            None if name == "mimetype" => Self::Mimetype,
            None if name == "README.txt" => Self::Readme,
            None if name == "checkpoint" => Self::Checkpoint,
            Some(("tile", rest)) => Self::Tile(parse_tile(rest)?),
            Some(("statement", file)) => Self::Statement(parse_index(file.strip_suffix(".cose")?)?),
            Some(("proof", file)) => Self::Proof(parse_index(file.strip_suffix(".tlog-proof")?)?),
            Some(("files", rest)) => parse_file(rest)?,
            Some(("time", rest)) => Self::Time(parse_time(rest)?),
            _ => return None,
        };
        // One spelling each: what doesn't print the same is no name of ours.
        (member.to_string() == name).then_some(member)
    }

    /// The tiles that a log of `size` statements consists of, in the order of a bundle.
    pub fn tiles(size: u64) -> impl Iterator<Item = TileName> {
        let hashes = levels(size).map(|(level, count)| (TileKind::Hashes(level), count));
        let beside = [TileKind::Entries, TileKind::Manifests, TileKind::Packs].map(|kind| (kind, size));
        hashes.chain(beside).flat_map(|(kind, count)| tiles_of(kind, count))
    }
}

/// Each level of a tree of `size` leaves, with the number of its hashes: at least one.
pub(crate) fn levels(size: u64) -> impl Iterator<Item = (u8, u64)> {
    (0..8).map(move |level| (level, size >> (8 * u32::from(level)))).take_while(|(_, count)| *count > 0)
}

/// The tiles of one kind and level that hold `count` hashes or statements.
pub(crate) fn tiles_of(kind: TileKind, count: u64) -> impl Iterator<Item = TileName> {
    (0..count.div_ceil(limits::TILE)).map(move |index| tile_at(kind, index, count))
}

/// The tile with this number among those that hold `count` hashes or statements.
pub(crate) fn tile_at(kind: TileKind, index: u64, count: u64) -> TileName {
    let width = count.saturating_sub(index * limits::TILE).min(limits::TILE);
    TileName { kind, index, width: u16::try_from(width).unwrap_or(256) }
}

fn parse_time(rest: &str) -> Option<TimeName> {
    let (size, file) = rest.split_once('/')?;
    let file = match file {
        "checkpoint" => TimeFile::Checkpoint,
        "consistency" => TimeFile::Consistency,
        file => TimeFile::Token(FileDigest::from_hex(file.strip_suffix(".tsr")?).ok()?),
    };
    let size = size.parse().ok().filter(|size| (1..=limits::LOG_SIZE).contains(size))?;
    Some(TimeName { size, file })
}

/// The index of a statement, in some spelling.
fn parse_index(number: &str) -> Option<u64> {
    number.parse().ok().filter(|index| *index < limits::LOG_SIZE)
}

fn parse_file(rest: &str) -> Option<Member> {
    let (_, file) = rest.strip_prefix("sha256/")?.split_once('/')?;
    let hex = file.strip_suffix(".zst");
    let digest = FileDigest::from_hex(hex.unwrap_or(file)).ok()?;
    Some(Member::File { digest, compressed: hex.is_some() })
}

fn parse_tile(rest: &str) -> Option<TileName> {
    let (kind, rest) = rest.split_once('/')?;
    let kind = match kind {
        "entries" => TileKind::Entries,
        "manifests" => TileKind::Manifests,
        "packs" => TileKind::Packs,
        // tlog-tiles: levels are 0 to 63.
        level => TileKind::Hashes(level.parse().ok().filter(|level| *level < 64)?),
    };
    let (number, width) = match rest.split_once(".p/") {
        Some((number, width)) => (number, width.parse().ok().filter(|w| (1..256).contains(w))?),
        None => (rest, 256),
    };
    let mut index: u64 = 0;
    for group in number.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        if digits.len() != 3 || index > limits::LOG_SIZE {
            return None;
        }
        index = index * 1000 + digits.parse::<u64>().ok()?;
    }
    (index <= limits::LOG_SIZE).then_some(TileName { kind, index, width })
}

impl fmt::Display for TileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes(level) => write!(f, "tile/{level}/")?,
            TileKind::Entries => f.write_str("tile/entries/")?,
            TileKind::Manifests => f.write_str("tile/manifests/")?,
            TileKind::Packs => f.write_str("tile/packs/")?,
        }
        // tlog-tiles: every group but the last is marked with an x.
        let mut text = String::new();
        let mut rest = self.index;
        loop {
            let digits = format!("{:03}", rest % 1000);
            text = if text.is_empty() { digits } else { format!("x{digits}/{text}") };
            rest /= 1000;
            if rest == 0 {
                break;
            }
        }
        f.write_str(&text)?;
        if self.is_partial() { write!(f, ".p/{}", self.width) } else { Ok(()) }
    }
}

impl fmt::Display for TimeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "time/{}/", self.size)?;
        match &self.file {
            TimeFile::Checkpoint => f.write_str("checkpoint"),
            TimeFile::Consistency => f.write_str("consistency"),
            TimeFile::Token(digest) => write!(f, "{}.tsr", digest.to_hex()),
        }
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mimetype => f.write_str("mimetype"),
            Self::Readme => f.write_str("README.txt"),
            Self::Checkpoint => f.write_str("checkpoint"),
            Self::Tile(tile) => tile.fmt(f),
            Self::Statement(index) => write!(f, "statement/{index}.cose"),
            Self::Proof(index) => write!(f, "proof/{index}.tlog-proof"),
            Self::File { digest, compressed } => {
                let hex = digest.to_hex();
                write!(f, "files/sha256/{}/{hex}{}", &hex[..2], if *compressed { ".zst" } else { "" })
            }
            Self::Time(time) => time.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_tlog_tiles() {
        let tile = |kind, index, width| Member::Tile(TileName { kind, index, width });
        for (member, name) in [
            (tile(TileKind::Hashes(0), 5, 256), "tile/0/005"),
            (tile(TileKind::Hashes(3), 1_234_067, 256), "tile/3/x001/x234/067"),
            (tile(TileKind::Entries, 1000, 7), "tile/entries/x001/000.p/7"),
            (tile(TileKind::Manifests, 0, 255), "tile/manifests/000.p/255"),
            (tile(TileKind::Packs, 999, 256), "tile/packs/999"),
            (tile(TileKind::Hashes(63), 4_294_967_296, 1), "tile/63/x004/x294/x967/296.p/1"),
            (Member::Statement(0), "statement/0.cose"),
            (Member::Proof(1_234_067), "proof/1234067.tlog-proof"),
        ] {
            assert_eq!(member.to_string(), name);
            assert_eq!(Member::parse(name), Some(member));
        }
    }

    #[test]
    fn only_one_spelling_is_read() {
        for bad in [
            "",
            "tile",
            "tile/",
            "tile/0",
            "tile/0/5",
            "tile/00/005",
            "tile/+0/005",
            "tile/0/x000/005",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000.p/+1",
            "tile/0/+00",
            "tile/0/001/000",
            "tile/0/x001",
            "tile/entries/000/",
            "tile/64/000",
            "tile/0/x004/x294/x967/297",
            // More than 64 bits hold, in many digits and in many groups.
            "tile/0/x001/18446744073709551615",
            "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
            "files/sha256/ab/cd",
            "/checkpoint",
            "./checkpoint",
            "Checkpoint",
            "tile/64/000",
            "tile/256/000",
            "time/1",
            "time/0/checkpoint",
            "time/01/checkpoint",
            "time/4294967297/checkpoint",
            "time/1/checkpoints",
            "time/1/1.tsr",
            "statement/00.cose",
            "statement/+1.cose",
            "statement/4294967296.cose",
            "statement/1.tlog-proof",
            "proof/.tlog-proof",
            "proof/1.cose",
        ] {
            assert_eq!(Member::parse(bad), None, "{bad}");
        }
        let file = Member::File { digest: FileDigest::of(b""), compressed: true };
        assert_eq!(Member::parse(&file.to_string()), Some(file));
        assert_eq!(Member::parse(&file.to_string().replace("/e3/", "/e4/")), None);
        assert_eq!(Member::parse(&file.to_string().replace("zst", "zst.zst")), None);
        let time = |file| Member::Time(TimeName { size: 4_294_967_296, file });
        for member in
            [time(TimeFile::Checkpoint), time(TimeFile::Consistency), time(TimeFile::Token(FileDigest::of(b"")))]
        {
            assert_eq!(Member::parse(&member.to_string()), Some(member));
        }
    }

    #[test]
    fn a_log_has_the_tiles_that_its_size_calls_for() {
        let names = |size| Member::tiles(size).map(|t| t.to_string()).collect::<Vec<_>>();
        assert_eq!(
            names(1),
            ["tile/0/000.p/1", "tile/entries/000.p/1", "tile/manifests/000.p/1", "tile/packs/000.p/1"]
        );
        assert_eq!(
            names(257)[..5],
            ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/1"]
        );
        assert_eq!(names(256)[..3], ["tile/0/000", "tile/1/000.p/1", "tile/entries/000"]);
    }
}
