mod damaged;

use std::fs;
use std::io::Cursor;
use std::num::NonZero;

use litopys::Role;

use super::*;
use crate::{Kind, Loaded, Warning, drafts};

/// An export of a channel, as Telegram Desktop writes it: its names and order of fields, its indentation, its odd escapes.
const CHANNEL: &str = r##"{
 "name": "Новини",
 "type": "public_channel",
 "id": 1234567890,
 "messages": [
  {
   "id": 1,
   "type": "service",
   "date": "2024-01-01T12:00:00",
   "date_unixtime": "1704103200",
   "actor": "Новини",
   "actor_id": "channel1234567890",
   "action": "create_channel",
   "title": "Вісті",
   "text": "",
   "text_entities": []
  },
  {
   "id": 2,
   "type": "message",
   "date": "2024-01-01T13:30:00",
   "date_unixtime": "1704108600",
   "edited": "2024-01-01T13:40:00",
   "edited_unixtime": "1704109200",
   "from": "Новини",
   "from_id": "channel1234567890",
   "author": "Оля К.",
   "forwarded_from": "Інші новини",
   "reply_to_message_id": 1,
   "photo": "photos/photo_1@01-01-2024_13-30-00.jpg",
   "photo_file_size": 3,
   "width": 1280,
   "height": 960,
   "text": [
    {
     "type": "bold",
     "text": "Заява"
    },
    "\nСлово\x1B і ",
    {
     "type": "hashtag",
     "text": "#важливе"
    }
   ],
   "text_entities": [
    {
     "type": "bold",
     "text": "Заява"
    },
    {
     "type": "plain",
     "text": "\nСлово\x1B і "
    },
    {
     "type": "hashtag",
     "text": "#важливе"
    }
   ],
   "reactions": [
    {
     "type": "emoji",
     "count": 12,
     "emoji": "👍"
    },
    {
     "type": "paid",
     "count": 3
    }
   ]
  },
  {
   "id": 3,
   "type": "unsupported"
  },
  {
   "id": 4,
   "type": "service",
   "date": "2024-02-01T12:00:00",
   "date_unixtime": "1706781600",
   "action": "edit_group_title",
   "title": "Новини",
   "text": ""
  },
  {
   "id": 7,
   "type": "message",
   "date": "2024-02-01T13:00:00",
   "date_unixtime": "1706785200",
   "from": "Новини",
   "from_id": "channel1234567890",
   "file": "video_files/IMG_1.MP4",
   "thumbnail": "video_files/IMG_1.MP4_thumb.jpg",
   "media_type": "video_file",
   "mime_type": "video/mp4",
   "duration_seconds": 12,
   "text": "",
   "text_entities": []
  },
  {
   "id": 8,
   "type": "message",
   "date": "2024-02-01T13:01:00",
   "date_unixtime": "1706785260",
   "from": "Новини",
   "from_id": "channel1234567890",
   "file": "(File not included. Change data exporting settings to download.)",
   "mime_type": "application/pdf",
   "location_information": {
    "latitude": 50.4501,
    "longitude": 30.5234
   },
   "text": "كلمة عربية",
   "text_entities": [
    {
     "type": "plain",
     "text": "كلمة عربية"
    }
   ]
  }
 ]
}"##;

fn export(json: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("photos/photo_1@01-01-2024_13-30-00.jpg", "jpg"),
        ("video_files/IMG_1.MP4", "mp4"),
        ("video_files/IMG_1.MP4_thumb.jpg", "thumb"),
        ("result.json", json),
    ] {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    dir
}

fn run(input: &Path, options: &Options) -> (Vec<Loaded>, Vec<String>, Skipped, Vec<Exported>) {
    let (mut loaded, mut failed) = (Vec::new(), Vec::new());
    let inputs = [input.to_owned()];
    let mut all = drafts(&inputs, options, NonZero::new(2).unwrap());
    for outcome in all.by_ref().flatten() {
        match outcome {
            Ok(draft) => loaded.push(draft),
            Err(failure) => failed.push(failure.to_string().replace(&input.display().to_string(), "DIR")),
        }
    }
    (loaded, failed, all.skipped(), all.exported().to_vec())
}

fn faults(json: &str) -> Vec<String> {
    let dir = export(json);
    let options = Options { from: Some(Kind::Telegram), ..Options::default() };
    let path = dir.path().join(RESULT);
    let (_, failed, _, _) = run(&path, &options);
    failed.iter().map(|text| text.strip_prefix("DIR: ").unwrap_or(text).to_owned()).collect()
}

fn text(loaded: &Loaded) -> Option<&str> {
    let file = loaded.draft.files.iter().find(|file| file.role == Role::Text)?;
    let litopys::Content::Bytes(bytes) = &file.content else { panic!("a text is in memory") };
    Some(std::str::from_utf8(bytes).unwrap())
}

