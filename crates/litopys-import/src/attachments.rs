//! The local files that a document links.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use litopys::limits::SMALL_FILE;
use litopys::{Content, DraftFile};

use crate::contained::{Base, Refusal};
use crate::kind::by_name;
use crate::names::Paths;
use crate::{Warning, limits, media_type};

/// The files that come along.
#[derive(Debug, Default)]
pub(crate) struct Attachments {
    pub(crate) files: Vec<DraftFile>,
    /// Where they are, without symbolic links.
    pub(crate) linked: Vec<PathBuf>,
    pub(crate) warnings: Vec<Warning>,
    /// Bytes of them in memory.
    pub(crate) held: u64,
}

/// Finds the files of these targets below a document's own folder.
pub(crate) fn attach(folder: &Path, targets: &[String], paths: &mut Paths) -> Attachments {
    let mut out = Attachments::default();
    let mut refused = BTreeMap::new();
    let mut refuse = |reason, target: &str| {
        refused.entry(reason).or_insert_with(|| (0_u64, target.chars().take(200).collect::<String>())).0 += 1;
    };
    let mut named = HashSet::new();
    let mut found = HashSet::new();
    let base = Base::new(folder);
    for target in targets {
        if has_scheme(target) {
            continue;
        }
        let name = local_name(target);
        // Another document is an article of its own.
        if name.is_empty() || !named.insert(name.clone()) || by_name(Path::new(&name)).links() {
            continue;
        }
        let file = base.as_ref().map_err(|_| Refusal::Unreadable).and_then(|base| base.find(&name));
        let file = match file {
            Ok(file) if found.contains(&file.path) => continue,
            Ok(_) if out.files.len() == limits::LINKED_FILES => Err(Refusal::TooMany),
            other => other,
        };
        let file = match file {
            Ok(file) => file,
            Err(reason) => {
                refuse(reason, target);
                continue;
            }
        };
        let media_type = media_type::of_file(&file.path);
        let content = if file.size <= SMALL_FILE && out.held + file.size <= limits::HELD {
            match fs::read(&file.path) {
                Ok(bytes) => Content::from(bytes),
                Err(_) => {
                    refuse(Refusal::Unreadable, target);
                    continue;
                }
            }
        } else {
            Content::File(file.path.clone())
        };
        if let Content::Bytes(bytes) = &content {
            out.held += bytes.len() as u64;
        }
        let (path, original_name) = paths.take(&file.relative);
        out.files.push(DraftFile {
            path,
            role: media_type::role(media_type),
            media_type: media_type.to_owned(),
            original_name,
            content,
        });
        found.insert(file.path.clone());
        out.linked.push(file.path);
    }
    out.warnings.extend(refused.into_iter().map(|(reason, (count, first))| Warning::Links { reason, count, first }));
    out
}

/// Whether a target is a URL with a scheme; `file:` and a drive's letter are no such, since they name local files.
fn has_scheme(target: &str) -> bool {
    let Some((scheme, _)) = target.split_once(':') else { return false };
    let odd = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && !scheme.contains(odd)
        && !scheme.eq_ignore_ascii_case("file")
}

/// The file's name in a target: without query and fragment, percent-decoded.
fn local_name(target: &str) -> String {
    let name = target.split(['?', '#']).next().unwrap_or_default();
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = match (*first, after) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    // What is not UTF-8 then was no name to begin with.
    String::from_utf8(bytes).unwrap_or_else(|_| name.to_owned())
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
