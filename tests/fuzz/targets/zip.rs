//! A bundle or extract that can be opened, and in which all is in order, is written anew as the bytes received.
#![no_main]

use std::collections::BTreeMap;
use std::io::Read;

use libfuzzer_sys::fuzz_target;
use litopys::layout::Member;
use litopys::store::zip::BundleStore;
use litopys::store::{Found, Store};
use litopys_fuzz::zip_of;

fuzz_target!(|data: &[u8]| {
    let Ok(bundle) = BundleStore::open(data.to_vec()) else { return };
    let (mut members, mut sound) = (BTreeMap::new(), bundle.fixed_faults().is_empty());
    let mut names = Vec::new();
    bundle.scan(&mut |found| names.push(found)).unwrap();
    for found in names {
        let (Found::Member(member) | Found::Misplaced(member)) = found else {
            sound = false;
            continue;
        };
        sound &= matches!(found, Found::Member(_));
        let mut bytes = Vec::new();
        match bundle.open(member).unwrap().read_to_end(&mut bytes) {
            Ok(_) => assert_eq!(bundle.size(member).unwrap(), bytes.len() as u64),
            Err(_) => sound = false,
        }
        if !matches!(member, Member::Mimetype | Member::Readme) {
            members.insert(member, bytes);
        }
    }
    if sound {
        assert!(zip_of(bundle.kind(), &members) == data, "a bundle has one sequence of bytes");
    }
});
