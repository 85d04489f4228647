use super::*;
use crate::charter::{Charter, CharterKey};
use crate::key::{SecretKey, Signer};
use crate::log::TreeHead;
use crate::log::merkle::tests::mth;
use crate::log::proof::InclusionProof;
use crate::log::proof::tests::rfc_path;
use crate::report::Verdict;
use crate::statement::{ArticleVersion, ManifestRef, Pending, SignedStatement};
use crate::{FileDigest, Origin};

const STEWARD: u8 = 1;
/// Signs articles and checkpoints.
const DAILY: u8 = 2;
const STRANGER: u8 = 3;
/// The version whose proof is looked at.
const INDEX: u64 = 3;

fn secret(key: u8) -> SecretKey {
    SecretKey::from_seed(&[key; 32])
}

fn origin() -> Origin {
    "example.org/log".parse().unwrap()
}

fn charter(nonce: u8) -> SignedStatement {
    let key = |key: u8, roles: &[KeyRole]| CharterKey {
        key: secret(key).public_key().clone(),
        name: format!("key {key}"),
        roles: roles.to_vec(),
    };
    let keys = vec![key(STEWARD, &[KeyRole::Steward]), key(DAILY, &[KeyRole::Archivist, KeyRole::Log])];
    let charter = Charter::new(origin(), "A log".into(), keys, 1, [nonce; 16]).unwrap();
    signed(STEWARD, &Payload::Charter(Box::new(charter)))
}

fn signed(key: u8, payload: &Payload) -> SignedStatement {
    let key = secret(key);
    Pending::new(key.public_key().clone(), &origin(), payload).unwrap().sign(&key).unwrap()
}

fn version(key: u8, number: u64, authority: StatementId) -> SignedStatement {
    let manifest = ManifestRef { size: 10, sha256: FileDigest::of(&number.to_be_bytes()) };
    let article = "urn:uuid:00000000-0000-4000-8000-000000000000".parse().unwrap();
    let previous = (number > 1).then(|| StatementId::of(b"the version before"));
    signed(key, &Payload::Article(ArticleVersion { article, version: number, previous, manifest, authority }))
}

/// A log of five statements: the charter and versions by `signer` under `authority`, with a checkpoint that `keeper` signed.
struct Log {
    statements: Vec<SignedStatement>,
    head: TreeHead,
    checkpoint: Vec<u8>,
}

impl Log {
    fn new(signer: u8, authority: Option<StatementId>, keeper: u8) -> Self {
        let founding = charter(0);
        let authority = authority.unwrap_or_else(|| founding.id());
        let statements: Vec<_> =
            std::iter::once(founding).chain((1..5).map(|number| version(signer, number, authority))).collect();
        Self::of(statements, keeper)
    }

    fn of(statements: Vec<SignedStatement>, keeper: u8) -> Self {
        let head = TreeHead::new(statements.len() as u64, mth(&ids(&statements))).unwrap();
        let checkpoint = SignedCheckpoint::sign(&origin(), head, &secret(keeper)).unwrap().bytes().to_vec();
        Self { statements, head, checkpoint }
    }

    fn archive(&self) -> ArchiveId {
        self.statements[0].id().into()
    }

    fn proof(&self, index: u64) -> TlogProof {
        let path = rfc_path(usize::try_from(index).unwrap(), &ids(&self.statements));
        TlogProof { proof: InclusionProof { index, path }, checkpoint: self.checkpoint.clone() }
    }

    /// What is found of statement 3, whose proof was changed.
    fn changed(&self, change: impl FnOnce(&mut TlogProof)) -> Report {
        let mut proof = self.proof(INDEX);
        change(&mut proof);
        self.check(&proof.to_text(), true, &Trust::default())
    }

    fn check(&self, proof: &[u8], with_charter: bool, trust: &Trust) -> Report {
        let shown = StatementWithProof {
            statement: self.statements[3].as_bytes(),
            proof,
            charter: with_charter.then(|| self.statements[0].as_bytes()),
        };
        check_statement(&shown, trust)
    }

