//! The check of one tile: 256 statements, their manifests and their small files. No shared state, so tiles are checked on any
//! number of threads, or machines.

use std::io::BufRead;

use crate::layout::{Member, TileKind, TileName};
use crate::log::TreeHash;
use crate::log::merkle::tile_root;
use crate::log::tile::read_entries;
use crate::manifest::{FileEntry, Manifest};
use crate::pack::{Fault, Item, read_bytes, read_item};
use crate::report::{Code, Finding, Findings, Place, Severity};
use crate::statement::{KeyCache, Payload, PayloadError, StatementError, VerifiedStatement};
use crate::store::StoreError;
use crate::withdrawal::Withheld;
use crate::zstandard::{Frame, FrameError};
use crate::{FileDigest, StatementId, limits};

/// What of a tile is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    /// Statement 0, if it was verified before.
    pub(crate) founding: Option<&'a VerifiedStatement>,
    /// Signatures, or not: under a root that was verified before.
    pub(crate) signatures: bool,
    /// How many bytes of manifests are kept once they were looked at: those of a tile may be large.
    pub(crate) keep_manifests: u64,
    /// What may be missing, by withdrawals that stand anywhere in the log.
    pub(crate) withheld: &'a Withheld,
}

/// The bytes of one tile's four parts. A stream that couldn't be opened is a finding of the caller's.
pub(crate) struct TileBytes<M, P> {
    /// Its number.
    pub(crate) index: u64,
    /// How many statements it holds.
    pub(crate) width: u16,
    /// Its statements.
    pub(crate) entries: Vec<u8>,
    /// Its hashes.
    pub(crate) hashes: Option<Vec<u8>>,
    /// Its manifests.
    pub(crate) manifests: Option<M>,
    /// Its files.
    pub(crate) packs: Option<P>,
}

/// One entry of a checked tile.
#[derive(Debug)]
pub(crate) struct CheckedEntry {
    pub(crate) id: StatementId,
    pub(crate) statement: Option<VerifiedStatement>,
    /// Whether it is of a kind, algorithm or format that this version doesn't know.
    pub(crate) unknown: bool,
    pub(crate) manifest: Kept,
}

/// What became of the manifest of an entry.
#[derive(Debug)]
pub(crate) enum Kept {
    /// It has none, or none that is what the statement commits to.
    None,
    /// It is here.
    Here(Box<Manifest>),
    /// It was whole, and was let go.
    Left,
}

/// What the check of a tile gives.
#[derive(Debug, Default)]
pub(crate) struct CheckedTile {
    /// Its entries; `None` where its statements couldn't be told apart.
    pub(crate) entries: Option<Vec<CheckedEntry>>,
    /// The root over its leaves.
    pub(crate) root: Option<TreeHash>,
    pub(crate) findings: Findings,
    /// Whether there may be large files that nobody knows of: behind a manifest or statement that can't be read.
    pub(crate) unnamed: bool,
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    /// Manifests and files that are withheld.
    pub(crate) withheld: u64,
    /// About what it takes in memory, in bytes.
    pub(crate) weight: u64,
}

/// What hears of each file that is kept by itself, with the index of the statement whose manifest names it, and whether it is withheld there.
pub(crate) type Large<'a> = dyn FnMut(u64, &FileEntry, bool) -> Result<(), StoreError> + 'a;

