//! Where statements are skipped: what may follow them, and nothing more.

use super::*;

fn ledger() -> (Ledger, StatementId) {
    let founding = statement(0, ORIGIN, &Payload::Charter(Box::new(charter())));
    let ledger = Ledger::found(&founding).unwrap();
    let id = ledger.authority().in_force();
    (ledger, id)
}

fn manifest() -> ManifestRef {
    ManifestRef { size: 1, sha256: file(0) }
}

fn version(authority: StatementId, version: u64, previous: Option<StatementId>) -> VerifiedStatement {
    let version = ArticleVersion { article: urn(0), version, previous, manifest: manifest(), authority };
    statement(2, ORIGIN, &Payload::Article(version))
}

fn observation(authority: StatementId, id: StatementId) -> VerifiedStatement {
    let at = "2026-11-28T10:00:00Z".parse().unwrap();
    let seen = Observation { article: urn(0), id, outcome: Observed::Unchanged, at, manifest: manifest(), authority };
    statement(2, ORIGIN, &Payload::Observation(Box::new(seen)))
}

fn stranger() -> StatementId {
    StatementId::from_bytes([9; 32])
}

/// Between versions 1 and 4 two others lie, each in a statement of its own.
#[test]
fn as_many_statements_lie_between_as_versions_are_missing() {
    for (index, follows) in [(2, false), (3, false), (4, true), (9, true)] {
        let (mut ledger, authority) = ledger();
        ledger.apply(&version(authority, 1, None)).unwrap();
        ledger.skip_to(index);
        let applied = ledger.apply(&version(authority, 4, Some(stranger())));
        assert_eq!(applied.is_ok(), follows, "at {index}");
    }
    // The first that is shown follows what nobody shows: statement 0 is the charter.
    for (index, number, follows) in [(1, 2, false), (2, 2, true), (2, 3, false), (3, 3, true)] {
        let (mut ledger, authority) = ledger();
        ledger.skip_to(index);
        let applied = ledger.apply(&version(authority, number, Some(stranger())));
        assert_eq!(applied.is_ok(), follows, "version {number} at {index}");
    }
}

/// Something was skipped, but not since the version that is shown: it is the newest.
#[test]
fn an_observation_is_of_the_newest_version_that_there_can_be() {
    for (skipped_after, expected) in [(false, Err(Code::ObservedVersion)), (true, Ok(()))] {
        let (mut ledger, authority) = ledger();
        ledger.skip_to(5);
        let first = version(authority, 1, None);
        ledger.apply(&first).unwrap();
        if skipped_after {
            ledger.skip_to(8);
        }
        assert_eq!(ledger.apply(&observation(authority, stranger())), expected);
        assert_eq!(ledger.apply(&observation(authority, first.id())), Ok(()));
    }
}

/// Of what was skipped nobody can tell what it is; of the first entry after it everybody can.
#[test]
fn a_withdrawal_names_entries_that_are_there_or_skipped() {
    for (index, id, expected) in [
        (4, stranger(), Ok(())),
        (5, stranger(), Err(Code::WithdrawalUnknown)),
        (6, stranger(), Err(Code::WithdrawalUnknown)),
        (7, stranger(), Err(Code::WithdrawalUnknown)),
    ] {
        let (mut ledger, authority) = ledger();
        ledger.skip_to(5);
        ledger.apply(&version(authority, 1, None)).unwrap();
        let scope = Scope::Entries([EntryRef { index, id }].into());
        let (reason, basis) = ("asked for".to_owned(), "consent".to_owned());
        let withdrawal = Withdrawal { scope, class: DataClass::Other, reason, basis, authority };
        let payload = Payload::Withdrawal(Box::new(withdrawal));
        assert_eq!(ledger.apply(&statement(0, ORIGIN, &payload)), expected, "{index}");
    }
}

/// A checkpoint of n statements is signed by those who might after statement n - 1.
#[test]
fn a_key_signs_checkpoints_from_its_statement_on() {
    let (mut ledger, authority) = ledger();
    let change = KeyChange::Roles { key: public(2), roles: vec![KeyRole::Archivist] };
    let added = CharterKey { key: public(6), name: "new".into(), roles: vec![KeyRole::Log] };
    let added = KeyChange::Add(AddedKey::prove(added, ledger.archive(), authority, &secret(6)).unwrap());
    for (epoch, change) in [(1, added), (2, change)] {
        let authority = ledger.authority().in_force();
        let keys = KeysStatement { epoch, change, authority };
        for steward in [0, 1] {
            ledger.apply(&statement(steward, ORIGIN, &Payload::Keys(Box::new(keys.clone())))).unwrap();
        }
    }
    let changes: Vec<_> = ledger.authority().changes().iter().map(|change| change.completed().unwrap().index).collect();
    let may = |key: u8, size| ledger.keys_at(KeyRole::Log, size).contains(&public(key));
    assert_eq!(changes.len(), 2);
    assert_eq!((may(6, changes[0]), may(6, changes[0] + 1)), (false, true));
    assert_eq!((may(2, changes[1]), may(2, changes[1] + 1)), (true, false));
}