    /// What is found of statement 3 with its own proof.
    fn judge(&self, with_charter: bool, trust: &Trust) -> Report {
        self.check(&self.proof(INDEX).to_text(), with_charter, trust)
    }
}

fn ids(statements: &[SignedStatement]) -> Vec<StatementId> {
    statements.iter().map(SignedStatement::id).collect()
}

fn plain() -> Log {
    Log::new(DAILY, None, DAILY)
}

fn demand(anchor: Anchor) -> Trust {
    Trust { demanded: vec![anchor], ..Trust::default() }
}

fn founder(key: u8) -> Trust {
    demand(Anchor::Founder(secret(key).public_key().clone()))
}

fn founder_by(key: u8) -> Trust {
    demand(Anchor::FounderBy(secret(key).public_key().fingerprint()))
}

fn codes(report: &Report) -> Vec<&'static str> {
    report.findings.iter().map(|finding| finding.code.as_str()).collect()
}

fn known_by(report: &Report) -> KnownBy {
    report.single.unwrap().known_by
}

#[test]
fn with_the_charter_it_is_proved_to_be_in_the_archive() {
    let log = plain();
    let report = log.judge(true, &demand(Anchor::Archive(log.archive())));
    // Its content is not at hand, and that is never hidden.
    assert_eq!((report.verdict(), codes(&report)), (Verdict::Partial, vec![]));
    let claims = report.claims;
    assert_eq!((claims.intact, claims.signed, claims.trusted), (Claim::Holds, Claim::Holds, Claim::Holds));
    assert_eq!((claims.complete, claims.current), (Claim::NotApplicable, Claim::Unchecked));
    assert_eq!(report.single, Some(SingleStatement { index: 3, known_by: KnownBy::Charter }));
    assert_eq!((report.archive, report.checkpoint), (Some(log.archive()), Some(log.head)));
    assert_eq!((report.counts.statements, report.signers[0].claimed_name.as_str()), (1, "key 2"));
    assert_eq!(log.judge(true, &founder(STEWARD)).verdict(), Verdict::Partial);
    assert_eq!(log.judge(true, &founder_by(STEWARD)).verdict(), Verdict::Partial);
    assert_eq!(log.judge(true, &Trust::default()).verdict(), Verdict::Untrusted);

    for (trust, code) in [
        (demand(Anchor::Archive(charter(1).id().into())), "E080"),
        (founder(STRANGER), "E081"),
        (founder_by(STRANGER), "E081"),
        (founder_by(DAILY), "E081"),
    ] {
        let report = log.judge(true, &trust);
        assert_eq!((report.verdict(), codes(&report)), (Verdict::Failed, vec![code]));
    }
}

#[test]
fn the_charter_is_proved_by_itself() {
    let log = plain();
    let proof = log.proof(0).to_text();
    let bytes = log.statements[0].as_bytes();
    let shown = StatementWithProof { statement: bytes, proof: &proof, charter: None };
    let report = check_statement(&shown, &founder(STEWARD));
    assert_eq!((report.verdict(), codes(&report)), (Verdict::Partial, vec![]));
    let other = charter(1);
    let report = check_statement(&StatementWithProof { charter: Some(other.as_bytes()), ..shown }, &Trust::default());
    assert_eq!(codes(&report), ["E078"]);
}

#[test]
fn without_the_charter_it_is_in_a_log_of_which_nobody_knows_whose_it_is() {
    let log = plain();
    for trust in [Trust::default(), demand(Anchor::Archive(log.archive())), founder(STEWARD), founder(STRANGER)] {
        let report = log.judge(false, &trust);
        assert_eq!((report.verdict(), codes(&report)), (Verdict::Untrusted, vec![]));
        assert_eq!((report.claims.intact, report.claims.signed), (Claim::Holds, Claim::Unchecked));
        assert_eq!((known_by(&report), report.archive), (KnownBy::Nothing, None));
    }
    // A key that is trusted signed the checkpoint: its holder vouches for the log, but not for who may sign.
    let report = log.judge(false, &founder(DAILY));
    assert_eq!((report.verdict(), known_by(&report)), (Verdict::Partial, KnownBy::Key));
    assert_eq!(report.claims.signed, Claim::Unchecked);
    assert_eq!(log.judge(true, &founder(DAILY)).verdict(), Verdict::Partial, "more evidence takes nothing away");
    let known = Trust { known: founder(DAILY).demanded, ..Trust::default() };
    assert_eq!(log.judge(false, &known).verdict(), Verdict::Partial);
    // By a fingerprint alone no signature can be checked.
    assert_eq!(log.judge(false, &founder_by(DAILY)).verdict(), Verdict::Untrusted);
    let demanded = Trust { known: known.known, ..founder(STEWARD) };
    assert_eq!(log.judge(false, &demanded).verdict(), Verdict::Untrusted, "only who was named counts");
}