/// Checks one tile. At any time it holds one manifest and one small file, and of the manifests that it has checked as much as `scope` says.
///
/// # Errors
/// [`StoreError`] if its bytes couldn't be read any more: a failure to look, not a finding.
pub(crate) fn check_tile<M: BufRead, P: BufRead>(
    tile: TileBytes<M, P>,
    scope: Scope<'_>,
    keys: &mut KeyCache,
    large: &mut Large<'_>,
) -> Result<CheckedTile, StoreError> {
    let TileBytes { index, width, entries, hashes, manifests, packs } = tile;
    let mut out = CheckedTile::default();
    let name = |kind| Member::Tile(TileName { kind, index, width });
    let statements = match read_entries(&entries, width) {
        Ok(statements) => statements,
        Err(error) => {
            out.findings.push(Finding::new(Code::EntryTile, Place::member(name(TileKind::Entries)), error));
            return Ok(out);
        }
    };
    let first = index * limits::TILE;
    let mut checked = Vec::with_capacity(statements.len());
    for (at, bytes) in (first..).zip(statements) {
        let (entry, fault) = check_entry(at, bytes, scope, keys);
        // A charter's names and keys, decoded.
        let is_charter = entry.statement.as_ref().is_some_and(|one| matches!(one.payload(), Payload::Charter(_)));
        out.weight += if is_charter { 4 * bytes.len() as u64 } else { 0 };
        fault.into_iter().for_each(|fault| out.findings.push(fault));
        checked.push(entry);
    }
    let ids: Vec<_> = checked.iter().map(|entry| entry.id).collect();
    out.root = tile_root(&ids);
    if let Some(hashes) = hashes
        && !ids.iter().flat_map(|id| id.as_bytes()).eq(&hashes)
    {
        let place = Place::member(name(TileKind::Hashes(0)));
        out.findings.push(Finding::new(Code::HashTile, place, "the tile is not made of the statements' hashes"));
    }

    let mut reader = TileReader {
        manifests: Items::open(name(TileKind::Manifests), manifests, &mut out.findings)?,
        packs: Items::open(name(TileKind::Packs), packs, &mut out.findings)?,
        scratch: Vec::new(),
        withheld: scope.withheld,
        large,
        out: &mut out,
    };
    let mut held = 0;
    for (at, entry) in (first..).zip(&mut checked) {
        let payload = entry.statement.as_ref().map(VerifiedStatement::payload);
        let found = reader.manifest(at, payload)?;
        reader.files(at, &found)?;
        reader.out.unnamed |= matches!(found, Beside::Unknown);
        let Beside::Manifest(manifest) = found else { continue };
        let weight = manifest.weight();
        entry.manifest = if held + weight <= scope.keep_manifests {
            held += weight;
            Kept::Here(manifest)
        } else {
            Kept::Left
        };
    }
    reader.manifests.finish(&mut reader.out.findings)?;
    reader.packs.finish(&mut reader.out.findings)?;
    out.weight += held + out.findings.weight() + size_of_val(checked.as_slice()) as u64;
    out.entries = Some(checked);
    Ok(out)
}

/// Checks a statement by itself, and says what is wrong with it.
pub(super) fn check_entry(
    at: u64,
    bytes: &[u8],
    scope: Scope<'_>,
    keys: &mut KeyCache,
) -> (CheckedEntry, Option<Finding>) {
    let verdict = match scope.founding.filter(|_| at == 0) {
        Some(founding) if StatementId::of(bytes) == founding.id() => Ok(founding.clone()),
        _ if scope.signatures => VerifiedStatement::verify(bytes, keys),
        _ => VerifiedStatement::resume(bytes),
    };
    match verdict {
        Ok(statement) => {
            let id = statement.id();
            (CheckedEntry { id, statement: Some(statement), unknown: false, manifest: Kept::None }, None)
        }
        Err(error) => {
            let code = entry_code(at, &error);
            let (id, unknown) = (StatementId::of(bytes), code.severity() == Severity::Unchecked);
            let fault = Finding::new(code, Place::statement(at), error);
            (CheckedEntry { id, statement: None, unknown, manifest: Kept::None }, Some(fault))
        }
    }
}

/// What stands beside a statement in a manifests tile.
enum Beside {
    /// What it commits to.
    Manifest(Box<Manifest>),
    /// Nothing, and nothing belongs there.
    Nothing,
    /// Nothing: it is withheld.
    Withheld,
    /// Nobody can tell which files belong to it.
    Unknown,
}

struct TileReader<'a, M: BufRead, P: BufRead> {
    manifests: Items<M>,
    packs: Items<P>,
    scratch: Vec<u8>,
    withheld: &'a Withheld,
    large: &'a mut Large<'a>,
    out: &'a mut CheckedTile,
}

