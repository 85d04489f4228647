//! Ways in for fuzzers and for the tests at the top of the repository: not part of the interface, and free to change.

use crate::cbor::{Keys, validate};
use crate::check::{self, Scope, TileBytes};
use crate::key::PublicKey;
use crate::report::Finding;
use crate::statement::{KeyCache, Pending, StatementError, VerifiedStatement};
use crate::withdrawal::Withheld;
use crate::zstandard::{Decoder, FrameBy};

/// Whether these bytes are one item of the CBOR profile, with text or integers as keys of maps.
pub fn is_profile(bytes: &[u8], integer_keys: bool) -> bool {
    validate(bytes, if integer_keys { Keys::Integer } else { Keys::Text }).is_ok()
}

/// Decodes a statement without a look at its signature, and encodes it anew; `None` where it has a key or an origin that the writer refuses.
///
/// # Errors
/// [`StatementError`] if it is none.
pub fn statement_again(bytes: &[u8]) -> Result<Option<Vec<u8>>, StatementError> {
    let statement = VerifiedStatement::resume(bytes)?;
    let (Ok(key), Ok(origin)) = (PublicKey::from_bytes(statement.signer()), statement.issuer().parse()) else {
        return Ok(None);
    };
    let (Ok(pending), Some(signature)) = (Pending::new(key, &origin, statement.payload()), bytes.last_chunk()) else {
        return Ok(None);
    };
    let mut again = pending.assemble(signature).as_bytes().to_vec();
    // -19 is read as -8: tag, array, head of the protected header, map, label 1, algorithm.
    let at = 2 + if bytes.get(2) == Some(&0x59) { 3 } else { 2 } + 2;
    if let (Some(again), Some(0x32)) = (again.get_mut(at), bytes.get(at)) {
        *again = 0x32;
    }
    Ok(Some(again))
}

/// Checks a tile. Its statements' signatures are left unchecked.
pub fn check_tile(
    index: u64,
    width: u16,
    entries: Vec<u8>,
    hashes: Vec<u8>,
    manifests: &[u8],
    packs: &[u8],
) -> Vec<Finding> {
    let (manifests, packs) = (Some(manifests), Some(packs));
    let tile = TileBytes { index, width, entries, hashes: Some(hashes), manifests, packs };
    let scope = Scope { founding: None, signatures: false, keep_manifests: 0, withheld: &Withheld::default() };
    let checked = check::check_tile(tile, scope, &mut KeyCache::default(), &mut |_, _, _| Ok(()));
    checked.map(|checked| checked.findings.into_first()).unwrap_or_default()
}

/// Decodes a frame by the rules of the format, of at most `most` bytes of content.
#[cfg(feature = "zstd")]
pub fn decode_frame(frame: &[u8], most: u64) -> Option<Vec<u8>> {
    decode::<crate::zstandard::LibZstd<&[u8]>>(frame, most)
}

/// As `decode_frame`, by the decoder without C.
#[cfg(feature = "ruzstd")]
pub fn decode_frame_in_rust(frame: &[u8], most: u64) -> Option<Vec<u8>> {
    decode::<crate::zstandard::RuZstd<&[u8]>>(frame, most)
}

fn decode<'a, D: Decoder<&'a [u8]>>(frame: &'a [u8], most: u64) -> Option<Vec<u8>> {
    let mut frame = FrameBy::<_, D>::open(frame).ok()?;
    let size = Some(frame.content_size()).filter(|size| *size <= most)?;
    let mut content = vec![0; usize::try_from(size).ok()?];
    frame.fill(&mut content).ok()?;
    frame.finish().ok()?;
    Some(content)
}
