use std::path::Path;

use super::super::tests::{draft, lock};
use super::*;
use crate::archive::{BatchOptions, Grounds};
use crate::authority::Standing;
use crate::charter::{Charter, CharterKey};
use crate::check::{CheckOptions, Files, Signatures, Trust, check};
use crate::governance::{AddedKey, KeyChange, KeysStatement};
use crate::key::SecretKey;
use crate::prove::Prover;
use crate::report::Code;
use crate::report::Verdict;
use crate::withdrawal::{DataClass, Scope};

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn member(seed: u8, roles: &[KeyRole]) -> CharterKey {
    CharterKey { key: key(seed).public_key().clone(), name: format!("key {seed}"), roles: roles.to_vec() }
}

fn options() -> BatchOptions {
    BatchOptions::new("2026-11-28T07:00:00Z".parse().unwrap(), 1)
}

/// Stewards 1 and 2 must agree; 3 signs articles and checkpoints.
fn charter() -> Charter {
    let members = vec![
        member(1, &[KeyRole::Steward]),
        member(2, &[KeyRole::Steward]),
        member(3, &[KeyRole::Archivist, KeyRole::Log]),
    ];
    Charter::new("test.example/archive".parse().unwrap(), "A test".into(), members, 2, [9; 16]).unwrap()
}

fn found(root: &Path) -> Archive {
    Archive::create(lock(root), charter(), &key(1), &key(3)).unwrap()
}

fn reopen(root: &Path) -> Archive {
    Archive::open(lock(root), Trust::default(), Signatures::All, 1).unwrap()
}

fn change(archive: &Archive, change: KeyChange) -> Proposal {
    let authority = archive.authority().in_force();
    Proposal::Keys(Box::new(KeysStatement { epoch: archive.authority().epoch() + 1, change, authority }))
}

fn addition(archive: &Archive, seed: u8, roles: &[KeyRole]) -> Proposal {
    let authority = archive.authority().in_force();
    let added = AddedKey::prove(member(seed, roles), archive.id(), authority, &key(seed)).unwrap();
    change(archive, KeyChange::Add(added))
}

fn verdict(archive: &Archive) -> Verdict {
    let (files, trust) = (Files::All, Trust::default());
    let options = CheckOptions { files, trust, signatures: Signatures::All, threads: 1 };
    check(archive.store(), &options, &mut ()).unwrap().verdict()
}

#[test]
fn two_stewards_agree_at_different_times() {
    let dir = tempfile::tempdir().unwrap();
    let archive = found(dir.path());
    let proposal = addition(&archive, 4, &[KeyRole::Archivist]);
    let word = archive.approve(&proposal, &key(1)).unwrap();
    let archive = archive.append(&[word], &key(3)).unwrap();
    assert_eq!((archive.authority().epoch(), archive.authority().pending().len()), (0, 1));
    drop(archive);

    let archive = reopen(dir.path());
    let word = archive.approve(&proposal, &key(2)).unwrap();
    let last = word.id();
    let archive = archive.append(&[word], &key(3)).unwrap();
    assert_eq!((archive.authority().epoch(), archive.authority().in_force()), (1, last));
    assert!(archive.authority().holder(key(4).public_key().as_bytes()).unwrap().may(KeyRole::Archivist));
    assert_eq!(archive.authority().changes()[0].approvals.len(), 2);
    assert_eq!(verdict(&archive), Verdict::Untrusted);
}

/// What waited named an older governance statement: nobody can complete it, and nobody is asked to.
#[test]
fn nothing_waits_after_a_change_of_keys() {
    let dir = tempfile::tempdir().unwrap();
    let archive = found(dir.path());
    let (first, second) = (addition(&archive, 4, &[KeyRole::Archivist]), addition(&archive, 5, &[KeyRole::Archivist]));
    let word = |of, by| archive.approve(of, &key(by)).unwrap();
    let words = [word(&first, 1), word(&second, 1), word(&second, 2)];
    let archive = archive.append(&words, &key(3)).unwrap();
    assert_eq!((archive.authority().epoch(), archive.authority().pending()), (1, vec![]));
}

#[test]
fn what_would_be_void_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let archive = found(dir.path());
    let proposal = addition(&archive, 4, &[KeyRole::Archivist]);
    let word = archive.approve(&proposal, &key(1)).unwrap();
    let head = archive.head();
    let refused = archive.append(&[word.clone(), word], &key(3)).err().unwrap();
    assert!(matches!(refused, ArchiveError::WouldBeVoid { nth: 1, code: Code::ApprovedTwice }), "{refused}");
    let archive = reopen(dir.path());
    assert_eq!(archive.head(), head);
    let refused = archive.approve(&proposal, &key(3)).err().unwrap();
    assert!(matches!(refused, ArchiveError::Role { role: KeyRole::Steward, .. }), "{refused}");
}

