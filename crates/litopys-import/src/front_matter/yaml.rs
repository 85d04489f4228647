//! YAML 1.2 front matter, from the parser's events: no types are guessed (`no` is "no"), and an alias only ever repeats
//! a scalar, so that there is nothing to blow up.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::Value;
use crate::limits;

type Fault = (u64, String);

/// A list or map whose end has not come yet, with a map's key that waits for its value.
enum Open {
    List(Vec<Value>),
    Map(Vec<(String, Value)>, Option<String>),
}

/// The entries of a YAML map; else the line and what is wrong.
pub(super) fn read(source: &str) -> Result<Vec<(String, Value)>, Fault> {
    let mut open: Vec<Open> = Vec::new();
    let mut anchors: HashMap<usize, String> = HashMap::new();
    let mut root = None;
    let (mut values, mut size) = (0, 0);
    for event in Parser::new_from_str(source) {
        let (event, span) = event.map_err(|e| (e.marker().line() as u64, e.info().to_owned()))?;
        let line = span.start.line() as u64;
        let fault = |what: &str| (line, what.to_owned());
        let done = match event {
            Event::Scalar(text, style, anchor, _) => {
                let null = style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                if anchor != 0 {
                    anchors.insert(anchor, text.clone().into_owned());
                }
                size += text.len();
                if null { Value::Null } else { Value::Text(text.into_owned()) }
            }
            Event::Alias(anchor) => {
                let text = anchors.get(&anchor).ok_or_else(|| fault("an alias of a list or map"))?;
                size += text.len();
                Value::Text(text.clone())
            }
            Event::SequenceStart(..) => {
                open.push(Open::List(Vec::new()));
                continue_or(open.len(), line)?;
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open::Map(Vec::new(), None));
                continue_or(open.len(), line)?;
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::List(list)) => Value::List(list),
                Some(Open::Map(map, _)) => Value::Map(map),
                None => return Err(fault("an end without a start")),
            },
            Event::DocumentStart(_) if root.is_some() => return Err(fault("a second document")),
            _ => continue,
        };
        values += 1;
        if values > limits::FRONT_MATTER_VALUES || size > limits::FRONT_MATTER_TEXT {
            return Err(fault("too many values"));
        }
        match open.last_mut() {
            None => root = Some(done),
            Some(Open::List(list)) => list.push(done),
            Some(Open::Map(map, key)) => match (key.take(), done) {
                (Some(key), value) => map.push((key, value)),
                (None, Value::Text(text)) => *key = Some(text),
                (None, Value::Null) => *key = Some("null".to_owned()),
                (None, _) => return Err(fault("a list or map as a key")),
            },
        }
    }
    match root {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Map(map)) => Ok(map),
        Some(_) => Err((1, "not keys and values".to_owned())),
    }
}

fn continue_or(depth: usize, line: u64) -> Result<(), Fault> {
    if depth > limits::FRONT_MATTER_DEPTH { Err((line, "lists and maps nested too deep".to_owned())) } else { Ok(()) }
}
