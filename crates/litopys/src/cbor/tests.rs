use super::*;

fn fault(bytes: &[u8]) -> Option<CborFault> {
    match validate(bytes, Keys::Text) {
        Err(CborError::Canonical { fault, .. }) => Some(fault),
        Err(CborError::Shape(_)) => unreachable!("the validator knows no shapes"),
        Ok(()) => None,
    }
}

#[test]
fn each_break_of_the_profile_is_refused() {
    for (bytes, expected) in [
        (&b"\x18\x17"[..], CborFault::LongHead),
        (b"\x19\x00\xff", CborFault::LongHead),
        (b"\x58\x01a", CborFault::LongHead),
        (b"\x1b\x00\x00\x00\x00\xff\xff\xff\xff", CborFault::LongHead),
        (b"\x9f\x01\xff", CborFault::Indefinite),
        (b"\x5f\x41a\xff", CborFault::Indefinite),
        (b"\x1c", CborFault::Indefinite),
        (b"\xf6", CborFault::Type),
        (b"\xf5", CborFault::Type),
        (b"\xf7", CborFault::Type),
        (b"\xf9\x3c\x00", CborFault::Type),
        (b"\xc0\x61a", CborFault::Type),
        (b"\x27", CborFault::Type),
        (b"\x60", CborFault::Empty),
        (b"\x40", CborFault::Empty),
        (b"\x80", CborFault::Empty),
        (b"\xa0", CborFault::Empty),
        (b"\x1b\x00\x20\x00\x00\x00\x00\x00\x00", CborFault::Range),
        (b"\x61\xff", CborFault::Utf8),
        (b"\xa2\x61b\x01\x61a\x01", CborFault::Order),
        (b"\xa2\x62aa\x01\x61b\x01", CborFault::Order),
        (b"\xa2\x61a\x01\x61a\x01", CborFault::Order),
        (b"\xa1\x01\x01", CborFault::Key),
        (b"\x81\x81\x81\x81\x81\x81\x81\x81\x81\x01", CborFault::Depth),
        (b"\x01\x01", CborFault::Trailing),
        (b"\x42a", CborFault::Truncated),
        (b"\x82\x01", CborFault::Truncated),
        (b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff\x01", CborFault::Truncated),
        (b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff", CborFault::Truncated),
        (b"", CborFault::Truncated),
    ] {
        assert_eq!(fault(bytes), Some(expected), "{bytes:02x?}");
    }
    assert_eq!(fault(b"\xa2\x61b\x01\x62aa\x81\x1b\x00\x1f\xff\xff\xff\xff\xff\xff"), None);
}

#[test]
fn a_map_is_not_read_as_a_variant() {
    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Word {
        A,
    }
    assert!(decode::<Word>(b"\x61a").is_ok());
    assert!(decode::<Word>(b"\xa1\x61a\x01").is_err());
}

#[test]
fn bytes_are_not_read_from_a_list_of_integers() {
    assert!(decode::<Fixed<2>>(b"\x42ab").is_ok());
    assert!(decode::<Fixed<2>>(b"\x82\x01\x02").is_err());
    assert!(decode::<Fixed<2>>(b"\x62ab").is_err());
}

/// A manifest with all that one can have.
fn full_manifest() -> Vec<u8> {
    use crate::manifest::{Captured, Change, Derivation, DerivedFrom, FileEntry, Manifest, Metadata, Role};
    let text = |text: &str| Some(text.to_owned());
    let map = |key: &str| [(key.to_owned(), "value".to_owned())].into();
    let at = || "2025-09-05T00:00:00Z".parse().unwrap();
    let metadata = Metadata {
        title: text("title"),
        authors: vec!["a".into(), "b".into()],
        language: text("uk"),
        published: "XXXX-09-05".parse().ok(),
        captured: Some(Captured { at: Some(at()), url: text("u"), via: text("v"), tool: text("t") }),
        derived_from: Some(DerivedFrom { id: crate::StatementId::of(b""), kind: Derivation::Ocr, tool: text("tool") }),
        extra: map("key"),
        provenance: map("title"),
        ..Metadata::default()
    };
    let sha256 = crate::FileDigest::of(b"");
    let (path, media_type) = ("a.txt".to_owned(), "text/plain".to_owned());
    let files = vec![FileEntry { path, role: Role::Text, size: 3, media_type, sha256, original_name: text("b") }];
    Manifest::new("subject".into(), Change::First, at(), [7; 16], metadata, files).unwrap().encode().unwrap()
}

/// Puts a value in the place of the item with this number, if there is one.
fn replace(item: &mut ciborium::Value, nth: &mut usize, value: &ciborium::Value) {
    use ciborium::Value;
    if *nth == 0 {
        *item = value.clone();
    }
    *nth = nth.wrapping_sub(1);
    match item {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, nth, value)),
        Value::Map(entries) => entries.iter_mut().for_each(|(_, item)| replace(item, nth, value)),
        _ => {}
    }
}

#[test]
fn typed_values_are_read_as_another_library_reads_them() {
    use crate::manifest::Manifest;
    use ciborium::Value;
    let bytes = full_manifest();
    let manifest: Value = ciborium::from_reader(&bytes[..]).unwrap();
    let text = |text: &str| Value::Text(text.to_owned());
    let map = |key: &str, value| Value::Map(vec![(text(key), value)]);
    let values = [
        Value::Integer(7.into()),
        Value::Integer((1u64 << 53).into()),
        text("first"),
        text("2025-09-05T00:00:00Z"),
        Value::Bytes(vec![7; 16]),
        Value::Bytes(vec![7; 32]),
        Value::Array(vec![text("first")]),
        Value::Array(vec![Value::Integer(7.into()); 16]),
        Value::Array(vec![Value::Bytes(vec![7; 32])]),
        map("first", Value::Integer(1.into())),
        map("key", text("value")),
        map("id", Value::Bytes(vec![7; 32])),
        Value::Array(vec![Value::Array(vec![text("a"), text("text")])]),
    ];
    let (mut good, mut bad) = (0, 0);
    for (nth, value) in (0..40).flat_map(|nth| values.iter().map(move |value| (nth, value))) {
        let mut changed = manifest.clone();
        replace(&mut changed, &mut { nth }, value);
        let mut bytes = Vec::new();
        ciborium::into_writer(&changed, &mut bytes).unwrap();
        let mut rest = &bytes[..];
        let other = ciborium::from_reader::<Manifest, _>(&mut rest).ok().filter(|_| rest.is_empty());
        let other = other.filter(|_| validate(&bytes, Keys::Text).is_ok());
        assert_eq!(decode::<Manifest>(&bytes).ok(), other, "{value:?} for item {nth}");
        if other.is_some() { good += 1 } else { bad += 1 }
    }
    assert!(good > 60 && bad > 300, "{good} {bad}");
}
