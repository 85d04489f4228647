mod damaged;

use std::io::Write;

use litopys::Content;
use sha1::Digest as _;

use super::*;
use crate::walk::SkipReason;
use crate::{ImportError, Loaded, Overrides, Warning, drafts};

/// The page of most tests: an article.
fn page_text() -> String {
    let paragraph = |day: &str| {
        format!(
            "<p>The ministry said on {day} that the bridge over the river would be closed for repairs until the end of the \
             month, and that lorries would be sent by the northern road. Drivers who were asked on {day} did not expect that \
             it would be opened again so soon.</p>"
        )
    };
    let days: String = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"].map(paragraph).concat();
    format!(
        "<html><head><title>Bridge closed for repairs</title></head><body><article><h1>Bridge closed for repairs</h1>{days}\
         </article></body></html>"
    )
}
static PAGE: std::sync::LazyLock<String> = std::sync::LazyLock::new(page_text);
const A: &str = "https://example.org/a";

/// A record, with its blank lines.
fn record(head: &[(&str, &str)], block: &[u8]) -> Vec<u8> {
    let mut record = b"WARC/1.1\r\n".to_vec();
    for (name, value) in head {
        write!(record, "{name}: {value}\r\n").unwrap();
    }
    write!(record, "Content-Length: {}\r\n\r\n", block.len()).unwrap();
    [&record, block, b"\r\n\r\n"].concat()
}

fn response(url: &str, date: &str, block: &[u8]) -> Vec<u8> {
    let head = [
        ("WARC-Type", "response"),
        ("WARC-Record-ID", &format!("<urn:test:{date}>")),
        ("WARC-Target-URI", url),
        ("WARC-Date", date),
        ("Content-Type", "application/http; msgtype=response"),
    ];
    record(&head, block)
}

