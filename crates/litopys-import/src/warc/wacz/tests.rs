use std::io::{Cursor, Write as _};
use std::num::NonZero;

use data_encoding::{BASE64, HEXLOWER};
use p384::ecdsa::signature::hazmat::PrehashSigner as _;
use rawzip::{CompressionMethod, ZipArchiveWriter};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::walk::SkipReason;
use crate::{Kind, Loaded, Skipped, Warning, drafts};

const URL: &str = "https://example.org/a";

fn warc(urls: &[&str]) -> Vec<u8> {
    let words = "The bridge over the river will be closed for repairs until the end of the month, said the ministry. ";
    let mut warc = Vec::new();
    for url in urls {
        let body = format!(
            "<html><title>A bridge</title><article><h1>A bridge</h1><p>{}</p></article></html>",
            words.repeat(9)
        );
        let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{body}");
        write!(
            warc,
            "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2025-01-01T00:00:00Z\r\n\
             Content-Type: application/http\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n",
            block.len()
        )
        .unwrap();
    }
    warc
}

fn zip(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut zip = ZipArchiveWriter::new(&mut bytes);
    for (name, content) in members {
        let deflated = name.ends_with(".jsonl");
        let method = if deflated { CompressionMethod::DEFLATE } else { CompressionMethod::STORE };
        let (mut entry, config) = zip.new_file(name).compression_method(method).start().unwrap();
        let descriptor = if deflated {
            let encoder = flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::fast());
            let mut writer = config.wrap(encoder);
            writer.write_all(content).unwrap();
            let (encoder, descriptor) = writer.finish().unwrap();
            encoder.finish().unwrap();
            descriptor
        } else {
            let mut writer = config.wrap(&mut entry);
            writer.write_all(content).unwrap();
            writer.finish().unwrap().1
        };
        entry.finish(descriptor).unwrap();
    }
    zip.finish().unwrap();
    bytes
}

fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{}", HEXLOWER.encode(&Sha256::digest(bytes)))
}

fn package(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let rows = members
        .iter()
        .map(|(path, bytes)| serde_json::json!({"path": path, "hash": sha256(bytes), "bytes": bytes.len()}));
    let rows: Vec<_> = rows.collect();
    serde_json::to_vec(&serde_json::json!({"profile": "data-package", "resources": rows})).unwrap()
}

/// As a browser's recorder signs: a key on P-384, the two numbers side by side.
fn signed(hash: &str) -> serde_json::Value {
    let key = p384::ecdsa::SigningKey::from_slice(&[7; 48]).unwrap();
    let signature: p384::ecdsa::Signature = key.sign_prehash(&Sha256::digest(hash.as_bytes())).unwrap();
    let mut spki = HEXLOWER.decode(b"3076301006072a8648ce3d020106052b81040022036200").unwrap();
    spki.extend_from_slice(key.verifying_key().to_sec1_point(false).as_bytes());
    serde_json::json!({"hash": hash, "signature": BASE64.encode(&signature.to_bytes()), "publicKey": BASE64.encode(&spki)})
}

fn read(bytes: Vec<u8>) -> (Vec<Loaded>, Vec<String>, Skipped) {
    let options = Options { from: Some(Kind::Wacz), ..Options::default() };
    let mut drafts = drafts(&["-".into()], &options, NonZero::<usize>::MIN).with_stdin(Cursor::new(bytes));
    let (mut loaded, mut failures) = (Vec::new(), Vec::new());
    for outcome in drafts.by_ref().flatten() {
        match outcome {
            Ok(one) => loaded.push(one),
            Err(failure) => failures.push(failure.to_string()),
        }
    }
    (loaded, failures, drafts.skipped())
}

/// The flaws of the one page, and what is said of its WACZ.
fn judged(members: &[(&str, Vec<u8>)]) -> (Vec<Flaw>, String) {
    let (loaded, failures, _) = read(zip(members));
    assert_eq!((loaded.len(), failures.len()), (1, 0), "{failures:?}");
    let flaws =
        loaded[0].warnings.iter().filter_map(|w| if let Warning::Record(flaw) = w { Some(flaw.clone()) } else { None });
    (flaws.collect(), loaded[0].draft.metadata.provenance["capture.wacz"].clone())
}

