//! Lists and maps that are refused while they are read, not after: bytes that compress to nothing may hold millions of entries.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{FileEntry, TextMap};
use crate::limits;

pub(super) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    deserializer.deserialize_seq(List::<String, { limits::LIST_ENTRIES }>(PhantomData))
}

pub(super) fn files<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<FileEntry>, D::Error> {
    deserializer.deserialize_seq(List::<FileEntry, { limits::MANIFEST_FILES }>(PhantomData))
}

pub(super) fn map<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TextMap, D::Error> {
    deserializer.deserialize_map(Map)
}

struct List<T, const MOST: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for List<T, MOST> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MOST} entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            if list.len() == MOST {
                return Err(A::Error::invalid_length(MOST + 1, &self));
            }
            list.push(item);
        }
        Ok(list)
    }
}

struct Map;

impl<'de> Visitor<'de> for Map {
    type Value = TextMap;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a map of at most {} entries", limits::MAP_ENTRIES)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<TextMap, A::Error> {
        let mut map = TextMap::new();
        while let Some((key, value)) = entries.next_entry()? {
            if map.len() == limits::MAP_ENTRIES {
                return Err(A::Error::invalid_length(limits::MAP_ENTRIES + 1, &self));
            }
            map.insert(key, value);
        }
        Ok(map)
    }
}
