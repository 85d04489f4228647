//! Charters that break a rule of section 4.1.

use super::small;
use crate::Set;
use crate::archive::{ALL_ROLES, ORIGIN, Spec, Stage, urn};
use crate::cbor::{Cbor, map, raw};
use crate::keys::{ARCHIVIST, IDENTITY, Key, LOG, STEWARD, STRANGER, point};

fn with(set: &mut Set, name: &str, expected: &str, about: &str, edit: &dyn Fn(&mut Cbor)) {
    set.stage(&small(), 0, &format!("charter/{name}"), expected, about, |stage| {
        if let Stage::Payload(charter) = stage {
            edit(charter);
        }
    });
}

fn roles(roles: &[&str]) -> Cbor {
    Cbor::Array(roles.iter().map(|role| (*role).into()).collect())
}

pub(super) fn add(set: &mut Set) {
    rules(set);
    shapes(set);
    signers(set);
    formats(set);
}

fn rules(set: &mut Set) {
    let mut rule = |name: &str, about: &str, edit: &dyn Fn(&mut Cbor)| with(set, name, "E078", about, edit);
    rule("threshold-0", "a threshold of 0", &|c| c.set("threshold", 0));
    rule("threshold-2", "a threshold of more than there are stewards", &|c| c.set("threshold", 2));
    rule("threshold-65", "a threshold of more than there may be keys", &|c| c.set("threshold", 65));
    rule("no-log", "no key has the role log", &|c| c.get("keys").at(2).set("roles", roles(&["archivist"])));
    rule("roles-unsorted", "roles out of order", &|c| c.get("keys").at(0).set("roles", roles(&["steward", "log"])));
    rule("roles-repeated", "a role twice", &|c| c.get("keys").at(2).set("roles", roles(&["log", "log"])));
    rule("roles-four", "four roles", &|c| {
        c.get("keys").at(0).set("roles", roles(&["archivist", "log", "steward", "steward"]));
    });
    rule("role-unknown", "an unknown role", &|c| c.get("keys").at(1).set("roles", roles(&["archivist", "witness"])));
    rule("role-upper-case", "a role in upper case", &|c| c.get("keys").at(1).set("roles", roles(&["Archivist"])));
    rule("key-repeated", "a key twice", &|c| {
        let mut key = c.get("keys").at(1).clone();
        key.set("name", "Again");
        c.get("keys").items().push(key);
    });
    rule("key-short", "a key of 31 bytes", &|c| c.get("keys").at(1).set("key", vec![7; 31]));
    rule("keys-65", "65 keys", &|c| {
        let key = |n: u8| map([("key", Key(n).public().into()), ("name", "n".into()), ("roles", roles(&["log"]))]);
        c.get("keys").items().extend((100..162).map(key));
    });
    rule("nonce-short", "a nonce of 15 bytes", &|c| c.set("nonce", vec![7; 15]));
    rule("nonce-long", "a nonce of 17 bytes", &|c| c.set("nonce", vec![7; 17]));
    rule("title-long", "a title of 1,025 bytes", &|c| c.set("title", "t".repeat(1025)));
    rule("title-long-bytes", "a title of 1,025 bytes in fewer characters", &|c| c.set("title", "\u{e9}".repeat(513)));
    rule("name-long", "a name of 1,025 bytes", &|c| c.get("keys").at(1).set("name", "n".repeat(1025)));
    rule("origin-other", "another origin than its statement has", &|c| c.set("origin", "vectors.example/other"));
    rule("origin-upper-case", "an origin in upper case", &|c| c.set("origin", ORIGIN.to_uppercase()));

    let mut key = |name: &str, about: &str, key: [u8; 32]| {
        with(set, name, "E041", about, &|c| c.get("keys").at(1).set("key", key));
    };
    key("key-identity", "a key of small order", IDENTITY);
    key("key-order-4", "a key of small order", point(0, 0, 0));
    key("key-not-canonical", "a key in a second encoding", point(0xf0, 0xff, 0x7f));
    key("key-not-on-curve", "a key that is no point", point(2, 0, 0));
}

