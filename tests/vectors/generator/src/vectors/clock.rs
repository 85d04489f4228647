//! What timestamps are worth, by roots and at a moment. The tokens are an authority's made of OpenSSL (`tokens/make.sh`), over the checkpoint of
//! `good/chain`.

use super::chain;
use crate::archive::{Tree, hex, sha256};
use crate::{Clocks, Set, der};

const GOOD: &[u8] = include_bytes!("../../tokens/good.tsr");
const BETWEEN: &[u8] = include_bytes!("../../tokens/between.tsr");
const RSA: &[u8] = include_bytes!("../../tokens/rsa.tsr");
const OTHER_IMPRINT: &[u8] = include_bytes!("../../tokens/other-imprint.tsr");
const INJECTED: &[u8] = include_bytes!("../../tokens/injected.tsr");
const NO_CERTIFICATE: &[u8] = include_bytes!("../../tokens/no-certificate.tsr");
const SELF_SIGNED: &[u8] = include_bytes!("../../tokens/self-signed.tsr");
const ENDED: &[u8] = include_bytes!("../../tokens/ended.tsr");
const WRONG_PURPOSE: &[u8] = include_bytes!("../../tokens/wrong-purpose.tsr");
const NOT_CRITICAL: &[u8] = include_bytes!("../../tokens/not-critical.tsr");

const ROOT: &str = "clocks/root.pem";
const STRANGER: &str = "clocks/stranger.pem";
/// While all certificates but one are valid; after their end; before the tokens and the root; when the root is valid, a second before the first token.
const NOW: &str = "2030-01-01T00:00:00Z";
const LATER: &str = "2095-01-01T00:00:00Z";
const BEFORE: &str = "2025-01-01T00:00:00Z";
const JUST_BEFORE: &str = "2026-11-28T07:27:45Z";

/// The files of timestamps of the whole log.
fn files(archive: &crate::archive::Archive, tokens: &[&[u8]]) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![("time/5/checkpoint".to_owned(), archive.checkpoint())];
    let mut tokens: Vec<_> =
        tokens.iter().map(|token| (format!("time/5/{}.tsr", hex(&sha256(token))), token.to_vec())).collect();
    tokens.sort();
    files.extend(tokens);
    files
}

