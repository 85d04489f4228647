//! Statements that are not canonical CBOR, or not shaped as statements.

use super::{cut, small};
use crate::Set;
use crate::archive::{ORIGIN, Stage, header, urn};
use crate::cbor::{self, Cbor, head, long_head, map, raw};
use crate::keys::{ARCHIVIST, Key};

const LAST: usize = 2;

pub(super) fn add(set: &mut Set) {
    outer(set);
    unknown(set);
    headers(set);
    payloads(set);
    bytes(set);
    sizes(set);
}

/// What an unknown algorithm or kind is told before, and what after.
fn unknown(set: &mut Set) {
    let mut with = |name: &str, expected: &str, about: &str, edit: &dyn Fn(Stage<'_>)| {
        set.stage(&small(), LAST, &format!("statement/{name}"), expected, about, edit);
    };
    with(
        "alg-unknown-signature",
        "U001",
        "another algorithm, with a signature of another length",
        &|stage| match stage {
            Stage::Header(header) => header.set(1, Cbor::Negative(35)),
            Stage::Outer(outer) => *outer.at(3) = vec![7; 132].into(),
            _ => {}
        },
    );
    with("alg-unknown-payload", "U001", "another algorithm, with a payload that is no CBOR", &|stage| match stage {
        Stage::Header(header) => header.set(1, Cbor::Negative(6)),
        Stage::PayloadBytes(bytes) => *bytes = b"\xffpayload".to_vec(),
        _ => {}
    });
    with(
        "kind-unknown-signature",
        "E040",
        "an unknown kind, with a signature that doesn't verify",
        &|stage| match stage {
            Stage::Header(header) => header.set(3, "application/vnd.litopys.future+cbor"),
            Stage::Signature(_, signature) => signature[0] ^= 1,
            _ => {}
        },
    );
}

fn outer(set: &mut Set) {
    let mut with = |name: &str, expected: &str, about: &str, edit: &dyn Fn(&mut Cbor)| {
        set.stage(&small(), LAST, &format!("statement/{name}"), expected, about, |stage| {
            if let Stage::Outer(outer) = stage {
                edit(outer);
            }
        });
    };
    with("five-items", "E031", "an array of five items", &|o| o.items().push(1.into()));
    with("three-items", "E031", "an array of three items", &|o| drop(o.items().pop()));
    with("detached", "E030", "null in place of the payload, as in a detached one", &|o| *o.at(2) = raw(cbor::NULL));
    with("payload-empty", "E030", "an empty payload", &|o| *o.at(2) = Vec::new().into());
    with("payload-text", "E031", "the payload is a text string", &|o| *o.at(2) = "payload".into());
    with("payload-map", "E031", "the payload is a map that isn't wrapped in a byte string", &|o| {
        *o.at(2) = map([("version", 1.into())]);
    });
    with("protected-map", "E030", "the protected header is a map that isn't wrapped in a byte string", &|o| {
        *o.at(0) = header("article", ARCHIVIST.public(), ORIGIN, &urn(1));
    });
    with("protected-empty", "E030", "an empty protected header", &|o| *o.at(0) = Vec::new().into());
    with("unprotected-text", "E031", "an unprotected header with an entry", &|o| *o.at(1) = map([("a", 1.into())]));
    with("unprotected-label", "E030", "an unprotected header with a COSE label", &|o| {
        *o.at(1) = Cbor::Map(vec![(4.into(), vec![1].into())]);
    });
    with("unprotected-null", "E030", "null in place of the unprotected header", &|o| *o.at(1) = raw(cbor::NULL));
    with("unprotected-array", "E030", "an empty array in place of the unprotected header", &|o| *o.at(1) = raw([0x80]));
    with("unprotected-long", "E030", "the empty unprotected header with a long head", &|o| *o.at(1) = raw([0xb8, 0]));
    with("unprotected-indefinite", "E030", "an unprotected header of indefinite length", &|o| {
        *o.at(1) = raw([0xbf, 0xff])
    });
    with("map-for-payload", "E030", "an empty map in place of the payload", &|o| *o.at(2) = raw([0xa0]));
    with("signature-short", "E031", "a signature of 63 bytes", &|o| shorten(o.at(3)));
    with("signature-long", "E031", "a signature of 65 bytes", &|o| lengthen(o.at(3)));
    with("signature-empty", "E030", "an empty signature", &|o| *o.at(3) = Vec::new().into());
    with("signature-null", "E030", "null in place of the signature", &|o| *o.at(3) = raw(cbor::NULL));
    with("signature-chunks", "E030", "a signature in chunks of indefinite length", &|o| {
        let Cbor::Bytes(bytes) = o.at(3).clone() else { panic!() };
        *o.at(3) = raw([&[0x5f], &cbor::bytes(&bytes[..32])[..], &cbor::bytes(&bytes[32..]), &[0xff]].concat());
    });
    with("signature-long-head", "E030", "a signature with a long head", &|o| {
        let Cbor::Bytes(bytes) = o.at(3).clone() else { panic!() };
        *o.at(3) = raw([&long_head(2, 64, 2)[..], &bytes].concat());
    });
    with("payload-long-head", "E030", "a payload with a long head", &|o| {
        let Cbor::Bytes(bytes) = o.at(2).clone() else { panic!() };
        *o.at(2) = raw([&long_head(2, bytes.len() as u64, 4)[..], &bytes].concat());
    });
}

