//! The lists and maps of a manifest, refused while they are read (as [`cbor::list`] says why).

use std::fmt;

use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::{FileEntry, TextMap};
use crate::{cbor, limits};

pub(super) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    cbor::list::<_, _, { limits::LIST_ENTRIES }>(deserializer)
}

pub(super) fn files<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<FileEntry>, D::Error> {
    cbor::list::<_, _, { limits::MANIFEST_FILES }>(deserializer)
}

pub(super) fn map<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TextMap, D::Error> {
    deserializer.deserialize_map(Map)
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
