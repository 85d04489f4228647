//! Every importer over real data, which is not part of the repository: where it is absent, the tests say so and pass, but not in CI.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use std::num::NonZero;
use std::path::Path;
use std::process::Command;

use litopys::{Content, Draft, Role};
use litopys_import::{Loaded, Options, Warning, drafts, read_jsonl, write_jsonl};
use support::check;
use support::data::shared;

fn load(input: &Path, options: &Options) -> Vec<Loaded> {
    let threads = NonZero::new(2).unwrap();
    let outcomes = drafts(&[input.to_owned()], options, threads).flatten();
    outcomes.filter_map(|outcome| outcome.map_err(|failure| assert!(!failure.to_string().is_empty())).ok()).collect()
}

fn text(draft: &Draft) -> Option<String> {
    let file = draft.files.iter().find(|file| file.role == Role::Text)?;
    let Content::Bytes(bytes) = &file.content else { panic!("a text is always in memory") };
    Some(String::from_utf8(bytes.to_vec()).expect("a text is UTF-8"))
}

fn is_link(warning: &Warning) -> bool {
    matches!(warning, Warning::Links { .. })
}

fn clone(bundle: &Path) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let status = Command::new("git")
        .args(["-c", "init.defaultBranch=main", "clone", "--quiet"])
        .arg(bundle)
        .arg(dir.path().join("clone"))
        .status();
    assert!(status.unwrap().success());
    // The files that are there now, not their history.
    std::fs::remove_dir_all(dir.path().join("clone/.git")).unwrap();
    dir
}

#[test]
fn the_seed_gives_its_title_and_its_body_and_no_date() {
    let Some(data) = shared(".") else { return };
    let input = data.join("seed/putin-foreign-troops.txt");
    let loaded = load(&input, &Options::default()).remove(0);
    check(&loaded);
    let m = &loaded.draft.metadata;
    assert_eq!(loaded.draft.subject, "putin-foreign-troops.txt");
    assert_eq!(m.title.as_deref(), Some("Putin: foreign troops in Ukraine would be legitimate targets for Russia"));
    assert_eq!((&m.published, &m.modified), (&None, &None));
    let body = text(&loaded.draft).unwrap();
    assert!(body.starts_with("If foreign military personnel") && body.ends_with("the day before."), "{body}");
    assert!(!body.contains("Donate") && !body.contains("minutes to read"));
    let Content::Bytes(capture) = &loaded.draft.files[0].content else { panic!() };
    assert_eq!(**capture, *std::fs::read(input).unwrap());
    assert_eq!(m.provenance["title"], "line 3");
    assert_eq!(
        m.provenance["text"],
        "litopys-import text 1: left out line 1 (banner), line 3 (title), line 5 (reading time), line 21 (page navigation)"
    );
    assert_eq!(loaded.warnings.len(), 3);
}

#[test]
fn blog_posts_give_titles_and_dates() {
    let Some(data) = shared(".") else { return };
    let blog = clone(&data.join("git/rust-blog-to-2017.bundle"));
    let posts = load(&blog.path().join("clone"), &Options::default());
    let posts: Vec<_> = posts.iter().filter(|post| post.draft.subject.starts_with("_posts/")).collect();
    assert!(posts.len() > 50);
    for post in &posts {
        check(post);
        text(&post.draft);
        let m = &post.draft.metadata;
        assert!(m.title.is_some() && !m.authors.is_empty(), "{}", post.draft.subject);
        assert!(post.warnings.iter().all(is_link), "{}: {:?}", post.draft.subject, post.warnings);
        assert_eq!(m.published.as_ref().unwrap().as_str(), &post.draft.subject[7..17]);
        assert_eq!(m.extra["layout"], "post");
        assert!(!text(&post.draft).unwrap().starts_with("---"));
    }

    let site = clone(&data.join("git/syrian-archive-site.bundle"));
    let pages = load(&site.path().join("clone"), &Options::default());
    assert!(pages.len() > 150);
    pages.iter().for_each(check);
    let page = pages.iter().find(|page| page.draft.subject == "tech-advocacy/may-takedowns.md").unwrap();
    let m = &page.draft.metadata;
    assert_eq!(m.title.as_deref(), Some("Removals of Syrian human rights content: May 2019"));
    assert_eq!(m.published.as_ref().unwrap().as_str(), "2019-04-29");
    assert_eq!(m.summary.as_deref(), Some("Amount of content preserved, made unavailable and restored"));
    assert_eq!(m.extra["image"], "/assets/takedowns.jpg");
    let dated = pages.iter().filter(|page| page.draft.metadata.published.is_some()).count();
    assert!(dated > 120, "{dated}");
    let faults: Vec<_> = pages
        .iter()
        .flat_map(|page| page.warnings.iter().map(|warning| (&page.draft.subject, warning)))
        .filter(|(_, warning)| !is_link(warning))
        .map(|(subject, warning)| format!("{subject}: {warning}"))
        .collect();
    assert!(faults.len() < 10, "{faults:#?}");
}

#[test]
fn drafts_of_real_files_read_back_from_json() {
    let Some(data) = shared(".") else { return };
    for loaded in load(&data, &Options::default()) {
        let mut line = Vec::new();
        write_jsonl(&loaded.draft, &data, &mut line).unwrap();
        let back = read_jsonl(std::io::Cursor::new(line.clone()), &data).unwrap().next().unwrap().unwrap();
        assert_eq!(back.metadata, loaded.draft.metadata);
        let mut again = Vec::new();
        write_jsonl(&back, &data, &mut again).unwrap();
        assert_eq!(String::from_utf8(again), String::from_utf8(line), "{}", loaded.draft.subject);
    }
}

#[test]
fn a_document_of_megabytes_is_read_whole() {
    let Some(data) = shared(".") else { return };
    let blog = clone(&data.join("git/rust-blog-to-2017.bundle"));
    let mut long = String::from("# All of it\n\n");
    while long.len() < 3_400_000 {
        for post in load(&blog.path().join("clone"), &Options::default()) {
            long += &text(&post.draft).unwrap_or_default();
            long += "\n\n![a picture](missing.png)\n\n";
        }
    }
    let path = blog.path().join("long.md");
    std::fs::write(&path, &long).unwrap();
    let loaded = load(&path, &Options::default()).remove(0);
    assert_eq!(loaded.draft.metadata.title.as_deref(), Some("All of it"));
    assert_eq!(text(&loaded.draft).unwrap(), long);
}