fn http(headers: &str, body: &[u8]) -> Vec<u8> {
    [b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n", headers.as_bytes(), b"\r\n", body].concat()
}

fn page(url: &str, date: &str) -> Vec<u8> {
    response(url, date, &http("", PAGE.as_bytes()))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

struct Read {
    loaded: Vec<Loaded>,
    failures: Vec<String>,
    skipped: Skipped,
}

fn read_with(bytes: Vec<u8>, options: &Options) -> Read {
    let options = Options { from: Some(crate::Kind::Warc), ..options.clone() };
    let mut drafts = drafts(&["-".into()], &options, NonZero::new(2).unwrap()).with_stdin(io::Cursor::new(bytes));
    let (mut loaded, mut failures) = (Vec::new(), Vec::new());
    for outcome in drafts.by_ref().flatten() {
        match outcome {
            Ok(one) => loaded.push(one),
            Err(failure) => failures.push(failure.to_string()),
        }
    }
    Read { loaded, failures, skipped: drafts.skipped() }
}

fn import(bytes: Vec<u8>) -> Read {
    read_with(bytes, &Options::default())
}

fn forced(bytes: Vec<u8>) -> Read {
    read_with(bytes, &Options { force: true, ..Options::default() })
}

fn capture(loaded: &Loaded) -> Vec<u8> {
    match &loaded.draft.files[0].content {
        Content::Bytes(bytes) => bytes.to_vec(),
        Content::Source(source) => {
            let mut bytes = Vec::new();
            source.open().unwrap().read_to_end(&mut bytes).unwrap();
            bytes
        }
        other => panic!("{other:?}"),
    }
}

fn times(read: &Read) -> Vec<String> {
    let captured = read.loaded.iter().filter_map(|loaded| loaded.draft.metadata.captured.as_ref());
    captured.map(|captured| captured.at.as_ref().map(ToString::to_string).unwrap_or_default()).collect()
}

fn flaws(loaded: &Loaded) -> Vec<&Flaw> {
    loaded.warnings.iter().filter_map(|w| if let Warning::Record(flaw) = w { Some(flaw) } else { None }).collect()
}

const DATES: [&str; 3] = ["2025-01-02T00:00:00Z", "2025-01-01T12:00:00Z", "2025-03-01T00:00:00.25Z"];

#[test]
fn captures_come_in_the_order_of_their_dates_however_they_are_packed() {
    let info = record(
        &[("WARC-Type", "warcinfo"), ("Content-Type", "application/warc-fields")],
        b"software: Crawler 1\r\noperator: An archive\r\n",
    );
    let records: Vec<_> = DATES.iter().map(|date| page(A, date)).collect();
    let plain = [std::slice::from_ref(&info), &records[..]].concat();
    let by_record = plain.iter().flat_map(|record| gzip(record)).collect();
    for bytes in [plain.concat(), gzip(&plain.concat()), by_record] {
        let read = import(bytes);
        assert_eq!(read.failures, [""; 0]);
        assert_eq!(times(&read), ["2025-01-01T12:00:00Z", "2025-01-02T00:00:00Z", "2025-03-01T00:00:00Z"]);
        for (loaded, record) in read.loaded.iter().zip([&records[1], &records[0], &records[2]]) {
            assert_eq!(capture(loaded), *record);
            assert_eq!(loaded.draft.subject, A);
            assert!(loaded.draft.volatile);
            let captured = loaded.draft.metadata.captured.as_ref().unwrap();
            assert_eq!(captured.tool.as_deref(), Some("Crawler 1"));
            assert_eq!(captured.via.as_deref(), Some("web archive -, by An archive"));
        }
        assert_eq!(read.loaded[2].draft.metadata.provenance["captured.at"], format!("WARC-Date: {}", DATES[2]));
    }
}

#[test]
fn a_large_record_is_read_from_the_archive_again() {
    let large = response(A, DATES[0], &http("", &[PAGE.as_bytes(), &[b'x'; 3 << 20]].concat()));
    for bytes in [large.clone(), [gzip(&page(A, DATES[1])), gzip(&large)].concat()] {
        let read = import(bytes);
        let last = read.loaded.last().unwrap();
        assert!(matches!(last.draft.files[0].content, Content::Source(_)));
        assert_eq!(capture(last), large);
    }
}

#[test]
fn bodies_come_without_their_codings() {
    let page = PAGE.as_bytes();
    let rest = format!("{:x}\r\n", page.len() - 6);
    let chunked = [b"6;x=y\r\n<html>\r\n", rest.as_bytes(), &page[6..], b"\r\n0\r\n\r\n"].concat();
    let zlib = |raw: bool| {
        let mut encoder = flate2::Compress::new(flate2::Compression::fast(), !raw);
        let mut out = Vec::with_capacity(1_000);
        encoder.compress_vec(page, &mut out, flate2::FlushCompress::Finish).unwrap();
        out
    };
    let brotli = data_encoding::HEXLOWER.decode(b"1ba805009c07b62d3afdcac09516c29b749bd7bbeff2eb0bba0b0585289848d42f686f708a87aa627c2c3d81b5f9bbff62fd052bd5afb5990e970c740258c1a5589dd3c3a887a707c25cc38851701a8a46714142ee8de05f8d1086439e25884c52d5d153ba297240b5f51a9ce33b3f2e5a5db77b747e2ca3d238cb8f891981057ab938cc58a3922e0e58769ee6bf7664580e265749130253ab12fe5db7a9f9f39a5c004214d8606811e4c824ea69be5c58669ec163e5333c1147ec659929f17aed98c3f454cabc202ab6e9c5fc432fa64d0aa3bc288c5250aafd1714").unwrap();
    let cases: [(&str, Vec<u8>, &[Flaw]); 13] = [
        ("", page.to_vec(), &[]),
        ("Transfer-Encoding: chunked\r\n", chunked.clone(), &[]),
        ("Transfer-Encoding: chunked\r\n", page.to_vec(), &[Flaw::NotChunked]),
        ("Transfer-Encoding: chunked\r\n", chunked[..chunked.len() - 5].to_vec(), &[Flaw::Chunks]),
        ("content-encoding: GZIP\r\n", gzip(page), &[]),
        ("Content-Encoding:\r\n gzip,\r\n\tgzip\r\n", gzip(&gzip(page)), &[]),
        ("Content-Encoding: gzip\r\nContent-Encoding: br\r\n", brotli.clone(), &[Flaw::NotCoded("gzip".into())]),
        ("Content-Encoding: deflate\r\n", zlib(false), &[]),
        ("Content-Encoding: deflate\r\n", zlib(true), &[]),
        ("Content-Encoding: br\r\n", brotli, &[]),
        ("Content-Encoding: zstd\r\n", zstd::encode_all(page, 1).unwrap(), &[]),
        ("Content-Encoding: gzip\r\n", page.to_vec(), &[Flaw::NotCoded("gzip".into())]),
        ("Content-Length: 9000\r\n", page.to_vec(), &[Flaw::Length { said: 9_000, found: page.len() as u64 }]),
    ];
    for (headers, body, flaws) in cases {
        let message = http(headers, &body);
        let head = http::HttpHead::read(&mut &message[..]).unwrap().unwrap();
        let body = http::body(&head, &message[head.size..], false).unwrap();
        assert_eq!(String::from_utf8_lossy(&body.bytes), *PAGE, "{headers}");
        assert_eq!(body.flaws, flaws, "{headers}");
    }
    let cut = http("Content-Encoding: gzip\r\n", &gzip(page)[..200]);
    let head = http::HttpHead::read(&mut &cut[..]).unwrap().unwrap();
    let body = http::body(&head, &cut[head.size..], false).unwrap();
    assert_eq!(body.flaws, [Flaw::Damaged("gzip".into())]);
}

#[test]
fn bombs_are_not_unpacked() {
    let mut bomb = vec![0; 40 << 20];
    for _ in 0..2 {
        bomb = gzip(&bomb);
    }
    let read = import(response(A, DATES[0], &http("Content-Encoding: gzip, gzip\r\n", &bomb)));
    assert!(read.failures[0].ends_with("record at byte 0: a page of more than 32 MiB"), "{:?}", read.failures);
    let read = import(response(A, DATES[0], &http("Content-Encoding: gzip, gzip, gzip, gzip, gzip\r\n", b"x")));
    assert!(read.failures[0].contains("gzip, gzip"), "{:?}", read.failures);
    let read = import(response(A, DATES[0], &http("Content-Encoding: sdch\r\n", b"x")));
    assert!(read.failures[0].contains("\"sdch\""), "{:?}", read.failures);
    let large = response(A, DATES[0], &http("", &vec![b' '; 33 << 20]));
    assert!(import(gzip(&large)).failures[0].contains("more than 32 MiB"));
}

#[test]
fn what_is_no_page_is_counted_and_passed_over() {
    let other = |status: &str, media_type: &str| {
        let block = format!("HTTP/2 {status}\r\nContent-Type: {media_type}\r\n\r\n{}", *PAGE);
        response(A, DATES[0], block.as_bytes())
    };
    let request = record(&[("WARC-Type", "request"), ("Content-Type", "application/http")], b"GET / HTTP/1.1\r\n\r\n");
    let resource = |uri: &str, media_type: &str| {
        let head = [
            ("WARC-Type", "resource"),
            ("WARC-Target-URI", uri),
            ("WARC-Date", DATES[1]),
            ("Content-Type", media_type),
        ];
        record(&head, PAGE.as_bytes())
    };
    let archive = [
        other("200 OK", "text/html"),
        other("404 Not Found", "text/html"),
        other("301", "text/html"),
        other("200", "image/png"),
        other("200", ""),
        request,
        resource("http://example.org/r", "text/html"),
        resource("http://example.org/css", "text/css"),
        record(&[("WARC-Type", "metadata")], b"x"),
        response(A, DATES[0], b"SSH-2.0-OpenSSH\r\n"),
    ];
    let read = import(archive.concat());
    let count = |reason| read.skipped.count(reason);
    assert_eq!((count(SkipReason::Status), count(SkipReason::NoPage)), (2, 3), "{:?}", read.skipped);
    assert_eq!((read.loaded.len(), read.failures.len()), (3, 0), "{:?}", read.failures);
    let all = forced(archive.concat());
    assert_eq!(all.loaded.len(), 5);
    assert!(all.loaded.iter().any(|loaded| flaws(loaded).contains(&&Flaw::Status(404))));
}

#[test]
fn a_revisit_has_the_page_of_the_record_that_it_refers_to() {
    let digest = data_encoding::BASE32.encode(&sha1::Sha1::digest(PAGE.as_bytes()));
    let digest = format!("sha1:{digest}");
    let original = {
        let head = [
            ("WARC-Type", "response"),
            ("WARC-Record-ID", "<urn:uuid:1>"),
            ("WARC-Target-URI", A),
            ("WARC-Date", DATES[0]),
            ("WARC-Payload-Digest", &digest),
            ("Content-Type", "application/http"),
        ];
        record(&head, &http("", PAGE.as_bytes()))
    };
    let revisit = |refers: &[(&str, &str)], block: &[u8]| {
        let head = [
            ("WARC-Type", "revisit"),
            ("WARC-Target-URI", A),
            ("WARC-Date", DATES[2]),
            ("Content-Type", "application/http"),
        ];
        record(&[&head, refers].concat(), block)
    };
    let not_modified: &[u8] = b"HTTP/1.1 304 Not Modified\r\n\r\n";
    let by_id = revisit(&[("WARC-Refers-To", "<urn:uuid:1>")], not_modified);
    let by_target = revisit(&[("WARC-Refers-To-Target-URI", A), ("WARC-Refers-To-Date", DATES[0])], b"");
    let by_digest = revisit(&[("WARC-Payload-Digest", &digest)], &http("", b""));
    for revisit in [&by_id, &by_target, &by_digest] {
        // In any order.
        for archive in [[&original[..], revisit].concat(), [&revisit[..], &original].concat()] {
            let read = import(archive);
            assert_eq!(read.failures, [""; 0]);
            assert_eq!(times(&read), ["2025-01-02T00:00:00Z", "2025-03-01T00:00:00Z"]);
            let last = &read.loaded[1];
            assert_eq!(capture(last), [&revisit[..], &original].concat());
            assert!(flaws(last).is_empty(), "{:?}", flaws(last));
            let said = &last.draft.metadata.provenance["capture"];
            assert!(said.contains("of the same payload as urn:uuid:1 captured at 2025-01-02"), "{said}");
        }
    }
    let alone = import([by_id, by_digest].concat());
    assert_eq!(alone.skipped.count(SkipReason::Revisit), 1);
    assert!(alone.loaded.is_empty() && alone.failures[0].contains("isn't in this archive"), "{:?}", alone.failures);
}
