use std::fmt::Write;

use super::*;

fn page(html: &str) -> Page {
    read(&PageSource { bytes: html.as_bytes(), ..PageSource::default() })
}

fn at(url: &str, html: &str) -> Page {
    read(&PageSource { bytes: html.as_bytes(), url: Some(url), ..PageSource::default() })
}

const SENTENCE: &str =
    "It was said on Tuesday, by those who had seen it, that the bridge had fallen into the river during the night.";

fn article(head: &str, body: &str) -> String {
    let text = format!("<p>{SENTENCE}</p>").repeat(6);
    format!(
        "<!DOCTYPE html><html lang=en><head>{head}</head><body>{body}<div class=entry-content>{text}</div></body></html>"
    )
}

#[test]
fn the_article_is_left_of_a_page() {
    let html = format!(
        "<html><body><nav><a href=/a>Home</a> <a href=/b>World</a></nav><div class=cookie-banner>We use cookies, and we value your privacy. Accept all of them.</div>\
        <div id=content><h1>The bridge</h1><p class=byline>By A. B.</p><article><p>{SENTENCE}</p><h2>Before</h2>\
        <p>One <b>word</b> and a <a href='/river?a=1'>link</a>, said <i>twice</i>. {SENTENCE}</p><blockquote><p>We heard it fall, and we ran as fast as we could.</p></blockquote>\
        <ul><li>first</li><li>second<ul><li>inner</li></ul></li></ul><figure><img src=/p.jpg alt='A bridge'><figcaption>The bridge in May</figcaption></figure>\
        <table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2|3</td></tr></table><pre>if a &lt; b:\n  c</pre>\
        <p><a href=/x>Read also: something else that happened</a></p><div class=share-buttons><a>Share</a><a>Tweet</a></div><p>{SENTENCE}</p></article>\
        <section id=comments><h3>Comments</h3><p>I never liked that bridge, to be honest with you all, and I said so.</p></section></div>\
        <footer>All rights reserved. Do not copy anything that you find here, please.</footer></body></html>"
    );
    let page = at("https://example.org/n/1", &html);
    assert_eq!(
        page.text,
        format!(
            "{SENTENCE}\n\n## Before\n\nOne **word** and a [link](https://example.org/river?a=1), said *twice*. {SENTENCE}\n\n\
            > We heard it fall, and we ran as fast as we could.\n\n- first\n- second\n  - inner\n\n\
            ![A bridge](https://example.org/p.jpg \"The bridge in May\")\n\n| a | b |\n|---|---|\n| 1 | 2\\|3 |\n\n```\nif a < b:\n  c\n```\n\n{SENTENCE}\n"
        )
    );
    assert_eq!(page.metadata.title.as_deref(), Some("The bridge"));
    assert_eq!(page.not_an_article, None);
}

#[test]
fn each_field_says_where_it_came_from() {
    let head = r#"<title>The bridge | Site</title><meta property="og:site_name" content="Site"><meta name=description content="What it is about">
        <meta property="article:published_time" content="2020-01-02T03:04:05Z"><meta name="Author" content="By Ann Smith">
        <meta property="article:modified_time" content="3 May 2020"><meta name=keywords content="a, b,a"><link rel=license href="https://example.org/l">"#;
    let m = page(&article(head, "<h1>The bridge</h1>")).metadata;
    assert_eq!(m.published.unwrap().as_str(), "2020-01-02T03:04:05Z");
    assert_eq!(
        (m.title.unwrap().as_str(), m.authors, m.publisher.unwrap().as_str()),
        ("The bridge", vec!["Ann Smith".to_owned()], "Site")
    );
    assert_eq!(
        (m.modified.unwrap().as_str(), m.tags, m.language.unwrap().as_str()),
        ("2020-05-03", vec!["a".to_owned(), "b".to_owned()], "en")
    );
    for (field, told) in [
        ("title", "h1 element"),
        ("published", "meta property article:published_time"),
        ("modified", "meta property article:modified_time: 3 May 2020"),
        ("authors", "meta name Author"),
        ("publisher", "meta property og:site_name"),
        ("summary", "meta name description"),
        ("tags", "meta name keywords"),
        ("rights", "rel=license"),
        ("language", "lang attribute of html"),
    ] {
        assert_eq!(m.provenance[field], told, "{field}");
    }
    assert!(m.provenance["text"].starts_with(&format!("{EXTRACTOR}: from the div element with class entry-content")));
}

