use std::fs;

use litopys::{Content, Role};

use super::*;
use crate::{Kind, drafts};

fn read(bytes: &[u8]) -> Vec<Outcome> {
    let options = Options { from: Some(Kind::Feed), ..Options::default() };
    read_with(bytes, &options)
}

fn read_with(bytes: &[u8], options: &Options) -> Vec<Outcome> {
    let bytes = std::io::Cursor::new(bytes.to_vec());
    drafts(&["-".into()], options, NonZero::new(2).unwrap()).with_stdin(bytes).flatten().collect()
}

fn good(bytes: &[u8]) -> Vec<Loaded> {
    read(bytes).into_iter().map(Result::unwrap).collect()
}

fn file(loaded: &Loaded, role: Role) -> String {
    let Some(file) = loaded.draft.files.iter().find(|file| file.role == role) else { return String::new() };
    let Content::Bytes(bytes) = &file.content else { panic!("not in memory") };
    String::from_utf8_lossy(bytes).into_owned()
}

fn fault(bytes: &[u8]) -> String {
    match &read(bytes)[..] {
        [Err(failure)] => failure.error.to_string(),
        other => panic!("{other:?}"),
    }
}

const RSS: &str = r#"<?xml version="1.0"?>
<!DOCTYPE rss [<!ENTITY own "expanded"><!ENTITY file SYSTEM "file:///etc/passwd">]>
<rss version="2.0" xmlns:c="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:atom="http://www.w3.org/2005/Atom" xmlns:slash="http://purl.org/rss/1.0/modules/slash/">
<channel>
  <title>The &amp;amp; Herald</title><link>https://herald.example/</link><language>uk</language>
  <atom:link rel="self" href="https://herald.example/feed.xml"/><copyright>CC0</copyright>
  <lastBuildDate>Mon, 02 Mar 2026 10:00:00 GMT</lastBuildDate>
  <image><title>not this</title><url>x.png</url></image>
  <item>
    <title><![CDATA[A <b>bold</b> claim &amp; more]]></title>
    <link>https://Herald.example/a?utm_source=rss</link>
    <guid isPermaLink="false">tag:a</guid>
    <author>ann@herald.example (Ann)</author>
    <category>One, and</category><category>Two</category><category>Two</category>
    <pubDate>Mon, 02 Mar 2026 12:00:00 +0200</pubDate><atom:updated>2026-03-03T00:00:00Z</atom:updated>
    <description>&lt;p&gt;Short.&lt;/p&gt;</description>
    <c:encoded><![CDATA[<p>The <em>whole</em> <a href="/b">text</a> of it.</p><ul><li>x</li></ul>]]></c:encoded>
    <enclosure url="https://herald.example/files/sound.mp3?x=1" type="audio/mpeg" length="7"/>
    <slash:comments>3</slash:comments>
  </item>
  <item><title>B</title><guid>https://herald.example/b</guid><description>Text &own; &file; &nbsp;&eacute;</description><pubDate>soon</pubDate></item>
  <item><title>C</title><link>https://herald.example/</link><guid isPermaLink="false">c</guid><description>At the front page</description></item>
  <item><title>D</title><description>Nowhere</description></item>
</channel></rss>"#;

