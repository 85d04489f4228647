use super::*;

fn fields(text: &str) -> fields::Fields {
    let split = split(text);
    assert_eq!(split.fault, None);
    fields::read(split.entries)
}

#[test]
fn known_keys_are_fields_and_the_rest_is_extra() {
    let text = "---\r\nTitle: \"A: b\"\r\nauthor: [Ann, {name: Ben, url: x}]\r\ndate: 2014-03-19 (Wed)\r\nlast-modified: 2014-04-01T10:00:00Z\r\n\
        lang: en_US\r\ntags: a, b\r\ncategories: [b, c]\r\ndesc: >\r\n  folded\r\n  text\r\nlicense: CC BY 4.0\r\nurl: https://Example.org/a?utm_source=x\r\n\
        tilte: oops\r\nlayout: post\r\nno: no\r\nempty: \r\nnested: {a: [1, 2]}\r\nslug: a-b\r\n---\r\n\r\nBody\r\n";
    let cut = split(text);
    assert_eq!((cut.body, cut.body_line), ("Body\r\n", 22));
    let got = fields(text);
    let m = got.metadata;
    assert_eq!(m.title.as_deref(), Some("A: b"));
    assert_eq!(m.authors, ["Ann", "Ben"]);
    assert_eq!(m.published.unwrap().as_str(), "2014-03-19");
    assert_eq!(m.modified.unwrap().as_str(), "2014-04-01T10:00:00Z");
    assert_eq!(m.language.as_deref(), Some("en-US"));
    assert_eq!(m.tags, ["a", "b", "c"]);
    assert_eq!(m.summary.as_deref(), Some("folded text"));
    assert_eq!(m.rights.as_deref(), Some("CC BY 4.0"));
    assert_eq!(m.captured.unwrap().url.as_deref(), Some("https://Example.org/a?utm_source=x"));
    assert_eq!(got.url, Some(("https://example.org/a".into(), "front matter key url".into())));
    assert_eq!(got.id, Some(("a-b".into(), "front matter key slug".into())));
    let extra: Vec<_> = m.extra.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(extra, [("layout", "post"), ("nested", r#"{"a":["1","2"]}"#), ("no", "no"), ("tilte", "oops")]);
    assert_eq!(m.provenance["published"], "front matter key date: 2014-03-19 (Wed)");
    assert_eq!(m.provenance["tags"], "front matter key tags, categories");
    assert_eq!(got.warnings, []);
}

#[test]
fn toml_is_read_with_any_line_end() {
    for end in ["\n", "\r\n", "\r"] {
        let text =
            ["+++", "title = 'T'", "date = 2014-03-19T10:00:00+02:00", "[params]", "n = 1", "+++", "Body"].join(end);
        let m = fields(&text).metadata;
        assert_eq!((m.title.as_deref(), m.published.unwrap().as_str()), (Some("T"), "2014-03-19T10:00:00+02:00"));
        assert_eq!(m.extra["params"], r#"{"n":"1"}"#);
        assert_eq!(split(&text).body, "Body");
        let yaml = ["---", "title: T", "date: 2014", "...", "Body"].join(end);
        assert_eq!(fields(&yaml).metadata.title.as_deref(), Some("T"));
        assert_eq!(split(&yaml).body, "Body");
    }
}

#[test]
fn what_does_not_fit_is_kept_as_extra_with_a_warning() {
    let got = fields(
        "---\ndate: 03/04/2014\nlang: English\nauthor: {a: b}\ntitle: [x]\nsource: a friend\npermalink: /a/b\nx: 1\nx: 2\n---\n",
    );
    let m = got.metadata;
    assert_eq!((m.published, m.language, m.title, m.captured), (None, None, None, None));
    assert!(m.authors.is_empty());
    for (key, value) in [
        ("date", "03/04/2014"),
        ("lang", "English"),
        ("title", r#"["x"]"#),
        ("source", "a friend"),
        ("permalink", "/a/b"),
    ] {
        assert_eq!(m.extra[key], value);
    }
    assert_eq!(m.extra["x"], "1");
    assert_eq!(got.warnings.len(), 5, "{:?}", got.warnings);
}

#[test]
fn what_is_no_front_matter_is_text() {
    for text in ["", "---", "--- \n", "----\na: b\n----\n", "text\n---\na: b\n---\n", "\n---\na: b\n---\n"] {
        let split = split(text);
        assert!(split.entries.is_empty() && split.body == text, "{text:?}");
    }
    for text in [
        "---\na: b",
        "---\na: [\n---\nx",
        "---\njust prose\n---\nx",
        "---\n- a\n---\nx",
        "---\na: *b\n---\nx",
        "+++\na = \n+++\nx",
        "---\n? [a]\n: b\n---\nx",
    ] {
        let split = split(text);
        assert!(split.entries.is_empty() && split.body == text && split.fault.is_some(), "{text:?}");
    }
    assert_eq!(split("+++\na = 1\nb\n+++\n").fault.unwrap().0, 3);
}

#[test]
fn bombs_are_refused() {
    let laughs: String =
        (1..20).map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", "))).collect();
    let aliases =
        format!("a: &a {}\n{}", "x".repeat(20_000), (0..2_000).map(|n| format!("k{n}: *a\n")).collect::<String>());
    let merge: String = (1..1_000).map(|n| format!("a{n}: &a{n}\n  <<: *a{}\n", n - 1)).collect();
    for source in [
        format!("a0: &a0 lol\n{laughs}"),
        aliases,
        format!("a0: &a0 {{x: y}}\n{merge}"),
        format!("a: {}", "[".repeat(60_000)),
        format!("a: {}", "{b: ".repeat(15_000)),
        "- ".repeat(30_000),
        "? ".repeat(30_000),
        "&a ".repeat(20_000),
        "!".repeat(60_000),
        (0..20_000).map(|n| format!("{n}:\n")).collect::<String>(),
    ] {
        assert!(split(&format!("---\n{source}\n---\n")).fault.is_some(), "{}", &source[..40]);
    }
    for source in
        [format!("a = {}", "[".repeat(60_000)), "[a.".repeat(15_000), format!("{} = 1", vec!["a"; 30_000].join("."))]
    {
        assert!(split(&format!("+++\n{source}\n+++\n")).fault.is_some(), "{}", &source[..40]);
    }
    assert!(split(&format!("---\na: {}\n---\n", "x".repeat(limits::FRONT_MATTER))).fault.is_some());
}

#[cfg(target_os = "linux")]
#[test]
fn hostile_front_matter_takes_time_as_its_length() {
    for (fence, part) in [
        ("---", "["),
        ("---", "{b: "),
        ("---", "\n- "),
        ("---", "? "),
        ("---", "&a "),
        ("---", "!"),
        ("+++", "["),
        ("+++", ".a"),
    ] {
        let start = if fence == "---" { "a: " } else { "a = " };
        let input = |n| format!("{fence}\n{start}{}\n{fence}\n", part.repeat(n));
        let most = limits::FRONT_MATTER - 64;
        crate::growth::assert_even(part, most / part.len() / 8, input, |text| drop(split(text)));
    }
}