#[test]
fn json_ld_goes_first_and_page_text_last() {
    let json = r#"<script type="application/ld+json">{"@graph":[{"@type":"NewsArticle","headline":"T","datePublished":"2021-05-06","author":[{"@id":"_:a"}],"publisher":{"name":"P"}},{"@type":"Person","@id":"_:a","name":"Олена Коваль"}]}</script>"#;
    let m = page(&article(&format!("{json}<meta name=date content=2019-01-01>"), "")).metadata;
    assert_eq!(
        (m.published.unwrap().as_str(), m.authors, m.publisher.as_deref()),
        ("2021-05-06", vec!["Олена Коваль".to_owned()], Some("P"))
    );
    assert_eq!(
        (m.provenance["published"].as_str(), m.provenance["authors"].as_str()),
        ("JSON-LD NewsArticle.datePublished", "JSON-LD NewsArticle.author")
    );
    let items = "<h1>T</h1><span itemprop=author>C. D.</span><time itemprop=datePublished datetime=2018-02-03>x</time>";
    let m = page(&article("", items)).metadata;
    assert_eq!(m.provenance["published"], "microdata itemprop datePublished (time element)");
    assert_eq!(m.provenance["authors"], "microdata itemprop author (span element)");
    let m =
        page(&article("", "<h1>T</h1><p class=date>19. März 2014, 10 Uhr</p>").replace("lang=en", "lang=de")).metadata;
    assert_eq!(
        (m.published.unwrap().as_str(), m.provenance["published"].as_str()),
        ("2014-03-19", "p element with class date: 19. März 2014")
    );
    // What the page doesn't say is absent.
    let m = page(&article("", "<h1>T</h1><p class=date>03/04/2014</p>")).metadata;
    assert_eq!((m.published, m.authors.len(), m.rights), (None, 0, None));
}

#[test]
fn an_account_is_an_author_only_where_no_person_is() {
    let authors = |head: &str, before: &str| page(&article(head, &format!("<h1>T</h1>{before}"))).metadata.authors;
    let account = "<p class=submitted>Posted by <span class=username>okoval</span></p>";
    assert_eq!(authors("", account), ["okoval"]);
    assert_eq!(authors("", &format!("{account}<p>By Olena Koval</p>")), ["Olena Koval"]);
    assert_eq!(authors("", &format!("{account}<p class=author>okoval More Posts</p>")), ["okoval"]);
    let meta = "<meta name=author content=okoval>";
    assert_eq!(authors(meta, ""), ["okoval"]);
    assert_eq!(authors(meta, "<p>By Olena Koval</p>"), ["Olena Koval"]);
    for nobody in ["admin", "wordpressadmin", "Administrator", "Staff", "null"] {
        assert_eq!(authors("", &format!("<p class=author>{nobody}</p>")), [""; 0], "{nobody}");
    }
    assert_eq!(authors("", "<p class=author>Badmin Okoro</p>"), ["Badmin Okoro"]);
}

#[test]
fn a_canonical_url_counts_on_its_own_host_only() {
    let canonical = |href: &str| {
        let head = format!("<link rel=canonical href='{href}'>");
        at("https://www.example.org/n/1?x=2", &article(&head, "")).canonical.map(|(url, _)| url)
    };
    assert_eq!(canonical("/n/1").as_deref(), Some("https://www.example.org/n/1"));
    assert_eq!(canonical("https://example.org/n/1").as_deref(), Some("https://example.org/n/1"));
    for other in ["https://evil.example/n/1", "https://example.org/", "javascript:alert(1)", "file:///etc/passwd"] {
        assert_eq!(canonical(other), None, "{other}");
    }
}

#[test]
fn what_is_no_article_is_told_from_articles() {
    let of = |html: &str| page(html).not_an_article;
    assert_eq!(
        of(
            "<title>Just a moment...</title><body><div id=cf-wrapper><p>Checking your browser before you go on.</p></div>"
        ),
        Some(NotAnArticle::Challenge)
    );
    for title in ["404 Not Found", "Page not found | Example", "Страница не найдена", "ページが見つかりません - 例"]
    {
        assert_eq!(
            of(&format!("<title>{title}</title><body><p>Sorry. It may have been moved, or it never was.</p>")),
            Some(NotAnArticle::NotFound),
            "{title}"
        );
    }
    assert_eq!(
        of("<title>News</title><body><p>Subscribe to continue reading this article. Already a subscriber? Log in.</p>"),
        Some(NotAnArticle::Wall)
    );
    assert_eq!(of("<title>App</title><body><div id=root></div><script>go()</script>"), Some(NotAnArticle::Empty));
    let status = read(&PageSource { bytes: article("", "").as_bytes(), status: Some(404), ..PageSource::default() });
    assert_eq!(status.not_an_article, Some(NotAnArticle::Status(404)));
    // An article about it is one.
    assert_eq!(of(&article("<title>404: how not to be found</title>", "<h1>404: how not to be found</h1>")), None);
}

