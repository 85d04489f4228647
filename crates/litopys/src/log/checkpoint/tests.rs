use super::*;
use crate::key::SecretKey;

fn origin() -> Origin {
    "example.org/log".parse().unwrap()
}

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn head() -> TreeHead {
    TreeHead::new(12, TreeHash::from_bytes([0xfb; 32])).unwrap()
}

fn sign(key: &SecretKey) -> SignedCheckpoint {
    SignedCheckpoint::sign(&origin(), head(), key).unwrap()
}

/// The text of a signed checkpoint; all other cases are one change away from it.
fn good() -> String {
    String::from_utf8(sign(&key(1)).bytes).unwrap()
}

/// A line by a name and key id that nobody knows.
fn unknown(id: u8) -> String {
    SignatureLine { name: "witness.example".into(), key_id: [id; 4], signature: vec![1; 72] }.to_string() + "\n"
}

#[test]
fn a_key_id_is_that_of_c2sp() {
    // The key of Go's checksum database, as published: name, key id, and base64 of 0x01 || key.
    let published = Base64::decode_vec("Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8").unwrap();
    let key = PublicKey::from_bytes(published[1..].try_into().unwrap()).unwrap();
    assert_eq!(key_id("sum.golang.org", &key), [0x03, 0x3d, 0xe0, 0xae]);
}

#[test]
fn a_checkpoint_is_the_note_of_section_7_1() {
    let signed = sign(&key(1));
    let text = "example.org/log\n12\n+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s=\n";
    let signature = key(1).sign(text.as_bytes()).unwrap();
    let id = key_id("example.org/log", key(1).public_key());
    let base64 = Base64::encode_string(&[&id[..], &signature].concat());
    assert_eq!(good(), format!("{text}\n— example.org/log {base64}\n"));
    assert_eq!(SignedCheckpoint::parse(good().as_bytes()), Ok(signed.clone()));
    assert_eq!((signed.claimed_origin(), signed.claimed_size()), (&origin(), 12));
    assert_eq!((signed.claimed_head(), signed.claimed_root()), (head(), head().root()));
    assert_eq!((signed.lines()[0].name(), signed.lines()[0].key_id()), ("example.org/log", id));
}

#[test]
fn a_checkpoint_has_one_form() {
    use CheckpointError::*;
    let line = Line { line: 5 };
    let cases: [(&str, &str, CheckpointError); 37] = [
        ("example.org/log\n12", "Example.org/log\n12", Origin),
        ("example.org/log\n12", "\u{feff}example.org/log\n12", Origin),
        ("example.org/log\n12", "example.org/log\r\n12", Origin),
        ("example.org/log\n12", " example.org/log\n12", Origin),
        ("example.org/log\n12", "cosignature/v1\n12", Origin),
        ("example.org/log\n12", "\n12", Origin),
        ("\n12\n", "\n012\n", Size),
        ("\n12\n", "\n+12\n", Size),
        ("\n12\n", "\n-12\n", Size),
        ("\n12\n", "\n 12\n", Size),
        ("\n12\n", "\n12\r\n", Size),
        ("\n12\n", "\n0\n", Size),
        ("\n12\n", "\n0x12\n", Size),
        ("\n12\n", "\n４\n", Size),
        ("\n12\n", "\n4294967297\n", Size),
        ("\n12\n", "\n18446744073709551628\n", Size),
        ("/s=\n", "/s\n", Root),        // no padding
        ("/s=\n", "/t=\n", Root),       // an unused bit set
        ("/s=\n", "/s==\n", Root),      // too much padding
        ("/s=\n", "/v7\n", Root),       // 33 bytes
        ("+/v7+/s=\n", "+/s=\n", Root), // 29 bytes
        ("/s=\n", "/s=\r\n", Root),
        ("/s=\n", "_s=\n", Root),       // the URL alphabet
        ("/s=\n", "/s=\nmore\n", Form), // tlog-checkpoint's extension lines
        ("12\n", "", Form),
        ("\n\n", "\n", Form),
        ("\n\n", "\r\n\r\n", Form),
        ("\n\n", "\n\n\n", line),
        ("— ", "- ", line),
        ("— ", "—", line),
        ("— ", "— \n— ", line),
        ("— ", "—\u{a0}", line),
        ("— ", " — ", line),
        ("— example", "— exam+ple", line),
        ("— example", "— exam\u{2003}ple", line),
        ("— example", "— exam\u{1}ple", line),
        ("— example.org/log ", "— ", line),
    ];
    for (from, to, error) in cases {
        let bad = good().replacen(from, to, 1);
        assert_ne!(bad, good(), "{from:?}");
        assert_eq!(SignedCheckpoint::parse(bad.as_bytes()), Err(error), "{to:?}");
    }
}

#[test]
fn its_signature_lines_have_one_form() {
    let text = good();
    let (note, base64) = text.trim_end().rsplit_once(' ').unwrap();
    let decoded = Base64::decode_vec(base64).unwrap();
    // 68 bytes end in `=`: two unused bits. A second spelling sets one of them.
    let last = base64.as_bytes()[base64.len() - 2];
    let second = format!("{}{}=", &base64[..base64.len() - 2], char::from(last + 1));
    let bad = [
        String::new(),
        format!(" {base64}"),
        format!("{base64} "),
        format!("{base64}\r"),
        base64.replace('=', ""),
        format!("{}=", base64),
        second,
        Base64::encode_string(&decoded[..4]),
    ];
    for bad in bad {
        let note = format!("{note} {bad}\n");
        assert_eq!(SignedCheckpoint::parse(note.as_bytes()), Err(CheckpointError::Line { line: 5 }), "{bad:?}");
    }
    for end in 0..text.len() {
        assert!(SignedCheckpoint::parse(&text.as_bytes()[..end]).is_err(), "cut to {end} bytes");
    }
    for more in ["\n", " ", "\0", "— \n"] {
        assert!(SignedCheckpoint::parse(format!("{text}{more}").as_bytes()).is_err(), "{more:?}");
    }
    assert_eq!(SignedCheckpoint::parse(&[text.as_bytes(), b"\xff\n"].concat()), Err(CheckpointError::Form));
}

