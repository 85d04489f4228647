//! What is withdrawn is in the log and gone, or neither; or it is gone after the next writer.

use std::path::Path;

use litopys::FileDigest;
use litopys::archive::{Archive, ArchiveError, DraftError, Grounds, Outcome};
use litopys::layout::Member;
use litopys::report::Code;
use litopys::store::Store;
use litopys::store::folder::{FolderStore, FolderWriter};
use litopys::withdrawal::{DataClass, EntryRef, Scope};

use crate::case::Case;
use crate::support::archives::{add, archive_of, draft, full_check, key, lock, noise, open};
use crate::{contents, texts};

/// Withdraws, unless that was done before; in the end nothing is left of it.
fn withdrawing(scope: impl Fn(&Archive) -> Scope) -> impl Fn(FolderWriter) -> Result<(), ArchiveError> {
    move |writer| {
        let (root, mut archive) = (writer.store().path().to_owned(), open(writer)?);
        if archive.ledger().withheld().is_empty() {
            let (class, reason, basis) = (DataClass::Personal, "asked for".to_owned(), "GDPR, article 17".to_owned());
            let statement = archive.withdrawal(scope(&archive), Grounds { class, reason, basis }, &key())?;
            archive = archive.append(&[statement], &key())?;
        }
        drop(archive);
        let (report, _) = full_check(&FolderStore::new(root));
        let left: Vec<_> = report.findings.iter().filter(|finding| finding.code != Code::Withdrawn).collect();
        assert!(left.is_empty(), "{left:#?}");
        Ok(())
    }
}

fn entries(archive: &Archive, indexes: &[u64]) -> Scope {
    let entry = |index: &u64| EntryRef { index: *index, id: archive.ledger().id_at(*index).unwrap() };
    Scope::Entries(indexes.iter().map(entry).collect())
}

#[test]
fn a_version_is_withdrawn_or_not() {
    // In a full tile and in a partial one; a large file of its own, and one that another article names too.
    let mut first = texts(0..254);
    first.push(draft("secret", "A secret.", Some(noise(3, 70_000))));
    let last =
        [draft("shared", "Shared.", Some(noise(4, 70_000))), draft("another", "Another.", Some(noise(4, 70_000)))];
    let base = archive_of(&[&first, &last]);
    let job = withdrawing(|archive| entries(archive, &[255, 256]));
    let steps = Case::new(base.path(), &job, true).stop_everywhere();
    assert!(steps > 30, "{steps}");
    job(lock(base.path())).unwrap();
    for (seed, there) in [(3, false), (4, true)] {
        let digest = FileDigest::of(&noise(seed, 70_000));
        let found = FolderStore::new(base.path()).size(Member::File { digest, compressed: false });
        assert_eq!(found.is_ok(), there);
    }
}

#[test]
fn a_file_is_withdrawn_or_not() {
    let drafts = [draft("one", "A secret.", Some(noise(5, 70_000))), draft("two", "A secret.", None)];
    let base = archive_of(&[&texts(0..2), &drafts]);
    let files = [FileDigest::of(b"A secret."), FileDigest::of(&noise(5, 70_000))];
    let job = withdrawing(|_| Scope::Files(files.into()));
    Case::new(base.path(), &job, true).stop_everywhere();
}

#[test]
fn what_was_withdrawn_does_not_come_back() {
    let base = archive_of(&[&[draft("one", "A secret.", None)], &texts(0..2)]);
    let file = FileDigest::of(b"A secret.");
    withdrawing(|_| Scope::Files([file].into()))(lock(base.path())).unwrap();
    let drafts = [draft("again", "A secret.", None), draft("one", "No secret.", None)];
    let (archive, outcomes) = add(open(lock(base.path())).unwrap(), &drafts, 1).unwrap();
    let refused = DraftError::Withdrawn { path: "a.md".into(), by: 4 }.to_string();
    assert!(matches!(&outcomes[0], Outcome::Failed(error) if error.to_string() == refused), "{outcomes:?}");
    assert!(matches!(&outcomes[1], Outcome::Signed { version: 2, .. }), "{outcomes:?}");
    drop(archive);
    // After a version that is withheld whatever comes is a change, of the same article.
    withdrawing_more(base.path(), &[5]);
    let drafts = [draft("one", "No secret.", None)];
    let (_, outcomes) = add(open(lock(base.path())).unwrap(), &drafts, 1).unwrap();
    assert!(matches!(&outcomes[0], Outcome::Signed { version: 3, .. }), "{outcomes:?}");
    contents(base.path()).unwrap();
}

pub(crate) fn withdrawing_more(root: &Path, indexes: &[u64]) {
    let archive = open(lock(root)).unwrap();
    let grounds = Grounds { class: DataClass::Other, reason: "asked for".into(), basis: "none".into() };
    let statement = archive.withdrawal(entries(&archive, indexes), grounds, &key()).unwrap();
    archive.append(&[statement], &key()).unwrap();
}