#[test]
fn links_that_run_or_hold_something_are_text() {
    let links = "<p>A <a href='javascript:alert(1)'>one</a>, <a href=' JAVA\tscript:x'>two</a>, <a href='data:text/html,x'>three</a>, <a href='https://e.org/a)b (c'>four</a>, <img src='data:image/png;base64,x' alt=no> and <a href='vbscript:x'>five</a>, all of them in one sentence.</p>";
    let text = at("https://example.org/", &article("", "").replace("<p>", &format!("{links}<p>"))).text;
    assert!(
        text.starts_with(
            "A one, two, three, [four](https://e.org/a%29b%20%28c), and five, all of them in one sentence.\n"
        ),
        "{text}"
    );
}

#[test]
fn text_stays_text_in_commonmark() {
    let line = "*a* _b_ [c](d) `e` &lt;f&gt; &amp;amp; # g 1. h ~~i~~ and a few more words, so that it is a sentence of some length.";
    for start in ["", "# ", "1. ", "- ", "+ ", "&gt; ", "=== ", "~~~ "] {
        let said = format!("{start}{line}");
        let html = article("", "").replace("<p>It", &format!("<p>{said}</p><p>It"));
        let text = page(&html).text;
        let mut plain = String::new();
        for event in pulldown_cmark::Parser::new(text.split("\n\n").next().unwrap()) {
            if let pulldown_cmark::Event::Text(text) = event {
                plain.push_str(&text);
            }
        }
        let expected = said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        assert_eq!(plain, expected, "{text}");
    }
}

#[test]
fn hostile_pages_are_read_in_bounds() {
    let nested = "<div>".repeat(100_000) + SENTENCE;
    let formats: String = (0..3_000).fold(String::new(), |mut all, n| {
        let _ = write!(all, "</p><font size={n}>x<p>");
        all
    });
    let attributes = format!(
        "<p {}>x</p>",
        (0..200_000).fold(String::new(), |mut all, n| {
            let _ = write!(all, "a{n} ");
            all
        })
    );
    let tables = "<table><tr><td>".repeat(5_000) + SENTENCE;
    let lists = "<ul><li>".repeat(5_000) + SENTENCE;
    let quotes = "<blockquote>".repeat(5_000) + SENTENCE;
    let unclosed = "<p><b><i><a href=x>".repeat(20_000);
    let entities = "&amp;&#x110000;&#0;&bogus;&lt".repeat(50_000);
    let controls = format!("<p>{}\0\u{1b}[31m\u{202e}\u{2066} {SENTENCE}</p>", "\u{0}".repeat(1_000));
    let json = format!("<script type=application/ld+json>{}</script>", "[".repeat(500_000));
    for html in [
        nested,
        formats,
        attributes,
        tables,
        lists,
        quotes,
        unclosed,
        entities,
        controls,
        json,
        "<".repeat(100_000),
        "<!--".repeat(50_000),
        "<title>".repeat(50_000),
    ] {
        let page = page(&html);
        assert!(!page.text.contains(['\0', '\u{1b}']));
        assert!(page.text.len() < 4 * html.len() + 1_000, "{} of {}", page.text.len(), html.len());
    }
    let deep = page(&("<div>".repeat(100_000) + &format!("<p>{SENTENCE}")));
    assert_eq!(deep.text.trim(), SENTENCE);
    let many = page(&"<p>x".repeat(crate::limits::PAGE_NODES));
    assert!(many.cut);
}

#[test]
fn the_same_bytes_give_the_same_page() {
    let html = article("<meta name=keywords content='c,b,a'>", "<h1>T</h1><div>Some <b>more</b></div>");
    let (a, b) = (page(&html), page(&html));
    assert_eq!((a.text, a.metadata, a.targets), (b.text, b.metadata, b.targets));
}