pub(super) fn add(set: &mut Set) {
    let archive = chain().build();
    let with = |tokens: &[&[u8]]| {
        let mut tree: Tree = archive.tree();
        if !tokens.is_empty() {
            tree.0.extend(files(&archive, tokens));
        }
        tree
    };
    let mut add = |name: &str, expected: &str, about: &str, tokens: &[&[u8]], root: &str, at: &str| {
        let vector = set.tree(&format!("clock/{name}"), expected, about, &with(tokens));
        vector.clocks = Some(Clocks { tsa_root: root.to_owned(), at: at.to_owned() });
    };
    add("holds", "", "a timestamp with ECDSA by an authority below the root", &[GOOD], ROOT, NOW);
    add("between", "", "a timestamp whose chain has an authority between", &[BETWEEN], ROOT, NOW);
    add("rsa", "", "a timestamp with RSA", &[RSA], ROOT, NOW);
    add("plural", "", "one that holds, and one whose certificate isn't there", &[GOOD, NO_CERTIFICATE], ROOT, NOW);

    let mut forged = RSA.to_vec();
    *forged.last_mut().unwrap() ^= 1;
    add("rsa-signature", "E101", "a signature with RSA that is another by a bit", &[&forged], ROOT, NOW);
    let at = |path: &[usize]| der::item(GOOD, path);
    let (time, certificates) = (at(&[1, 1, 0, 2, 1, 0, 0]), at(&[1, 1, 0, 3]));
    let mut version = GOOD.to_vec();
    version[at(&[1, 1, 0, 2, 1, 0, 0, 0]) + 2] = 2;
    add("version-2", "", "one that holds, and a time of version 2, which nobody knows", &[GOOD, &version], ROOT, NOW);
    let extension = b"\xa1\x0c\x30\x0a\x06\x03\x2a\x03\x04\x01\x01\xff\x04\x00";
    let critical = der::append(GOOD, time, extension);
    add(
        "critical-extension",
        "",
        "one that holds, and a time with a critical extension",
        &[GOOD, &critical],
        ROOT,
        NOW,
    );
    let own = der::bytes(GOOD, at(&[1, 1, 0, 3, 0]));
    let with_own = |count: usize| der::append(GOOD, certificates, &own.repeat(count));
    add("certificates-16", "", "a token that holds its certificate 16 times", &[&with_own(15)], ROOT, NOW);
    add("certificates-17", "E101", "a token that holds its certificate 17 times", &[&with_own(16)], ROOT, NOW);

    add("other-imprint", "E101", "a token over other bytes", &[OTHER_IMPRINT], ROOT, NOW);
    let flipped = |at: usize| {
        let mut token = GOOD.to_vec();
        token[at] ^= 1;
        token
    };
    // The signature is the last of it.
    add("signature-flip", "E101", "a token whose signature doesn't verify", &[&flipped(GOOD.len() - 1)], ROOT, NOW);
    let year = GOOD.windows(2).position(|pair| pair == [0x18, 0x0f]).expect("a token has a time") + 2;
    add("time-changed", "E101", "a token whose time was changed", &[&flipped(year + 3)], ROOT, NOW);
    add("cut", "E101", "a token without its last byte", &[&GOOD[..GOOD.len() - 1]], ROOT, NOW);
    add("longer", "E101", "a token with a byte behind it", &[&[GOOD, b"\0"].concat()], ROOT, NOW);
    add("injected", "E101", "a token with a certificate that has no part in it", &[INJECTED], ROOT, NOW);
    add(
        "self-signed",
        "E101",
        "a certificate that vouches for itself, given as a root",
        &[SELF_SIGNED],
        "clocks/self-signed.pem",
        NOW,
    );
    add("ended", "E101", "a certificate that had ended at the token's own time", &[ENDED], ROOT, NOW);
    add("wrong-purpose", "E101", "a certificate for signing code", &[WRONG_PURPOSE], ROOT, NOW);
    add("not-critical", "E101", "a certificate whose purpose isn't marked as critical", &[NOT_CRITICAL], ROOT, NOW);
    add("one-false", "E101", "one that holds, and one over other bytes", &[GOOD, OTHER_IMPRINT], ROOT, NOW);

    add("none", "E102", "no timestamp, where one was asked for", &[], ROOT, NOW);
    add("untrusted", "E102", "another root, of the same name", &[GOOD], STRANGER, NOW);
    add("no-certificate", "E102", "the authority's certificate isn't there", &[NO_CERTIFICATE], ROOT, NOW);
    add("expired", "E102", "the chain has expired at the moment of judgement", &[GOOD], ROOT, LATER);
    add("future", "E102", "the token is from after the moment of judgement", &[GOOD], ROOT, BEFORE);
    let about = "the token is from a second after the moment of judgement, when all certificates are valid";
    add("future-by-a-second", "E102", about, &[GOOD], ROOT, JUST_BEFORE);

    // In an extract the same.
    let mut extract = |name: &str, expected: &str, about: &str, tokens: &[&[u8]]| {
        let mut tree = archive.extract(&chain(), &[1, 3, 4]);
        tree.0.extend(files(&archive, tokens));
        let vector = set.extract(&format!("clock/extract-{name}"), expected, about, &tree);
        vector.clocks = Some(Clocks { tsa_root: ROOT.to_owned(), at: NOW.to_owned() });
    };
    extract("holds", "", "an extract with a timestamp", &[GOOD]);
    extract("other-imprint", "E101", "an extract with a token over other bytes", &[OTHER_IMPRINT]);
}
