//! Tokens of an authority made of OpenSSL, and OpenSSL's opinion of them beside ours.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "../../../tests/support/tsa.rs"]
mod tsa;

use litopys_time::{Purpose, Request, Roots, Timestamp, Token, TokenFault};
use tsa::{Make, P384, PURPOSE, RSA, Tsa};

const DATA: &[u8] = b"test.example/archive\n5\nAAAA\n";
/// 2089 and 2095: before and after the end of the certificates.
const LATER: u64 = 3_755_000_000;
const TOO_LATE: u64 = 3_950_000_000;

fn request() -> Request {
    Request::of(DATA, Some([0x91, 2, 3, 4, 5, 6, 7, 8]))
}

fn judge(tsa: &Tsa, data: &[u8], at: u64) -> Result<Timestamp, TokenFault> {
    let response = tsa.reply(&request().to_der());
    let roots = Roots::parse(&tsa.read("root.pem")).unwrap();
    let token = Token::from_response(&response)?;
    request().answered_by(&token)?;
    let ours = token.verify(data, &roots, at);
    assert_eq!(ours.is_ok(), tsa.verifies(data, &response, at), "OpenSSL thinks otherwise than {ours:?}");
    ours
}

fn made(make: Make<'_>, check: impl FnOnce(&Tsa)) {
    if Tsa::available() {
        let dir = tempfile::tempdir().unwrap();
        check(&Tsa::new(dir.path(), make));
    }
}

#[test]
fn tokens_of_each_algorithm_hold() {
    let pss = &["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"];
    for make in [
        Make::default(),
        Make { between: true, ..Make::default() },
        Make { key: P384, root: P384, ..Make::default() },
        Make { key: RSA, root: RSA, between: true, ..Make::default() },
        Make { root: RSA, sign: pss, between: true, ..Make::default() },
    ] {
        made(make, |tsa| {
            let stamp = judge(tsa, DATA, LATER).unwrap();
            assert_eq!(
                (stamp.authority.as_str(), stamp.root.as_str()),
                ("CN=Test Clock,O=Test", "CN=Test Root,O=Test")
            );
            // A second that the clock doesn't show, and one by which it may be wrong.
            assert_eq!(stamp.before, stamp.time + 2);
            assert_eq!(stamp.valid_until, 3_786_912_000);
            // The signature ends a response.
            let mut forged = tsa.reply(&request().to_der());
            *forged.last_mut().unwrap() ^= 1;
            let roots = Roots::parse(&tsa.read("root.pem")).unwrap();
            let judged = Token::from_response(&forged).and_then(|token| token.verify(DATA, &roots, LATER));
            assert_eq!(judged, Err(TokenFault::BadSignature), "{make:?}");
        });
    }
}

#[test]
fn another_imprint_and_another_time_fail() {
    made(Make::default(), |tsa| {
        assert_eq!(judge(tsa, b"other bytes", LATER), Err(TokenFault::OtherImprint));
        assert!(matches!(judge(tsa, DATA, TOO_LATE), Err(TokenFault::Expired { .. })));
        assert_eq!(judge(tsa, DATA, 1_500_000_000), Err(TokenFault::Future));
    });
}

#[test]
fn an_answer_to_another_request_is_none() {
    made(Make::default(), |tsa| {
        let token = Token::from_response(&tsa.reply(&request().to_der())).unwrap();
        assert_eq!(request().answered_by(&token), Ok(()));
        assert_eq!(Request::of(DATA, Some([1; 8])).answered_by(&token), Err(TokenFault::OtherNonce));
        assert_eq!(Request::of(DATA, None).answered_by(&token), Err(TokenFault::OtherNonce));
        assert_eq!(Request::of(b"", None).answered_by(&token), Err(TokenFault::OtherImprint));
    });
}

#[test]
fn a_refusal_is_told() {
    made(Make::default(), |tsa| {
        // A request over SHA-1, which this authority doesn't take.
        let sha1 = b"\x30\x24\x02\x01\x01\x30\x1f\x30\x07\x06\x05\x2b\x0e\x03\x02\x1a\x04\x14aaaaaaaaaaaaaaaaaaaa";
        let refused = Token::from_response(&tsa.reply(sha1)).unwrap_err();
        assert!(matches!(refused, TokenFault::Refused { status: 2, .. }), "{refused:?}");
    });
}

