//! Certificates: what they say, and that nothing in an archive can make them say, load or run something else.

use crate::run::Sandbox;

const HOSTILE: &str = "\u{202e}</h1></style><script>alert(1)</script>\u{1b}[31m\u{0}'\"<img src=x onerror=alert(1)>";

fn hostile(sandbox: &Sandbox) -> String {
    let draft = |text: &str| {
        let escaped = serde_json::to_string(HOSTILE).unwrap();
        let text = serde_json::to_string(text).unwrap();
        let file = |path: &str, role: &str| {
            format!("{{\"path\":\"{path}\",\"role\":\"{role}\",\"type\":\"text/markdown\",\"text\":{text}}}")
        };
        let files = [file("a.md", "capture"), file("text.md", "text")].join(",");
        format!(
            "{{\"schema\":1,\"subject\":{escaped},\"title\":{escaped},\"authors\":[{escaped}],\"publisher\":{escaped},\"language\":\"ar\",\
             \"files\":[{files}]}}\n"
        )
    };
    let body = "</article></main><script>alert(2)</script>\n\n![p](https://evil.example/p.png) [l](javascript:alert(3))\n\n<style>*{}</style>";
    sandbox.write("one.jsonl", &draft(&format!("{body}\n\nFirst.\n")));
    sandbox.write("two.jsonl", &draft(&format!("{body}\n\nSecond <b>words</b> \u{202e}here.\n")));
    sandbox.ok("create arch --from jsonl one.jsonl --make-keys --no-recovery");
    sandbox.ok("add arch --from jsonl two.jsonl");
    sandbox.ok("verify arch --report page.html");
    std::fs::read_to_string(sandbox.join("page.html")).unwrap()
}

#[test]
fn hostile_text_stays_text() {
    let sandbox = Sandbox::new();
    let page = hostile(&sandbox);
    let lower = page.to_lowercase();
    for forbidden in
        ["<script", "<img", "<link", "<iframe", "<object", "<form", "<svg", "<b>", "href", " on", "@import", "url("]
    {
        let found = lower.match_indices(forbidden).find(|(at, _)| {
            // Of attributes only those that begin in a tag count: text may say what it likes.
            let tag = lower[..*at].rfind('<').is_some_and(|open| !lower[open..*at].contains('>'));
            tag || forbidden != " on" && forbidden != "href"
        });
        assert_eq!(found, None, "{page}");
    }
    // One style of our own, named by its hash; nothing else may be loaded or run.
    assert_eq!((page.matches("<style>").count(), page.matches("</style>").count()), (1, 1));
    let (_, rest) = page.split_once("http-equiv=\"Content-Security-Policy\" content=\"").unwrap();
    let policy = rest.split_once('"').unwrap().0;
    let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    let hash = litopys::FileDigest::of(style.as_bytes());
    let hash = <base64ct::Base64 as base64ct::Encoding>::encode_string(hash.as_bytes());
    let expected = format!(
        "default-src &#39;none&#39;; style-src &#39;sha256-{hash}&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"
    );
    assert_eq!(policy, expected);
    // What would turn the order of text around, or not show, is shown.
    assert!(!page.contains('\u{202e}') && !page.contains('\u{1b}') && !page.contains('\0'));
    assert!(page.contains("⟨U+202E⟩") && page.contains("⟨U+001B⟩"));
    assert!(page.contains("<u>l <span class=\"address\">javascript:alert(3)</span></u>"), "{page}");
    // And so on paper and in a terminal.
    let ran = sandbox.ok("verify arch --certificate");
    assert!(!ran.stdout.contains('\u{202e}') && !ran.stdout.contains('\u{1b}'), "{ran:?}");
}

