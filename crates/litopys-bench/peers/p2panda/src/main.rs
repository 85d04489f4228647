//! Packs files as p2panda operations, and validates them: what the same job costs with `p2panda-core`.
//!
//! `p2p create OUT ROOT...` makes one operation of each file: an Ed25519 signature, BLAKE3 hashes, CBOR. Files with
//! the same path under several roots are versions of one article, chained in the order of the roots. The articles are
//! shared out among 64 keys. `p2p verify OUT` decodes every operation and checks signature, body hash and backlink.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use p2panda_core::cbor::{decode_cbor, encode_cbor};
use p2panda_core::operation::{validate_backlink, validate_operation};
use p2panda_core::{Body, Hash, Header, Operation, SigningKey, Timestamp};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const KEYS: u8 = 64;
const BUFFER: usize = 1 << 20;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["create", out, roots @ ..] if !roots.is_empty() => create(Path::new(out), roots),
        ["verify", file] => verify(Path::new(file)),
        ["--version"] => {
            println!("p2panda-core 0.6.0");
            Ok(())
        }
        _ => Err("usage: p2p create OUT ROOT... | p2p verify FILE".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("p2p: {error}");
            ExitCode::FAILURE
        }
    }
}

fn create(out: &Path, roots: &[&str]) -> Result<()> {
    let keys: Vec<SigningKey> = (1..=KEYS).map(|n| SigningKey::from_bytes(&[n; 32])).collect();
    let mut articles: BTreeMap<PathBuf, Vec<usize>> = BTreeMap::new();
    for (round, root) in roots.iter().enumerate() {
        walk(Path::new(root), Path::new(""), &mut |path| articles.entry(path).or_default().push(round))?;
    }
    let mut writer = BufWriter::with_capacity(BUFFER, File::create(out)?);
    let mut operations = 0u64;
    for ((path, rounds), key) in articles.iter().zip(keys.iter().cycle()) {
        let mut previous = None;
        for (sequence, &round) in rounds.iter().enumerate() {
            let body = Body::new(&fs::read(Path::new(roots[round]).join(path))?);
            let header = sign(key, &body, sequence as u64, previous);
            previous = Some(header.hash());
            write_part(&mut writer, &encode_cbor(&header)?)?;
            write_part(&mut writer, &body.to_bytes())?;
            operations += 1;
        }
    }
    writer.flush()?;
    println!("{operations} operations");
    Ok(())
}

fn sign(key: &SigningKey, body: &Body, sequence: u64, backlink: Option<Hash>) -> Header<()> {
    let mut header = Header {
        version: 1,
        verifying_key: key.verifying_key(),
        signature: None,
        payload_size: body.size(),
        payload_hash: Some(body.hash()),
        timestamp: Timestamp::new(1_790_000_000),
        seq_num: sequence,
        backlink,
        extensions: (),
    };
    header.sign(key);
    header
}

fn verify(file: &Path) -> Result<()> {
    let mut reader = BufReader::with_capacity(BUFFER, File::open(file)?);
    let mut past: Option<Header<()>> = None;
    let mut operations = 0u64;
    while let Some(encoded) = read_part(&mut reader)? {
        let body = read_part(&mut reader)?.ok_or("the last operation has no body")?;
        let header: Header<()> = decode_cbor(&encoded[..])?;
        let operation = Operation { hash: header.hash(), header: header.clone(), body: Some(Body::new(&body)) };
        validate_operation(&operation)?;
        if header.backlink.is_some() {
            validate_backlink(past.as_ref().ok_or("a backlink to nothing")?, &header)?;
        }
        past = Some(header);
        operations += 1;
    }
    println!("{operations} operations");
    Ok(())
}

/// Calls `found` with the path of every file below `root`, relative to it.
fn walk(root: &Path, below: &Path, found: &mut impl FnMut(PathBuf)) -> Result<()> {
    for entry in fs::read_dir(root.join(below))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        if entry.file_type()?.is_dir() { walk(root, &path, found)? } else { found(path) }
    }
    Ok(())
}

fn write_part(writer: &mut impl Write, part: &[u8]) -> Result<()> {
    writer.write_all(&u32::try_from(part.len())?.to_be_bytes())?;
    Ok(writer.write_all(part)?)
}

fn read_part(reader: &mut impl Read) -> Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match reader.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let mut part = vec![0; u32::from_be_bytes(length) as usize];
    reader.read_exact(&mut part)?;
    Ok(Some(part))
}
