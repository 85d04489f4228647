//! The rules against a plain model of them: random logs, of which both must think the same after every entry.

mod model;
mod skipped;

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::Config;

use self::model::{Holder, Model};
use super::*;
use crate::FileDigest;
use crate::authority::Standing;
use crate::charter::CharterKey;
use crate::governance::{AddedKey, KeyChange, KeysStatement};
use crate::key::{SecretKey, Signer};
use crate::observation::{Observation, Observed};
use crate::statement::{ManifestRef, Pending};
use crate::withdrawal::DataClass;

/// Runs of random operations.
const RUNS: u32 = 10_000;
/// Operations of a run.
const STEPS: usize = 24;
/// Keys that there are, those that the archive never hears of among them.
const KEYS: u8 = 7;

fn secret(key: u8) -> SecretKey {
    SecretKey::from_seed(&[key + 1; 32])
}

/// All there is to know of a key.
struct Known {
    secret: SecretKey,
    public: [u8; 32],
}

thread_local! {
    static KNOWN: Vec<Known> = (0..KEYS).map(|key| {
        let secret = secret(key);
        let public = *secret.public_key().as_bytes();
        Known { secret, public }
    }).collect();
}

fn public(key: u8) -> crate::PublicKey {
    KNOWN.with(|known| known[usize::from(key)].secret.public_key().clone())
}

fn bytes(key: u8) -> [u8; 32] {
    KNOWN.with(|known| known[usize::from(key)].public)
}

const ROLES: [KeyRole; 3] = [KeyRole::Archivist, KeyRole::Log, KeyRole::Steward];

fn roles(mask: u8) -> Vec<KeyRole> {
    let chosen: Vec<_> = (0..3u8).filter(|bit| mask >> bit & 1 == 1).map(|bit| ROLES[usize::from(bit)]).collect();
    if chosen.is_empty() { vec![KeyRole::Archivist] } else { chosen }
}

/// What is tried. Numbers are taken modulo what there is.
#[derive(Debug, Clone)]
struct Try {
    /// Who signs, and whether it is mostly one of those who may.
    signer: u8,
    fit: u8,
    what: What,
    /// Which governance statement it names: mostly the newest.
    authority: u8,
    /// Whether it is for this archive: mostly.
    elsewhere: u8,
}

#[derive(Debug, Clone)]
enum What {
    Version {
        article: u8,
        fault: u8,
    },
    Add {
        key: u8,
        roles: u8,
        proof: u8,
    },
    Retire(u8),
    Revoke {
        key: u8,
        doubtful: Option<u8>,
    },
    Roles {
        key: u8,
        roles: u8,
    },
    Threshold(u8),
    /// The same payload that somebody logged before.
    Again(u8),
    /// Another steward approves of what waits.
    Approve(u8),
    Void {
        nth: u8,
        fault: u8,
    },
    Observation {
        article: u8,
        fault: u8,
    },
    Withdraw {
        scope: u8,
        first: u8,
        second: u8,
        fault: u8,
    },
    Garbage,
    Charter,
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        6 => (0..3u8, any::<u8>()).prop_map(|(article, fault)| What::Version { article, fault }),
        3 => (0..KEYS, 0..8u8, any::<u8>()).prop_map(|(key, roles, proof)| What::Add { key, roles, proof }),
        1 => (0..KEYS).prop_map(What::Retire),
        2 => (0..KEYS, proptest::option::of(any::<u8>())).prop_map(|(key, doubtful)| What::Revoke { key, doubtful }),
        2 => (0..KEYS, 0..8u8).prop_map(|(key, roles)| What::Roles { key, roles }),
        2 => (1..4u8).prop_map(What::Threshold),
        1 => any::<u8>().prop_map(What::Again),
        8 => any::<u8>().prop_map(What::Approve),
        4 => (any::<u8>(), any::<u8>()).prop_map(|(nth, fault)| What::Void { nth, fault }),
        3 => (0..4u8, any::<u8>()).prop_map(|(article, fault)| What::Observation { article, fault }),
        4 => any::<[u8; 4]>()
            .prop_map(|[scope, first, second, fault]| What::Withdraw { scope, first, second, fault }),
        1 => Just(What::Garbage),
        1 => Just(What::Charter),
    ]
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let one = (0..KEYS, any::<u8>(), what(), any::<u8>(), any::<u8>());
    let one = one.prop_map(|(signer, fit, what, authority, elsewhere)| Try { signer, fit, what, authority, elsewhere });
    vec(one, 1..STEPS)
}