impl<M: BufRead, P: BufRead> TileReader<'_, M, P> {
    fn find(&mut self, code: Code, place: Place, detail: impl std::fmt::Display) {
        self.out.findings.push(Finding::new(code, place, detail));
    }

    /// Reads the manifest of the statement at this index; `payload` is `None` where the statement is unknown.
    fn manifest(&mut self, at: u64, payload: Option<&Payload>) -> Result<Beside, StoreError> {
        let scratch = &mut self.scratch;
        let item = self.manifests.attempt(&mut self.out.findings, |frame| match read_item(frame)? {
            Item::Bytes(length) => read_bytes(frame, length, limits::MANIFEST, scratch).map(|()| true),
            Item::Null => Ok(false),
            Item::Array(_) => Err(Fault::Items("an array where a manifest should be")),
        })?;
        let declared = payload.filter(|payload| payload.manifest().is_some());
        let withheld = self.withheld.of_manifest(at).filter(|_| declared.is_some());
        self.out.withheld += u64::from(withheld.is_some());
        match (declared, item) {
            (Some(payload), Some(true)) => match decode_manifest(&self.scratch, payload) {
                Ok(manifest) => {
                    if withheld.is_some() {
                        self.find(Code::NotPurged, Place::statement(at), NOT_PURGED);
                    }
                    return Ok(Beside::Manifest(Box::new(manifest)));
                }
                Err((code, detail)) => self.find(code, Place::statement(at), detail),
            },
            (Some(_), Some(false)) if withheld.is_some() => return Ok(Beside::Withheld),
            (Some(_), Some(false)) => {
                self.find(Code::ManifestMissing, Place::statement(at), "the manifest is not there");
            }
            (_, Some(true)) if !has_manifest(payload) => {
                let place = Place { member: Some(self.manifests.member.to_string()), ..Place::statement(at) };
                self.find(Code::PackItems, place, "a manifest for a statement that has none");
            }
            _ => {}
        }
        Ok(if has_manifest(payload) { Beside::Unknown } else { Beside::Nothing })
    }

    /// Reads the small files of the statement at this index, and notes the large ones.
    fn files(&mut self, at: u64, beside: &Beside) -> Result<(), StoreError> {
        let expected: Option<Vec<_>> = match beside {
            Beside::Manifest(manifest) => {
                let withheld = |file: &FileEntry| self.withheld.of_file(at, &file.sha256).is_some();
                for file in manifest.files.iter().filter(|file| !file.is_small()) {
                    (self.large)(at, file, withheld(file))?;
                }
                if !self.withheld.is_empty() {
                    let count = manifest.distinct_files().filter(|(_, file)| withheld(file)).count();
                    self.out.withheld += count as u64;
                }
                Some(manifest.packed_files().map(|(_, file)| file).collect())
            }
            Beside::Nothing => Some(Vec::new()),
            Beside::Withheld | Beside::Unknown => None,
        };
        let Some(count) = self.packs.attempt(&mut self.out.findings, |frame| match read_item(frame)? {
            Item::Array(count) if count <= limits::MANIFEST_FILES as u64 => Ok(count),
            _ => Err(Fault::Items("no array of files where one should be")),
        })?
        else {
            return Ok(());
        };
        if expected.as_ref().is_some_and(|files| files.len() as u64 != count) {
            self.packs.attempt(&mut self.out.findings, |_| {
                Err::<(), _>(Fault::Items("another number of files than the manifest has"))
            })?;
            return Ok(());
        }
        let mut filled = false;
        for nth in 0..usize::try_from(count).unwrap_or(0) {
            let scratch = &mut self.scratch;
            let item = self.packs.attempt(&mut self.out.findings, |frame| match read_item(frame)? {
                Item::Bytes(length) => read_bytes(frame, length, limits::SMALL_FILE, scratch).map(|()| true),
                Item::Null => Ok(false),
                Item::Array(_) => Err(Fault::Items("an array where a file should be")),
            })?;
            let Some(there) = item else { return Ok(()) };
            filled |= there;
            if let Some(file) = expected.as_ref().and_then(|files| files.get(nth)) {
                self.file(at, file, there);
            }
        }
        if filled && matches!(beside, Beside::Withheld) {
            let place = Place { member: Some(self.packs.member.to_string()), ..Place::statement(at) };
            self.find(Code::WithheldFilled, place, "files beside a manifest that is withheld");
        }
        Ok(())
    }

    /// Compares a small file with its manifest.
    fn file(&mut self, at: u64, file: &FileEntry, there: bool) {
        let place = Place::file(at, file.path.as_str());
        let (size, withheld) = (self.scratch.len() as u64, self.withheld.of_file(at, &file.sha256).is_some());
        if !there {
            if !withheld {
                self.find(Code::FileMissing, place, "the file is not there");
            }
        } else if size != file.size {
            self.find(Code::FileSize, place, format_args!("{size} bytes instead of {}", file.size));
        } else if FileDigest::of(&self.scratch) != file.sha256 {
            self.find(Code::FileDigest, place, "the bytes have another digest than the manifest gives");
        } else if withheld {
            self.find(Code::NotPurged, place, NOT_PURGED);
        } else {
            self.out.files += 1;
            self.out.bytes += size;
        }
    }
}

/// What is said of bytes that should be gone.
pub(super) const NOT_PURGED: &str = "withheld, and not yet purged";

/// Whether a statement has a manifest; it may, where it can't be read or is of an unknown kind.
fn has_manifest(payload: Option<&Payload>) -> bool {
    payload.is_none_or(|payload| payload.manifest().is_some())
}