/// The key that signs checkpoints is lost: both stewards' words go in under the new key's checkpoint.
#[test]
fn stewards_take_an_archive_over() {
    let dir = tempfile::tempdir().unwrap();
    let archive = found(dir.path());
    let proposal = addition(&archive, 4, &[KeyRole::Archivist, KeyRole::Log]);
    let words = [archive.approve(&proposal, &key(1)).unwrap(), archive.approve(&proposal, &key(2)).unwrap()];
    assert!(archive.preview(&words).unwrap().holder(key(4).public_key().as_bytes()).is_some());
    let archive = archive.append(&words, &key(4)).unwrap();
    let lost = key(3).public_key().clone();
    let proposal = change(&archive, KeyChange::Revoke { key: lost.clone(), doubtful_from: None });
    let words = [archive.approve(&proposal, &key(1)).unwrap(), archive.approve(&proposal, &key(2)).unwrap()];
    let archive = archive.append(&words, &key(4)).unwrap();
    let standing = archive.authority().holder(lost.as_bytes()).unwrap().standing;
    assert_eq!(standing, Standing::Revoked { at: 4, doubtful_from: None });
    assert_eq!(verdict(&archive), Verdict::Untrusted);
    // The revoked key signs no checkpoint any more.
    let proposal = addition(&archive, 5, &[KeyRole::Archivist]);
    let word = archive.approve(&proposal, &key(1)).unwrap();
    let refused = archive.append(&[word], &key(3)).err().unwrap();
    assert!(matches!(refused, ArchiveError::Role { role: KeyRole::Log, .. }), "{refused}");
}

/// Nothing is written by a key that may not: whoever reads it would call it void.
#[test]
fn a_key_does_what_its_role_lets_it() {
    let dir = tempfile::tempdir().unwrap();
    let refused = |error: Option<ArchiveError>, wanted| match error {
        Some(ArchiveError::Role { role, .. }) => assert_eq!(role, wanted),
        other => panic!("{other:?}"),
    };
    refused(Archive::create(lock(dir.path()), charter(), &key(3), &key(3)).err(), KeyRole::Steward);
    refused(Archive::create(lock(dir.path()), charter(), &key(1), &key(1)).err(), KeyRole::Log);
    assert!(std::fs::read_dir(dir.path()).unwrap().all(|file| file.unwrap().file_name() == ".lock"));
    drop(found(dir.path()));
    for (archivist, log, role) in [(1, 3, KeyRole::Archivist), (3, 1, KeyRole::Log)] {
        let (archivist, log, mut random, mut ignore) = (key(archivist), key(log), |_: &mut [u8]| true, |_, _| {});
        let batch = reopen(dir.path()).batch(&archivist, &log, options(), &mut random, &mut ignore).err();
        refused(batch, role);
    }
    let archive = reopen(dir.path());
    let grounds = Grounds { class: DataClass::Other, reason: "asked for".into(), basis: "none".into() };
    let scope = Scope::Files([crate::FileDigest::of(b"text")].into());
    refused(archive.withdrawal(scope, grounds, &key(9)).err(), KeyRole::Archivist);
}

/// Whoever proves single statements goes by the keys of the end, whatever the last statement is.
#[test]
fn a_prover_knows_who_may_sign_after_a_change_of_keys() {
    let dir = tempfile::tempdir().unwrap();
    let archive = found(dir.path());
    let proposal = addition(&archive, 4, &[KeyRole::Archivist, KeyRole::Log]);
    let words = [archive.approve(&proposal, &key(1)).unwrap(), archive.approve(&proposal, &key(2)).unwrap()];
    let archive = archive.append(&words, &key(4)).unwrap();
    let signers =
        |archive: &Archive| Prover::open(archive.store()).map(|prover| prover.checkpoint().signers().to_vec());
    let new = vec![key(4).public_key().clone()];
    assert_eq!(signers(&archive).unwrap(), new);

    let (signer, mut random, mut ignore) = (key(4), |_: &mut [u8]| true, |_, _| {});
    let mut batch = archive.batch(&signer, &signer, options(), &mut random, &mut ignore).unwrap();
    batch.add(draft("a", "text")).unwrap();
    let (archive, _) = batch.commit().unwrap();
    assert_eq!(signers(&archive).unwrap(), new);
}