/// A few files.
fn file(nth: u8) -> FileDigest {
    FileDigest::from_bytes([nth % 3; 32])
}

const ORIGIN: &str = "test.example/model";

fn urn(article: u8) -> ArticleUrn {
    ArticleUrn::from_random([article; 16])
}

fn article_number(of: ArticleUrn) -> u8 {
    (0..4).find(|article| urn(*article) == of).unwrap()
}

fn charter() -> Charter {
    let member =
        |key: u8, roles: &[KeyRole]| CharterKey { key: public(key), name: format!("key {key}"), roles: roles.to_vec() };
    let members = vec![
        member(0, &[KeyRole::Steward]),
        member(1, &[KeyRole::Archivist, KeyRole::Steward]),
        member(2, &[KeyRole::Archivist, KeyRole::Log]),
    ];
    Charter::new(ORIGIN.parse().unwrap(), "A model".into(), members, 2, [7; 16]).unwrap()
}

/// A statement whose signature nobody looks at: the ledger's question is another.
fn statement(signer: u8, iss: &str, payload: &Payload) -> VerifiedStatement {
    let pending = Pending::new(public(signer), &iss.parse().unwrap(), payload).unwrap();
    VerifiedStatement::resume(pending.assemble(&[signer; 64]).as_bytes()).unwrap()
}

/// The payload of what is tried, as the model stands.
fn payload(model: &Model, logged: &[Payload], step: &Try) -> Option<Payload> {
    let mostly = |n: u8, most: u8| n < most;
    let authority = if mostly(step.authority, 230) {
        model.in_force()
    } else {
        model.governance[usize::from(step.authority) % model.governance.len()]
    };
    let keys = |change| {
        let epoch = model.epoch() + if step.authority == 229 { 2 } else { 1 };
        Some(Payload::Keys(Box::new(KeysStatement { epoch, change, authority })))
    };
    match &step.what {
        What::Version { article, fault } => {
            let chain = model.heads.get(article).map_or(&[][..], |chain| chain.as_slice());
            let (version, previous) = match fault {
                0..8 => (1, None),
                8..16 => (chain.len() as u64 + 2, Some(model.archive)),
                16..24 => (chain.len() as u64 + 2, chain.last().copied().or(Some(model.archive))),
                24..32 if chain.len() > 1 => (chain.len() as u64 + 1, chain.first().copied()),
                _ if chain.is_empty() => (1, None),
                _ => (chain.len() as u64 + 1, chain.last().copied()),
            };
            let manifest = ManifestRef { size: 9, sha256: FileDigest::from_bytes([*fault; 32]) };
            let article = urn(*article);
            Some(Payload::Article(ArticleVersion { article, version, previous, manifest, authority }))
        }
        What::Observation { article, fault } => {
            let chain = model.heads.get(article).map_or(&[][..], |chain| chain.as_slice());
            let id = match fault {
                0..24 => chain.first().copied(),
                24..40 => model.heads.values().find_map(|other| other.last().copied()),
                _ => chain.last().copied(),
            };
            let (id, article) = (id.unwrap_or(model.archive), urn(*article));
            let manifest = ManifestRef { size: 9, sha256: FileDigest::from_bytes([*fault; 32]) };
            let (outcome, at) = (Observed::Gone, "2026-11-28T07:00:00Z".parse().unwrap());
            let observation = Observation { article, id, outcome, at, manifest, authority };
            Some(Payload::Observation(Box::new(observation)))
        }
        What::Add { key, roles: mask, proof } => {
            let member = CharterKey { key: public(*key), name: format!("key {key}"), roles: roles(*mask) };
            let by = if mostly(*proof, 240) { *key } else { (*key + 1) % KEYS };
            let message = AddedKey::to_sign(&member, model.archive.into(), authority);
            let proof = KNOWN.with(|known| known[usize::from(by)].secret.sign(&message).unwrap());
            keys(KeyChange::Add(AddedKey { member, proof }))
        }
        What::Retire(key) => keys(KeyChange::Retire { key: public(*key) }),
        What::Revoke { key, doubtful } => {
            let doubtful_from = doubtful.map(|n| u64::from(n) % (model.size + 2));
            keys(KeyChange::Revoke { key: public(*key), doubtful_from })
        }
        What::Roles { key, roles: mask } => keys(KeyChange::Roles { key: public(*key), roles: roles(*mask) }),
        What::Threshold(threshold) => keys(KeyChange::Threshold(u64::from(*threshold))),
        What::Again(nth) => logged.get(usize::from(*nth) % logged.len().max(1)).cloned(),
        What::Approve(nth) => {
            let words: Vec<_> = logged.iter().filter(|payload| Proposal::of(payload).is_some()).collect();
            let newest = words.len().checked_sub(1 + usize::from(*nth) % words.len().clamp(1, 3));
            newest.map(|at| words[at].clone())
        }
        What::Void { nth, fault } => {
            let (index, (id, _)) = model.void.iter().nth(usize::from(*nth) % model.void.len().max(1))?;
            let index = if mostly(*fault, 240) { *index } else { index + 1 };
            let reason = format!("reason {}", fault % 2);
            Some(Payload::Void(Box::new(VoidStatement { index, id: *id, reason, authority })))
        }
        What::Withdraw { scope, first, second, fault } => {
            let of = |nth: u8| {
                let nth = usize::from(nth) % model.versions.len().max(1);
                let (index, id) = model.versions.iter().nth(nth).map(|(index, (id, _))| (*index, *id))?;
                let fault = u64::from(!mostly(*fault, 230));
                Some(EntryRef { index: index + fault, id })
            };
            let scope = match scope % 3 {
                0 => Scope::Files([file(*first), file(*second)].into()),
                1 => Scope::Entries(
                    [of(*first)?, of(*second)?]
                        .map(|of| (of.index, of))
                        .into_iter()
                        .collect::<BTreeMap<_, _>>()
                        .into_values()
                        .collect(),
                ),
                _ => Scope::FilesOf(of(*first)?, [file(*second)].into()),
            };
            let (class, reason, basis) = (DataClass::Personal, format!("reason {fault}"), "GDPR, 17".to_owned());
            Some(Payload::Withdrawal(Box::new(Withdrawal { scope, class, reason, basis, authority })))
        }
        What::Charter => Some(Payload::Charter(Box::new(charter()))),
        What::Garbage => None,
    }
}

