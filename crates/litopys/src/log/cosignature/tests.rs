#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use super::*;
use crate::SecretKey;

/// The example of C2SP tlog-cosignature.
const EXAMPLE: &str = "example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

\u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
\u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
";

/// A cosignature that Python's `cryptography` made over that text: the seed is 32 bytes 09, the name witness.example.com/w1, the time that of the
/// example.
const LINE: &str = "\u{2014} witness.example.com/w1 S9x+qgAAAABkGFDLSEwbtADY9t5XeSzDTVuiqYN5nZfoc9NQOUgkPYm4wwjIUL68Nczz1tpzCjnpmnRXttgqVVwOg3WfE7AXqa+DAg==";
const VKEY: &str = "witness.example.com/w1+4bdc7eaa+BP0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY";

fn witness(name: &str, seed: u8) -> (SecretKey, WitnessKey) {
    let secret = SecretKey::from_seed(&[seed; 32]);
    let key = WitnessKey::new(name, secret.public_key().clone()).unwrap();
    (secret, key)
}

#[test]
fn the_example_of_the_specification_reads_as_it_says() {
    let note = SignedCheckpoint::parse(EXAMPLE.as_bytes()).unwrap();
    let line = &note.lines()[1];
    assert_eq!((line.name(), line.key_id()), ("witness.example.com/w1", [0x8d, 0x66, 0xcf, 0x3f]));
    assert_eq!(line.signature().len(), 8 + 64);
    let time = u64::from_be_bytes(*line.signature().first_chunk().unwrap());
    assert_eq!(time, 1_679_315_147);
    let signed = "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    assert_eq!(message(time, note.text()), signed.as_bytes());
}

#[test]
fn a_cosignature_has_the_bytes_that_another_implementation_makes() {
    let note = SignedCheckpoint::parse(EXAMPLE.as_bytes()).unwrap();
    let (secret, key) = witness("witness.example.com/w1", 9);
    assert_eq!(key.to_string(), VKEY);
    assert_eq!(VKEY.parse(), Ok(key.clone()));
    let line = note.cosign(&key, 1_679_315_147, &secret).unwrap();
    assert_eq!(line.to_string(), LINE);
    let cosigned = note.with_lines(&[line]).unwrap();
    assert_eq!(cosigned.cosigned_by(&key), Ok(Some(1_679_315_147)));
    assert_eq!((cosigned.text(), cosigned.lines().len()), (note.text(), 3));
}

#[test]
fn only_its_own_signature_over_this_text_is_a_witness_s() {
    let note = SignedCheckpoint::parse(EXAMPLE.as_bytes()).unwrap();
    let (secret, key) = witness("w", 1);
    let line = note.cosign(&key, 5, &secret).unwrap();
    let other = SignedCheckpoint::parse(EXAMPLE.replacen("20852163", "20852164", 1).as_bytes()).unwrap();
    assert_eq!(
        other.with_lines(std::slice::from_ref(&line)).unwrap().cosigned_by(&key),
        Err(BadCosignature { line: 7 })
    );
    let stamped = |time: u64| {
        let signature = [&time.to_be_bytes()[..], &line.signature()[8..]].concat();
        note.with_lines(&[SignatureLine::new("w", key.key_id(), signature)]).unwrap().cosigned_by(&key)
    };
    assert_eq!((stamped(5), stamped(6)), (Ok(Some(5)), Err(BadCosignature { line: 7 })));
    let late = note.cosign(&key, 1 << 63, &secret).unwrap();
    assert_eq!(note.with_lines(&[late]).unwrap().cosigned_by(&key), Err(BadCosignature { line: 7 }));
    // A plain signature of a note with the same key is none, whatever it is called.
    let plain = SignatureLine::new("w", key.key_id(), secret.sign(note.text()).unwrap().to_vec());
    assert_eq!(note.with_lines(&[plain]).unwrap().cosigned_by(&key), Err(BadCosignature { line: 7 }));
    // Under another name, or by another key, it is nobody's who is known.
    let (_, named) = witness("v", 1);
    let cosigned = note.with_lines(&[line]).unwrap();
    assert_eq!((cosigned.cosigned_by(&named), cosigned.cosigned_by(&witness("w", 2).1)), (Ok(None), Ok(None)));
    // The key id stands for a name and a key: under another name it is another's.
    let other = note.cosign(&key, 5, &secret).unwrap();
    let other = SignatureLine::new("v", key.key_id(), other.signature().to_vec());
    assert_eq!(note.with_lines(&[other]).unwrap().cosigned_by(&key), Ok(None));
    assert!(matches!(note.cosign(&key, 5, &SecretKey::from_seed(&[2; 32])), Err(SignError::Wrong)));
    // The log doesn't witness itself.
    let (secret, log) = witness("example.com/behind-the-sofa", 3);
    let own = note.cosign(&log, 5, &secret).unwrap();
    assert_eq!(note.with_lines(&[own]).unwrap().cosigned_by(&log), Ok(None));
}

