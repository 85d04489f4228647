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

#[test]
fn digests_are_recomputed() {
    let block =
        http("Transfer-Encoding: chunked\r\n", format!("{:x}\r\n{}\r\n0\r\n\r\n", PAGE.len(), *PAGE).as_bytes());
    let sha256 = sha2::Sha256::digest(PAGE.as_bytes());
    let (base32, hex) = (data_encoding::BASE32.encode(&sha256), data_encoding::HEXUPPER.encode(&sha256));
    let base64 = data_encoding::BASE64.encode(&md5::Md5::digest(PAGE.as_bytes()));
    let sha1 = data_encoding::BASE32.encode(&sha1::Sha1::digest(&block)).to_lowercase();
    for (field, digest, flaw) in [
        ("WARC-Payload-Digest", format!("sha256:{base32}"), None),
        ("WARC-Payload-Digest", format!("SHA-256: {hex}"), None),
        ("WARC-Payload-Digest", format!("md5:{base64}"), None),
        ("WARC-Block-Digest", format!("sha1:{sha1}"), None),
        ("WARC-Block-Digest", format!("sha256:{hex}"), Some(Flaw::Digest(Digested::Block))),
        ("WARC-Payload-Digest", format!("sha1:{sha1}"), Some(Flaw::Digest(Digested::Payload))),
        ("WARC-Payload-Digest", "sha256:".to_owned(), Some(Flaw::Digest(Digested::Payload))),
        ("WARC-Payload-Digest", "blake3:x".to_owned(), Some(Flaw::UnknownDigest(Digested::Payload))),
    ] {
        let head = [("WARC-Type", "response"), ("WARC-Target-URI", A), ("WARC-Date", DATES[0]), (field, &digest)];
        let read = import(record(&head, &block));
        assert_eq!(flaws(&read.loaded[0]), flaw.iter().collect::<Vec<_>>(), "{digest}");
        let said = &read.loaded[0].draft.metadata.provenance["capture"];
        let words = if flaw.is_none() { "agrees" } else { "NOT" };
        assert!(said.contains(words) || said.contains("not checked"), "{said}");
    }
}

#[test]
fn damaged_archives_give_what_can_be_read_of_them() {
    let [first, second, third] = DATES.map(|date| page(A, date));
    let times_of = |read: &Read| read.loaded.len();

    // No blank lines after a record; too many; other line ends.
    let tight = &first[..first.len() - 4];
    let read = import([tight, &second, b"\r\n\r\n\n", &third].concat());
    assert_eq!((times_of(&read), read.failures.len()), (3, 0));
    let unix = String::from_utf8(first.clone()).unwrap().replace("\r\n", "\n");
    let read = import([unix.as_bytes(), &second].concat());
    assert_eq!(read.failures.len(), 1, "the length is not that of the block any more");

    // A length that is too small: what is left of the block belongs to no record.
    let short = String::from_utf8(first.clone()).unwrap().replace("Content-Length: 1", "Content-Length: 0");
    let read = import([short.as_bytes(), &second].concat());
    assert!(read.failures[0].contains("bytes that belong to no record"), "{:?}", read.failures);
    assert_eq!(flaws(&read.loaded[0]), [&Flaw::Doubtful]);

    // One that is too large, lengths that differ, none.
    let torn = [&second[..], &first[..first.len() - 40]].concat();
    let read = import(torn.clone());
    assert!(read.failures.iter().any(|failure| failure.ends_with("a record that is cut short")), "{:?}", read.failures);
    let cut = forced(torn);
    assert!(flaws(&cut.loaded[1]).contains(&&Flaw::Cut));
    let twice =
        String::from_utf8(first.clone()).unwrap().replace("Content-Length", "Content-Length: 7\r\nContent-Length");
    let none = String::from_utf8(first.clone()).unwrap().replace("Content-Length", "X-Length");
    for bad in [twice, none] {
        let read = import([bad.as_bytes(), &second].concat());
        assert!(read.failures[0].contains("head that can't be read"), "{:?}", read.failures);
        assert_eq!(times_of(&read), 1);
    }

    // A damaged gzip member, with good ones after it; one that is cut.
    let mut damaged = gzip(&first);
    let middle = damaged.len() / 2;
    damaged[middle..middle + 8].fill(0xff);
    let read = import([gzip(&second), damaged, gzip(&third), b"\0\0\0".to_vec()].concat());
    assert!(read.failures.iter().any(|failure| failure.contains("gzip member")), "{:?}", read.failures);
    let good: Vec<_> =
        read.loaded.iter().filter(|loaded| !flaws(loaded).contains(&&Flaw::Doubtful)).map(capture).collect();
    assert!(good.contains(&second) && !good.contains(&first));
    assert!(read.loaded.iter().map(capture).any(|capture| capture == third));
    let cut = gzip(&first);
    let read = import([&gzip(&second), &cut[..cut.len() - 9]].concat());
    assert_eq!((times_of(&read), read.failures.len()), (1, 1), "{:?}", read.failures);
    assert!(read.failures[0].contains("gzip member"));
}

