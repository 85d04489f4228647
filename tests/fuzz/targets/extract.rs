//! However an extract is changed, it fails, or shows nothing but what it showed before. A proof that can be read is written anew as the bytes received.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use litopys::layout::Member;
use litopys::log::text::{ConsistencyText, TlogProof};
use litopys::store::StoreKind;
use litopys::store::zip::BundleStore;
use litopys_fuzz::{EXTRACT, Input, Objects, change, members, verify, zip_of};

static MEMBERS: LazyLock<BTreeMap<Member, Vec<u8>>> = LazyLock::new(|| members(EXTRACT));
static OBJECTS: LazyLock<Objects> = LazyLock::new(|| {
    let (report, objects) = verify(&BundleStore::open(EXTRACT.to_vec()).expect("the seed is an extract"));
    objects.unwrap_or_else(|| panic!("the seed is verified: {:?}", report.findings))
});

fuzz_target!(|data: &[u8]| {
    if let Ok(proof) = TlogProof::parse(data) {
        assert_eq!(proof.to_text(), data);
    }
    if let Ok(proof) = ConsistencyText::parse(data) {
        assert_eq!(proof.to_text(), data);
    }
    let (mut input, mut members) = (Input(data), MEMBERS.clone());
    for _ in 0..8 {
        let names: Vec<_> = members.keys().copied().collect();
        if input.0.is_empty() || names.is_empty() {
            break;
        }
        let pick = |input: &mut Input<'_>| names[usize::from(input.byte()) % names.len()];
        match input.byte() % 4 {
            0 | 1 => change(members.get_mut(&pick(&mut input)).expect("a name of the list"), &mut input),
            2 => drop(members.remove(&pick(&mut input))),
            _ => {
                let (from, to) = (members[&pick(&mut input)].clone(), pick(&mut input));
                let to = match to {
                    Member::Statement(_) => Member::Statement(input.byte().into()),
                    Member::Proof(_) => Member::Proof(input.byte().into()),
                    other => other,
                };
                members.insert(to, from);
            }
        }
    }
    let extract = BundleStore::open(zip_of(StoreKind::Extract, &members)).expect("what the writer writes opens");
    let Some(objects) = verify(&extract).1 else { return };
    assert_eq!(objects.checkpoint, OBJECTS.checkpoint);
    for (id, manifest) in &objects.entries {
        // The last statement's content may be left out.
        let known = OBJECTS.entries.iter().any(|(known, of)| known == id && (of == manifest || manifest.is_none()));
        assert!(known, "{id} was not there");
    }
});
