use std::fs;
use std::path::Path;

use litopys::{Content, Role};

use super::*;
use crate::{Overrides, Place, Warning};

fn run(inputs: &[&Path], options: &Options) -> (Vec<Outcome>, Skipped) {
    let inputs: Vec<_> = inputs.iter().map(|path| path.to_path_buf()).collect();
    let mut drafts = drafts(&inputs, options, NonZero::new(2).unwrap());
    let outcomes = drafts.by_ref().flatten().collect();
    (outcomes, drafts.skipped())
}

fn stdin(input: &'static [u8], options: &Options) -> Vec<Outcome> {
    drafts(&["-".into()], options, NonZero::<usize>::MIN).with_stdin(input).flatten().collect()
}

fn subjects(outcomes: &[Outcome]) -> Vec<String> {
    let one =
        |outcome: &Outcome| outcome.as_ref().map_or_else(|f| format!("! {}", f.error), |l| l.draft.subject.clone());
    outcomes.iter().map(one).collect()
}

fn tree(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    dir
}

fn bytes(content: &Content) -> &[u8] {
    match content {
        Content::Bytes(bytes) => bytes,
        _ => panic!("not in memory"),
    }
}

#[test]
fn documents_come_first_and_what_they_link_comes_with_them() {
    let dir = tree(&[
        ("a/pic.png", b"\x89PNG\r\n\x1a\n"),
        ("a/alone.png", b"\x89PNG\r\n\x1a\n"),
        ("a/data.txt", b"Data\n\nIt is.\n"),
        ("b.md", b"# B\n\n![pic](a/pic.png) [d](a/data.txt) ![k](../../.ssh/id_ed25519)\n"),
        ("page.html", b"<p>x"),
        ("zero.txt", b""),
        ("blob", b"\0\x01\x02"),
        (".hidden.md", b"x"),
    ]);
    let (outcomes, skipped) = run(&[dir.path()], &Options::default());
    assert_eq!(subjects(&outcomes), ["b.md", "page.html", "a/alone.png", "blob", "zero.txt"]);
    assert_eq!((skipped.count(SkipReason::Linked), skipped.count(SkipReason::Hidden)), (2, 1));
    let loaded: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
    let b = &loaded[0];
    let files: Vec<_> = b.draft.files.iter().map(|f| (f.path.as_str(), f.role)).collect();
    assert_eq!(
        files,
        [
            ("b.md", Role::Capture),
            ("text.md", Role::Text),
            ("a/pic.png", Role::Media),
            ("a/data.txt", Role::Attachment)
        ]
    );
    assert!(
        matches!((&b.draft.files[0].content, &b.draft.files[1].content), (Content::Bytes(a), Content::Bytes(b)) if std::sync::Arc::ptr_eq(a, b))
    );
    assert_eq!(b.draft.metadata.provenance["text"], "the same bytes as the capture");
    assert!(matches!(b.warnings.as_slice(), [Warning::Links { count: 1, .. }]));
    let alone = &loaded[2].draft;
    assert_eq!((alone.metadata.title.as_deref(), alone.files.len()), (Some("alone.png"), 1));
    assert_eq!((alone.files[0].role, alone.files[0].media_type.as_str()), (Role::Capture, "image/png"));
    assert_eq!(loaded[3].draft.files[0].media_type, "application/octet-stream");
    assert_eq!((loaded[1].draft.files.len(), loaded[1].draft.files[0].media_type.as_str()), (2, "text/html"));
    assert_eq!(loaded[4].warnings, [Warning::Empty]);
}

