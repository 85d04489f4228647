//! Decoding by serde from bytes that the validator has walked: strings are taken from where they stand, and no value is read as one of another
//! type.

use std::fmt::Display;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor};

use super::{CborError, Major, Reader};

impl Error for CborError {
    fn custom<T: Display>(detail: T) -> Self {
        Self::Shape(detail.to_string())
    }
}

impl<'de> Reader<'de> {
    /// The argument of a head of this type, or the error that something else stands there.
    fn wanted(&mut self, wanted: Major, expected: &str) -> Result<u64, CborError> {
        match self.head()? {
            (major, value) if major == wanted => Ok(value),
            (major, value) => Err(CborError::invalid_type(unexpected(major, value), &expected)),
        }
    }

    fn str(&mut self) -> Result<&'de str, CborError> {
        let start = self.at;
        let length = self.wanted(Major::Text, "a text string")?;
        self.utf8(length, start)
    }
}

const fn unexpected(major: Major, value: u64) -> Unexpected<'static> {
    match major {
        Major::Unsigned => Unexpected::Unsigned(value),
        Major::Negative => Unexpected::Other("negative integer"),
        Major::Bytes => Unexpected::Other("byte string"),
        Major::Text => Unexpected::Other("text string"),
        Major::Array => Unexpected::Seq,
        Major::Map => Unexpected::Map,
        Major::Tag => Unexpected::Other("tag"),
        Major::Simple => Unexpected::Other("simple value"),
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = CborError;

    /// Nothing of the profile is read without a type that says what it is to be.
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, CborError> {
        Err(CborError::custom("a value of no known type"))
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CborError> {
        visitor.visit_u64(self.wanted(Major::Unsigned, "an unsigned integer")?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CborError> {
        visitor.visit_borrowed_str(self.str()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CborError> {
        self.deserialize_str(visitor)
    }

    /// A key is compared with those that there are, as bytes.
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CborError> {
        let start = self.at;
        let length = self.wanted(Major::Text, "a text string")?;
        visitor.visit_borrowed_bytes(self.take(length, start)?)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CborError> {
        let start = self.at;
        let length = self.wanted(Major::Bytes, "a byte string")?;
        visitor.visit_borrowed_bytes(self.take(length, start)?)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CborError> {
        self.deserialize_bytes(visitor)
    }

    /// What is absent has no key: there is no null.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CborError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, CborError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CborError> {
        let left = self.wanted(Major::Array, "an array")?;
        let mut entries = Entries { reader: self, left };
        let value = visitor.visit_seq(&mut entries)?;
        entries.end(value)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CborError> {
        let left = self.wanted(Major::Map, "a map")?;
        let mut entries = Entries { reader: self, left };
        let value = visitor.visit_map(&mut entries)?;
        entries.end(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, CborError> {
        self.deserialize_map(visitor)
    }

    /// A variant without data, by its name.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, CborError> {
        visitor.visit_enum(BorrowedStrDeserializer::new(self.str()?))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CborError> {
        self.item(super::Keys::Text, 0)?;
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 f32 f64 char unit unit_struct tuple tuple_struct
    }
}

/// The entries of an array or map that are still to come.
struct Entries<'a, 'de> {
    reader: &'a mut Reader<'de>,
    left: u64,
}

impl Entries<'_, '_> {
    fn next(&mut self) -> bool {
        let more = self.left > 0;
        self.left -= u64::from(more);
        more
    }

    fn end<T>(&self, value: T) -> Result<T, CborError> {
        if self.left == 0 { Ok(value) } else { Err(CborError::custom("more entries than are read")) }
    }
}

impl<'de> SeqAccess<'de> for Entries<'_, 'de> {
    type Error = CborError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, CborError> {
        if self.next() { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'de> MapAccess<'de> for Entries<'_, 'de> {
    type Error = CborError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, CborError> {
        if self.next() { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, CborError> {
        seed.deserialize(&mut *self.reader)
    }
}