#[test]
fn an_item_is_an_article_with_its_own_bytes() {
    let items = good(RSS.as_bytes());
    let subjects: Vec<_> = items.iter().map(|item| (item.draft.subject.as_str(), item.subject_from)).collect();
    assert_eq!(
        subjects,
        [
            ("https://herald.example/a", SubjectFrom::Url),
            ("https://herald.example/b", SubjectFrom::Url),
            ("c", SubjectFrom::Id),
            ("-#D", SubjectFrom::Path),
        ]
    );
    let a = &items[0];
    let m = &a.draft.metadata;
    assert_eq!(m.title.as_deref(), Some("A bold claim & more"));
    assert_eq!((m.authors.as_slice(), m.publisher.as_deref()), (&["Ann".to_owned()][..], Some("The & Herald")));
    assert_eq!(m.published.as_ref().unwrap().as_str(), "2026-03-02T12:00:00+02:00");
    assert_eq!(m.modified.as_ref().unwrap().as_str(), "2026-03-03T00:00:00Z");
    assert_eq!((m.language.as_deref(), m.rights.as_deref()), (Some("uk"), Some("CC0")));
    assert_eq!(m.tags, ["One, and", "Two"]);
    assert_eq!(m.summary.as_deref(), Some("Short."));
    let captured = m.captured.as_ref().unwrap();
    assert_eq!(captured.url.as_deref(), Some("https://Herald.example/a?utm_source=rss"));
    assert_eq!(captured.via.as_deref(), Some("feed: The & Herald, https://herald.example/feed.xml"));
    assert_eq!(m.extra["feed.id"], "tag:a");
    assert_eq!(m.extra["feed.enclosures"], "https://herald.example/files/sound.mp3?x=1 (audio/mpeg, 7 bytes)");
    assert_eq!(m.provenance["published"], "pubDate: Mon, 02 Mar 2026 12:00:00 +0200");
    assert_eq!((m.provenance["rights"].as_str(), m.provenance["subject"].as_str()), ("channel copyright", "link"));
    assert_eq!(m.provenance["text"], "litopys-import page 1: content:encoded");
    assert_eq!(file(a, Role::Text).trim(), "The *whole* [text](https://herald.example/b) of it.\n\n- x");
    let capture = file(a, Role::Capture);
    assert!(capture.starts_with("<item>") && capture.ends_with("</item>") && RSS.contains(&capture));
    assert_eq!(a.place.as_ref().unwrap().to_string(), "item 1");
    assert!(a.draft.volatile);
    // No entity of the document's own is looked up.
    let text = file(&items[1], Role::Text);
    assert!(text.starts_with(r"Text \&own; \&file;") && text.trim_end().ends_with('é'), "{text}");
    assert!(matches!(&items[1].warnings[..], [Warning::FieldDate { field, .. }] if field == "pubDate"));
    assert_eq!(items[1].draft.metadata.extra["feed.pubDate"], "soon");
}

#[test]
fn atom_and_json_and_rdf_say_the_same() {
    let atom = r#"<a:feed xmlns:a="http://www.w3.org/2005/Atom" xml:base="https://x.example/"><a:title>F</a:title>
      <a:author><a:name>Feed's</a:name></a:author><a:rights>R</a:rights>
      <a:entry xml:lang="en"><a:title type="text">T &lt;x&gt;</a:title><a:id>urn:1</a:id><a:link href="one"/>
        <a:link rel="enclosure" href="f.pdf" type="application/pdf"/><a:published>2026-01-02T03:04:05Z</a:published>
        <a:content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Some <b>bold</b> text.</p></div></a:content>
      </a:entry></a:feed>"#;
    let item = good(atom.as_bytes()).remove(0);
    let m = &item.draft.metadata;
    assert_eq!((item.draft.subject.as_str(), m.authors[0].as_str()), ("https://x.example/one", "Feed's"));
    assert_eq!((m.language.as_deref(), m.rights.as_deref()), (Some("en"), Some("R")));
    assert_eq!(file(&item, Role::Text).trim(), "Some **bold** text.");
    assert_eq!(m.extra["feed.enclosures"], "f.pdf (application/pdf)");

    let json = r#"{"version":"https:\/\/jsonfeed.org/version/1.1","title":"F","home_page_url":"https://x.example/","items":[
      {"id":1,"url":"https://x.example/one","title":"T","content_html":"<p>Some <b>bold</b> text.</p>","authors":[{"name":"Ann"}],
       "date_published":"2026-01-02T03:04:05Z","tags":["t"],"attachments":[{"url":"f.pdf","mime_type":"application/pdf","size_in_bytes":9}]},
      {"id":"two","content_text":"Plain *text*"}, 7]}"#;
    let items = good(json.as_bytes());
    assert_eq!(items.len(), 2);
    let m = &items[0].draft.metadata;
    assert_eq!((items[0].draft.subject.as_str(), m.authors[0].as_str()), ("https://x.example/one", "Ann"));
    assert_eq!((m.extra["feed.id"].as_str(), m.tags[0].as_str()), ("1", "t"));
    assert_eq!(file(&items[0], Role::Text).trim(), "Some **bold** text.");
    assert!(json.contains(&file(&items[0], Role::Capture)));
    assert_eq!((items[1].draft.subject.as_str(), file(&items[1], Role::Text).as_str()), ("two", "Plain *text*"));

    let rdf = r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:d="http://purl.org/dc/elements/1.1/">
      <channel rdf:about="https://x.example/"><title>F</title><link>https://x.example/</link><items><rdf:Seq><rdf:li resource="https://x.example/one"/></rdf:Seq></items></channel>
      <item rdf:about="https://x.example/one"><title>T</title><description>Some text.</description><d:creator>Ann</d:creator><d:date>2026-01-02</d:date></item></rdf:RDF>"#;
    let items = good(rdf.as_bytes());
    let m = &items[0].draft.metadata;
    assert_eq!((items.len(), items[0].draft.subject.as_str()), (1, "https://x.example/one"));
    assert_eq!((m.authors[0].as_str(), m.published.as_ref().unwrap().as_str()), ("Ann", "2026-01-02"));
}