#[test]
fn nothing_in_a_page_is_taken_for_a_record() {
    let inner = page("https://example.org/forged", DATES[0]);
    let body = [PAGE.as_bytes(), b"\r\n\r\n", &inner].concat();
    for bytes in [response(A, DATES[1], &http("", &body)), gzip(&response(A, DATES[1], &http("", &body)))] {
        let read = import(bytes);
        assert_eq!((read.loaded.len(), read.failures.len()), (1, 0));
        assert_eq!(read.loaded[0].draft.subject, A);
    }
}

#[test]
fn odd_targets_and_dates_are_told() {
    for uri in ["file:///etc/passwd", "javascript:alert(1)", "http://a b/", "<urn:x>", "https://u:p@example.org/"] {
        let read = import(page(uri, DATES[0]));
        let loaded = &read.loaded[0];
        assert!(matches!(flaws(loaded)[..], [Flaw::Target(_)]), "{uri}");
        assert_eq!(loaded.draft.subject, uri.trim_matches(['<', '>']));
        assert!(!String::from_utf8_lossy(&capture(loaded)).contains("root:"));
    }
    for date in ["2025", "2025-01-01", "20250101000000", "yesterday", "2025-13-01T00:00:00Z", ""] {
        let read = import([page(A, DATES[0]), page(A, date)].concat());
        // What has no date is not the newest version of anything.
        assert_eq!(flaws(&read.loaded[0]), [&Flaw::Date(date.into())], "{date}");
        assert_eq!(read.loaded[0].draft.metadata.captured.as_ref().unwrap().at, None);
    }
    let none = import(record(&[("WARC-Type", "response")], &http("", PAGE.as_bytes())));
    assert!(none.failures[0].contains("no subject"), "{:?}", none.failures);
}

#[test]
fn what_is_said_by_flags_counts() {
    let overrides =
        Overrides { subject: Some("mine".into()), captured_via: Some("by hand".into()), ..Overrides::default() };
    let read = read_with(page(A, DATES[0]), &Options { overrides, ..Options::default() });
    let draft = &read.loaded[0].draft;
    assert_eq!(
        (draft.subject.as_str(), draft.metadata.captured.as_ref().unwrap().via.as_deref()),
        ("mine", Some("by hand"))
    );
}

#[test]
fn other_data_is_no_web_archive() {
    for bytes in [&b""[..], b"WARC", b"hello", &gzip(b"hello"), &[0x1f, 0x8b], b"PK\x03\x04"] {
        assert!(!is_warc(bytes));
        assert!(import(bytes.to_vec()).failures[0].contains("no web archive"));
    }
    assert!(is_warc(&page(A, DATES[0])) && is_warc(&gzip(&page(A, DATES[0]))[..400]));
    assert!(matches!(
        Warc::open(Path::new("none"), Source::Path("none".into()), &Options::default()).err().map(|f| f.error),
        Some(ImportError::Warc(WarcFault::Io(_)))
    ));
}

#[test]
fn archives_with_random_damage_never_break_it() {
    let digest = format!("sha1:{}", data_encoding::BASE32.encode(&sha1::Sha1::digest(PAGE.as_bytes())));
    let block = http("Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", b"5\r\nabcde\r\n0\r\n\r\n");
    let revisit =
        [("WARC-Type", "revisit"), ("WARC-Target-URI", A), ("WARC-Date", DATES[1]), ("WARC-Payload-Digest", &*digest)];
    let arc = format!(
        "filedesc://x 0.0.0.0 20140216050221 text/plain 2\n1\n\n{A} 1.2.3.4 20140216050221 text/html 9\nHTTP/1.1 \n"
    );
    let warc = [page(A, DATES[0]), response(A, DATES[2], &block), record(&revisit, b"")];
    let by_record: Vec<u8> = warc.iter().flat_map(|record| gzip(record)).collect();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    for seed in [warc.concat(), by_record, gzip(&warc.concat()), arc.into_bytes()] {
        for _ in 0..150 {
            let mut bytes = seed.clone();
            for _ in 0..=random(4) {
                let (at, len) = (random(bytes.len()), random(40));
                let end = (at + len).min(bytes.len());
                match random(4) {
                    0 => bytes.truncate(at.max(1)),
                    1 => drop(bytes.drain(at..end)),
                    2 => bytes.insert(at, u8::try_from(random(256)).unwrap()),
                    _ => bytes[at] = u8::try_from(random(256)).unwrap(),
                }
                if bytes.is_empty() {
                    bytes.push(b'W');
                }
            }
            let read = forced(bytes);
            assert!(read.failures.iter().all(|failure| failure.starts_with("-")));
            read.loaded.iter().for_each(|loaded| drop(capture(loaded)));
        }
    }
}
