//! The keys that no field has taken yet.

use litopys::limits::MAP_ENTRIES;
use litopys::manifest::TextMap;

use super::Value;
use crate::{Warning, limits};

#[derive(Debug)]
struct Entry {
    key: String,
    /// The key as it is compared.
    folded: String,
    value: Value,
}

/// The keys that no field has taken yet, in their order.
#[derive(Debug)]
pub(super) struct Left {
    entries: Vec<Entry>,
    warnings: Vec<Warning>,
}

impl Left {
    pub(super) fn new(entries: Vec<(String, Value)>) -> Self {
        let entry = |(key, value): (String, Value)| {
            let folded =
                key.trim().chars().map(|c| if matches!(c, '-' | ' ') { '_' } else { c.to_ascii_lowercase() }).collect();
            Entry { key, folded, value }
        };
        let entries = entries.into_iter().filter(|(_, value)| !value.is_empty()).map(entry).collect();
        Self { entries, warnings: Vec::new() }
    }

    /// Takes the first of `keys` whose value can be read; `strict` warns of those that can't.
    pub(super) fn take<T>(
        &mut self,
        keys: &[&str],
        strict: bool,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Option<(String, T)> {
        let mut unread = Vec::new();
        let taken = self.take_keyed(keys, |key, value| {
            let value = read(value);
            if value.is_none() && strict {
                unread.push(Warning::Value { key: cut(key) });
            }
            value
        });
        for warning in unread {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
        taken
    }

    pub(super) fn take_keyed<T>(
        &mut self,
        keys: &[&str],
        mut read: impl FnMut(&str, &Value) -> Option<T>,
    ) -> Option<(String, T)> {
        for key in keys {
            for at in 0..self.entries.len() {
                let Some(entry) = self.entries.get(at).filter(|entry| entry.folded == *key) else { continue };
                if let Some(value) = read(&entry.key, &entry.value) {
                    return Some((cut(&self.entries.remove(at).key), value));
                }
            }
        }
        None
    }

    /// Keeps what is left as text, and says what could not be kept.
    pub(super) fn into_extra(self, extra: &mut TextMap) -> Vec<Warning> {
        let mut warnings = self.warnings;
        for Entry { key, value, .. } in self.entries {
            let text = value.into_extra();
            let fits = !key.is_empty() && key.len() <= limits::EXTRA_KEY && text.len() <= limits::EXTRA_VALUE;
            if !fits || extra.contains_key(&key) || extra.len() == MAP_ENTRIES {
                warnings.push(Warning::Key { key: cut(&key) });
            } else {
                extra.insert(key, text);
            }
        }
        warnings
    }
}

/// A key short enough to be shown.
fn cut(key: &str) -> String {
    key.chars().take(limits::EXTRA_KEY / 4).collect()
}
