//! Markdown: its title, and the local files that it links.

mod heading;
mod html;
mod links;

pub(crate) use heading::heading;
pub(crate) use links::targets;

/// The name and version of these rules, for `provenance`.
pub(crate) const EXTRACTOR: &str = "litopys-import markdown 1";
