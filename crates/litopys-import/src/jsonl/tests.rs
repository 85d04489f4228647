use std::fs;
use std::path::Path;

use litopys::manifest::{Captured, Derivation, DerivedFrom};
use litopys::{Content, Draft, DraftFile, Metadata, Role, StatementId};

use super::*;
use crate::{Failure, Place};

fn file(path: &str, role: Role, content: Content) -> DraftFile {
    DraftFile { path: path.into(), role, media_type: "text/plain".into(), original_name: None, content }
}

fn full(base: &Path) -> Draft {
    let large = base.join("large.bin");
    fs::write(&large, vec![7; 100_000]).unwrap();
    let text = Content::from("Заголовок\n\"\\\u{0}\u{2028}".as_bytes().to_vec());
    let pairs = |k: &str, v: &str| [(k.to_owned(), v.to_owned())].into();
    Draft {
        subject: "https://example.org/a".into(),
        metadata: Metadata {
            title: Some("T \u{202e}\u{1b}[31m".into()),
            authors: vec!["Ann".into(), "Ben".into()],
            publisher: Some("P".into()),
            language: Some("uk".into()),
            published: Some("XXXX-09-05".parse().unwrap()),
            modified: Some("2025-09-06T10:00:00+03:00".parse().unwrap()),
            captured: Some(Captured {
                at: Some("2025-09-07T00:00:00Z".parse().unwrap()),
                url: Some("https://example.org/a?utm_source=x".into()),
                via: Some("V".into()),
                tool: Some("T".into()),
            }),
            tags: vec!["x".into()],
            rights: Some("CC0-1.0".into()),
            summary: Some("S".into()),
            note: Some("N".into()),
            derived_from: Some(DerivedFrom {
                id: StatementId::of(b"x"),
                kind: Derivation::Ocr,
                tool: Some("O".into()),
            }),
            extra: pairs("views", "7"),
            provenance: pairs("title", "line 1"),
        },
        files: vec![
            DraftFile { original_name: Some("a:b".into()), ..file("a_b", Role::Capture, text.clone()) },
            file("text.md", Role::Text, text),
            file("b.bin", Role::Attachment, Content::from(vec![0xff, 0, 1])),
            file("empty", Role::Attachment, Content::from(Vec::new())),
            file("large.bin", Role::Media, Content::File(large)),
        ],
        volatile: true,
        shrinks: true,
        original: None,
    }
}

fn bytes(content: &Content) -> Vec<u8> {
    match content {
        Content::Bytes(bytes) => bytes.to_vec(),
        Content::File(path) => fs::read(path).unwrap(),
        _ => panic!("neither in memory nor on disk"),
    }
}

