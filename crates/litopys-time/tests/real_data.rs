//! Every token of the shared data comes to the outcome that its name says. Where the data is absent the tests say so and pass, but not in CI.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "../../../tests/support/data.rs"]
mod data;

use std::collections::BTreeSet;

use data::shared;
use litopys_time::{Roots, Timestamp, Token, TokenFault};

/// 2025-07-01, when all of them had been made.
const SUMMER_2025: u64 = 1_751_328_000;
/// 2026-11-28.
const AUTUMN_2026: u64 = 1_795_824_000;
/// 2023-06-01.
const SUMMER_2023: u64 = 1_685_577_600;

struct Case {
    token: &'static str,
    data: &'static [u8],
    roots: &'static str,
    at: u64,
    outcome: fn(&Result<Timestamp, TokenFault>) -> bool,
}

const GOOD: fn(&Result<Timestamp, TokenFault>) -> bool = Result::is_ok;

macro_rules! fails {
    ($fault:pat) => {
        |outcome| matches!(outcome, Err($fault))
    };
}

/// What the mock's token is over.
const PAYLOAD: &[u8] = b"payload";

const CASES: &[Case] = &[
    Case { token: "test_tsa/response.tsr", data: b"hello", roots: "test_tsa", at: AUTUMN_2026, outcome: GOOD },
    Case {
        token: "test_tsa/response.tsr",
        data: b"hello!",
        roots: "test_tsa",
        at: AUTUMN_2026,
        outcome: fails!(TokenFault::OtherImprint),
    },
    Case {
        token: "test_tsa/response.tsr",
        data: b"hello",
        roots: "sigstage",
        at: AUTUMN_2026,
        outcome: fails!(TokenFault::Untrusted { .. }),
    },
    Case {
        token: "test_tsa/response.tsr",
        data: b"hello",
        roots: "test_tsa",
        at: SUMMER_2023,
        outcome: fails!(TokenFault::Future),
    },
    // Of another authority of the same name, with other keys.
    Case {
        token: "test_tsa/other_response.tsr",
        data: b"hello",
        roots: "test_tsa",
        at: AUTUMN_2026,
        outcome: fails!(TokenFault::Untrusted { .. }),
    },
    Case {
        token: "test_tsa/response-injected-certs.tsr",
        data: b"hello",
        roots: "test_tsa",
        at: AUTUMN_2026,
        outcome: fails!(TokenFault::InjectedCertificate { .. }),
    },
    Case { token: "sigstage/response-sha256.tsr", data: b"hello", roots: "sigstage", at: SUMMER_2025, outcome: GOOD },
    Case { token: "sigstage/response-sha384.tsr", data: b"hello", roots: "sigstage", at: SUMMER_2025, outcome: GOOD },
    Case { token: "sigstage/response-sha512.tsr", data: b"hello", roots: "sigstage", at: SUMMER_2025, outcome: GOOD },
    // Its certificate comes with the roots.
    Case {
        token: "sigstage/response-no-embedded-cert.tsr",
        data: b"hello",
        roots: "sigstage",
        at: SUMMER_2025,
        outcome: GOOD,
    },
    Case {
        token: "sigstage/response-no-embedded-cert.tsr",
        data: b"hello",
        roots: "identrust",
        at: SUMMER_2025,
        outcome: fails!(TokenFault::NoCertificate),
    },
    Case {
        token: "sigstage/response-invalid-signature.tsr",
        data: b"hello",
        roots: "sigstage",
        at: SUMMER_2025,
        outcome: fails!(TokenFault::BadSignature),
    },
    Case {
        token: "sigstore.mock/response-expired.tsr",
        data: PAYLOAD,
        roots: "sigstore.mock",
        at: AUTUMN_2026,
        outcome: fails!(TokenFault::Expired { .. }),
    },
    Case {
        token: "sigstore.mock/response-expired.tsr",
        data: PAYLOAD,
        roots: "sigstore.mock",
        at: SUMMER_2023,
        outcome: GOOD,
    },
    // RSA throughout, and SigningCertificate in its first form, by SHA-1.
    Case { token: "identrust/issue-104.tsr", data: b"hello", roots: "identrust", at: SUMMER_2025, outcome: GOOD },
    // Its signer's certificate ended in January 2026.
    Case {
        token: "identrust/issue-104.tsr",
        data: b"hello",
        roots: "identrust",
        at: AUTUMN_2026,
        outcome: fails!(TokenFault::Expired { .. }),
    },
];

#[test]
fn every_token_comes_to_the_outcome_that_its_name_says() {
    let Some(fixtures) = shared("timestamps/test/fixtures") else { return };
    for case in CASES {
        let response = std::fs::read(fixtures.join(case.token)).unwrap();
        let pem = std::fs::read(fixtures.join(case.roots).join("ts_chain.pem")).unwrap();
        let payload = std::fs::read(fixtures.join("sigstore.mock/payload")).unwrap();
        let data = if case.data == PAYLOAD { &payload } else { case.data };
        let roots = Roots::parse(&pem).unwrap();
        let outcome = Token::from_response(&response).and_then(|token| token.verify(data, &roots, case.at));
        assert!((case.outcome)(&outcome), "{} at {}: {outcome:?}", case.token, case.at);
    }
}

#[test]
fn no_token_is_left_out() {
    let Some(fixtures) = shared("timestamps/test/fixtures") else { return };
    let listed: BTreeSet<_> = CASES.iter().map(|case| case.token.to_owned()).collect();
    let mut there = BTreeSet::new();
    for folder in std::fs::read_dir(&fixtures).unwrap() {
        let folder = folder.unwrap().path();
        for file in std::fs::read_dir(&folder).unwrap() {
            let name = file.unwrap().path().strip_prefix(&fixtures).unwrap().to_string_lossy().into_owned();
            if name.ends_with(".tsr") {
                there.insert(name);
            }
        }
    }
    assert_eq!(there, listed);
}

#[test]
fn no_byte_of_a_token_can_be_changed() {
    let Some(fixtures) = shared("timestamps/test/fixtures") else { return };
    let pem = std::fs::read(fixtures.join("test_tsa/ts_chain.pem")).unwrap();
    let response = std::fs::read(fixtures.join("test_tsa/response.tsr")).unwrap();
    let roots = Roots::parse(&pem).unwrap();
    let verify =
        |response: &[u8]| Token::from_response(response).and_then(|token| token.verify(b"hello", &roots, AUTUMN_2026));
    let good = verify(&response).unwrap();
    let mut unnoticed = Vec::new();
    for at in 0..response.len() {
        let mut changed = response.clone();
        changed[at] ^= 1;
        // What can be changed says nothing else, at least.
        if let Ok(changed) = verify(&changed) {
            assert_eq!(changed, good, "byte {at}");
            unnoticed.push(at);
        }
        assert!(Token::from_response(&response[..at]).is_err());
    }
    // Which nobody signs: "granted" or "granted with changes", two versions, and the tag of the certificates, since those come with the roots.
    assert_eq!(unnoticed, [8, 34, 280, 757]);
}