fn shapes(set: &mut Set) {
    let mut shape = |name: &str, about: &str, edit: &dyn Fn(&mut Cbor)| with(set, name, "E034", about, edit);
    shape("unknown-field", "an unknown field", &|c| c.set("extra", "x"));
    shape("unknown-key-field", "an unknown field of a key", &|c| c.get("keys").at(0).set("extra", "x"));
    shape("no-threshold", "no threshold", &|c| c.remove("threshold"));
    shape("no-title", "no title", &|c| c.remove("title"));
    shape("no-keys", "no keys", &|c| c.remove("keys"));
    shape("no-nonce", "no nonce", &|c| c.remove("nonce"));
    shape("no-origin", "no origin", &|c| c.remove("origin"));
    shape("no-format", "no format", &|c| c.remove("format"));
    shape("no-roles", "a key without roles", &|c| c.get("keys").at(1).remove("roles"));
    shape("threshold-text", "a threshold of text", &|c| c.set("threshold", "1"));
    shape("format-text", "a format of text", &|c| c.set("format", "1"));
    shape("keys-map", "a map of keys", &|c| c.set("keys", map([("a", 1.into())])));
    shape("key-text", "a key in hex", &|c| c.get("keys").at(1).set("key", "07".repeat(32)));
    shape("key-array", "a key as an array of integers", &|c| {
        c.get("keys").at(1).set("key", Cbor::Array(vec![7.into(); 32]))
    });
    shape("roles-text", "roles as one text", &|c| c.get("keys").at(1).set("roles", "archivist"));
    shape("roles-map", "a role as a map", &|c| {
        c.get("keys").at(1).set("roles", Cbor::Array(vec![map([("archivist", 1.into())])]));
    });
    let mut canonical = |name: &str, about: &str, edit: &dyn Fn(&mut Cbor)| with(set, name, "E030", about, edit);
    canonical("keys-empty", "an empty list of keys", &|c| c.set("keys", Cbor::Array(Vec::new())));
    canonical("roles-empty", "an empty list of roles", &|c| c.get("keys").at(1).set("roles", Cbor::Array(Vec::new())));
    canonical("name-empty", "an empty name", &|c| c.get("keys").at(1).set("name", ""));
    canonical("title-null", "null as a title", &|c| c.set("title", raw([0xf6])));
    canonical("fields-unsorted", "fields out of order", &|c| c.entries().swap(0, 1));
    canonical("field-repeated", "a field twice", &|c| {
        let entry = c.entries()[2].clone();
        c.entries().insert(2, entry);
    });
    canonical("key-fields-unsorted", "fields of a key out of order", &|c| c.get("keys").at(0).entries().swap(0, 1));
}

fn signers(set: &mut Set) {
    let mut by = |name: &str, expected: &str, about: &str, key: Key, signer: Key| {
        set.stage(&small(), 0, &format!("charter/{name}"), expected, about, |stage| match stage {
            Stage::Header(header) => header.set(4, key.public()),
            Stage::Signature(message, signature) => *signature = signer.sign(message).into(),
            _ => {}
        });
    };
    by("signer-archivist", "E078", "signed by a key that is no steward", ARCHIVIST, ARCHIVIST);
    by("signer-log", "E078", "signed by the log key, which is no steward", LOG, LOG);
    by("signer-stranger", "E078", "signed by a key that the charter doesn't name", STRANGER, STRANGER);
    by("signer-forged", "E040", "a steward is named, somebody else signed", STEWARD, STRANGER);
    let mut header = |name: &str, expected: &str, about: &str, edit: &dyn Fn(&mut Cbor)| {
        set.stage(&small(), 0, &format!("charter/{name}"), expected, about, |stage| {
            if let Stage::Header(header) = stage {
                edit(header);
            }
        });
    };
    header("sub-other", "E078", "another origin as subject", &|h| h.get(15).set(2, "vectors.example/other"));
    header("sub-urn", "E078", "an article's URN as subject", &|h| h.get(15).set(2, urn(1)));
    header("iss-other", "E078", "another issuer than the origin", &|h| h.get(15).set(1, "vectors.example/other"));
    header("kind-article", "E034", "the charter under an article's content type", &|h| {
        h.set(3, "application/vnd.litopys.article+cbor");
        h.get(15).set(2, urn(1));
    });
    header("kind-unknown", "U002", "statement 0 is of an unknown kind", &|h| {
        h.set(3, "application/vnd.litopys.future+cbor")
    });
    header("alg-unknown", "U001", "statement 0 has an unknown algorithm", &|h| h.set(1, Cbor::Negative(6)));
    let mut spec = Spec { threshold: 64, ..small() };
    spec.keys = vec![(STEWARD, "Everybody", ALL_ROLES)];
    spec.versions.clear();
    set.archive("charter/threshold-64", "E078", "a threshold of 64 with one steward", &spec.build());
}

fn formats(set: &mut Set) {
    let format =
        |set: &mut Set, name: &str, about: &str, edit: &dyn Fn(&mut Cbor)| with(set, name, "U003", about, edit);
    format(set, "format-2", "a later format", &|c| c.set("format", 2));
    format(set, "format-0", "format 0", &|c| c.set("format", 0));
    format(set, "format-2-other-fields", "a later format with other fields", &|c| {
        c.remove("keys");
        c.remove("threshold");
        c.set("format", 2);
        c.set("members", "x");
    });
    with(set, "format-2-to-53", "E030", "a format of 2^53", &|c| c.set("format", 1 << 53));
}