#[test]
fn a_checkpoint_seen_before_tells_whose_log_it_is() {
    let log = plain();
    let trust = |head| Trust { seen: vec![(log.archive(), head)], ..demand(Anchor::Archive(log.archive())) };
    let report = log.judge(false, &trust(log.head));
    assert_eq!((report.verdict(), codes(&report)), (Verdict::Partial, vec![]));
    assert_eq!((known_by(&report), report.claims.current), (KnownBy::Checkpoint, Claim::Holds));
    assert_eq!((report.archive, report.claims.signed), (Some(log.archive()), Claim::Unchecked));

    let root = mth(&ids(&log.statements[..4]));
    for (size, with_charter, expected) in
        [(6, true, &["E082"][..]), (5, true, &["E083"]), (4, true, &[]), (6, false, &[]), (5, false, &[])]
    {
        let report = log.judge(with_charter, &trust(TreeHead::new(size, root).unwrap()));
        assert_eq!(codes(&report), expected, "{size}");
        assert_eq!(report.claims.trusted == Claim::Holds, with_charter);
    }
}

#[test]
fn a_key_that_is_trusted_vouches_for_no_charter_that_names_it() {
    let log = plain();
    let charter = {
        let key = |key: u8, roles: &[KeyRole], name: &str| CharterKey {
            key: secret(key).public_key().clone(),
            name: name.into(),
            roles: roles.to_vec(),
        };
        let log = key(DAILY, &[KeyRole::Archivist, KeyRole::Log], "the ministry");
        let keys = vec![key(STRANGER, &[KeyRole::Steward], "mallory"), log];
        let charter = Charter::new(origin(), "Another log".into(), keys, 1, [7; 16]).unwrap();
        signed(STRANGER, &Payload::Charter(Box::new(charter)))
    };
    let proof = log.proof(INDEX).to_text();
    let shown = StatementWithProof {
        statement: log.statements[3].as_bytes(),
        proof: &proof,
        charter: Some(charter.as_bytes()),
    };
    for trust in [founder(DAILY), Trust { demanded: Vec::new(), known: founder(DAILY).demanded, ..Trust::default() }] {
        let report = check_statement(&shown, &trust);
        assert_eq!((report.claims.trusted, known_by(&report)), (Claim::Holds, KnownBy::Key));
        assert_eq!((report.archive, &report.claimed_title, report.claims.signed), (None, &None, Claim::Unchecked));
        assert_eq!(report.signers[0].claimed_name, "");
        // The log's own charter is the one that its statements name.
        let report = log.judge(true, &trust);
        assert_eq!((report.archive, known_by(&report)), (Some(log.archive()), KnownBy::Charter));
        assert_eq!(report.signers[0].claimed_name, "key 2");
    }
    let report = check_statement(&shown, &founder_by(DAILY));
    assert_ne!(report.claims.trusted, Claim::Holds, "it did not found what names it");
    // Who trusts the other archive has its stewards' word.
    let report = check_statement(&shown, &demand(Anchor::Archive(charter.id().into())));
    assert_eq!((report.archive, known_by(&report)), (Some(charter.id().into()), KnownBy::Charter));
}

