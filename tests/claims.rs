//! What a report claims, by what the one who checks knows: whom they name, whom they trust, what they saw before, what they left out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::io::Read;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

use litopys::check::{Anchor, CheckError, CheckOptions, Files, Observer, Signatures, Trust, Witnesses, check};
use litopys::layout::Member;
use litopys::log::checkpoint::SignedCheckpoint;
use litopys::log::cosignature::WitnessKey;
use litopys::report::{Claim, Code, CurrentBy, Finding, Report, Verdict};
use litopys::store::folder::FolderStore;
use litopys::store::{Found, Store, StoreError, StoreKind};
use litopys::{ArchiveId, SecretKey, Signer, TreeHash, TreeHead};
use support::archives::{archive_of, charter, draft, key};

fn judge(store: &dyn Store, trust: Trust, signatures: Signatures) -> Report {
    check(store, &CheckOptions { files: Files::All, trust, threads: 2, signatures }, &mut ()).unwrap()
}

fn codes(report: &Report) -> Vec<Code> {
    report.findings.iter().map(|finding| finding.code).collect()
}

/// An archive, its id and the state it is in.
fn archive() -> (tempfile::TempDir, FolderStore, ArchiveId, TreeHead) {
    let dir = archive_of(&[&[draft("a", "one", None), draft("a", "two", None)]]);
    let store = FolderStore::new(dir.path());
    let report = judge(&store, Trust::default(), Signatures::All);
    (dir, store, report.archive.unwrap(), report.checkpoint.unwrap())
}

fn head(size: u64, byte: u8) -> TreeHead {
    TreeHead::new(size, TreeHash::from_bytes([byte; 32])).unwrap()
}

#[test]
fn who_names_somebody_gets_nobody_else_whom_they_trust() {
    let (_dir, store, id, _) = archive();
    let (other, stranger) = (ArchiveId::from_bytes([7; 32]), SecretKey::from_seed(&[7; 32]).public_key().clone());
    let founder = key().public_key().clone();
    let known = [Anchor::Archive(id), Anchor::FounderBy(founder.fingerprint()), Anchor::Founder(founder)];
    for (named, code) in [
        (Anchor::Archive(other), Code::OtherArchive),
        (Anchor::FounderBy(stranger.fingerprint()), Code::OtherFounder),
        (Anchor::Founder(stranger), Code::OtherFounder),
    ] {
        let trust = Trust { demanded: vec![named], known: known.to_vec(), ..Trust::default() };
        let report = judge(&store, trust, Signatures::All);
        assert_eq!((report.verdict(), codes(&report)), (Verdict::Failed, vec![code]));
        assert_ne!(report.claims.trusted, Claim::Holds);
    }
    for one in known {
        let report = judge(&store, Trust { known: vec![one], ..Trust::default() }, Signatures::All);
        assert_eq!((report.verdict(), report.claims.trusted), (Verdict::Verified, Claim::Holds));
    }
}

#[test]
fn what_was_seen_of_another_archive_says_nothing_of_this_one() {
    let (_dir, store, _, at) = archive();
    let other = ArchiveId::from_bytes([7; 32]);
    let seen = vec![(other, head(at.size() + 10, 1)), (other, head(at.size(), 1)), (other, head(1, 1))];
    let report = judge(&store, Trust { seen, ..Trust::default() }, Signatures::All);
    assert_eq!((codes(&report), report.claims.current), (vec![], Claim::Unchecked));
}

#[test]
fn a_history_that_is_not_current_is_vouched_for_by_nobody() {
    let (_dir, store, id, at) = archive();
    for (seen, code) in [(head(at.size() + 1, 1), Code::RolledBack), (head(1, 1), Code::Forked)] {
        for seen in [vec![(id, at), (id, seen)], vec![(id, seen), (id, at)]] {
            let report = judge(&store, Trust { seen, ..Trust::default() }, Signatures::All);
            assert_eq!((codes(&report), report.claims.current), (vec![code], Claim::Fails));
            assert!(report.current_by.is_empty(), "{:?}", report.current_by);
        }
    }
}

#[test]
fn signatures_that_are_not_looked_at_are_not_vouched_for() {
    let (_dir, store, id, _) = archive();
    let trust = Trust { demanded: vec![Anchor::Archive(id)], ..Trust::default() };
    let report = judge(&store, trust.clone(), Signatures::None);
    assert_eq!((report.claims.signed, codes(&report)), (Claim::Unchecked, vec![]));
    assert_eq!(report.verdict(), Verdict::Partial);
    let report = judge(&store, trust, Signatures::All);
    assert_eq!((report.claims.signed, report.verdict()), (Claim::Holds, Verdict::Verified));
}

