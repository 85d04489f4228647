//! A value of front matter: text, or lists and maps of it. Numbers, dates and truth values are the text that they were.

use serde_json::Value as Json;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// `null`, `~`, or nothing.
    Null,
    Text(String),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

impl Value {
    /// Its text, trimmed; `None` where that is empty, or it is a list or map.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    /// Whether it says nothing.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::List(list) => list.iter().all(Self::is_empty),
            Self::Map(map) => map.iter().all(|(_, value)| value.is_empty()),
        }
    }

    /// As the text that `extra` holds: JSON for lists and maps.
    pub(crate) fn into_extra(self) -> String {
        match self {
            Self::Text(text) => text.trim().to_owned(),
            other => other.into_json().to_string(),
        }
    }

    fn into_json(self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Text(text) => Json::String(text),
            Self::List(list) => Json::Array(list.into_iter().map(Self::into_json).collect()),
            Self::Map(map) => Json::Object(map.into_iter().map(|(key, value)| (key, value.into_json())).collect()),
        }
    }
}