#[test]
fn a_newer_line_takes_the_place_of_an_older_one() {
    let note = SignedCheckpoint::parse(EXAMPLE.as_bytes()).unwrap();
    let (secret, key) = witness("w", 1);
    let once = note.with_lines(&[note.cosign(&key, 5, &secret).unwrap()]).unwrap();
    let twice = once.with_lines(&[once.cosign(&key, 6, &secret).unwrap()]).unwrap();
    assert_eq!((twice.lines().len(), twice.cosigned_by(&key)), (3, Ok(Some(6))));
    let (second, another) = witness("v", 2);
    let both = [once.cosign(&key, 7, &secret).unwrap(), once.cosign(&another, 7, &second).unwrap()];
    let both = once.with_lines(&both).unwrap();
    assert_eq!(both.lines().len(), 4);
    assert_eq!((both.cosigned_by(&key), both.cosigned_by(&another)), (Ok(Some(7)), Ok(Some(7))));
}

#[test]
fn a_verifier_key_has_one_spelling() {
    let (name, rest) = VKEY.split_once('+').unwrap();
    let (id, base64) = rest.split_once('+').unwrap();
    let parse = |text: String| text.parse::<WitnessKey>().map(|_| ());
    assert_eq!(parse(VKEY.to_owned()), Ok(()));
    assert_eq!(parse(format!("{name}+{}+{base64}", id.to_uppercase())), Err(WitnessKeyError::KeyId));
    assert_eq!(parse(format!("{name}+00000000+{base64}")), Err(WitnessKeyError::KeyId));
    assert_eq!(parse(format!("other+{id}+{base64}")), Err(WitnessKeyError::KeyId));
    assert_eq!(parse(format!("{name}+{id}")), Err(WitnessKeyError::Form));
    assert_eq!(parse(format!("{name}+{id}+{}", base64.trim_end_matches('='))), parse(VKEY.replace('=', "")));
    assert_eq!(parse(format!("a b+{id}+{base64}")), Err(WitnessKeyError::Name));
    assert_eq!(parse(format!("+{id}+{base64}")), Err(WitnessKeyError::Name));
    let named = |length| WitnessKey::new("n".repeat(length), SecretKey::from_seed(&[1; 32]).public_key().clone());
    assert_eq!((named(255).map(drop), named(256).map(drop)), (Ok(()), Err(WitnessKeyError::Name)));
    let typed = |kind: u8| Base64::encode_string(&[&[kind], &[9; 32][..]].concat());
    assert_eq!(parse(format!("{name}+{id}+{}", typed(1))), Err(WitnessKeyError::Type(1)));
    assert_eq!(parse(format!("{name}+{id}+{}", Base64::encode_string(&[4; 32]))), Err(WitnessKeyError::Key));
}