/// A token as `signer` would have made it, had its software let it.
fn judge_forged(signer: &Tsa, options: &[&str]) -> Result<Timestamp, TokenFault> {
    let dir = tempfile::tempdir().unwrap();
    let good = Tsa::new(dir.path(), Make::default()).reply(&request().to_der());
    let response = Tsa::sign_again(&good, signer, options);
    let roots = Roots::parse(&signer.read("root.pem")).unwrap();
    let ours = Token::from_response(&response).and_then(|token| token.verify(DATA, &roots, LATER));
    let theirs = if options.is_empty() { signer.verifies(DATA, &response, LATER) } else { signer.verifies_signature() };
    assert_eq!(ours.is_ok(), theirs, "OpenSSL thinks otherwise than {ours:?}");
    ours
}

#[test]
fn a_certificate_for_something_else_fails() {
    for (extensions, expected) in [
        ("", Purpose::None),
        ("extendedKeyUsage=critical,codeSigning\n", Purpose::Other),
        ("extendedKeyUsage=critical,timeStamping,codeSigning\n", Purpose::Other),
        ("extendedKeyUsage=timeStamping\n", Purpose::NotCritical),
        ("extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,keyEncipherment\n", Purpose::KeyUsage),
        ("extendedKeyUsage=critical,timeStamping\nkeyUsage=digitalSignature,keyAgreement\n", Purpose::KeyUsage),
        ("extendedKeyUsage=critical,timeStamping\nkeyUsage=digitalSignature,keyCertSign\n", Purpose::KeyUsage),
    ] {
        made(Make { extensions, ..Make::default() }, |tsa| {
            let name = "CN=Test Clock,O=Test".to_owned();
            let expected = Err(TokenFault::WrongPurpose { name, purpose: expected });
            assert_eq!(judge_forged(tsa, &[]), expected, "{extensions}");
        });
    }
}

/// OpenSSL lets it.
#[test]
fn a_certificate_that_issues_others_signs_no_times() {
    let extensions = "extendedKeyUsage=critical,timeStamping\nbasicConstraints=critical,CA:true\n";
    made(Make { extensions, ..Make::default() }, |tsa| {
        let response = Tsa::sign_again(&tsa.reply(&request().to_der()), tsa, &[]);
        let roots = Roots::parse(&tsa.read("root.pem")).unwrap();
        let judged = Token::from_response(&response).unwrap().verify(DATA, &roots, LATER);
        let name = "CN=Test Clock,O=Test".to_owned();
        assert_eq!(judged, Err(TokenFault::WrongPurpose { name, purpose: Purpose::Authority }));
    });
}

#[test]
fn a_signature_names_one_certificate() {
    made(Make::default(), |tsa| {
        let response = Tsa::sign_again(&tsa.reply(&request().to_der()), tsa, &["-nocerts"]);
        let token = Token::from_response(&response).unwrap();
        // Its certificate comes with the roots: the one that it names, then one with the same key, issuer and serial number.
        let judge = |certificate: Vec<u8>| {
            let roots = Roots::parse(&[tsa.read("root.pem"), certificate].concat()).unwrap();
            token.verify(DATA, &roots, LATER)
        };
        assert_eq!(judge(tsa.read("signer.pem")).unwrap().authority, "CN=Test Clock,O=Test");
        assert_eq!(judge(tsa.reissued()), Err(TokenFault::OtherCertificate));
    });
}

#[test]
fn a_signature_with_rsassa_pss_holds() {
    made(Make { key: RSA, ..Make::default() }, |tsa| {
        let pss = ["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:digest"];
        judge_forged(tsa, &pss).unwrap();
    });
}