#[test]
fn size_and_lines_are_bounded() {
    let full: String = good() + &(1..64).map(unknown).collect::<String>();
    assert_eq!(SignedCheckpoint::parse(full.as_bytes()).unwrap().lines().len(), 64);
    let over = full + &unknown(64);
    assert_eq!(SignedCheckpoint::parse(over.as_bytes()), Err(CheckpointError::TooManyLines));

    let room = 65_536 - good().len() - "—  MTIzNDU=\n".len();
    let largest = format!("{}— {} MTIzNDU=\n", good(), "n".repeat(room));
    assert_eq!(largest.len(), 65_536);
    assert!(SignedCheckpoint::parse(largest.as_bytes()).is_ok());
    let larger = largest.replacen("— n", "— nn", 1);
    assert_eq!(SignedCheckpoint::parse(larger.as_bytes()), Err(CheckpointError::TooLarge));
}

#[test]
fn a_repeated_line_is_told_from_a_malformed_one() {
    let line = good().lines().last().unwrap().to_owned() + "\n";
    let twice = good() + &line;
    assert_eq!(SignedCheckpoint::parse(twice.as_bytes()), Err(CheckpointError::Repeated { line: 6 }));
    // Unknown ones too, whatever their signatures are.
    let mut other = SignatureLine::parse(unknown(7).trim_end()).unwrap();
    other.signature = vec![2];
    let twice = format!("{}{}{}{other}\n", good(), unknown(7), unknown(8));
    assert_eq!(SignedCheckpoint::parse(twice.as_bytes()), Err(CheckpointError::Repeated { line: 8 }));
    // One key under two names is two keys.
    let renamed = good() + &line.replace("example.org/log", "example.org/other");
    assert_eq!(SignedCheckpoint::parse(renamed.as_bytes()).unwrap().lines().len(), 2);
}

#[test]
fn every_line_of_ours_must_verify_and_one_must_be_there() {
    let (ours, other) = (key(1), key(2));
    let keys = [ours.public_key(), other.public_key()];
    let verify =
        |note: &str, keys: &[&PublicKey]| SignedCheckpoint::parse(note.as_bytes()).unwrap().verify(&origin(), keys);
    let line = |key| String::from_utf8(sign(key).bytes).unwrap().lines().last().unwrap().to_owned() + "\n";

    let both = good() + &unknown(1) + &line(&other);
    let verified = verify(&both, &keys).unwrap();
    assert_eq!(verified.signers(), [ours.public_key().clone(), other.public_key().clone()]);
    assert_eq!((verified.origin(), verified.size(), verified.root()), (&origin(), 12, head().root()));
    assert_eq!((verified.head(), verified.bytes(), verified.unknown_lines()), (head(), both.as_bytes(), 0));

    // A key without the role is unknown. What stands under another name is none of the log's business.
    assert_eq!(verify(&both, &keys[..1]).unwrap().unknown_lines(), 1);
    assert_eq!(verify(&both, &[]), Err(CheckpointFault::Unsigned));
    assert_eq!(verify(&good(), &keys[1..]), Err(CheckpointFault::Unsigned));
    // So is a key of ours under another name.
    let renamed = good().replace("— example.org/log", "— example.org/other");
    assert_eq!(verify(&renamed, &keys), Err(CheckpointFault::Unsigned));

    // A good line doesn't make up for a bad one.
    let elsewhere = SignedCheckpoint::sign(&origin(), TreeHead::new(13, head().root()).unwrap(), &other).unwrap();
    let bad = good() + &elsewhere.lines[0].to_string() + "\n";
    assert_eq!(verify(&bad, &keys), Err(CheckpointFault::BadSignature { line: 6 }));
    assert_eq!(verify(&bad, &keys[..1]).unwrap().unknown_lines(), 1);
    let mut short = sign(&ours).lines[0].clone();
    short.signature.pop();
    let bad = good().replace(&line(&ours), &format!("{short}\n"));
    assert_eq!(verify(&bad, &keys), Err(CheckpointFault::BadSignature { line: 5 }));
    for (from, to) in [("\n12\n", "\n13\n"), ("\n+/v7", "\n//v7")] {
        let bad = good().replacen(from, to, 1);
        assert_eq!(verify(&bad, &keys), Err(CheckpointFault::BadSignature { line: 5 }), "{to}");
    }
}

#[test]
fn another_origin_is_refused_first() {
    let fault = CheckpointFault::OtherOrigin { claimed: origin() };
    let other = "example.org/other".parse().unwrap();
    assert_eq!(sign(&key(1)).verify(&other, &[key(1).public_key()]), Err(fault));
}

#[test]
fn a_signer_that_signs_with_another_key_is_found_out() {
    struct Confused(SecretKey, SecretKey);
    impl Signer for Confused {
        fn public_key(&self) -> &PublicKey {
            self.0.public_key()
        }
        fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
            self.1.sign(message)
        }
    }
    let signed = SignedCheckpoint::sign(&origin(), head(), &Confused(key(1), key(2)));
    assert!(matches!(signed, Err(SignError::Wrong)));
}
