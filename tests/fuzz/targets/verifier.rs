//! However a bundle is changed, it fails or holds the same objects.
//!
//! The input is a list of changes: to the bundle's bytes, to its members (then the ZIP fits them), to what their frames hold (then the frames
//! fit that), to the statements of a tile.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use litopys::fuzzing::decode_frame;
use litopys::layout::{Member, TileKind};
use litopys::log::tile::{read_entries, write_entries};
use litopys::store::memory::MemoryStore;
use litopys::store::zip::BundleStore;
use litopys_fuzz::{BUNDLE, Input, Objects, bundle_of, change, frame_of, members, verify};

type Members = BTreeMap<Member, Vec<u8>>;

static MEMBERS: LazyLock<Members> = LazyLock::new(|| members(BUNDLE));
static OBJECTS: LazyLock<Objects> = LazyLock::new(|| {
    let (report, objects) = verify(&BundleStore::open(BUNDLE.to_vec()).expect("the seed is a bundle"));
    objects.unwrap_or_else(|| panic!("the seed is verified: {:?}", report.findings))
});

fn change_members(members: &mut Members, input: &mut Input<'_>) {
    let names: Vec<_> = members.keys().copied().collect();
    if names.is_empty() {
        return;
    }
    let pick = |input: &mut Input<'_>| names[usize::from(input.byte()) % names.len()];
    match input.byte() % 8 {
        0 | 1 => change(members.get_mut(&pick(input)).expect("a name of the list"), input),
        2 | 3 => {
            let bytes = members.get_mut(&pick(input)).expect("a name of the list");
            if let Some(mut content) = decode_frame(bytes, 1 << 20) {
                change(&mut content, input);
                *bytes = frame_of(&content);
            }
        }
        4 => drop(members.remove(&pick(input))),
        5 => {
            let (a, b) = (pick(input), pick(input));
            let (of_a, of_b) = (members[&a].clone(), members[&b].clone());
            members.insert(a, of_b);
            members.insert(b, of_a);
        }
        6 => {
            let from = members[&pick(input)].clone();
            let name: String = pick(input).to_string();
            let mut name = name.into_bytes();
            let at = input.number() % name.len();
            name[at] = input.byte();
            if let Some(member) = std::str::from_utf8(&name).ok().and_then(Member::parse)
                && !matches!(member, Member::Mimetype | Member::Readme)
            {
                members.insert(member, from);
            }
        }
        _ => {
            let tile = names.iter().find_map(|name| match name {
                Member::Tile(tile) if tile.kind == TileKind::Entries => Some(*tile),
                _ => None,
            });
            let Some(tile) = tile else { return };
            let bytes = &members[&Member::Tile(tile)];
            let Ok(entries) = read_entries(bytes, tile.width) else { return };
            let mut entries: Vec<_> = entries.into_iter().map(<[u8]>::to_vec).collect();
            let (a, b) = (usize::from(input.byte()) % entries.len(), usize::from(input.byte()) % entries.len());
            match input.byte() % 3 {
                0 => entries.swap(a, b),
                1 => entries[a] = entries[b].clone(),
                _ => change(&mut entries[a], input),
            }
            if let Ok(changed) = write_entries(entries.iter().map(Vec::as_slice)) {
                members.insert(Member::Tile(tile), changed);
            }
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let mut members = MEMBERS.clone();
    let kind = input.byte();
    if kind % 4 == 0 {
        let mut bundle = BUNDLE.to_vec();
        while !input.0.is_empty() {
            change(&mut bundle, &mut input);
        }
        if let Ok(bundle) = BundleStore::open(bundle)
            && let (_, Some(objects)) = verify(&bundle)
        {
            assert_eq!(objects, *OBJECTS);
        }
        return;
    }
    for _ in 0..8 {
        if !input.0.is_empty() {
            change_members(&mut members, &mut input);
        }
    }
    let objects = if kind % 2 == 0 {
        let mut store = MemoryStore::new();
        members.into_iter().for_each(|(member, bytes)| store.insert(member, bytes));
        verify(&store).1
    } else {
        let bundle = BundleStore::open(bundle_of(&members)).expect("what the writer writes opens");
        verify(&bundle).1
    };
    assert!(objects.is_none_or(|objects| objects == *OBJECTS));
});
