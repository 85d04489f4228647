//! Exports that are torn, damaged, long or none.

use super::*;

#[test]
fn exports_are_told_by_their_content() {
    assert!(is_export(CHANNEL.as_bytes()) && is_export(account().as_bytes()));
    for other in
        ["", "{}", "[]", r#"{"messages": []}"#, r#"{"type": "public_channel", "messages": 1}"#, r#"{"about": "x"}"#]
    {
        assert!(!is_export(other.as_bytes()), "{other}");
    }
    let dir = export("{\"a\": 1}");
    assert!(!is_export_folder(dir.path()) && !is_export_folder(&dir.path().join("photos")));
}

#[test]
fn what_came_before_a_tear_is_kept() {
    let cut = CHANNEL.find("\"id\": 8").unwrap() + 30;
    let dir = export(&CHANNEL[..cut]);
    let (loaded, failed, ..) = run(dir.path(), &Options::default());
    assert_eq!(loaded.len(), 2);
    let line = CHANNEL[..cut].lines().count();
    assert_eq!(failed, [format!("DIR/result.json: line {line}: the file ends in the middle: the export is torn")]);
    // Wherever it is torn, nothing but that is wrong.
    for end in (1..CHANNEL.len() - 1).filter(|end| CHANNEL.is_char_boundary(*end)).step_by(29) {
        let failed = faults(&CHANNEL[..end]);
        assert!(matches!(&failed[..], [one] if one.contains("torn")), "{end}: {failed:?}");
    }
}

#[test]
fn a_bad_message_is_named_and_the_others_are_read() {
    let good = r#"{"id": 2, "type": "message", "date_unixtime": "1704108600", "text": "x"}"#;
    let with =
        |bad: &str| format!(r#"{{"name": "N", "type": "public_channel", "id": 5, "messages": [{bad}, {good}]}}"#);
    let deep = format!(r#"{{"id": 1, "text": {}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let large = format!(r#"{{"id": 1, "text": "{}"}}"#, "x".repeat(limits::MESSAGE));
    for (bad, why) in [
        (
            r#"{"id": 1, "text": "a", "text": "b"}"#,
            "message 1: a message that can't be read: \"text\" stands there twice",
        ),
        (r#"{"id": 1, "date_unixtime": "soon"}"#, "message 1: a message whose date_unixtime is no time"),
        (r#"{"id": 1, "edited_unixtime": "99999999999999"}"#, "message 1: a message whose edited_unixtime is no time"),
        (r#"{"id": -1}"#, "a message without an id"),
        (r#"{"text": "a"}"#, "a message without an id"),
        ("{\"id\": 1, \"text\": \"\u{0}\"}", "message 1: a message that can't be read: control character"),
        (r#"{"id": 1, "text": "\ud800"}"#, "message 1: a message that can't be read: "),
        (r#"{"id": 1, "text": [}}"#, "message 1: a message that can't be read: "),
        ("17", "a message that can't be read: "),
        (&deep, "message 1: a message that can't be read: recursion limit"),
        (&large, "a message of more than 4 MiB"),
    ] {
        let dir = export(&with(bad));
        let (loaded, failed, ..) = run(dir.path(), &Options::default());
        assert_eq!(loaded.len(), 1, "{why}");
        assert!(failed.len() == 1 && failed[0].contains("line 1") && failed[0].contains(why), "{failed:?}: {why}");
    }
    // NULs that are escaped are text, which CommonMark has another sign for.
    let dir = export(&with(r#"{"id": 1, "text": "a\u0000\x00b"}"#));
    assert_eq!(text(&run(dir.path(), &Options::default()).0[0]), Some("a\u{fffd}\u{fffd}b\n"));
}

#[test]
fn what_is_no_export_is_said() {
    for (json, why) in [
        ("", "the file ends in the middle: the export is torn"),
        ("<html>", "not the JSON of a Telegram export: expected an object"),
        ("{}", "no Telegram export: there is no list of messages in it"),
        (r#"{"messages": []}"#, "messages of a chat without an id"),
        (r#"{"id": 1, "name": 7, "messages": []}"#, "the name of the chat can't be read"),
        (r#"{"id": 1 "messages": []}"#, "not the JSON of a Telegram export: expected a comma"),
        (r#"{"id": 1, "messages": [1 2]}"#, "not the JSON of a Telegram export: expected a comma"),
        (r#"{"id": 1, "messages": []} x"#, "something follows the end of the export"),
        (r#"{"id": 1, "messages": [,]}"#, "not the JSON of a Telegram export: expected a value"),
        (r#"{x: 1}"#, "not the JSON of a Telegram export: expected a name in quotes"),
    ] {
        let failed = faults(json);
        assert!(failed.iter().any(|text| text.ends_with(why)), "{json}: {failed:?}");
    }
}

/// An export without an end, of messages of some size.
struct Endless {
    ready: Cursor<Vec<u8>>,
    next: u64,
    last: u64,
}

impl std::io::Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.ready.read(buffer)?;
        if read > 0 || self.next > self.last {
            return Ok(read);
        }
        let text = "слово ".repeat(500);
        let message = format!(",{{\"id\": {}, \"date_unixtime\": \"1704108600\", \"text\": \"{text}\"}}", self.next);
        self.next += 1;
        self.ready = Cursor::new(message.into_bytes());
        self.ready.read(buffer)
    }
}

#[test]
fn a_long_export_is_read_in_chunks() {
    let start = br#"{"type": "public_channel", "id": 5, "messages": [{"id": 1, "text": "x"}"#.to_vec();
    let reader = Endless { ready: Cursor::new(start), next: 2, last: 6_000 };
    let (options, inputs) = (Options { from: Some(Kind::Telegram), ..Options::default() }, [PathBuf::from("-")]);
    let mut all = drafts(&inputs, &options, NonZero::new(2).unwrap()).with_stdin(reader);
    let mut count = 0;
    for chunk in all.by_ref() {
        let held: usize = chunk
            .iter()
            .flatten()
            .flat_map(|loaded| &loaded.draft.files)
            .map(|file| match &file.content {
                litopys::Content::Bytes(bytes) => bytes.len(),
                _ => 0,
            })
            .sum();
        assert!(chunk.len() <= limits::CHUNK && held < 3 * usize::try_from(limits::CHUNK_BYTES).unwrap());
        count += chunk.iter().flatten().count();
    }
    assert_eq!(count, 6_000);
    assert_eq!(all.exported().len(), 1);
}