/// The manifest that a statement commits to.
pub(crate) fn decode_manifest(bytes: &[u8], payload: &Payload) -> Result<Manifest, (Code, String)> {
    let Some(expected) = payload.manifest() else {
        return Err((Code::ManifestForm, "a manifest for a statement that has none".to_owned()));
    };
    if bytes.len() as u64 != expected.size {
        return Err((Code::ManifestSize, format!("a manifest of {} bytes instead of {}", bytes.len(), expected.size)));
    }
    if FileDigest::of(bytes) != expected.sha256 {
        return Err((Code::ManifestDigest, "the manifest has another digest than the statement gives".to_owned()));
    }
    let form = |error: crate::manifest::ManifestError| (Code::ManifestForm, error.to_string());
    let manifest = Manifest::decode(bytes).map_err(form)?;
    let fits = match payload {
        Payload::Article(version) => manifest.check_version(version.version),
        _ => manifest.check_observation(),
    };
    fits.map_err(form)?;
    Ok(manifest)
}

/// The code of a statement that is none, or doesn't verify, at its place: a charter is nothing but statement 0, whatever it says.
pub(crate) fn entry_code(at: u64, error: &StatementError) -> Code {
    match error {
        StatementError::Payload(PayloadError::Charter(_)) if at > 0 => Code::SecondCharter,
        error => statement_code(error),
    }
}

/// The code of a statement that is none, or doesn't verify, wherever it stands.
pub(super) fn statement_code(error: &StatementError) -> Code {
    use crate::cbor::CborError;
    use crate::charter::CharterError;
    match error {
        StatementError::Cbor(_) => Code::StatementCbor,
        StatementError::Shape(_) => Code::StatementShape,
        StatementError::UnknownAlgorithm(_) => Code::UnknownAlgorithm,
        StatementError::UnknownKind(_) => Code::UnknownKind,
        StatementError::Key(_) => Code::Key,
        StatementError::Signature(_) => Code::Signature,
        StatementError::Payload(error) => match error {
            PayloadError::Cbor(error) | PayloadError::Charter(CharterError::Cbor(error)) => match error {
                CborError::Canonical { .. } => Code::StatementCbor,
                CborError::Shape(_) => Code::StatementPayload,
            },
            PayloadError::Charter(CharterError::Key(_)) => Code::Key,
            PayloadError::Charter(CharterError::Format(_)) => Code::UnknownFormat,
            PayloadError::Charter(_) => Code::Charter,
            PayloadError::Key(_) => Code::Key,
            _ => Code::StatementPayload,
        },
    }
}

/// The items of a manifests tile or pack. Once they are broken nothing more is read of them, and it is said once.
struct Items<R: BufRead> {
    member: Member,
    frame: Option<Frame<R>>,
}

impl<R: BufRead> Items<R> {
    fn open(member: Member, source: Option<R>, findings: &mut Findings) -> Result<Self, StoreError> {
        let mut items = Self { member, frame: None };
        if let Some(source) = source {
            match Frame::open(source) {
                Ok(frame) => items.frame = Some(frame),
                Err(error) => findings.push(items.finding(error.into())?),
            }
        }
        Ok(items)
    }

    /// Reads something of the frame; `None` if it is broken, now or before.
    fn attempt<T>(
        &mut self,
        findings: &mut Findings,
        read: impl FnOnce(&mut Frame<R>) -> Result<T, Fault>,
    ) -> Result<Option<T>, StoreError> {
        match self.frame.as_mut().map(read) {
            None => Ok(None),
            Some(Ok(value)) => Ok(Some(value)),
            Some(Err(fault)) => {
                self.frame = None;
                findings.push(self.finding(fault)?);
                Ok(None)
            }
        }
    }

    /// Checks that nothing is left.
    fn finish(&mut self, findings: &mut Findings) -> Result<(), StoreError> {
        let Some(frame) = self.frame.take() else { return Ok(()) };
        let finished = if frame.left() > 0 {
            Err(Fault::Items("more than its statements and manifests declare"))
        } else {
            frame.finish().map_err(Fault::Frame)
        };
        if let Err(fault) = finished {
            findings.push(self.finding(fault)?);
        }
        Ok(())
    }

    fn finding(&self, fault: Fault) -> Result<Finding, StoreError> {
        let place = Place::member(self.member);
        match fault {
            Fault::Items(detail) => Ok(Finding::new(Code::PackItems, place, format_args!("the tile holds {detail}"))),
            Fault::Frame(FrameError::Io(error)) => match StoreError::of_read(self.member, error) {
                error @ StoreError::Crc(_) => Ok(Finding::new(Code::Crc, place, error)),
                error => Err(error),
            },
            Fault::Frame(error) => Ok(Finding::new(Code::Frame, place, error)),
        }
    }
}
