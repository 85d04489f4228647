//! Whom the flags say to trust.

use std::path::Path;

use litopys::check::{Anchor, Trust};
use litopys::key::KeyError;
use litopys::{ArchiveId, StatementId, TreeHead};

use super::Verify;
use crate::allowed;
use crate::clock;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::home::keys::{public_key, read_text};

/// Adds what the flags name.
pub(super) fn demand(context: &Context, trust: &mut Trust, args: &Verify) -> Result<(), Failure> {
    for text in &args.trust_archive {
        archive(trust, text)?;
    }
    for text in &args.trust_key {
        trust.demanded.push(founder(context, text)?);
    }
    for path in &args.trust_file {
        file(context, trust, path)?;
    }
    Ok(())
}

/// What a fingerprint begins with.
const FINGERPRINT: &str = "SHA256:";

fn founder(context: &Context, text: &str) -> Result<Anchor, Failure> {
    if text.starts_with(FINGERPRINT) {
        let parsed = text.parse().map_err(|error: KeyError| Failure::of(Exit::Unable, &error).at(text));
        return parsed.map(Anchor::FounderBy);
    }
    Ok(Anchor::Founder(public_key(&context.home()?, text)?))
}

fn archive(trust: &mut Trust, text: &str) -> Result<(), Failure> {
    let (id, head) = parse_archive(text)?;
    trust.demanded.push(Anchor::Archive(id));
    trust.seen.extend(head.map(|head| (id, head)));
    Ok(())
}

fn file(context: &Context, trust: &mut Trust, path: &Path) -> Result<(), Failure> {
    let (text, before, now) = (read_text(path)?, trust.demanded.len(), clock::now()?);
    for (nth, line) in text.lines().enumerate() {
        let line = line.trim();
        let at = |failure: Failure| failure.at(format_args!("{}: line {}", path.display(), nth + 1));
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with("ssh-") || line.starts_with(FINGERPRINT) {
            trust.demanded.push(founder(context, line).map_err(at)?);
        } else if is_archive(line) {
            archive(trust, line).map_err(at)?;
        } else {
            match allowed::key(line, &now).map_err(at)? {
                Some(key) => trust.demanded.push(Anchor::Founder(key)),
                None => {
                    let (path, nth) = (path.display(), nth + 1);
                    context.ui.note(format_args!("{path}: line {nth}: does not allow its key to sign archives now"));
                }
            }
        }
    }
    // An empty list must not turn into "nobody was named".
    if trust.demanded.len() > before {
        Ok(())
    } else {
        Err(Failure::new(Exit::Unable, format_args!("{}: names nobody to trust", path.display())))
    }
}

/// Whether a line is an archive's id, rather than a line of allowed signers.
fn is_archive(line: &str) -> bool {
    let id = line.split('@').next().unwrap_or_default();
    id.chars().all(|c| c.is_ascii_hexdigit() || c.is_whitespace())
}

/// An archive's id in 64 hex digits, in groups or not, and perhaps a checkpoint of it.
pub(crate) fn parse_archive(text: &str) -> Result<(ArchiveId, Option<TreeHead>), Failure> {
    let digits: String = text.split_whitespace().collect();
    let parsed = match digits.split_once('@') {
        None => ArchiveId::from_hex(&digits).ok().map(|id| (id, None)),
        Some((id, head)) => parse_head(head).zip(ArchiveId::from_hex(id).ok()).map(|(head, id)| (id, Some(head))),
    };
    parsed.ok_or_else(|| {
        Failure::new(Exit::Unable, format_args!("\"{text}\" is no archive's id"))
            .hint("an id has 64 hex digits in lower case; ID@SIZE:ROOT adds a checkpoint, its root in hex")
    })
}

fn parse_head(text: &str) -> Option<TreeHead> {
    let (size, root) = text.split_once(':')?;
    TreeHead::new(size.parse().ok()?, StatementId::from_hex(root).ok()?.into())
}
