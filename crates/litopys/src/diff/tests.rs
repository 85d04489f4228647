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
