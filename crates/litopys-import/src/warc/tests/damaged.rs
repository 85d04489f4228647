//! Archives that are altered, damaged or none.

use super::*;

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