#[test]
fn feeds_are_told_by_how_they_begin() {
    for start in [
        RSS.as_bytes(),
        b"\xef\xbb\xbf \n<!-- c --><?xml-stylesheet x?><rss>",
        b"<feed xmlns='http://www.w3.org/2005/Atom'>",
        b"{\"version\": \"https://jsonfeed.org/version/1\"",
    ] {
        assert!(is_feed(start));
    }
    let utf16: Vec<u8> = "\u{feff}<rss>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(is_feed(&utf16));
    for start in ["<!DOCTYPE html><html><rss>", "<svg>", "<feed>", "{\"version\":1}", "", "<", "<!--", "<?xml", "# rss"]
    {
        assert!(!is_feed(start.as_bytes()), "{start}");
    }
}

#[test]
fn an_items_bytes_are_the_sources_whatever_its_encoding() {
    let text = "<?xml version='1.0' encoding='windows-1251'?><rss><channel><title>Вісник</title>\
        <item><title>Один</title><guid>1</guid><description>Текст статті</description></item>\
        <item><title>Два</title><guid>2</guid></item></channel></rss>";
    let bytes = encoding_rs::WINDOWS_1251.encode(text).0.into_owned();
    let items = good(&bytes);
    assert_eq!(items[1].draft.metadata.title.as_deref(), Some("Два"));
    assert!(items[0].warnings.is_empty(), "{:?}", items[0].warnings);
    let Content::Bytes(capture) = &items[1].draft.files[0].content else { panic!() };
    assert_eq!(**capture, *encoding_rs::WINDOWS_1251.encode("<item><title>Два</title><guid>2</guid></item>").0);
    // What has no bytes of its own that are XML: its text.
    let utf16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let items = good(&utf16);
    assert_eq!(file(&items[1], Role::Capture), "<item><title>Два</title><guid>2</guid></item>");
    assert_eq!(items[1].draft.metadata.provenance["capture"], "the item's bytes, from UTF-16LE to UTF-8");
    // Damage is told once, and the item with it stays.
    let damaged = [
        "<rss><channel><item><title>".as_bytes(),
        b"A\xff",
        "é".repeat(20).as_bytes(),
        b"</title><guid>1</guid></item></channel></rss>",
    ]
    .concat();
    let items = good(&damaged);
    assert!(matches!(items[0].warnings[0], Warning::Encoding { damaged: true, .. }));
    let Content::Bytes(capture) = &items[0].draft.files[0].content else { panic!() };
    assert!(capture.contains(&0xff));
}

#[test]
fn what_is_not_xml_everywhere_gives_what_can_be_read() {
    let torn =
        "<rss><channel><title>F</title><item><guid>1</guid><title>A & B</title></item><item><guid>2</guid><descr";
    let items = good(torn.as_bytes());
    assert_eq!(items.len(), 2);
    assert_eq!(items[0].draft.metadata.title.as_deref(), Some("A & B"));
    assert!(matches!(items[0].warnings[..], [.., Warning::FeedXml { .. }] | [Warning::FeedXml { .. }, ..]));
    let broken = "<rss><channel><item><guid>1</guid></item><item><guid>2</guid><![CDATA[ <item> x</item>\
        <item><guid>3</guid><br></item></channel>";
    let subjects: Vec<_> = good(broken.as_bytes()).iter().map(|item| item.draft.subject.clone()).collect();
    assert!(
        subjects.starts_with(&["1".to_owned(), "2".to_owned()]) && subjects.contains(&"3".to_owned()),
        "{subjects:?}"
    );
}