/// A folder under another checkpoint, which counts how often it is asked for something.
struct Claiming {
    store: FolderStore,
    checkpoint: Vec<u8>,
    asked: AtomicUsize,
}

impl Store for Claiming {
    fn kind(&self) -> StoreKind {
        StoreKind::Folder
    }

    fn size(&self, member: Member) -> Result<u64, StoreError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if member == Member::Checkpoint { Ok(self.checkpoint.len() as u64) } else { self.store.size(member) }
    }

    fn open(&self, member: Member) -> Result<Box<dyn Read + Send + '_>, StoreError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if member == Member::Checkpoint { Ok(Box::new(&*self.checkpoint)) } else { self.store.open(member) }
    }

    fn scan(&self, visit: &mut dyn FnMut(Found)) -> Result<(), StoreError> {
        self.store.scan(visit)
    }
}

/// A checkpoint costs nothing to make: of four thousand million statements that aren't there few are looked for.
#[test]
fn a_log_that_is_not_there_costs_little() {
    let drafts: Vec<_> = (0..256).map(|nth| draft(&nth.to_string(), "text", None)).collect();
    let dir = archive_of(&[&drafts]);
    let checkpoint = SignedCheckpoint::sign(&charter().origin, head(1 << 32, 1), &key()).unwrap().bytes().to_vec();
    let store = Claiming { store: FolderStore::new(dir.path()), checkpoint, asked: AtomicUsize::new(0) };
    let report = judge(&store, Trust::default(), Signatures::All);
    assert_eq!((report.verdict(), codes(&report)[0]), (Verdict::Failed, Code::MissingMember));
    let asked = store.asked.load(Ordering::Relaxed);
    assert!(asked < 1_000, "{asked} questions");
}

/// Who has seen enough with the first finding.
#[derive(Default)]
struct First(Vec<Finding>);

impl Observer for First {
    fn finding(&mut self, finding: &Finding) -> ControlFlow<()> {
        self.0.push(finding.clone());
        ControlFlow::Break(())
    }
}

#[test]
fn who_looks_on_is_told_what_is_found_and_may_stop_there() {
    let (dir, store, ..) = archive();
    std::fs::write(dir.path().join("tile/packs/000.p/3"), "no frame").unwrap();
    std::fs::write(dir.path().join("stray"), "").unwrap();
    let report = judge(&store, Trust::default(), Signatures::All);
    assert!(report.findings.len() > 1 && report.findings[0].code != Code::StrayFile, "{:?}", report.findings);
    let options = CheckOptions { files: Files::All, trust: Trust::default(), threads: 2, signatures: Signatures::All };
    let mut first = First::default();
    assert!(matches!(check(&store, &options, &mut first), Err(CheckError::Stopped)));
    assert_eq!(first.0, report.findings[..1]);
}

#[test]
fn a_quorum_vouches_as_of_the_time_by_which_all_of_it_had_signed() {
    let (dir, store, ..) = archive();
    let path = dir.path().join("checkpoint");
    let plain = SignedCheckpoint::parse(&std::fs::read(&path).unwrap()).unwrap();
    // A key counts once, under however many names, and by its newest time.
    let said = [("a.example", 40, 100), ("b.example", 41, 300), ("c.example", 42, 200), ("d.example", 40, 250)];
    let (keys, lines): (Vec<_>, Vec<_>) = said
        .into_iter()
        .map(|(name, seed, time)| {
            let key = SecretKey::from_seed(&[seed; 32]);
            let witness = WitnessKey::new(name, key.public_key().clone()).unwrap();
            let line = plain.cosign(&witness, time, &key).unwrap();
            (witness, line)
        })
        .unzip();
    std::fs::write(path, plain.with_lines(&lines).unwrap().bytes()).unwrap();
    let report = |witnesses| judge(&store, Trust { witnesses, ..Trust::default() }, Signatures::All);
    for (quorum, time) in [(1, 300), (2, 250), (3, 200)] {
        let found = report(Witnesses::demanded(keys.clone(), quorum));
        assert_eq!(found.current_by, [CurrentBy::Witnesses { cosigned: 3, of: 3, time }]);
        assert_eq!((found.claims.current, codes(&found)), (Claim::Holds, vec![]));
    }
    let found = report(Witnesses::demanded(keys.clone(), 4));
    assert_eq!((found.claims.current, codes(&found)), (Claim::Fails, vec![Code::Quorum]));
    // More than half of those that one knows, where nobody asks for a number.
    let found = report(Witnesses::known(keys));
    assert_eq!(found.current_by, [CurrentBy::Witnesses { cosigned: 3, of: 3, time: 250 }]);
}