#[test]
fn bytes_are_kept_as_they_are() {
    let dir = tree(&[
        ("bom.md", b"\xef\xbb\xbf---\r\ntitle: T\r\n---\r\n\r\nBody\r\n"),
        ("cr.md", b"# T\rtext\r"),
        ("latin.txt", b"Caf\xe9 au lait\n\nUn tr\xe8s bon caf\xe9, d\xe9j\xe0 bu.\n"),
        ("utf16.txt", b"\xff\xfeA\0\n\0\n\0B\0"),
        ("bad.md", b"---\ntitle: [\n---\nBody\n"),
        ("text.md", b"# Text\n"),
        ("nul.txt", b"a\0b"),
        ("fake.txt", b"\xff\0\xfe"),
    ]);
    let (outcomes, _) = run(&[dir.path()], &Options::default());
    for outcome in outcomes {
        let Loaded { draft, warnings, input, .. } = outcome.unwrap();
        let capture = draft.files.iter().find(|f| f.role == Role::Capture).unwrap();
        assert_eq!(bytes(&capture.content), fs::read(&input).unwrap());
        let text = draft
            .files
            .iter()
            .find(|f| f.role == Role::Text)
            .map(|f| String::from_utf8(bytes(&f.content).to_vec()).unwrap());
        let (expected, title, warned) = match draft.subject.as_str() {
            "bom.md" => (Some("Body\r\n"), Some("T"), false),
            "cr.md" => (Some("# T\rtext\r"), Some("T"), false),
            "latin.txt" => (Some("Café au lait\n\nUn très bon café, déjà bu.\n"), Some("Café au lait"), true),
            "utf16.txt" => (Some("A\n\nB"), Some("A"), true),
            "bad.md" => (Some("---\ntitle: [\n---\nBody\n"), Some("title: ["), true),
            "text.md" => (Some("# Text\n"), Some("Text"), false),
            "nul.txt" => (Some("a\0b"), None, false),
            _ => (None, Some("fake.txt"), true),
        };
        assert_eq!((text.as_deref(), draft.metadata.title.as_deref()), (expected, title), "{}", draft.subject);
        assert_eq!(!warnings.is_empty(), warned, "{}: {warnings:?}", draft.subject);
        if draft.subject == "text.md" {
            assert_eq!((capture.path.as_str(), capture.original_name.as_deref()), ("text-2.md", Some("text.md")));
        }
    }
}

#[test]
fn a_subject_is_a_url_or_an_id_or_a_path() {
    let dir = tree(&[
        ("url.md", b"---\nurl: https://example.org/a?fbclid=1\nid: x\n---\n"),
        ("id.md", b"---\nid: x-1\n---\n"),
        ("zid.md", b"---\nid: x-1\n---\n"),
        ("_posts/2014-03-19-a.md", b"x"),
        ("2014-03-19-b.md", b"x"),
    ]);
    let (outcomes, _) = run(&[dir.path()], &Options::default());
    assert_eq!(
        subjects(&outcomes),
        [
            "2014-03-19-b.md",
            "_posts/2014-03-19-a.md",
            "x-1",
            "https://example.org/a",
            "! has the subject \"x-1\", as another input before it"
        ]
    );
    let dates: Vec<_> =
        outcomes.iter().flatten().map(|l| l.draft.metadata.published.clone().map(String::from)).collect();
    assert_eq!(dates, [None, Some("2014-03-19".to_owned()), None, None]);
    let (outcomes, _) = run(
        &[&dir.path().join("id.md"), &dir.path().join("_posts/2014-03-19-a.md"), &dir.path().join("_posts")],
        &Options::default(),
    );
    assert_eq!(subjects(&outcomes)[..2], ["x-1", "2014-03-19-a.md"]);
    assert!(matches!(&outcomes[2], Err(Failure { error: ImportError::SameSubject { .. }, .. })));
}