#[test]
fn what_is_no_feed_says_so() {
    assert_eq!(fault(b"<catalog><book/></catalog>"), "is no feed: neither RSS, RDF, Atom nor JSON Feed");
    assert_eq!(fault(b""), "is no feed: neither RSS, RDF, Atom nor JSON Feed");
    assert_eq!(fault(b"<rss><channel><title>F</title></channel></rss>"), "is a feed without items");
    assert_eq!(
        fault(b"{\"version\": \"https://jsonfeed.org/version/1\"}"),
        "is no feed: neither RSS, RDF, Atom nor JSON Feed"
    );
    assert!(fault(b"{\"version\": ").starts_with("is not the JSON of a feed"));
    assert!(
        fault(b"<rss><channel><![CDATA[").starts_with("is not the XML of a feed: at byte 14"),
        "{}",
        fault(b"<rss><channel><![CDATA[")
    );
}

#[test]
fn enclosures_come_along_from_a_folder_that_is_given() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("sound.mp3"), b"ID3\x03...").unwrap();
    let options = Options { from: Some(Kind::Feed), base: Some(dir.path().to_owned()), ..Options::default() };
    let item = read_with(RSS.as_bytes(), &options).remove(0).unwrap();
    let files: Vec<_> = item.draft.files.iter().map(|file| (file.path.as_str(), file.role)).collect();
    assert_eq!(files, [("item.xml", Role::Capture), ("text.md", Role::Text), ("sound.mp3", Role::Media)]);
    let escaping = RSS.replace("files/sound.mp3?x=1", "..%2f..%2fetc%2fpasswd");
    let item = read_with(escaping.as_bytes(), &options).remove(0).unwrap();
    assert_eq!(item.draft.files.len(), 2);
    assert!(item.warnings[0].to_string().contains("outside of the folder"), "{:?}", item.warnings);
}

#[test]
fn hostile_feeds_are_bounded() {
    let lol = "<!DOCTYPE rss [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;\">]>\
        <rss><channel><item><guid>1</guid><description>&c;</description></item></channel></rss>";
    assert_eq!(file(&good(lol.as_bytes())[0], Role::Text).trim(), r"\&c;");
    for bytes in [
        format!("<rss><channel>{}", "<item>".repeat(200_000)),
        format!("<rss><channel><item>{}", "<a>".repeat(500_000)),
        format!("<rss><channel>{}", "<item><!--".repeat(100_000)),
        format!("<rss><channel>{}", "<item><![CDATA[".repeat(100_000)),
        format!("<rss><channel>{}", "<item a=".repeat(100_000)),
        format!("<rss><channel><item {}><guid>1</guid></item>", "a='1' ".repeat(200_000)),
        format!(
            "<rss {}><channel><item><guid>1</guid></item>",
            (0..50_000).map(|n| format!("xmlns:a{n}='x' ")).collect::<String>()
        ),
        format!(
            "<rss><channel><item><guid>1</guid><description>{}</description></item>",
            "&lt;div&gt;".repeat(100_000)
        ),
        format!("<rss><channel>{}</channel></rss>", "</item>".repeat(200_000)),
        format!("{{\"version\":\"https://jsonfeed.org/version/1\",\"items\":{}", "[".repeat(200_000)),
    ] {
        assert!(read(bytes.as_bytes()).iter().flatten().all(|loaded| !loaded.draft.subject.is_empty()));
    }
    // Cut anywhere, altered anywhere.
    for end in 0..RSS.len() {
        if RSS.is_char_boundary(end) {
            read(&RSS.as_bytes()[..end]);
        }
        let mut altered = RSS.as_bytes().to_vec();
        altered[end] ^= 1 << (end % 8);
        read(&altered);
    }
}