fn shorten(item: &mut Cbor) {
    let Cbor::Bytes(bytes) = item else { panic!() };
    bytes.pop();
}

fn lengthen(item: &mut Cbor) {
    let Cbor::Bytes(bytes) = item else { panic!() };
    bytes.push(0);
}

fn bytes(set: &mut Set) {
    let mut with = |name: &str, expected: &str, about: &str, edit: &dyn Fn(&mut Vec<u8>)| {
        set.stage(&small(), LAST, &format!("statement/{name}"), expected, about, |stage| {
            if let Stage::Statement(bytes) = stage {
                edit(bytes);
            }
        });
    };
    let front = |bytes: &mut Vec<u8>, new: &[u8], old: usize| drop(bytes.splice(..old, new.iter().copied()));
    with("untagged", "E031", "no tag", &|b| *b = b[1..].to_vec());
    with("tag-17", "E031", "another tag of one byte", &|b| b[0] = 0xd1);
    with("tag-98", "E031", "the tag of COSE_Sign", &|b| front(b, &[0xd8, 98], 1));
    with("tag-long", "E030", "the tag with a long head", &|b| front(b, &[0xd8, 18], 1));
    with("tag-twice", "E030", "the tag twice", &|b| b.insert(0, 0xd2));
    with("array-long", "E030", "an array with a long head", &|b| front(b, &[0xd2, 0x98, 4], 2));
    with("array-indefinite", "E030", "an array of indefinite length", &|b| {
        b[1] = 0x9f;
        b.push(0xff);
    });
    with("trailing", "E030", "a byte after the statement", &|b| b.push(0));
    with("twice", "E030", "a statement twice over", &|b| b.extend(b.clone()));
    with("cut", "E030", "the last byte is missing", &cut);
    with("one-byte", "E030", "the tag alone", &|b| b.truncate(1));
    with("zero", "E031", "a single integer", &|b| *b = vec![0]);
    with("text", "E031", "a text string", &|b| *b = Cbor::from("statement").encode());
    let empty = map([("a", Cbor::Array(vec![1.into(), 2.into()])), ("b", raw([0xa0]))]).encode();
    with("empty-map", "E030", "an empty map where no unprotected header stands", &|b| {
        *b = [&[0xd2], &empty[..]].concat()
    });
}