#[test]
fn a_message_is_an_article() {
    let dir = export(CHANNEL);
    let (loaded, failed, skipped, exported) = run(dir.path(), &Options::default());
    assert_eq!(failed, [""; 0]);
    let subjects: Vec<_> = loaded.iter().map(|loaded| loaded.draft.subject.as_str()).collect();
    assert_eq!(subjects, ["telegram:1234567890/2", "telegram:1234567890/7", "telegram:1234567890/8"]);
    assert_eq!((skipped.count(SkipReason::Service), skipped.count(SkipReason::Unsupported)), (2, 1));

    let first = &loaded[0];
    assert_eq!(first.place.as_ref().unwrap().to_string(), "line 18, message 2");
    let m = &first.draft.metadata;
    assert_eq!(m.title.as_deref(), Some("Заява"));
    assert_eq!(m.published.as_ref().unwrap().as_str(), "2024-01-01T11:30:00Z");
    assert_eq!(m.modified.as_ref().unwrap().as_str(), "2024-01-01T11:40:00Z");
    assert_eq!((m.authors.as_slice(), m.tags.as_slice()), (&["Оля К.".to_owned()][..], &["важливе".to_owned()][..]));
    assert_eq!(text(first), Some("**Заява**\\\nСлово\u{1b} і #важливе\n"));
    let extra: Vec<_> = m.extra.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(
        extra,
        [
            "chat_id=1234567890",
            "forwarded_from=Інші новини",
            "message_id=2",
            "reactions=👍 12, paid 3",
            "reply_to_message_id=1"
        ]
    );
    for (field, from) in [
        ("published", "date_unixtime: 1704108600"),
        ("authors", "author"),
        ("publisher", "service message 1: create_channel"),
        ("subject", "ids of the chat and the message"),
        ("text", "litopys-import telegram 1: text_entities as CommonMark"),
    ] {
        assert_eq!(m.provenance[field], from);
    }
    // The capture is the message as it stands in the file.
    let litopys::Content::Bytes(capture) = &first.draft.files[0].content else { panic!() };
    let capture = std::str::from_utf8(capture).unwrap();
    assert!(CHANNEL.contains(capture) && capture.starts_with("{\n   \"id\": 2,") && capture.ends_with('}'));
    // What the channel was called then, whatever it is called now.
    let publishers: Vec<_> = loaded.iter().map(|l| l.draft.metadata.publisher.as_deref().unwrap()).collect();
    assert_eq!(publishers, ["Вісті", "Новини", "Новини"]);
    assert_eq!(exported, [Exported { subject: "telegram:1234567890/".into(), messages: vec![(1, 4), (7, 8)] }]);
    assert!(exported[0].has(3) && !exported[0].has(5) && exported[0].span() == Some((1, 8)));
    assert_eq!(exported[0].number("telegram:1234567890/12"), Some(12));
    let mut odd = exported[0].clone();
    [20, 3, 21, 9, 3].into_iter().for_each(|number| odd.add(number));
    odd.sort();
    assert_eq!(odd.messages, [(1, 4), (7, 9), (20, 21)]);
    assert!(odd.has(9) && odd.has(21) && !odd.has(10) && !odd.has(22) && !odd.has(0));
    for other in
        ["telegram:1234567890/", "telegram:1234567890/012", "telegram:1234567890/1/2", "telegram:12345678901/2"]
    {
        assert_eq!(exported[0].number(other), None, "{other}");
    }
}

#[test]
fn media_come_along_by_reference_under_names_that_stay() {
    let dir = export(CHANNEL);
    let (loaded, ..) = run(dir.path(), &Options::default());
    let files = |at: usize| {
        let of = |file: &litopys::DraftFile| {
            let by_reference = matches!(file.content, litopys::Content::File(_));
            format!("{:?} {} {} {by_reference}", file.role, file.path, file.media_type)
        };
        loaded[at].draft.files.iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(
        files(0),
        [
            "Capture message.json application/json false",
            "Text text.md text/markdown false",
            "Media photo.jpg image/jpeg true"
        ]
    );
    assert_eq!(files(1), ["Capture message.json application/json false", "Media video.mp4 video/mp4 true"]);
    assert_eq!(loaded[0].draft.files[2].original_name.as_deref(), Some("photos/photo_1@01-01-2024_13-30-00.jpg"));
    assert_eq!(files(2).len(), 2);
    let note = &loaded[2].draft.metadata.extra["file"];
    assert_eq!(note, "(File not included. Change data exporting settings to download.)");
    assert_eq!(loaded[2].draft.metadata.extra["location"], "50.4501,30.5234");
}

#[test]
fn nothing_comes_along_from_outside_of_the_export() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), "s").unwrap();
    for path in ["../secret", "/etc/passwd", "photos/../../secret", "C:/secret", ".ssh/id", "photos", "gone.jpg"] {
        let json = CHANNEL.replace("photos/photo_1@01-01-2024_13-30-00.jpg", path);
        let dir = export(&json);
        let (loaded, failed, ..) = run(dir.path(), &Options::default());
        assert!(failed.is_empty() && loaded[0].draft.files.len() == 2, "{path}");
        assert!(matches!(loaded[0].warnings[..], [Warning::Links { .. }]), "{path}");
    }
    #[cfg(unix)]
    {
        let dir = export(CHANNEL);
        let photo = dir.path().join("photos/photo_1@01-01-2024_13-30-00.jpg");
        fs::remove_file(&photo).unwrap();
        std::os::unix::fs::symlink(outside.path().join("secret"), photo).unwrap();
        let (loaded, ..) = run(dir.path(), &Options::default());
        assert_eq!(loaded[0].draft.files.len(), 2);
    }
}