/// Mostly somebody who may.
fn signer(model: &Model, payload: &Payload, step: &Try) -> u8 {
    let role = if payload.article().is_some() { KeyRole::Archivist } else { KeyRole::Steward };
    let may = |holder: &&Holder| holder.left.is_none() && holder.roles.contains(&role);
    let able: Vec<_> = model.holders.iter().filter(may).map(|holder| holder.key).collect();
    let nth = usize::from(step.signer) % able.len().max(1);
    able.get(nth).copied().filter(|_| step.fit < 220).unwrap_or(step.signer)
}

/// That both think the same of everything.
fn compare(model: &Model, ledger: &Ledger) {
    let authority = ledger.authority();
    assert_eq!((ledger.size(), authority.epoch()), (model.size, model.epoch()));
    assert_eq!((authority.in_force(), authority.threshold()), (model.in_force(), model.threshold));
    assert_eq!(authority.changes().len(), model.governance.len() - 1);
    assert_eq!(authority.holders().len(), model.holders.len());
    for holder in &model.holders {
        let key = bytes(holder.key);
        let found = authority.holder(&key).unwrap();
        let left = match found.standing {
            Standing::Active => None,
            Standing::Retired(_) => Some(Code::RetiredSigner),
            Standing::Revoked { .. } => Some(Code::RevokedSigner),
        };
        assert_eq!(left, holder.left);
        assert_eq!(found.roles.iter().copied().collect::<BTreeSet<_>>(), holder.roles);
        let doubtful = |index| holder.doubtful.is_some_and(|(from, at)| from <= index && index < at);
        assert!((0..=model.size).all(|index| found.is_doubtful_at(index) == doubtful(index)));
    }
    let now = |word: &&(Vec<u8>, u8, usize)| word.2 == model.governance.len();
    let words: BTreeSet<_> = model.words.iter().filter(now).map(|word| word.0.clone()).collect();
    let pending = authority.pending();
    let found = pending.iter().map(|pending| pending.proposal.payload().encode().unwrap());
    assert_eq!(found.collect::<BTreeSet<_>>(), words);
    let void: Vec<_> = ledger.void().iter().map(|entry| (entry.index, (entry.id, entry.code))).collect();
    assert_eq!(void, model.void.clone().into_iter().collect::<Vec<_>>());
    let known = ledger.void().iter().filter(|entry| entry.acknowledged.is_some()).map(|entry| entry.index);
    assert_eq!(known.collect::<BTreeSet<_>>(), model.acknowledged);
    for (article, chain) in &model.heads {
        let head = ledger.head(&urn(*article)).map(|head| (head.id, head.version));
        assert_eq!(head, chain.last().map(|id| (*id, chain.len() as u64)));
    }
    assert_eq!(ledger.observations(), model.observed);
    for version in (0..=model.size).filter(|index| model.versions.contains_key(index)) {
        assert_eq!(ledger.withheld().of_manifest(version).is_some(), model.is_withheld((Some(version), None)));
        for nth in 0..3 {
            let found = ledger.withheld().of_file(version, &file(nth)).is_some();
            assert_eq!(found, model.is_withheld((Some(version), Some(file(nth)))));
        }
    }
    for nth in 0..3 {
        let named = model.withheld.iter().any(|(_, of)| *of == Some(file(nth)));
        assert_eq!(ledger.withheld().names(&file(nth)).is_some(), named);
    }
    assert_eq!(ledger.versions(), model.heads.values().map(|chain| chain.len() as u64).sum::<u64>());
}

