#![allow(clippy::unwrap_used, reason = "tests")]

use ciborium::Value;

use super::*;
use crate::archive::tests::{add, draft, found, key};

fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

fn map<const N: usize>(entries: [(i64, Value); N]) -> Value {
    Value::Map(entries.into_iter().map(|(label, value)| (label.into(), value)).collect())
}

#[test]
fn a_receipt_and_a_transparent_statement_are_those_of_section_8_4() {
    let dir = tempfile::tempdir().unwrap();
    let (archive, _) = add(found(dir.path()), vec![draft("a", "one"), draft("b", "two")]);
    let mut prover = Prover::open(archive.store()).unwrap();
    let statement = prover.statement(1).unwrap();
    let (proof, root) = (prover.proof(1).unwrap().proof, prover.head().root());

    let claims = map([(1, "test.example/archive".into()), (2, statement.claimed_subject().into())]);
    let kid = key().public_key().as_bytes().to_vec();
    let protected = encode(&map([(1, (-8).into()), (4, Value::Bytes(kid)), (15, claims), (395, 1.into())]));
    let detached = Value::Bytes(root.as_bytes().to_vec());
    let message = encode(&Value::Array(vec![
        "Signature1".into(),
        Value::Bytes(protected.clone()),
        Value::Bytes(Vec::new()),
        detached,
    ]));
    let path = proof.path.iter().map(|hash| Value::Bytes(hash.as_bytes().to_vec())).collect();
    let inclusion = encode(&Value::Array(vec![3.into(), 1.into(), Value::Array(path)]));
    let proofs = map([(-1, Value::Array(vec![Value::Bytes(inclusion)]))]);
    let sign1 = |protected, unprotected, payload, signature: Vec<u8>| {
        let parts = vec![Value::Bytes(protected), unprotected, payload, Value::Bytes(signature)];
        Value::Tag(18, Box::new(Value::Array(parts)))
    };
    let signature = key().sign(&message).unwrap().to_vec();
    let expected = encode(&sign1(protected, map([(396, proofs)]), Value::Null, signature));
    let receipt = Receipt::issue(&mut prover, 1, &key()).unwrap();
    assert_eq!(receipt.as_bytes(), expected);

    let parts: Value = ciborium::from_reader(statement.as_bytes()).unwrap();
    let parts = parts.into_tag().unwrap().1.into_array().unwrap();
    let [protected, _, payload, signature] = parts.try_into().unwrap();
    let (protected, signature) = (protected.into_bytes().unwrap(), signature.into_bytes().unwrap());
    let receipts = map([(394, Value::Array(vec![Value::Bytes(expected)]))]);
    assert_eq!(transparent(&statement, &[receipt]), encode(&sign1(protected, receipts, payload, signature)));
}