#[test]
fn a_key_that_is_too_short_is_not_supported() {
    let short = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"];
    made(Make { key: short, ..Make::default() }, |tsa| {
        let token = Token::from_response(&tsa.reply(&request().to_der())).unwrap();
        let roots = Roots::parse(&tsa.read("root.pem")).unwrap();
        assert!(matches!(token.verify(DATA, &roots, LATER), Err(TokenFault::Unsupported { .. })));
    });
}

#[test]
fn a_self_signed_certificate_fails_even_as_a_root() {
    if !Tsa::available() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let tsa = Tsa::self_signed(dir.path());
    let response = tsa.reply(&request().to_der());
    let roots = Roots::parse(&tsa.read("root.pem")).unwrap();
    let judged = Token::from_response(&response).and_then(|token| token.verify(DATA, &roots, LATER));
    assert_eq!(judged, Err(TokenFault::SelfSigned { name: "CN=Nobody".to_owned() }));
}

#[test]
fn a_certificate_that_had_ended_fails_at_any_moment() {
    made(Make { valid: ("20200101000000Z", "20210101000000Z"), ..Make::default() }, |tsa| {
        for at in [1_600_000_000, LATER] {
            let response = tsa.reply(&request().to_der());
            let roots = Roots::parse(&tsa.read("root.pem")).unwrap();
            let judged = Token::from_response(&response).and_then(|token| token.verify(DATA, &roots, at));
            assert!(matches!(judged, Err(TokenFault::InvalidThen { .. })), "{judged:?}");
        }
    });
}

/// The rest of the chain is valid then; the root isn't any more.
#[test]
fn a_root_ends_too() {
    made(Make::default(), |tsa| {
        let day = tsa.root_for_a_day();
        let token = Token::from_response(&tsa.reply(&request().to_der())).unwrap();
        let now = token.claimed_time();
        let judge = |roots: &[u8], at| token.verify(DATA, &Roots::parse(roots).unwrap(), at);
        let until = judge(&day, now + 60).unwrap().valid_until;
        assert!((now..=now + 90_000).contains(&until), "{until}");
        let name = "CN=Test Clock,O=Test".to_owned();
        assert_eq!(judge(&day, LATER), Err(TokenFault::Expired { name }));
        // One that has ended beside one that hasn't does no harm.
        assert_eq!(judge(&[day, tsa.read("root.pem")].concat(), LATER).unwrap().valid_until, 3_786_912_000);
    });
}

#[test]
fn a_root_that_was_not_valid_yet_fails() {
    made(Make::default(), |tsa| {
        let token = Token::from_response(&tsa.reply(&request().to_der())).unwrap();
        let later = tsa.root_valid(("20600101000000Z", "20900101000000Z"));
        let name = "CN=Test Clock,O=Test".to_owned();
        let judged = token.verify(DATA, &Roots::parse(&later).unwrap(), LATER);
        assert_eq!(judged, Err(TokenFault::InvalidThen { name }));
        let sooner = tsa.root_valid(Make::default().valid);
        assert!(token.verify(DATA, &Roots::parse(&sooner).unwrap(), LATER).is_ok());
    });
}

#[test]
fn another_root_of_the_same_name_is_not_trusted() {
    made(Make { extensions: PURPOSE, ..Make::default() }, |tsa| {
        made(Make::default(), |other| {
            let roots = Roots::parse(&other.read("root.pem")).unwrap();
            let token = Token::from_response(&tsa.reply(&request().to_der())).unwrap();
            let name = "CN=Test Clock,O=Test".to_owned();
            assert_eq!(token.verify(DATA, &roots, LATER), Err(TokenFault::Untrusted { name: name.clone() }));
            assert_eq!(token.verify(DATA, &Roots::none(), LATER), Err(TokenFault::Untrusted { name }));
        });
    });
}

#[test]
fn a_system_s_roots_can_be_read() {
    // Debian and Fedora; elsewhere there is nothing to read.
    for path in ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"] {
        if let Ok(pem) = std::fs::read(path) {
            assert!(!Roots::parse(&pem).unwrap().is_empty());
        }
    }
    for bad in ["", "nothing", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        assert!(Roots::parse(bad.as_bytes()).is_err(), "{bad}");
    }
}
