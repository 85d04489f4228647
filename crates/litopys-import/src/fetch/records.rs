//! WARC records of what was asked and answered (ISO 28500, WARC 1.1).

use std::fmt::Write as _;
use std::net::IpAddr;

use data_encoding::HEXLOWER;
use litopys::Utc;
use sha2::{Digest as _, Sha256};

/// One request and its answer.
pub(super) struct Exchange<'a> {
    pub(super) url: &'a str,
    pub(super) at: &'a Utc,
    pub(super) address: Option<IpAddr>,
    pub(super) sent: &'a [u8],
    pub(super) received: &'a [u8],
}

/// The record that says what made the others.
pub(super) fn info(at: &Utc, software: &str) -> Vec<u8> {
    let block = format!("software: {software}\r\nformat: WARC File Format 1.1\r\n");
    let id = id("warcinfo", at, block.as_bytes());
    let head = [
        ("WARC-Type", "warcinfo"),
        ("WARC-Record-ID", &id),
        ("WARC-Date", at.as_str()),
        ("Content-Type", "application/warc-fields"),
    ];
    record(&head, block.as_bytes())
}

/// The records of a request and its answer.
pub(super) fn exchange(exchange: &Exchange<'_>) -> Vec<u8> {
    let Exchange { url, at, address, sent, received } = *exchange;
    let (request, response) = (id(url, at, sent), id(url, at, received));
    let address = address.map(|address| address.to_string());
    let mut all = Vec::new();
    for (kind, id, other, block) in
        [("request", &request, &response, sent), ("response", &response, &request, received)]
    {
        // In base 16, as tools read SHA-256 in general; base 32 is for SHA-1.
        let digest = format!("sha256:{}", HEXLOWER.encode(&Sha256::digest(block)));
        let media_type = format!("application/http; msgtype={kind}");
        let mut head = vec![
            ("WARC-Type", kind),
            ("WARC-Record-ID", id),
            ("WARC-Target-URI", url),
            ("WARC-Date", at.as_str()),
            ("WARC-Concurrent-To", other),
            ("WARC-Block-Digest", &digest),
            ("Content-Type", &media_type),
        ];
        head.extend(address.as_deref().map(|address| ("WARC-IP-Address", address)));
        all.extend(record(&head, block));
    }
    all
}

fn record(head: &[(&str, &str)], block: &[u8]) -> Vec<u8> {
    let mut text = "WARC/1.1\r\n".to_owned();
    for (name, value) in head {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    let _ = write!(text, "Content-Length: {}\r\n\r\n", block.len());
    [text.as_bytes(), block, b"\r\n\r\n"].concat()
}

/// A name that follows from what it names (RFC 9562, version 8), since there is no randomness here.
fn id(what: &str, at: &Utc, block: &[u8]) -> String {
    let mut hash = Sha256::new();
    for part in [what.as_bytes(), at.as_str().as_bytes(), block] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut uuid = [0; 16];
    uuid.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
    uuid[6] = uuid[6] & 0x0f | 0x80;
    uuid[8] = uuid[8] & 0x3f | 0x80;
    let hex = HEXLOWER.encode(&uuid);
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    format!("<urn:uuid:{}-{}-{}-{}-{}>", part(0..8), part(8..12), part(12..16), part(16..20), part(20..32))
}
