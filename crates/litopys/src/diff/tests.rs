use std::ops::ControlFlow;
use std::path::Path;

use super::*;
use crate::archive::tests::{add, draft, found, reopen};
use crate::store::folder::FolderStore;

fn compare(a: &Path, b: &Path, details: bool) -> (Relation, Vec<ArticleDiff>) {
    let mut all = Vec::new();
    let options = DiffOptions { details, threads: 2 };
    let relation = archives(&FolderStore::new(a), &FolderStore::new(b), options, &mut |diff| all.push(diff)).unwrap();
    (relation, all)
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        if path.is_dir() {
            std::fs::create_dir(to.join(&name)).unwrap();
            copy(&path, &to.join(name));
        } else {
            std::fs::copy(path, to.join(name)).unwrap();
        }
    }
}

#[test]
fn an_archive_that_grew_is_told_by_what_grew() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let many = (0..700).map(|i| draft(&i.to_string(), &format!("text {i} of many")));
    drop(add(found(a.path()), many.collect()));
    copy(a.path(), b.path());
    assert_eq!(compare(a.path(), b.path(), true), (Relation::Same, vec![]));

    let large = "large ".repeat(20_000);
    let drafts =
        vec![draft("3", "text 3 of them"), draft("new", "new"), draft("5", &large), draft("3", "text 3 again")];
    drop(add(reopen(b.path()), drafts));
    let (relation, diffs) = compare(a.path(), b.path(), true);
    assert_eq!(relation, Relation::SecondExtends);
    let rows: Vec<_> = diffs.iter().map(|diff| (diff.subject.as_str(), diff.change, diff.reason)).collect();
    assert_eq!(
        rows,
        [
            ("3", ArticleChange::Revised, Some(Change::Source)),
            ("new", ArticleChange::Added, Some(Change::First)),
            ("5", ArticleChange::Revised, Some(Change::Source)),
        ]
    );
    let text = diffs[0].text.as_ref().unwrap();
    assert_eq!((text.before.as_str(), text.after.as_str()), ("text 3 of many", "text 3 again"));
    assert_eq!(&text.after[text.changes[0].after.clone()], "again");
    assert_eq!((diffs[0].from.as_ref().unwrap().version, diffs[0].to.as_ref().unwrap().version), (1, 3));
    assert_eq!(diffs[2].text.as_ref().unwrap().after, large);

    let (relation, backward) = compare(b.path(), a.path(), false);
    assert_eq!(relation, Relation::FirstExtends);
    assert!(backward.iter().any(|diff| diff.subject == "new" && diff.change == ArticleChange::Removed));
    assert!(backward.iter().all(|diff| diff.text.is_none()));
}

#[test]
fn a_fork_is_named_with_the_place_where_it_begins() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    drop(add(found(a.path()), (0..300).map(|i| draft(&i.to_string(), "text")).collect()));
    copy(a.path(), b.path());
    drop(add(reopen(a.path()), vec![draft("1", "one way"), draft("2", "same")]));
    drop(add(reopen(b.path()), vec![draft("1", "another way")]));
    let (relation, diffs) = compare(a.path(), b.path(), true);
    assert_eq!(relation, Relation::Forked { at: 301 });
    let rows: Vec<_> = diffs.iter().map(|diff| (diff.subject.as_str(), diff.change)).collect();
    assert_eq!(rows, [("1", ArticleChange::Revised), ("2", ArticleChange::Revised)]);
    assert_eq!(diffs[0].text.as_ref().unwrap().before, "one way");
}

#[test]
fn archives_of_different_founding_are_compared_by_subject() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    drop(add(found(a.path()), vec![draft("1", "one"), draft("2", "two"), draft("3", "three")]));
    let other = crate::archive::tests::found_with(b.path(), [8; 16]);
    drop(add(other, vec![draft("1", "one"), draft("2", "too"), draft("4", "four")]));
    let (relation, diffs) = compare(a.path(), b.path(), true);
    assert_eq!(relation, Relation::Unrelated);
    let rows: Vec<_> = diffs.iter().map(|diff| (diff.subject.as_str(), diff.change)).collect();
    assert_eq!(rows, [("2", ArticleChange::Revised), ("4", ArticleChange::Added), ("3", ArticleChange::Removed)]);
}

#[test]
fn nothing_is_shown_that_the_checkpoint_does_not_commit_to() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    drop(add(found(a.path()), vec![draft("1", "one")]));
    copy(a.path(), b.path());
    drop(add(reopen(b.path()), vec![draft("1", "two")]));
    let tile = b.path().join("tile/entries/000.p/3");
    let mut bytes = std::fs::read(&tile).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&tile, bytes).unwrap();
    let options = DiffOptions { details: true, threads: 1 };
    let mut shown = 0;
    let compared = archives(&FolderStore::new(a.path()), &FolderStore::new(b.path()), options, &mut |_| shown += 1);
    assert_eq!((compared.unwrap_err().side, shown), (Side::Second, 0));
}