#[test]
fn changes_of_keys_are_not_followed() {
    // By a key that came later, and in a log that such a key signs.
    let later = StatementId::of(b"a change of keys");
    let log = Log::new(STRANGER, Some(later), DAILY);
    let report = log.judge(true, &demand(Anchor::Archive(log.archive())));
    assert_eq!((report.verdict(), codes(&report)), (Verdict::Partial, vec![]));
    assert_eq!(report.claims.signed, Claim::Unchecked);
    let log = Log::new(DAILY, None, STRANGER);
    let report = log.judge(true, &demand(Anchor::Archive(log.archive())));
    assert_eq!((report.verdict(), known_by(&report)), (Verdict::Untrusted, KnownBy::Nothing));
    assert_eq!((report.claims.signed, report.claims.trusted), (Claim::Unchecked, Claim::Unchecked));
}

#[test]
fn who_may_not_sign_by_the_charter_is_found() {
    for (signer, code) in [(STRANGER, "E071"), (STEWARD, "E072")] {
        let report = Log::new(signer, None, DAILY).judge(true, &Trust::default());
        assert_eq!((report.verdict(), codes(&report)), (Verdict::Failed, vec![code]));
        assert_eq!(report.claims.signed, Claim::Fails);
    }
}

#[test]
fn what_cannot_stand_where_it_is_proved_to_be_is_found() {
    let founding = charter(0);
    let of = |third: SignedStatement| {
        let first = (1..3).map(|number| version(DAILY, number, founding.id()));
        Log::of(std::iter::once(founding.clone()).chain(first).chain([third]).collect(), DAILY)
    };
    // A second charter.
    let report = of(charter(1)).judge(false, &Trust::default());
    assert_eq!((report.verdict(), codes(&report)), (Verdict::Failed, vec![Code::SecondCharter.as_str()]));
    // Whatever is wrong with it: its threshold is 0.
    let mut bytes = charter(1).as_bytes().to_vec();
    let threshold = bytes.len() - 67;
    assert_eq!(bytes[threshold], 1);
    bytes[threshold] = 0;
    let protected = 4 + usize::from(bytes[3]);
    let message = [b"\x84\x6aSignature1", &bytes[2..protected], b"\x40", &bytes[protected + 1..threshold + 1]].concat();
    let signature = secret(STEWARD).sign(&message).unwrap();
    bytes.splice(threshold + 3.., signature);
    let malformed = SignedStatement::parse(bytes).unwrap();
    let report = of(malformed.clone()).judge(false, &Trust::default());
    assert_eq!((report.verdict(), codes(&report)), (Verdict::Failed, vec![Code::SecondCharter.as_str()]));
    let log = Log::of(vec![malformed], DAILY);
    let (statement, proof) = (log.statements[0].as_bytes(), log.proof(0).to_text());
    let report = check_statement(&StatementWithProof { statement, proof: &proof, charter: None }, &Trust::default());
    assert_eq!((report.verdict(), codes(&report)), (Verdict::Failed, vec![Code::Charter.as_str()]));
    // A statement of another log.
    let elsewhere = "example.org/another".parse().unwrap();
    let Payload::Article(own) = version(DAILY, 1, founding.id()).verify().unwrap().payload().clone() else { panic!() };
    let key = secret(DAILY);
    let foreign = Pending::new(key.public_key().clone(), &elsewhere, &Payload::Article(own)).unwrap();
    let report = of(foreign.sign(&key).unwrap()).judge(false, &Trust::default());
    assert_eq!((report.verdict(), codes(&report)), (Verdict::Failed, vec![Code::OtherOrigin.as_str()]));
    // A log that doesn't begin with a charter.
    let log = Log::of((1..5).map(|number| version(DAILY, number, founding.id())).collect(), DAILY);
    let (statement, proof) = (log.statements[0].as_bytes(), log.proof(0).to_text());
    let report = check_statement(&StatementWithProof { statement, proof: &proof, charter: None }, &Trust::default());
    assert_eq!((report.verdict(), codes(&report)), (Verdict::Failed, vec![Code::Charter.as_str()]));
}

