//! Whom the flags say to trust.

use std::path::Path;

use litopys::check::{Anchor, Trust};
use litopys::{ArchiveId, StatementId, TreeHead};

use super::Verify;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::home::keys::{public_key, read_text};

/// Adds what the flags name.
pub(super) fn demand(context: &Context, trust: &mut Trust, args: &Verify) -> Result<(), Failure> {
    for text in &args.trust_archive {
        archive(trust, text)?;
    }
    for text in &args.trust_key {
        trust.demanded.push(Anchor::Founder(public_key(&context.home()?, text)?));
    }
    for path in &args.trust_file {
        file(context, trust, path)?;
    }
    Ok(())
}

fn archive(trust: &mut Trust, text: &str) -> Result<(), Failure> {
    let (id, head) = parse_archive(text)?;
    trust.demanded.push(Anchor::Archive(id));
    trust.seen.extend(head.map(|head| (id, head)));
    Ok(())
}

fn file(context: &Context, trust: &mut Trust, path: &Path) -> Result<(), Failure> {
    let (text, before) = (read_text(path)?, trust.demanded.len());
    for (nth, line) in text.lines().enumerate() {
        let line = line.trim();
        let at = |failure: Failure| failure.at(format_args!("{}: line {}", path.display(), nth + 1));
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with("ssh-") {
            trust.demanded.push(Anchor::Founder(public_key(&context.home()?, line).map_err(at)?));
        } else {
            archive(trust, line).map_err(at)?;
        }
    }
    // An empty list must not turn into "nobody was named".
    if trust.demanded.len() > before {
        Ok(())
    } else {
        Err(Failure::new(Exit::Unable, format_args!("{}: names nobody to trust", path.display())))
    }
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