fn headers(set: &mut Set) {
    let mut with = |name: &str, expected: &str, about: &str, edit: &dyn Fn(&mut Cbor)| {
        set.stage(&small(), LAST, &format!("statement/{name}"), expected, about, |stage| {
            if let Stage::Header(header) = stage {
                edit(header);
            }
        });
    };
    with("header-label-5", "E031", "a further label, the counter signature", &|h| h.set(5, 1));
    with("header-label-crit", "E031", "label 2, what is critical", &|h| h.set(2, Cbor::Array(vec![1.into()])));
    with("header-no-kid", "E031", "no key id", &|h| h.remove(4));
    with("header-no-claims", "E031", "no CWT claims", &|h| h.remove(15));
    with("header-no-alg", "E031", "no algorithm", &|h| h.remove(1));
    with("header-no-type", "E031", "no content type", &|h| h.remove(3));
    with("alg-text", "E031", "the algorithm as text", &|h| h.set(1, "EdDSA"));
    with("alg-es256", "U001", "another algorithm, ES256", &|h| h.set(1, Cbor::Negative(6)));
    with("alg-unknown", "U001", "an algorithm of a positive number", &|h| h.set(1, 8));
    with("alg-ed448", "U001", "another algorithm, Ed448", &|h| h.set(1, Cbor::Negative(52)));
    with("alg-unknown-kid", "U001", "another algorithm, with a key id of another length", &|h| {
        h.set(1, Cbor::Negative(6));
        h.set(4, vec![7; 33]);
    });
    with("alg-unknown-type", "U001", "another algorithm, with a content type of something else", &|h| {
        h.set(1, Cbor::Negative(6));
        h.set(3, "application/cbor");
    });
    with("alg-unknown-label", "U001", "another algorithm, with a further label, a chain of certificates", &|h| {
        h.set(1, Cbor::Negative(6));
        h.set(33, vec![7; 40]);
    });
    with("alg-unknown-behind", "U001", "another algorithm, behind a label that is reserved", &|h| {
        h.set(1, Cbor::Negative(6));
        h.set(0, Cbor::Array(vec![1.into()]));
    });
    with("alg-unknown-alone", "U001", "another algorithm, and nothing else in the header", &|h| {
        [3, 4, 15].into_iter().for_each(|label| h.remove(label));
        h.set(1, Cbor::Negative(6));
    });
    with("alg-unknown-behind-alone", "U001", "another algorithm behind a reserved label, and nothing else", &|h| {
        [3, 4, 15].into_iter().for_each(|label| h.remove(label));
        h.set(1, Cbor::Negative(6));
        h.set(0, 7);
    });
    with("alg-unknown-claims", "U001", "another algorithm, without claims", &|h| {
        h.set(1, Cbor::Negative(6));
        h.remove(15);
    });
    with("alg-largest", "U001", "the smallest integer as algorithm", &|h| h.set(1, Cbor::Negative((1 << 53) - 1)));
    with("alg-too-large", "E030", "an integer beyond 2^53 as algorithm", &|h| h.set(1, Cbor::Negative(1 << 53)));
    with("kid-short", "E031", "a key id of 31 bytes", &|h| h.set(4, vec![7; 31]));
    with("kid-text", "E031", "a key id of text", &|h| h.set(4, "k".repeat(32)));
    with("kid-empty", "E030", "an empty key id", &|h| h.set(4, Vec::new()));
    with("type-other", "E031", "a content type of something else", &|h| h.set(3, "application/cbor"));
    with("type-upper-case", "E031", "a content type in upper case", &|h| {
        h.set(3, "application/vnd.litopys.Article+cbor")
    });
    with("type-no-kind", "E031", "a content type without a kind", &|h| h.set(3, "application/vnd.litopys.+cbor"));
    with("type-parameter", "E031", "a content type with a parameter", &|h| {
        h.set(3, "application/vnd.litopys.article+cbor; v=1");
    });
    with("type-number", "E031", "a content type as a CoAP number", &|h| h.set(3, 60));
    with("kind-unknown", "U002", "an unknown kind", &|h| h.set(3, "application/vnd.litopys.future+cbor"));
    with("kind-unknown-odd", "U002", "an unknown kind with all characters that a kind may have", &|h| {
        h.set(3, "application/vnd.litopys.a-z.0+cbor");
    });
    with("iss-empty", "E030", "an empty issuer", &|h| h.get(15).set(1, ""));
    with("iss-upper-case", "E031", "an issuer that is no origin", &|h| h.get(15).set(1, "Vectors.example"));
    with("iss-cosignature", "E031", "an issuer that no origin is", &|h| h.get(15).set(1, "cosignature/v1"));
    with("iss-bytes", "E031", "an issuer of bytes", &|h| h.get(15).set(1, vec![1]));
    with("sub-origin", "E031", "the origin as an article's subject", &|h| h.get(15).set(2, ORIGIN));
    with("sub-uuid-1", "E031", "an URN that isn't random", &|h| {
        h.get(15).set(2, "urn:uuid:00000000-0000-1000-8000-000000000001");
    });
    with("sub-variant", "E031", "an URN of another variant", &|h| {
        h.get(15).set(2, "urn:uuid:00000000-0000-4000-c000-000000000001");
    });
    with("sub-upper-case", "E031", "an URN in upper case", &|h| {
        h.get(15).set(2, "urn:uuid:00000000-0000-4000-8000-00000000000A");
    });
    with("sub-missing", "E031", "no subject", &|h| h.get(15).remove(2));
    with("claim-further", "E031", "a further claim, the time of issue", &|h| h.get(15).set(6, 1_790_000_000));
    with("claims-array", "E031", "the claims are an array", &|h| h.set(15, Cbor::Array(vec![1.into()])));
    with("header-text-key", "E030", "a text key in the header", &|h| h.set("a", 1));
    with("header-negative-key", "E031", "a label that is below 0", &|h| h.set(Cbor::Negative(0), 1));
    with("header-label-2-to-53", "E030", "a label of 2^53", &|h| h.set(1 << 53, 1));
    with("header-label-largest", "E031", "the largest label that there can be", &|h| h.set((1 << 53) - 1, 1));
    with("header-unsorted", "E030", "labels out of order", &|h| h.entries().swap(0, 1));
    with("header-repeated", "E030", "a label twice", &|h| {
        let entry = h.entries()[2].clone();
        h.entries().insert(3, entry);
    });
    with("claims-unsorted", "E030", "claims out of order", &|h| h.get(15).entries().swap(0, 1));
    with("claims-repeated", "E030", "a claim twice", &|h| {
        let entry = h.get(15).entries()[0].clone();
        h.get(15).entries().insert(0, entry);
    });
    with("header-long-label", "E030", "a label with a long head", &|h| h.entries()[0].0 = raw([0x18, 1]));
    with("header-long-value", "E030", "an algorithm with a long head", &|h| h.set(1, raw([0x38, 7])));
    with("header-null", "E030", "null as an algorithm", &|h| h.set(1, raw(cbor::NULL)));
    with("header-tag", "E030", "a tagged content type", &|h| {
        h.set(3, raw([&[0xd8, 32], &Cbor::from("application/vnd.litopys.article+cbor").encode()[..]].concat()))
    });
    with("header-utf8", "E030", "an issuer that is not UTF-8", &|h| h.get(15).set(1, raw([0x61, 0xff])));
    let mut with = |name: &str, expected: &str, about: &str, edit: &dyn Fn(&mut Vec<u8>)| {
        set.stage(&small(), LAST, &format!("statement/{name}"), expected, about, |stage| {
            if let Stage::HeaderBytes(bytes) = stage {
                edit(bytes);
            }
        });
    };
    with("header-array", "E031", "the protected header is an array", &|b| *b = vec![0x81, 1]);
    with("header-trailing", "E030", "a byte after the protected header", &|b| b.push(0));
    with("header-cut", "E030", "a byte of the protected header is missing", &cut);
    with("header-long-map", "E030", "the protected header's map with a long head", &|b| drop(b.splice(..1, [0xb8, 4])));
    with("header-indefinite", "E030", "the protected header's map of indefinite length", &|b| {
        b[0] = 0xbf;
        b.push(0xff);
    });
    with("header-empty-map", "E030", "the protected header is an empty map", &|b| *b = vec![0xa0]);
    with("header-integer", "E031", "the protected header is an integer", &|b| *b = vec![1]);
}