#[test]
fn hashes_and_signatures_are_recomputed() {
    let data = ("archive/data.warc", warc(&[URL]));
    let listed = package(std::slice::from_ref(&data));
    let hash = sha256(&listed);
    let list = ("datapackage.json", listed.clone());
    let digest = |hash: &str, signed: Option<serde_json::Value>| {
        let mut digest = serde_json::json!({"path": "datapackage.json", "hash": hash});
        if let Some(signed) = signed {
            digest["signedData"] = signed;
        }
        ("datapackage-digest.json", serde_json::to_vec(&digest).unwrap())
    };

    let (flaws, words) = judged(&[data.clone(), list.clone()]);
    assert_eq!(
        (flaws, words.as_str()),
        (vec![], "1 of 1 files have the hashes that datapackage.json lists; not signed")
    );
    let (flaws, words) = judged(&[data.clone(), list.clone(), digest(&hash, Some(signed(&hash)))]);
    assert!(flaws.is_empty() && words.contains("signature verified, made by a key that comes with it"), "{words}");

    // A good signature over another file, with and without what it signs named beside it.
    let other = sha256(b"another datapackage.json");
    for said in [&hash, &other] {
        let (flaws, words) = judged(&[data.clone(), list.clone(), digest(said, Some(signed(&other)))]);
        assert!(flaws.contains(&Flaw::PackageSignature) && words.contains("OF SOMETHING ELSE"), "{words}");
    }
    let mut transplanted = signed(&other);
    transplanted["hash"] = hash.clone().into();
    let (flaws, words) = judged(&[data.clone(), list.clone(), digest(&hash, Some(transplanted))]);
    assert!(flaws == [Flaw::PackageSignature] && words.contains("DOES NOT VERIFY"), "{words}");
    let mut keyless = signed(&hash);
    keyless["publicKey"] = serde_json::Value::Null;
    let (flaws, words) = judged(&[data.clone(), list.clone(), digest(&hash, Some(keyless))]);
    assert!(flaws == [Flaw::PackageSignature] && words.contains("NOT CHECKED"), "{words}");

    let (flaws, _) = judged(&[data.clone(), list.clone(), digest(&other, None)]);
    assert_eq!(flaws, [Flaw::PackageDigest]);
    // A WARC file that was changed, or that nobody lists.
    let (flaws, words) = judged(&[("archive/data.warc", warc(&["https://example.org/b"])), list.clone()]);
    assert!(flaws == [Flaw::PackageHash] && words.starts_with("0 of 1"), "{words}");
    assert_eq!(judged(&[("archive/other.warc", data.1.clone()), list]).0, [Flaw::Unlisted]);
    assert_eq!(judged(&[data]).0, [Flaw::Unlisted]);
}

#[test]
fn captures_of_listed_pages_are_drafts() {
    let data = ("archive/data.warc", warc(&[URL, "https://ads.example.net/frame"]));
    let pages = format!("{{\"format\":\"json-pages-1.0\"}}\n{{\"url\":\"{URL}#top\",\"ts\":\"2025\"}}\nnot json\n");
    let (loaded, failures, skipped) = read(zip(&[data.clone(), ("pages/pages.jsonl", pages.into_bytes())]));
    assert_eq!((loaded.len(), failures.len(), skipped.count(SkipReason::Unlisted)), (1, 0, 1));
    assert_eq!(loaded[0].draft.subject, URL);
    let place = loaded[0].place.as_ref().unwrap().to_string();
    assert_eq!(place, "archive/data.warc: record at byte 0");
    let captured = loaded[0].draft.metadata.captured.as_ref().unwrap();
    assert_eq!(captured.via.as_deref(), Some("web archive -, archive/data.warc"));
    // Without a list, all are.
    assert_eq!(read(zip(&[data])).0.len(), 2);
}

#[test]
fn hostile_zips_are_refused() {
    let data = ("archive/data.warc", warc(&[URL]));
    for (bytes, why) in [
        (zip(&[data.clone(), data.clone()]), "two members called"),
        (zip(&[("archive/readme.txt", vec![])]), "no WARC file"),
        (zip(&[data.clone(), ("datapackage.json", b"{".to_vec())]), "datapackage.json can't be read"),
        (b"PK\x03\x04 and nothing else".to_vec(), "no ZIP file"),
        (Vec::new(), "no ZIP file"),
    ] {
        let (loaded, failures, _) = read(bytes);
        assert!(loaded.is_empty() && failures[0].contains(why), "{why}: {failures:?}");
    }
    // What is no web archive within one is told, and the rest is read.
    let (loaded, failures, _) = read(zip(&[("archive/a.warc", b"hello".to_vec()), data]));
    assert_eq!(loaded.len(), 1);
    assert!(failures[0].contains("archive/a.warc") && failures[0].contains("no web archive"), "{failures:?}");
}

#[test]
fn a_wacz_is_known_by_its_first_members() {
    assert!(is_wacz(&zip(&[("archive/data.warc", warc(&[URL]))])));
    assert!(!is_wacz(&zip(&[("word/document.xml", warc(&[URL]))])));
    assert!(!is_wacz(b"PK\x03\x04"));
}