#[test]
fn a_certificate_holds_the_newest_versions_and_says_how_many_it_leaves_out() {
    let sandbox = Sandbox::new();
    let draft = |n: u32| {
        let note = n.to_string().repeat(6 << 20);
        let file = r#"{"path":"a","role":"capture","text":"a"}"#;
        sandbox.write("a.jsonl", &format!(r#"{{"schema":1,"subject":"a","note":"{note}","files":[{file}]}}"#));
    };
    draft(1);
    sandbox.ok("create arch --from jsonl a.jsonl --make-keys --no-recovery");
    for n in 2..5 {
        draft(n);
        sandbox.ok("add arch --from jsonl a.jsonl");
    }
    // Two manifests of 6 MiB with what a comparison keeps of them fit in 32.
    let certificate = sandbox.ok("verify arch --certificate").stdout;
    assert!(certificate.contains("2 earlier versions not shown here"));
    assert!(
        certificate.contains("version 3:") && certificate.contains("version 4:") && !certificate.contains("version 2:")
    );
    sandbox.ok("verify arch --report page.html");
    let page = std::fs::read_to_string(sandbox.join("page.html")).unwrap();
    assert!(page.contains("2 earlier versions") && page.contains("Version 3") && !page.contains("Version 2"));
}

#[test]
fn a_certificate_says_what_was_archived_how_it_changed_and_what_it_does_not_prove() {
    let sandbox = Sandbox::new();
    sandbox.write("a.md", "---\ntitle: \"The bridge\"\nlanguage: en\n---\n\nThe bridge is open & safe.\n");
    sandbox.ok("create arch a.md --make-keys --no-recovery");
    sandbox.write("a.md", "---\ntitle: \"The bridge\"\nlanguage: en\n---\n\nThe bridge is closed & safe.\n");
    sandbox.ok("add arch a.md");
    sandbox.ok("verify arch --report page.html");
    let page = std::fs::read_to_string(sandbox.join("page.html")).unwrap();
    let headings: Vec<_> =
        page.split("<h2>").skip(1).filter_map(|rest| rest.split_once("</h2>")).map(|(h, _)| h).collect();
    assert_eq!(
        headings,
        [
            "What was archived",
            "How it changed",
            "The text",
            "The files",
            "What independent clocks say",
            "By whom it was signed",
            "What was checked",
            "What this does not prove",
            "How to check this yourself"
        ]
    );
    assert!(page.contains("<h1><bdi dir=\"auto\">The bridge</bdi></h1>"));
    assert!(page.contains("<div class=\"verdict good\"><strong>Verified</strong>"));
    assert!(page.contains("The bridge is <del>open</del><ins>closed</ins> &amp; safe."), "{page}");
    assert!(page.contains(
        "<article class=\"article\" dir=\"auto\" lang=\"en\">\n<p dir=\"auto\">The bridge is closed &amp; safe.</p>"
    ));
    assert!(page.contains("no: no clock that the reader trusts vouches for any date"));
    // A file that is there stays, unless it may be replaced.
    assert_eq!(sandbox.run("verify arch --report page.html").code, 1);
    sandbox.ok("verify arch --report page.html --force");
    let ran = sandbox.ok("verify arch --certificate");
    for said in
        ["CERTIFICATE", "What was archived", "The bridge", "version 2: The source changed", "What this does not prove"]
    {
        assert!(ran.stdout.contains(said), "{said}: {ran:?}");
    }
}

#[test]
fn what_fails_shows_no_article() {
    let sandbox = Sandbox::with_archive();
    let tile = sandbox.join("arch/tile/packs/000.p/2");
    let mut bytes = std::fs::read(&tile).unwrap();
    let at = bytes.len() - 8;
    bytes[at] ^= 1;
    std::fs::write(&tile, bytes).unwrap();
    assert_eq!(sandbox.run("verify arch --report page.html").code, 1);
    let page = std::fs::read_to_string(sandbox.join("page.html")).unwrap();
    assert!(page.contains("<div class=\"verdict bad\"><strong>FAILED</strong>") && page.contains("E060"), "{page}");
    assert!(!page.contains("It was said."));
}