fn payloads(set: &mut Set) {
    let mut with = |name: &str, expected: &str, about: &str, edit: &dyn Fn(&mut Cbor)| {
        set.stage(&small(), LAST, &format!("statement/payload-{name}"), expected, about, |stage| {
            if let Stage::Payload(payload) = stage {
                edit(payload);
            }
        });
    };
    with("unknown-field", "E034", "an unknown field", &|p| p.set("extra", "x"));
    with("no-version", "E034", "no version", &|p| p.remove("version"));
    with("no-manifest", "E034", "no manifest", &|p| p.remove("manifest"));
    with("no-authority", "E034", "no authority", &|p| p.remove("authority"));
    with("no-previous", "E034", "no previous version in version 2", &|p| p.remove("previous"));
    with("version-0", "E034", "version 0", &|p| p.set("version", 0));
    with("version-1-previous", "E034", "version 1 with a previous one", &|p| p.set("version", 1));
    with("version-text", "E034", "the version as text", &|p| p.set("version", "2"));
    with("previous-short", "E034", "a previous id of 31 bytes", &|p| p.set("previous", vec![7; 31]));
    with("previous-text", "E034", "a previous id in hex", &|p| p.set("previous", "07".repeat(32)));
    with("previous-array", "E034", "a previous id as an array of integers", &|p| {
        p.set("previous", Cbor::Array(vec![7.into(); 32]))
    });
    with("authority-long", "E034", "an authority of 33 bytes", &|p| p.set("authority", vec![7; 33]));
    with("manifest-size-0", "E034", "a manifest of 0 bytes", &|p| p.get("manifest").set("size", 0));
    with("manifest-too-large", "E034", "a manifest of more than 16 MiB", &|p| {
        p.get("manifest").set("size", (16 << 20) + 1)
    });
    with("manifest-no-size", "E034", "a manifest without a size", &|p| p.get("manifest").remove("size"));
    with("manifest-unknown-field", "E034", "an unknown field in `manifest`", &|p| p.get("manifest").set("type", "x"));
    with("manifest-digest-short", "E034", "a manifest's digest of 20 bytes", &|p| {
        p.get("manifest").set("sha256", vec![7; 20])
    });
    with("array", "E034", "an array in place of a map", &|p| *p = Cbor::Array(vec![p.clone()]));
    with("map-first-key-wins", "E030", "a field twice, with different values", &|p| {
        p.entries().insert(0, ("version".into(), 1.into()));
    });
    with("repeated-same", "E030", "a field twice, with one value", &|p| {
        let entry = p.entries()[0].clone();
        p.entries().insert(0, entry);
    });
    with("unsorted", "E030", "fields out of order", &|p| p.entries().swap(0, 1));
    with("sorted-as-text", "E030", "fields in the order of the alphabet", &|p| {
        p.entries().sort_by_key(|(k, _)| format!("{k:?}"))
    });
    with("nested-unsorted", "E030", "fields of `manifest` out of order", &|p| p.get("manifest").entries().swap(0, 1));
    with("integer-key", "E030", "an integer key", &|p| p.set(1, 1));
    with("bytes-key", "E030", "a key of bytes", &|p| p.set(b"version".to_vec(), 2));
    with("empty-key", "E030", "an empty key", &|p| p.set("", 2));
    with("long-integer", "E030", "an integer with a long head", &|p| p.set("version", raw(long_head(0, 2, 1))));
    with("long-integer-8", "E030", "an integer in eight bytes", &|p| p.set("version", raw(long_head(0, 2, 8))));
    with("long-text", "E030", "a key with a long head", &|p| {
        p.entries()[0].0 = raw([&long_head(3, 7, 1), &b"version"[..]].concat())
    });
    with("long-bytes", "E030", "bytes with a long head", &|p| {
        p.set("authority", raw([&long_head(2, 32, 2), &[7; 32][..]].concat()))
    });
    with("negative", "E030", "a negative integer", &|p| p.set("version", Cbor::Negative(1)));
    with("2-to-53", "E030", "an integer of 2^53", &|p| p.set("version", 1 << 53));
    with("bignum", "E030", "an integer as a bignum", &|p| p.set("version", raw([0xc2, 0x41, 2])));
    with("float", "E030", "a half float", &|p| p.set("version", raw([0xf9, 0x40, 0])));
    with("float-64", "E030", "a double", &|p| p.set("version", raw([0xfb, 0x40, 0, 0, 0, 0, 0, 0, 0])));
    with("null", "E030", "null in an optional field", &|p| p.set("previous", raw(cbor::NULL)));
    with("undefined", "E030", "undefined in an optional field", &|p| p.set("previous", raw([0xf7])));
    with("true", "E030", "true", &|p| p.set("version", raw([0xf5])));
    with("simple", "E030", "a simple value", &|p| p.set("version", raw([0xf8, 0xff])));
    with("tag", "E030", "a tagged integer", &|p| p.set("version", raw([0xc1, 2])));
    with("reserved", "E030", "a reserved head", &|p| p.set("version", raw([0x1c])));
    with("break", "E030", "a break out of place", &|p| p.set("version", raw([0xff])));
    with("empty-text", "E030", "an empty text string", &|p| p.set("extra", ""));
    with("empty-bytes", "E030", "an empty byte string", &|p| p.set("extra", Vec::new()));
    with("empty-array", "E030", "an empty array", &|p| p.set("extra", Cbor::Array(Vec::new())));
    with("empty-map", "E030", "an empty map", &|p| p.set("extra", Cbor::Map(Vec::new())));
    with("bad-utf8", "E030", "text that is not UTF-8", &|p| p.set("extra", raw([0x62, 0xc3, 0x28])));
    with("surrogate", "E030", "a surrogate in UTF-8", &|p| p.set("extra", raw([0x63, 0xed, 0xa0, 0x80])));
    with("overlong-utf8", "E030", "an overlong character in UTF-8", &|p| p.set("extra", raw([0x62, 0xc0, 0xaf])));
    with("indefinite-text", "E030", "text in chunks", &|p| p.set("extra", raw([0x7f, 0x61, b'a', 0xff])));
    with("indefinite-bytes", "E030", "bytes in chunks", &|p| p.set("extra", raw([0x5f, 0x41, 1, 0xff])));
    with("indefinite-array", "E030", "an array of indefinite length", &|p| p.set("extra", raw([0x9f, 1, 0xff])));
    with("indefinite-map", "E030", "a map of indefinite length", &|p| p.set("extra", raw([0xbf, 0x61, b'a', 1, 0xff])));
    let nested = |depth: usize| raw([&vec![0x81; depth][..], &[1]].concat());
    with("nested-8", "E034", "eight arrays and maps inside one another", &move |p| p.set("extra", nested(7)));
    with("nested-9", "E030", "nine arrays and maps inside one another", &move |p| p.set("extra", nested(8)));
    with("nested-10000", "E030", "ten thousand arrays inside one another", &move |p| p.set("extra", nested(10_000)));
    with("huge-array", "E030", "an array that says it has 2^64 - 1 items", &|p| p.set("extra", raw(head(4, u64::MAX))));
    with("huge-bytes", "E030", "bytes that say they are 2^64 - 1", &|p| p.set("extra", raw(head(2, u64::MAX))));
    with("huge-map", "E030", "a map that says it has 2^32 entries", &|p| p.set("extra", raw(head(5, 1 << 32))));

    let mut with = |name: &str, expected: &str, about: &str, edit: &dyn Fn(&mut Vec<u8>)| {
        set.stage(&small(), LAST, &format!("statement/payload-{name}"), expected, about, |stage| {
            if let Stage::PayloadBytes(bytes) = stage {
                edit(bytes);
            }
        });
    };
    with("trailing", "E030", "a byte after the payload", &|b| b.push(0));
    with("cut", "E030", "the last byte of the payload is missing", &cut);
    with("long-map", "E030", "the payload's map with a long head", &|b| drop(b.splice(..1, [0xb8, b[0] & 31])));
    with("self-described", "E030", "the payload with the tag of self-described CBOR", &|b| {
        drop(b.splice(..0, [0xd9, 0xd9, 0xf7]))
    });
    with("integer", "E034", "the payload is an integer", &|b| *b = vec![1]);
}

