//! CBOR that may be wrong: what is said is written, in the order in which it is said.

/// An item.
#[derive(Debug, Clone)]
pub(crate) enum Cbor {
    Uint(u64),
    /// The integer -1 - n.
    Negative(u64),
    Bytes(Vec<u8>),
    Text(String),
    Array(Vec<Cbor>),
    Map(Vec<(Cbor, Cbor)>),
    /// Bytes that stand there as they are.
    Raw(Vec<u8>),
}

pub(crate) const NULL: &[u8] = &[0xf6];

/// The shortest head.
pub(crate) fn head(major: u8, value: u64) -> Vec<u8> {
    match value {
        0..24 => vec![major << 5 | value as u8],
        24..0x100 => long_head(major, value, 1),
        0x100..0x1_0000 => long_head(major, value, 2),
        0x1_0000..0x1_0000_0000 => long_head(major, value, 4),
        _ => long_head(major, value, 8),
    }
}

/// A head whose argument has this many bytes: 1, 2, 4 or 8.
pub(crate) fn long_head(major: u8, value: u64, width: usize) -> Vec<u8> {
    let mut out = vec![(major << 5) | (24 + width.ilog2() as u8)];
    out.extend(&value.to_be_bytes()[8 - width..]);
    out
}

pub(crate) fn bytes(bytes: &[u8]) -> Vec<u8> {
    [&head(2, bytes.len() as u64), bytes].concat()
}

pub(crate) fn raw(bytes: impl AsRef<[u8]>) -> Cbor {
    Cbor::Raw(bytes.as_ref().to_vec())
}

/// A map with text keys, which are put in order.
pub(crate) fn map<const N: usize>(entries: [(&str, Cbor); N]) -> Cbor {
    map_of(entries.into_iter().map(|(key, value)| (key.to_owned(), value)))
}

pub(crate) fn map_of(entries: impl IntoIterator<Item = (String, Cbor)>) -> Cbor {
    let mut map = Cbor::Map(Vec::new());
    entries.into_iter().for_each(|(key, value)| map.set(key, value));
    map
}

impl Cbor {
    pub(crate) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Uint(value) => head(0, *value),
            Self::Negative(value) => head(1, *value),
            Self::Bytes(value) => bytes(value),
            Self::Text(text) => [&head(3, text.len() as u64), text.as_bytes()].concat(),
            Self::Array(items) => {
                let mut out = head(4, items.len() as u64);
                items.iter().for_each(|item| out.extend(item.encode()));
                out
            }
            Self::Map(entries) => {
                let mut out = head(5, entries.len() as u64);
                for (key, value) in entries {
                    out.extend(key.encode());
                    out.extend(value.encode());
                }
                out
            }
            Self::Raw(bytes) => bytes.clone(),
        }
    }

    /// The entries of a map.
    pub(crate) fn entries(&mut self) -> &mut Vec<(Self, Self)> {
        let Self::Map(entries) = self else { panic!("{self:?} is no map") };
        entries
    }

    /// The items of an array.
    pub(crate) fn items(&mut self) -> &mut Vec<Self> {
        let Self::Array(items) = self else { panic!("{self:?} is no array") };
        items
    }

    /// The value of a key.
    pub(crate) fn get(&mut self, key: impl Into<Self>) -> &mut Self {
        let key = key.into().encode();
        let found = self.entries().iter_mut().find(|(k, _)| k.encode() == key);
        &mut found.expect("the map has the key").1
    }

    /// The item at an index.
    pub(crate) fn at(&mut self, index: usize) -> &mut Self {
        &mut self.items()[index]
    }

    /// Gives a key a value, in the place where it belongs.
    pub(crate) fn set(&mut self, key: impl Into<Self>, value: impl Into<Self>) {
        let key = key.into();
        self.remove(key.clone());
        let encoded = key.encode();
        let entries = self.entries();
        let at = entries.iter().position(|(k, _)| k.encode() > encoded).unwrap_or(entries.len());
        entries.insert(at, (key, value.into()));
    }

    pub(crate) fn remove(&mut self, key: impl Into<Self>) {
        let key = key.into().encode();
        self.entries().retain(|(k, _)| k.encode() != key);
    }
}

impl From<u64> for Cbor {
    fn from(value: u64) -> Self {
        Self::Uint(value)
    }
}

impl From<&str> for Cbor {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cbor {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<u8>> for Cbor {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<const N: usize> From<[u8; N]> for Cbor {
    fn from(bytes: [u8; N]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}