#[test]
fn standard_input_is_a_document_or_a_stream() {
    let subject = |subject: &str| Options {
        overrides: Overrides { subject: Some(subject.into()), ..Overrides::default() },
        ..Options::default()
    };
    let outcomes = stdin(b"# T\n\n![x](Cargo.toml)\n", &subject("s"));
    let [Ok(loaded)] = outcomes.as_slice() else { panic!() };
    assert_eq!((loaded.draft.subject.as_str(), loaded.draft.files.len()), ("s", 2));
    assert_eq!(loaded.draft.files[0].path, "document.md");
    assert!(matches!(
        stdin(b"# T\n", &Options::default()).as_slice(),
        [Err(Failure { error: ImportError::NoSubject, .. })]
    ));
    assert_eq!(subjects(&stdin(b"---\nid: i\n---\n", &Options::default())), ["i"]);
    assert!(matches!(stdin(b"\0", &subject("s")).as_slice(), [Err(Failure { error: ImportError::NotText, .. })]));
    let stream = br#"{"schema":1,"subject":"a","files":[{"path":"a","role":"text","text":"x"}]}
{"schema":1,"subject":"a","files":[{"path":"a","role":"text","text":"y"}]}
{}
"#;
    for from in [None, Some(Kind::Jsonl)] {
        let outcomes = stdin(stream, &Options { from, ..Options::default() });
        assert_eq!(subjects(&outcomes[..2]), ["a", "a"]);
        assert_eq!(outcomes[2].as_ref().unwrap_err().place, Some(Place::Line(3)));
        assert_eq!(outcomes.len(), 3);
    }
}

#[test]
fn streams_stand_among_other_files() {
    let line = |subject: &str| {
        format!(
            "{{\"schema\":1,\"subject\":\"{subject}\",\"files\":[{{\"path\":\"a\",\"role\":\"capture\",\"file\":\"x/a.bin\"}}]}}\n"
        )
    };
    let dir = tree(&[
        ("1.txt", b"x"),
        ("2.jsonl", (line("a") + &line("b")).as_bytes()),
        ("3.txt", b"x"),
        ("4.jsonl", b"{\"other\":1}\n"),
        ("5.md", b"x"),
        ("x/a.bin", b"x"),
    ]);
    let (outcomes, _) = run(&[dir.path()], &Options::default());
    assert_eq!(subjects(&outcomes), ["5.md", "1.txt", "a", "b", "3.txt", "4.jsonl", "x/a.bin"]);
    // What is named as drafts and has none is no article that anybody meant.
    assert_eq!(outcomes[5].as_ref().unwrap().warnings, [Warning::NotDrafts]);
}

#[test]
fn large_files_are_not_held() {
    let dir = tempfile::tempdir().unwrap();
    let sparse = |name: &str, size| fs::File::create(dir.path().join(name)).unwrap().set_len(size).unwrap();
    sparse("a.bin", 50 << 20);
    sparse("b", 50 << 20);
    sparse("c.txt", limits::TEXT + 1);
    fs::write(dir.path().join("d.txt"), vec![b'x'; usize::try_from(limits::TEXT).unwrap() + 1]).unwrap();
    let (outcomes, _) = run(&[dir.path()], &Options::default());
    for outcome in &outcomes {
        let draft = &outcome.as_ref().unwrap().draft;
        assert!(draft.files.len() == 1 && matches!(draft.files[0].content, Content::File(_)), "{}", draft.subject);
    }
    assert_eq!(outcomes[3].as_ref().unwrap().warnings, [Warning::TooLarge]);
    let (outcomes, _) =
        run(&[&dir.path().join("d.txt")], &Options { from: Some(Kind::Markdown), ..Options::default() });
    assert!(matches!(&outcomes[0], Err(Failure { error: ImportError::TooLarge, .. })));
}

#[test]
fn thousands_of_files_come_in_order_and_in_chunks() {
    let dir = tempfile::tempdir().unwrap();
    for n in 0..3_000 {
        fs::write(dir.path().join(format!("{n:05}.md")), "x".repeat(if n % 10 == 0 { 100_000 } else { 10 })).unwrap();
    }
    let options = Options::default();
    for threads in [1, 3] {
        let mut next = 0;
        for chunk in drafts(&[dir.path().to_owned()], &options, NonZero::new(threads).unwrap()) {
            assert!(chunk.len() <= limits::CHUNK);
            for outcome in chunk {
                assert_eq!(outcome.unwrap().draft.subject, format!("{next:05}.md"));
                next += 1;
            }
        }
        assert_eq!(next, 3_000);
    }
}