fn sizes(set: &mut Set) {
    // An unknown kind may have any payload: the largest statement that there can be.
    let spec = small();
    let make = |length: usize| {
        move |n: usize, stage: Stage<'_>| match (n, stage) {
            (LAST, Stage::Header(h)) => *h = header("k", Key(2).public(), ORIGIN, "s"),
            (LAST, Stage::PayloadBytes(payload)) => *payload = vec![b'p'; length],
            _ => {}
        }
    };
    let overhead = spec.build_with(&make(40_000)).statements[LAST].len() - 40_000;
    let archive = spec.build_with(&make(65_535 - overhead));
    assert_eq!(archive.statements[LAST].len(), 65_535);
    let about = "a statement of 65,535 bytes, of an unknown kind";
    set.archive("statement/largest", "U002", about, &archive).statement = Some(LAST as u64);

    let forged = |n: usize, stage: Stage<'_>| match (n, stage) {
        (LAST, Stage::Header(h)) => h.set(3, "application/vnd.litopys.future+cbor"),
        (LAST, Stage::Signature(_, signature)) => signature[0] ^= 1,
        _ => {}
    };
    let about = "an unknown kind whose signature doesn't verify";
    set.archive("statement/kind-unknown-forged", "E040", about, &spec.build_with(&forged)).statement =
        Some(LAST as u64);
    let empty = |n: usize, stage: Stage<'_>| match (n, stage) {
        (LAST, Stage::Header(h)) => h.set(3, "application/vnd.litopys.future+cbor"),
        (LAST, Stage::PayloadBytes(payload)) => payload.clear(),
        _ => {}
    };
    let about = "an unknown kind with an empty payload, which section 3 has not";
    set.archive("statement/kind-unknown-empty", "E030", about, &spec.build_with(&empty)).statement = Some(LAST as u64);
    // What follows an unknown kind is not judged by the rules.
    let spec = super::chain();
    let after = |n: usize, stage: Stage<'_>| match (n, stage) {
        (2, Stage::Header(h)) => h.set(3, "application/vnd.litopys.future+cbor"),
        (3, Stage::Payload(payload)) => payload.set("authority", [9; 32]),
        _ => {}
    };
    let about = "an entry that breaks a rule, after one of an unknown kind, is not judged by the rules";
    set.archive("statement/after-unknown", "U002", about, &spec.build_with(&after)).statement = Some(2);
    let before = |n: usize, stage: Stage<'_>| match (n, stage) {
        (3, Stage::Header(h)) => h.set(3, "application/vnd.litopys.future+cbor"),
        (2, Stage::Payload(payload)) => payload.set("authority", [9; 32]),
        _ => {}
    };
    let about = "an entry that breaks a rule, before one of an unknown kind";
    set.archive("statement/before-unknown", "E070", about, &spec.build_with(&before)).statement = Some(2);
}