fn run(tries: &[Try]) {
    let founding = statement(0, ORIGIN, &Payload::Charter(Box::new(charter())));
    let mut ledger = Ledger::found(&founding).unwrap();
    let holder = |(key, roles): (u8, &[KeyRole])| Holder {
        key,
        roles: roles.iter().copied().collect(),
        left: None,
        doubtful: None,
    };
    let holders: [(u8, &[KeyRole]); 3] = [
        (0, &[KeyRole::Steward]),
        (1, &[KeyRole::Archivist, KeyRole::Steward]),
        (2, &[KeyRole::Archivist, KeyRole::Log]),
    ];
    let mut model = Model {
        archive: founding.id(),
        holders: holders.into_iter().map(holder).collect(),
        threshold: 2,
        governance: vec![founding.id()],
        words: Vec::new(),
        heads: BTreeMap::new(),
        void: BTreeMap::new(),
        acknowledged: BTreeSet::new(),
        observed: 0,
        versions: BTreeMap::new(),
        withheld: BTreeSet::new(),
        size: 1,
    };
    let (mut logged, mut withdrawals) = (Vec::new(), Vec::new());
    for step in tries {
        let Some(payload) = payload(&model, &logged, step) else {
            let id = StatementId::from_bytes([step.signer; 32]);
            ledger.apply_faulty(id, Code::StatementShape);
            model.void.insert(model.size, (id, Code::StatementShape));
            model.size += 1;
            continue;
        };
        let iss = if step.elsewhere == 7 { "test.example/elsewhere" } else { ORIGIN };
        let iss = if matches!(payload, Payload::Charter(_)) { ORIGIN } else { iss };
        let signer = if matches!(payload, Payload::Charter(_)) { 0 } else { signer(&model, &payload, step) };
        let statement = statement(signer, iss, &payload);
        let judged = model.judge(statement.id(), signer, iss, &payload);
        if let Err(code) = judged {
            model.void.insert(model.size, (statement.id(), code));
        }
        if judged.is_ok() && matches!(payload, Payload::Withdrawal(_)) {
            withdrawals.push(model.size);
        }
        if payload.version().is_some() {
            model.versions.insert(model.size, (statement.id(), signer));
        }
        model.size += 1;
        logged.push(payload);
        assert_eq!(ledger.apply(&statement), judged, "{step:?}");
    }
    compare(&model, &ledger);
    assert!(ledger.withheld().all().iter().map(|by| by.index).eq(withdrawals));
}

proptest! {
    #![proptest_config(Config { cases: RUNS, ..Config::default() })]

    #[test]
    fn the_rules_are_those_of_a_plain_model(tries in tries()) {
        run(&tries);
    }
}
