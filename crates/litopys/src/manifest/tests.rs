use proptest::prelude::*;

use super::*;

fn file(path: &str) -> FileEntry {
    let sha256 = FileDigest::of(path.as_bytes());
    FileEntry {
        path: path.into(),
        role: Role::Text,
        size: 3,
        media_type: "text/plain".into(),
        sha256,
        original_name: None,
    }
}

fn manifest(files: Vec<FileEntry>, metadata: Metadata) -> Result<Manifest, ManifestError> {
    let at = "2026-11-23T10:00:00Z".parse().unwrap();
    Manifest::new("subject".into(), Change::First, at, [7; 16], metadata, files)
}

#[test]
fn a_full_manifest_reads_back_from_its_bytes() {
    let text = |s: &str| Some(s.to_owned());
    let map = |n: usize| (0..n).map(|i| ("k".repeat(i % 30 + 1) + &i.to_string(), "v".to_owned())).collect::<TextMap>();
    let metadata = Metadata {
        title: text("title"),
        authors: vec!["a".into(), "b".into()],
        publisher: text("p"),
        language: text("uk"),
        published: "XXXX-09-05".parse().ok(),
        modified: "2025".parse().ok(),
        captured: Some(Captured {
            at: "2025-09-05T00:00:00Z".parse().ok(),
            url: text("u"),
            via: text("v"),
            tool: text("t"),
        }),
        tags: vec!["x".into()],
        rights: text("r"),
        summary: text("s"),
        note: text("n"),
        derived_from: Some(DerivedFrom { id: StatementId::of(b""), kind: Derivation::Ocr, tool: text("t") }),
        extra: map(100),
        provenance: map(40),
    };
    let full = manifest(vec![file("a"), file("b/c")], metadata.clone()).unwrap();
    let bytes = full.encode().unwrap();
    assert_eq!(Manifest::decode(&bytes).as_ref(), Ok(&full));
    assert_eq!(full.metadata(), metadata);
}

#[test]
fn paths_stay_within_the_article_and_are_unique() {
    for bad in ["", "/a", "a/", "a//b", "../a", "a/../b", "./a", "a\\b", "C:a", "a\nb", "a\u{7f}", &"a".repeat(1025)] {
        assert_eq!(manifest(vec![file(bad)], Metadata::default()), Err(ManifestError::Path(0)), "{bad}");
    }
    assert_eq!(manifest(vec![file("A"), file("a")], Metadata::default()), Err(ManifestError::SamePath(1)));
    assert_eq!(manifest(vec![file("a/b"), file("A")], Metadata::default()), Err(ManifestError::SamePath(0)));
    assert!(manifest(vec![file("Ä"), file("ä"), file("..."), file("a b")], Metadata::default()).is_ok());
}

#[test]
fn other_rules_hold_when_writing_and_when_reading() {
    assert_eq!(manifest(vec![], Metadata::default()), Err(ManifestError::FileCount(0)));
    let mut other_size = file("a");
    (other_size.path, other_size.size) = ("b".into(), 4);
    assert_eq!(manifest(vec![file("a"), other_size], Metadata::default()), Err(ManifestError::SameDigest(1)));
    let language = Metadata { language: Some("en_US".into()), ..Default::default() };
    assert_eq!(manifest(vec![file("a")], language), Err(ManifestError::Language));
    let extra = (0..257).map(|i| (i.to_string(), "v".to_owned())).collect();
    let many = Metadata { extra, ..Default::default() };
    assert_eq!(manifest(vec![file("a")], many), Err(ManifestError::MapCount(257)));
    let many = Metadata { tags: vec!["t".into(); 1025], ..Default::default() };
    assert_eq!(manifest(vec![file("a")], many), Err(ManifestError::ListCount(1025)));
    let empty = Metadata { title: Some(String::new()), ..Default::default() };
    assert!(matches!(manifest(vec![file("a")], empty).unwrap().encode(), Err(ManifestError::Cbor(_))));
}

#[test]
fn an_unknown_field_or_word_is_refused() {
    let bytes = manifest(vec![file("a")], Metadata::default()).unwrap().encode().unwrap();
    let replace = |from: &[u8], to: &[u8]| {
        let at = bytes.windows(from.len()).position(|w| w == from).unwrap();
        [&bytes[..at], to, &bytes[at + from.len()..]].concat()
    };
    for changed in [replace(b"first", b"fresh"), replace(b"text", b"test"), replace(b"signed_at", b"signed_bt")] {
        assert!(matches!(Manifest::decode(&changed), Err(ManifestError::Cbor(CborError::Shape(_)))));
    }
}

#[test]
fn the_pack_holds_each_digest_once() {
    let mut twin = file("a");
    twin.path = "twin".into();
    let mut large = file("large");
    large.size = 65_537;
    let many = || (0..20).map(|i| file(&i.to_string()));
    let again = many().map(|mut file| {
        file.path += "x";
        file
    });
    let files = [file("a"), large, twin].into_iter().chain(many()).chain(again).collect();
    let manifest = manifest(files, Metadata::default()).unwrap();
    assert_eq!(manifest.packed_files().count(), 21);
}

proptest! {
    #[test]
    fn few_files_and_many_are_judged_alike(paths in proptest::collection::vec("[aA](/[ab]){0,2}", 1..8)) {
        let mut some = manifest(vec![file("x")], Metadata::default()).unwrap();
        some.files = paths.iter().map(|path| file(path)).collect();
        prop_assert_eq!(some.check_few_files().is_ok(), some.check_files().is_ok());
    }
}

#[test]
fn lists_are_refused_while_they_are_read() {
    let bytes =
        manifest(vec![file("a")], Metadata { tags: vec!["t".into()], ..Default::default() }).unwrap().encode().unwrap();
    let at = bytes.windows(6).position(|w| w == b"tags\x81\x61").unwrap() + 4;
    let with = |count: u16| {
        let head = [&[0x99][..], &count.to_be_bytes()].concat();
        [&bytes[..at], &head, &b"\x61t".repeat(count.into()), &bytes[at + 3..]].concat()
    };
    assert_eq!(Manifest::decode(&with(1024)).unwrap().tags.len(), 1024);
    assert!(matches!(Manifest::decode(&with(1025)), Err(ManifestError::Cbor(CborError::Shape(_)))));
}