#[test]
fn no_part_of_it_can_be_changed() {
    let log = plain();
    assert_eq!(codes(&log.changed(|_| {})), [""; 0]);
    let other = Log::new(STEWARD, None, DAILY);
    type Change<'a> = &'a dyn Fn(&mut TlogProof);
    let changes: [(Change<'_>, &str); 7] = [
        (&|proof| proof.proof.index = 2, "E017"),
        (&|proof| proof.proof.index = u64::MAX, "E017"),
        (&|proof| proof.proof.path.truncate(2), "E017"),
        (&|proof| proof.proof.path.push(log.head.root()), "E017"),
        (&|proof| proof.proof.path.swap(0, 1), "E017"),
        (&|proof| proof.checkpoint = other.checkpoint.clone(), "E017"),
        (&|proof| proof.checkpoint.truncate(30), "E010"),
    ];
    for (nth, (change, code)) in changes.iter().enumerate() {
        let report = log.changed(change);
        assert_eq!((report.verdict(), codes(&report)), (Verdict::Failed, vec![*code]), "change {nth}");
    }
    // Another size, or a forged root, isn't what the key signed.
    for (from, to) in [("\n5\n", "\n4\n"), ("\n5\n", "\n6\n")] {
        let report = log.changed(|proof| {
            let text = String::from_utf8(proof.checkpoint.clone()).unwrap();
            proof.checkpoint = text.replacen(from, to, 1).into_bytes();
        });
        assert!(codes(&report).contains(&"E013"), "{:?}", codes(&report));
    }
    let report = log.check(b"no proof", true, &Trust::default());
    assert_eq!((report.verdict(), codes(&report)), (Verdict::Failed, vec!["E016"]));

    let mut altered = log.statements[3].as_bytes().to_vec();
    *altered.last_mut().unwrap() ^= 1;
    let proof = log.proof(INDEX).to_text();
    let report =
        check_statement(&StatementWithProof { statement: &altered, proof: &proof, charter: None }, &Trust::default());
    assert_eq!(codes(&report), ["E017", "E040"]);
    let shown = StatementWithProof { statement: b"", proof: &proof, charter: Some(b"") };
    assert_eq!(check_statement(&shown, &Trust::default()).verdict(), Verdict::Failed);
}

#[test]
fn a_signature_that_is_not_by_the_key_that_it_names_is_found() {
    let log = plain();
    // The signature that the same key made of another checkpoint.
    let other = String::from_utf8(Log::new(STEWARD, None, DAILY).checkpoint).unwrap();
    let signature = other.split_once("\n\n").unwrap().1;
    let mut proof = log.proof(INDEX);
    let text = String::from_utf8(proof.checkpoint).unwrap();
    proof.checkpoint = format!("{}\n\n{signature}", text.split_once("\n\n").unwrap().0).into_bytes();
    let forged = log.check(&proof.to_text(), true, &Trust::default());
    assert_eq!((forged.verdict(), codes(&forged)), (Verdict::Failed, vec!["E013"]));
    assert_eq!(forged.claims.trusted, Claim::Unchecked);
    let forged = log.check(&proof.to_text(), false, &founder(DAILY));
    assert_eq!((forged.verdict(), codes(&forged)), (Verdict::Failed, vec!["E013"]));
}

#[test]
fn no_byte_of_it_can_be_changed() {
    let log = plain();
    let trust = demand(Anchor::Archive(log.archive()));
    let parts =
        [log.proof(INDEX).to_text(), log.statements[3].as_bytes().to_vec(), log.statements[0].as_bytes().to_vec()];
    let judge = |parts: &[Vec<u8>; 3]| {
        let [proof, statement, charter] = parts;
        check_statement(&StatementWithProof { statement, proof, charter: Some(charter) }, &trust)
    };
    assert_eq!(judge(&parts).verdict(), Verdict::Partial);
    for (part, whole) in parts.iter().enumerate() {
        for at in 0..whole.len() {
            for bit in [1, 0x80] {
                let mut changed = parts.clone();
                changed[part][at] ^= bit;
                let report = judge(&changed);
                assert!(!matches!(report.verdict(), Verdict::Partial | Verdict::Verified), "byte {at} of part {part}");
            }
        }
        for length in 0..whole.len() {
            let mut cut = parts.clone();
            cut[part].truncate(length);
            assert_eq!(judge(&cut).verdict(), Verdict::Failed, "{length} bytes of part {part}");
        }
    }
}
