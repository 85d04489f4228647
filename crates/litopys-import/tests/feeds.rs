//! Real feeds. They are not part of the repository: where they are absent, the test says so and passes, but not in CI.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "../../../tests/support/data.rs"]
mod data;

use std::num::NonZero;

use data::shared;
use litopys::{Content, Role};
use litopys_import::{Kind, Options, drafts};

/// Each feed, how many items it has, and the title of the first.
const FEEDS: &[(&str, usize, &str)] = &[
    ("jsonfeed/jsonfeed_elastic_1.1.json", 3, ""),
    ("jsonfeed/jsonfeed_example_1.json", 2, "How Jeff Bezos’s iPhone X Was Hacked"),
    ("jsonfeed/jsonfeed_spec_1.json", 1, "Announcing JSON Feed"),
    ("rss2/rss_2.0_kdist.xml", 1, "5.7-rc4: mainline"),
    ("rss2/rss_2.0_matrix.xml", 1, ""),
    ("rss2/rss_2.0_nbcny.xml", 1, ""),
    ("rss2/rss_2.0_nightvale.xml", 1, ""),
    ("rss2/rss_2.0_reddit.xml", 1, "Announcing FeedMail"),
    ("rss2/rss_2.0_relurl_1.xml", 2, "Pareto-optimal compression"),
    ("rss2/rss_2.0_relurl_2.xml", 1, ""),
    ("rss2/rss_2.0_rps.xml", 1, "The Sunday Papers"),
    ("rss2/rss_2.0_spec_1.xml", 2, ""),
    (
        "rss2/rss_2.0_spiegel.xml",
        1,
        "07.02. – die Wochenvorschau: Lockdown-Verlängerung, Kriegsverbrecher vor Gericht, Super Bowl, Karneval",
    ),
    ("rss2/rss_2.0_spreaker.xml", 1, ""),
    ("rss2/rss_2.0_vimeo_media.xml", 1, "Oregon Harvest Update and Fall Release Date Set"),
    ("rss2/rss_2.0_wirecutter.xml", 1, "How to Teach Someone a Board Game (and Even Have Fun Doing It)"),
];

#[test]
fn every_feed_gives_its_items_or_says_why_not() {
    let Some(data) = shared("feeds/fixture") else { return };
    for (name, count, title) in FEEDS {
        let path = data.join(name);
        let source = std::fs::read(&path).unwrap();
        let options = Options::default();
        let items: Vec<_> = drafts(&[path], &options, NonZero::<usize>::MIN).flatten().map(Result::unwrap).collect();
        assert_eq!(items.len(), *count, "{name}");
        assert_eq!(
            items[0].draft.metadata.title.as_deref().filter(|_| !title.is_empty()).unwrap_or_default(),
            *title,
            "{name}"
        );
        for item in &items {
            let capture = item.draft.files.iter().find(|file| file.role == Role::Capture).unwrap();
            let Content::Bytes(bytes) = &capture.content else { panic!() };
            assert!(memchr::memmem::find(&source, bytes).is_some(), "{name}: an item's bytes are the feed's");
            assert!(item.draft.subject.contains([':', ',']), "{name}: {}", item.draft.subject);
        }
    }
    // Everything else in the folder is no feed, or one without items, and says so when it is called one.
    let forced = Options { from: Some(Kind::Feed), ..Options::default() };
    for folder in std::fs::read_dir(&data).unwrap() {
        let folder = folder.unwrap().path();
        for file in std::fs::read_dir(folder).into_iter().flatten() {
            let path = file.unwrap().path();
            let name = path.strip_prefix(&data).unwrap().to_str().unwrap().to_owned();
            if FEEDS.iter().any(|(feed, ..)| *feed == name) {
                continue;
            }
            let outcomes: Vec<_> = drafts(&[path], &forced, NonZero::<usize>::MIN).flatten().collect();
            let [Err(failure)] = &outcomes[..] else { panic!("{name}: {outcomes:?}") };
            assert!(failure.error.to_string().contains("feed"), "{name}: {failure}");
        }
    }
}