/// Two archives: of many articles, and the same with a new version of each.
fn all_changed(many: usize) -> [tempfile::TempDir; 2] {
    let [a, b] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let drafts = |text: &str| (0..many).map(|nth| draft(&nth.to_string(), &format!("{text} {nth}"))).collect();
    drop(add(found(a.path()), drafts("before")));
    copy(a.path(), b.path());
    drop(add(reopen(b.path()), drafts("after")));
    [a, b]
}

#[test]
fn many_changes_come_in_order_whatever_thread_compares_them() {
    let [a, b] = all_changed(900);
    let stores = [&a, &b].map(|dir| FolderStore::new(dir.path()));
    for details in [false, true] {
        let all = |threads, most| {
            let (mut all, mut comparison) = (Vec::new(), Comparison::open(&stores[0], &stores[1]).unwrap());
            let mut visit = |(subject, text): (String, Option<String>)| {
                all.push((subject, text));
                if all.len() == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            let make = |diff: ArticleDiff| (diff.subject, diff.text.map(|text| text.after));
            comparison.articles_as(DiffOptions { details, threads }, &make, &mut visit).unwrap();
            all
        };
        let text = |nth| details.then(|| format!("after {nth}"));
        let expected: Vec<_> = (0..900).map(|nth| (nth.to_string(), text(nth))).collect();
        assert_eq!(all(1, 0), expected);
        assert_eq!(all(3, 0), expected);
        assert_eq!(all(3, 500), expected[..500]);
    }
}

#[test]
fn a_statement_that_the_checkpoint_does_not_commit_to_is_named() {
    // Both what is new and what that continues: in the second archive, and in the first.
    for (side, name, index) in [(Side::Second, "tile/entries/001", 256), (Side::First, "tile/entries/000", 0)] {
        let [a, b] = all_changed(300);
        let changed = if side == Side::First { &a } else { &b };
        let path = changed.path().join(name);
        let mut bytes = std::fs::read(&path).unwrap();
        // Nothing but the last signature of the tile.
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(&path, bytes).unwrap();
        let options = DiffOptions { details: false, threads: 2 };
        let stores = [&a, &b].map(|dir| FolderStore::new(dir.path()));
        let mut shown = 0;
        let failed = archives(&stores[0], &stores[1], options, &mut |_| shown += 1).unwrap_err();
        assert_eq!((failed.side, shown), (side, 0));
        let last = index + 255;
        assert!(
            matches!(&failed.source, SideError::Read(ReadError::Altered { index, .. }) if *index == last),
            "{failed:?}"
        );
    }
}

#[test]
fn what_was_visited_before_something_is_missing_holds() {
    let [a, b] = all_changed(900);
    // The manifests of statements 1280 to 1535: the versions of articles 379 to 634.
    std::fs::remove_file(b.path().join("tile/manifests/005")).unwrap();
    let stores = [&a, &b].map(|dir| FolderStore::new(dir.path()));
    let mut shown = Vec::new();
    let options = DiffOptions { details: true, threads: 2 };
    let failed = archives(&stores[0], &stores[1], options, &mut |diff| shown.push(diff.subject)).unwrap_err();
    assert_eq!(failed.side, Side::Second);
    let expected: Vec<_> = (0..shown.len()).map(|nth| nth.to_string()).collect();
    assert_eq!(shown, expected);
    assert!((200..380).contains(&shown.len()), "{}", shown.len());
}

#[test]
fn statements_and_hashes_that_changed_places_together_are_not_those_of_the_checkpoint() {
    // Not of the first tile, which is read to verify the charter.
    let [a, b] = all_changed(600);
    let (entries, hashes) = (a.path().join("tile/entries/001"), a.path().join("tile/0/001"));
    let bytes = std::fs::read(&entries).unwrap();
    let mut swapped = crate::log::tile::read_entries(&bytes, 256).unwrap();
    swapped.swap(7, 8);
    std::fs::write(&entries, crate::log::tile::write_entries(swapped).unwrap()).unwrap();
    let mut bytes = std::fs::read(&hashes).unwrap();
    bytes.as_chunks_mut::<32>().0.swap(7, 8);
    std::fs::write(&hashes, bytes).unwrap();
    let options = DiffOptions { details: false, threads: 2 };
    let stores = [&a, &b].map(|dir| FolderStore::new(dir.path()));
    let mut shown = 0;
    let failed = archives(&stores[0], &stores[1], options, &mut |_| shown += 1).unwrap_err();
    assert_eq!((failed.side, shown), (Side::First, 0));
    assert!(matches!(failed.source, SideError::Tiles(_)), "{failed:?}");
}