fn write(draft: &Draft, base: &Path) -> String {
    let mut out = Vec::new();
    write_jsonl(draft, base, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn read(lines: &str, base: &Path) -> Vec<Result<Draft, Failure>> {
    read_jsonl(std::io::Cursor::new(lines.to_owned().into_bytes()), base).unwrap().collect()
}

#[test]
fn a_draft_reads_back_as_it_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let draft = full(dir.path());
    let line = write(&draft, dir.path());
    assert!(
        line.contains(r#""same_as":"a_b""#)
            && line.contains(r#""base64":"/wAB""#)
            && line.contains(r#""file":"large.bin""#)
    );
    let back = read(&line, dir.path()).remove(0).unwrap();
    assert_eq!((&back.subject, &back.metadata, back.volatile), (&draft.subject, &draft.metadata, true));
    for (a, b) in back.files.iter().zip(&draft.files) {
        assert_eq!(
            (&a.path, a.role, &a.media_type, &a.original_name),
            (&b.path, b.role, &b.media_type, &b.original_name)
        );
        assert_eq!(bytes(&a.content), bytes(&b.content));
    }
    assert!(matches!(back.files[4].content, Content::File(_)));
    assert_eq!(write(&back, dir.path()), line);
}

#[test]
fn absent_null_and_empty_are_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let line =
        r#"{"schema":1,"subject":"s","title":"","authors":[""],"captured":{"url":""},"extra":{"a":""},"tags":null,
        "files":[{"path":"a.png","role":"capture","text":""}]}"#
            .replace('\n', "");
    let draft = read(&line, dir.path()).remove(0).unwrap();
    assert_eq!(draft.metadata, Metadata::default());
    assert_eq!(draft.files[0].media_type, "image/png");
}

#[test]
fn what_is_no_draft_is_refused_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("base")).unwrap();
    fs::write(dir.path().join("secret"), "s").unwrap();
    fs::write(dir.path().join("base/.key"), "k").unwrap();
    let base = dir.path().join("base");
    let files = |files: &str| format!(r#"{{"schema":1,"subject":"s","files":[{files}]}}"#);
    let one = |rest: &str| files(&format!(r#"{{"path":"a","role":"text",{rest}}}"#));
    let good = one(r#""text":"x""#);
    let bad = [
        "{".to_owned(),
        "[]".to_owned(),
        "\u{feff}".to_owned() + &good,
        good.replace("\"schema\":1", "\"schema\":2"),
        good.replace("\"schema\":1,", ""),
        good.replace("\"subject\":\"s\"", "\"subject\":\" \""),
        good.replace("\"subject\"", "\"tilte\":\"x\",\"subject\""),
        good.replace("\"subject\"", "\"title\":\"x\",\"title\":\"y\",\"subject\""),
        good.replace("\"subject\"", "\"published\":\"5 May\",\"subject\""),
        good.replace("\"subject\"", "\"language\":\"a b\",\"subject\""),
        good.replace("\"subject\"", "\"derived_from\":{\"id\":\"00\",\"kind\":\"ocr\"},\"subject\""),
        good.replace(
            "\"subject\"",
            &format!(
                "\"extra\":{{{}}},\"subject\"",
                (0..257).map(|n| format!("\"{n}\":\"x\"")).collect::<Vec<_>>().join(",")
            ),
        ),
        good.replace("}]", "}],\"x\":") + &"[".repeat(100_000),
        good.clone() + "x",
        files(""),
        one(r#""text":"x","base64":"eA==""#),
        one(r#""size":1"#),
        one(r#""base64":"eA=""#),
        one(r#""base64":"eB==""#),
        one(r#""text":"x","size":2"#),
        one(r#""text":"x","sha256":"sha256:0000000000000000000000000000000000000000000000000000000000000000""#),
        one(r#""text":"x","sha256":"no""#),
        one(r#""same_as":"a""#),
        one(r#""file":"../secret""#),
        one(r#""file":"/etc/passwd""#),
        one(r#""file":".key""#),
        one(r#""file":"none""#),
        one(r#""text":"x","more":1"#),
        good.replace("\"path\":\"a\"", "\"path\":\"../a\""),
        good.replace("\"path\":\"a\"", "\"path\":\"\""),
        files(r#"{"path":"a","role":"text","text":"x"},{"path":"A","role":"text","text":"x"}"#),
        files(r#"{"path":"a","role":"text","text":"x"},{"path":"A/b","role":"text","text":"x"}"#),
        files(r#"{"path":"a/b","role":"text","text":"x"},{"path":"A","role":"text","text":"x"}"#),
        good.replace("\"role\":\"text\"", "\"role\":\"txt\""),
        "[".repeat(1 << 20),
    ];
    for line in &bad {
        let lines = format!("{good}\n\n{line}\n{good}");
        let got = read(&lines, &base);
        let shown = &line[..line.len().min(200)];
        assert!(got.len() == 3 && got[0].is_ok() && got[2].is_ok(), "{shown}");
        let failure = got[1].as_ref().expect_err(shown);
        assert_eq!(failure.place, Some(Place::Line(3)), "{failure}");
        assert!(failure.to_string().len() < 400 && !failure.to_string().contains("line 1"), "{failure}");
    }
}

#[test]
fn bytes_that_are_no_json_never_panic() {
    let dir = tempfile::tempdir().unwrap();
    let reader = Reader::new(dir.path()).unwrap();
    let line = write(&full(dir.path()), dir.path()).into_bytes();
    for at in 0..line.len() {
        for byte in [0, b'"', 0xff, b'\\', b'{'] {
            let mut line = line.clone();
            line[at] = byte;
            let _ = reader.read(&line);
        }
        let _ = reader.read(&line[..at]);
    }
}

#[test]
fn lines_come_as_they_are_there() {
    struct Slow(Vec<&'static [u8]>);
    impl std::io::Read for Slow {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            if self.0.is_empty() {
                return Err(std::io::ErrorKind::ConnectionReset.into());
            }
            let part = self.0.remove(0);
            buffer[..part.len()].copy_from_slice(part);
            Ok(part.len())
        }
    }
    let mut lines = Lines::new(Box::new(Slow(vec![b"one\ntw", b"o\nthree", b"\n\n", b"rest"])));
    let mut chunk = || lines.chunk().into_iter().map(|(n, line)| (n, line.map_err(drop))).collect::<Vec<_>>();
    assert_eq!(chunk(), [(1, Ok(b"one".to_vec()))]);
    assert_eq!(chunk(), [(2, Ok(b"two".to_vec()))]);
    assert_eq!(chunk(), [(3, Ok(b"three".to_vec()))]);
    assert_eq!(chunk(), [(5, Err(()))]);
    assert_eq!(chunk(), []);
}

#[test]
fn a_line_that_is_too_long_is_passed_over() {
    struct Long(usize);
    impl std::io::Read for Long {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let size = buffer.len().min(self.0);
            buffer[..size].fill(b'x');
            self.0 -= size;
            Ok(size)
        }
    }
    let long = || Long(crate::limits::JSONL_LINE + (40 << 20));
    let mut lines = Lines::new(Box::new(std::io::Read::chain(long(), &b"\nnext\n"[..])));
    assert!(matches!(lines.chunk().as_slice(), [(1, Err(JsonlFault::TooLong)), (2, Ok(next))] if next == b"next"));
    let mut lines = Lines::new(Box::new(long()));
    assert!(matches!(lines.chunk().as_slice(), [(1, Err(JsonlFault::TooLong))]));
    assert!(lines.chunk().is_empty());
}

#[test]
fn an_original_is_named_by_id_or_by_subject() {
    let dir = tempfile::tempdir().unwrap();
    let original = |language: Option<&str>, required| litopys::Original {
        subject: "a".into(),
        language: language.map(str::to_owned),
        kind: Derivation::Translation,
        tool: None,
        required,
    };
    for original in [original(Some("en"), true), original(None, false)] {
        let mut draft = Draft { original: Some(original.clone()), ..full(dir.path()) };
        draft.metadata.derived_from = None;
        let mut line = Vec::new();
        write_jsonl(&draft, dir.path(), &mut line).unwrap();
        let back = read_jsonl(std::io::Cursor::new(line), dir.path()).unwrap().next().unwrap().unwrap();
        assert_eq!((back.original, back.metadata.derived_from), (Some(original), None));
    }
    let reader = Reader::new(dir.path()).unwrap();
    for bad in [r#"{"kind": "ocr"}"#, r#"{"kind": "ocr", "id": "x"}"#, r#"{"kind": "ocr", "subject": "a", "id": "x"}"#]
    {
        let line = format!(
            r#"{{"schema": 1, "subject": "b", "derived_from": {bad}, "files": [{{"path": "a", "role": "text", "text": ""}}]}}"#
        );
        assert_eq!(reader.read(line.as_bytes()).unwrap_err(), JsonlFault::DerivedFrom, "{bad}");
    }
}