#[test]
fn a_public_name_makes_urls() {
    let dir = export(CHANNEL);
    for name in ["Example_News", "@example_news", "https://t.me/example_news", "1234567890=example_news"] {
        let options = Options { channels: vec![name.parse().unwrap()], ..Options::default() };
        let (loaded, ..) = run(dir.path(), &options);
        assert_eq!(loaded[0].draft.subject, "https://t.me/example_news/2", "{name}");
        let captured = loaded[0].draft.metadata.captured.as_ref().unwrap();
        assert_eq!(captured.url.as_deref(), Some("https://t.me/example_news/2"));
        assert_eq!(captured.via.as_deref(), Some("export of Telegram Desktop (public_channel)"));
    }
    let other = Options { channels: vec!["99=example_news".parse().unwrap()], ..Options::default() };
    assert_eq!(run(dir.path(), &other).0[0].draft.subject, "telegram:1234567890/2");
    for bad in ["", "abc", "a/b_c", "x=example_news", "=example_news", "../example", "example news"] {
        assert_eq!(bad.parse::<ChannelName>(), Err(ChannelNameError), "{bad}");
    }
}

fn account() -> String {
    let chat = |kind: &str, id: u64| {
        format!(
            r#"{{"name": "Chat {id}", "type": "{kind}", "id": {id}, "messages": [
                {{"id": 1, "type": "message", "date": "2024-01-01T13:30:00", "from": "Ann", "from_id": "user5", "text": "{kind}"}}]}}"#
        )
    };
    format!(
        r#"{{"about": "Here is the data you requested.",
 "personal_information": {{"user_id": 1, "first_name": "A", "bio": "\"chats\": {{"}},
 "contacts": {{"about": "x", "list": [{{"user_id": 2, "messages": [{{"id": 9}}]}}]}},
 "chats": {{"about": "y", "list": [{}, {}, 7, {}, {}]}},
 "left_chats": {{"about": "z", "list": [{}]}}}}"#,
        chat("public_channel", 10),
        chat("personal_chat", 11),
        chat("public_supergroup", 12),
        chat("saved_messages", 13),
        chat("private_channel", 14)
    )
}

#[test]
fn of_an_account_private_conversations_are_passed_over() {
    let dir = export(&account());
    let (loaded, failed, skipped, exported) = run(dir.path(), &Options::default());
    assert_eq!(failed, [""; 0]);
    let texts: Vec<_> = loaded.iter().map(|loaded| (loaded.draft.subject.as_str(), text(loaded).unwrap())).collect();
    assert_eq!(
        texts,
        [
            ("telegram:10/1", "public\\_channel\n"),
            ("telegram:12/1", "public\\_supergroup\n"),
            ("telegram:14/1", "private\\_channel\n")
        ]
    );
    assert_eq!(skipped.count(SkipReason::PrivateChat), 2);
    assert_eq!(exported.iter().filter(|chat| chat.span().is_some()).count(), 3);
    // A channel has no author but who signs; in a group it is who sent it. An old export knows local times only.
    let m = &loaded[1].draft.metadata;
    assert_eq!((loaded[0].draft.metadata.authors.len(), m.authors.as_slice()), (0, &["Ann".to_owned()][..]));
    assert_eq!(m.published.as_ref().unwrap().as_str(), "2024-01-01T13:30:00");
    assert_eq!(m.provenance["published"], "date: 2024-01-01T13:30:00 (local time of the exporter)");

    let one = Options { channels: vec!["example_news".parse().unwrap()], ..Options::default() };
    assert_eq!(run(dir.path(), &one).1.len(), 1);
    let named = Options { channels: vec!["12=example_news".parse().unwrap()], ..Options::default() };
    assert_eq!(run(dir.path(), &named).0[1].draft.subject, "https://t.me/example_news/1");
}
