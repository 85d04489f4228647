//! TOML front matter.

use toml::Value as Toml;

use super::Value;
use crate::limits;

/// The entries of a TOML document; else the line and what is wrong.
pub(super) fn read(source: &str) -> Result<Vec<(String, Value)>, (u64, String)> {
    let table: toml::Table = source.parse().map_err(|e: toml::de::Error| {
        let before = e.span().and_then(|span| source.get(..span.start)).unwrap_or_default();
        (memchr::memchr_iter(b'\n', before.as_bytes()).count() as u64 + 1, e.message().to_owned())
    })?;
    let mut values = 0;
    entries(table, 1, &mut values).ok_or_else(|| (1, "too many values, or nested too deep".to_owned()))
}

fn entries(table: toml::Table, depth: usize, values: &mut usize) -> Option<Vec<(String, Value)>> {
    table.into_iter().map(|(key, value)| Some((key, convert(value, depth, values)?))).collect()
}

fn convert(value: Toml, depth: usize, values: &mut usize) -> Option<Value> {
    *values += 1;
    if depth > limits::FRONT_MATTER_DEPTH || *values > limits::FRONT_MATTER_VALUES {
        return None;
    }
    Some(match value {
        Toml::String(text) => Value::Text(text),
        Toml::Integer(n) => Value::Text(n.to_string()),
        Toml::Float(n) => Value::Text(n.to_string()),
        Toml::Boolean(b) => Value::Text(b.to_string()),
        Toml::Datetime(d) => Value::Text(d.to_string()),
        Toml::Array(list) => {
            Value::List(list.into_iter().map(|item| convert(item, depth + 1, values)).collect::<Option<_>>()?)
        }
        Toml::Table(table) => Value::Map(entries(table, depth + 1, values)?),
    })
}
