use super::*;

const PAGE: &str = "Support the Archive Donate here\n\nForeign troops: a statement\n\n2 minutes to read\n\nBy Ann\n\n\
    It was said on Friday.\n\n“As for more,” he said.\n\nShare\n\nSource";

#[test]
fn what_belongs_to_the_page_is_left_out() {
    let reading = read(PAGE);
    assert_eq!(reading.title, Some(("Foreign troops: a statement", 3)));
    assert_eq!(reading.body.as_deref(), Some("By Ann\n\nIt was said on Friday.\n\n“As for more,” he said."));
    assert_eq!(
        reading.left_out,
        [(1, "banner"), (5, "reading time"), (13, "page navigation"), (15, "page navigation")]
    );
}

#[test]
fn any_line_ends_and_pages_without_blank_lines_do() {
    for end in ["\r\n", "\r"] {
        let page = PAGE.replace('\n', end);
        let reading = read(&page);
        assert_eq!(reading.title, Some(("Foreign troops: a statement", 3)));
        assert_eq!(
            reading.body.unwrap(),
            ["By Ann", "", "It was said on Friday.", "", "“As for more,” he said."].join(end)
        );
        assert_eq!(reading.left_out.len(), 4);
    }
    let dense = PAGE.replace("\n\n", "\n");
    let reading = read(&dense);
    assert_eq!(reading.title, Some(("Foreign troops: a statement", 2)));
    assert_eq!(reading.body.as_deref(), Some("By Ann\nIt was said on Friday.\n“As for more,” he said."));
}

#[test]
fn other_languages_have_pages_too() {
    for (page, title, body) in [
        (
            "Поділитися\n\nЗаява про війська\n\n3 хв читання\n\nТекст статті.\n\nДжерело:\n",
            "Заява про війська",
            "Текст статті.",
        ),
        ("Jetzt spenden\n\nDie Erklärung\n\nLesezeit: 3 Minuten\n\nText.\n\nTeilen\n", "Die Erklärung", "Text."),
        ("تبرع الآن\n\nتصريح\n\nمدة القراءة: ٣ دقائق\n\nنص.\n\nالمصدر", "تصريح", "نص."),
    ] {
        let reading = read(page);
        assert_eq!(reading.title.map(|(title, _)| title), Some(title));
        assert_eq!(reading.body.as_deref(), Some(body));
    }
}

#[test]
fn ordinary_prose_is_never_dropped() {
    for (text, title) in [
        ("A title\n\nSome text.\n", Some("A title")),
        ("How to donate now\n\nSome text.\n\nMore.\n", Some("How to donate now")),
        ("Why you should donate now\n\n2 lines.\n", Some("Why you should donate now")),
        ("A first sentence.\n\nA second.\n", None),
        ("One line only", None),
        ("Two lines\nof a poem\n\nand more\n", None),
        ("Source\n", None),
        ("Share\n\nSource\n", Some("Share")),
        ("- a list\n\n- more\n", None),
        ("https://example.org\n\nText\n", None),
        ("Title\n\nThe last line is\nSource\n", Some("Title")),
        ("Title\n\nText.\n\nSource: Interfax\n", Some("Title")),
        ("", None),
        ("\n\n \n", None),
    ] {
        let reading = read(text);
        assert_eq!(reading.title.map(|(title, _)| title), title, "{text:?}");
        assert_eq!((reading.body, reading.left_out), (None, vec![]), "{text:?}");
    }
}

#[test]
fn a_call_to_act_is_a_banner_only_before_a_title_of_a_page() {
    let reading = read("Why we all donate now\n\n2 minutes to read\n\nText.\n");
    assert_eq!(reading.title, Some(("Why we all donate now", 1)));
    assert_eq!(reading.body.as_deref(), Some("Text.\n"));
}

#[cfg(target_os = "linux")]
#[test]
fn hostile_text_takes_time_as_its_length() {
    for part in ["\n", "Share\n\n", "a", "\r\n\r\nSource", "a\n"] {
        crate::growth::assert_even(part, 1 << 15, |n| part.repeat(n), |text| drop(read(text)));
    }
}
