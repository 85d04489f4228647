//! What makes another version, or another article.

use super::*;
use crate::store::folder::LinesError;

#[test]
fn what_says_the_same_words_elsewhere_is_another_version() {
    let with = |change: &dyn Fn(&mut Draft)| {
        let mut draft = draft("a", "text");
        change(&mut draft);
        draft
    };
    let drafts = [
        draft("a", "text"),
        with(&|d| d.metadata.title = Some("ab".into())),
        with(&|d| (d.metadata.title, d.metadata.publisher) = (Some("a".into()), Some("b".into()))),
        with(&|d| d.metadata.authors = vec!["a".into(), "b".into()]),
        with(&|d| (d.metadata.authors, d.metadata.tags) = (vec!["a".into()], vec!["b".into()])),
        with(&|d| _ = d.metadata.extra.insert("a".into(), "b".into())),
        with(&|d| _ = d.metadata.extra.insert("a".into(), "c".into())),
        with(&|d| _ = d.metadata.extra.insert("b".into(), "c".into())),
        draft("a", "text"),
        with(&|d| d.files[1].path = "body.md".into()),
    ];
    let dir = tempfile::tempdir().unwrap();
    let (archive, outcomes) = add(found(dir.path()), drafts.to_vec());
    for (nth, outcome) in (1..).zip(&outcomes) {
        assert!(matches!(outcome, Outcome::Signed { version, .. } if *version == nth), "{nth}: {outcome:?}");
    }
    // A subject and a language are no longer subject.
    let mut english = draft("b", "text");
    english.metadata.language = Some("en".into());
    let (archive, outcomes) = add(archive, vec![english, draft("ben", "text")]);
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Signed { version: 1, .. })), "{outcomes:?}");
    assert!(archive.article("ben", None) != archive.article("b", Some("en")));
}

#[test]
fn lines_over_an_older_checkpoint_are_not_put_on_a_newer_one() {
    let dir = tempfile::tempdir().unwrap();
    let archive = found(dir.path());
    let read = |archive: &Archive| archive.store().read(Member::Checkpoint, limits::CHECKPOINT).unwrap();
    let old = SignedCheckpoint::parse(&read(&archive)).unwrap();
    let (archive, _) = add(archive, vec![draft("a", "text")]);
    let new = read(&archive);
    drop(archive);
    assert!(matches!(lock(dir.path()).add_lines(&old, &[]), Err(LinesError::Moved { over: 1, size: 2 })));
    assert_eq!(lock(dir.path()).store().read(Member::Checkpoint, limits::CHECKPOINT).unwrap(), new);
}
