//! Which article is meant: by its URN or the beginning of it, its subject, or the beginning of a statement's id.

use litopys::view::{Article, ObservationRef, VersionRef, View};
use litopys::{ArticleUrn, StatementId};

use crate::commands::show::WITHDRAWN;
use crate::failure::{Exit, Failure};
use crate::ui::words::count;

/// The fewest digits of a statement's id that name it.
pub(crate) const ID_PREFIX: usize = 8;
/// How many candidates a message names.
const CANDIDATES: usize = 5;

/// An article that was asked for, and the version if it was asked for by its id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Selected<'a> {
    /// The article.
    pub(crate) article: &'a Article,
    /// The version whose id was given; its newest otherwise.
    pub(crate) version: &'a VersionRef,
}

/// What has a manifest and was asked for: a version of an article, or an observation.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Named<'a> {
    /// A version.
    Version(Selected<'a>),
    /// An observation, by its statement's id.
    Observation(&'a ObservationRef),
}

impl<'a> Selected<'a> {
    /// The version with this number, if one is asked for.
    pub(crate) fn at(self, number: Option<u64>) -> Result<&'a VersionRef, Failure> {
        let Some(number) = number else { return Ok(self.version) };
        // An extract may show some of them only.
        self.article.versions.iter().find(|version| version.version == number).ok_or_else(|| {
            let has = count(self.article.versions.len() as u64, "version");
            Failure::new(Exit::Unable, format_args!("there is no version {number}: {} has {has}", self.article.urn))
        })
    }
}

/// The beginnings of articles' URNs, long enough to tell those of an archive apart: 8 digits, or more where they must be.
pub(crate) struct Names {
    length: usize,
}

impl Names {
    /// For the articles of this archive.
    pub(crate) fn of(view: &View<'_>) -> Self {
        let mut urns: Vec<_> = view.articles().iter().map(|article| article.urn).collect();
        urns.sort_unstable();
        let digits = urns.windows(2).map(|pair| same_digits(pair[0].as_bytes(), pair[1].as_bytes()) + 1).max();
        let digits = digits.unwrap_or(0).max(8);
        // A UUID has dashes after 8, 12, 16 and 20 digits.
        let dashes = [8, 12, 16, 20].iter().filter(|before| digits > **before).count();
        Self { length: "urn:uuid:".len() + digits + dashes }
    }

    /// An article's name, as far as it is needed.
    pub(crate) fn short(&self, urn: &ArticleUrn) -> String {
        urn.to_string().chars().take(self.length).collect()
    }
}

/// With how many equal hexadecimal digits two numbers begin.
fn same_digits(a: &[u8], b: &[u8]) -> usize {
    let bytes = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let half = a.get(bytes).zip(b.get(bytes)).is_some_and(|(a, b)| a >> 4 == b >> 4);
    bytes * 2 + usize::from(half)
}

/// The beginning of a statement's id: enough to name it.
pub(crate) fn short_id(id: &StatementId) -> String {
    id.to_hex().chars().take(12).collect()
}

/// The indexes of the versions that a URN or the beginning of one, or of a statement's id, names among these: all of an article, or the one. `None` where
/// none is named, or more than one, or it may be a subject.
pub(crate) fn select_by_name(versions: &[(ArticleUrn, VersionRef)], selector: &str) -> Option<Vec<VersionRef>> {
    let named: Vec<_> = if selector.starts_with("urn:uuid:") {
        let first = versions.iter().find(|(urn, _)| urn.to_string().starts_with(selector))?.0;
        if versions.iter().any(|(urn, _)| *urn != first && urn.to_string().starts_with(selector)) {
            return None;
        }
        versions.iter().filter(|(urn, _)| *urn == first).collect()
    } else if is_id(selector) {
        versions.iter().filter(|(_, version)| version.id.to_hex().starts_with(selector)).collect()
    } else {
        return None;
    };
    let is_one = !is_id(selector) || named.len() == 1;
    (is_one && !named.is_empty()).then(|| named.iter().map(|(_, version)| *version).collect())
}

/// Whether it may be the beginning of a statement's id.
fn is_id(selector: &str) -> bool {
    selector.len() >= ID_PREFIX && selector.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether manifests need not be read to tell what is meant.
pub(crate) fn is_name(selector: &str) -> bool {
    selector.starts_with("urn:uuid:") || is_id(selector)
}

/// Finds the one article that `selector` names.
pub(crate) fn select<'a>(view: &'a View<'_>, selector: &str) -> Result<Selected<'a>, Failure> {
    if let Some(article) = selector.parse().ok().and_then(|urn| view.article(&urn))
        && let Some(selected) = newest(article)
    {
        return Ok(selected);
    }
    let by_subject = view.articles().iter().filter(|article| article.subject == selector).filter_map(newest);
    let mut found: Vec<Selected<'_>> = by_subject.collect();
    if selector.starts_with("urn:uuid:") {
        let by_urn = view.articles().iter().filter(|article| article.urn.to_string().starts_with(selector));
        found.extend(by_urn.filter_map(newest));
    }
    if is_id(selector) {
        let versions = view.articles().iter().flat_map(|article| article.versions.iter().map(move |v| (article, v)));
        let by_id = versions.filter(|(_, version)| version.id.to_hex().starts_with(selector));
        found.extend(by_id.map(|(article, version)| Selected { article, version }));
    }
    match found.as_slice() {
        [one] => Ok(*one),
        [] if !observed(view, selector).is_empty() => {
            Err(Failure::new(Exit::Unable, format_args!("\"{selector}\" names an observation, no article"))
                .hint("`show`, `cat`, `prove` and `withdraw` take an observation; name its article by its urn:uuid or subject"))
        }
        [] => Err(Failure::new(Exit::Unable, format_args!("no article is named by \"{selector}\"")).hint(
            "an article is named by its urn:uuid, its subject, or 8 digits or more of a statement's id; `litopys list` lists them",
        )),
        many => {
            let failure = Failure::new(Exit::Unable, format_args!("{} articles are named by \"{selector}\"", many.len()));
            Err(many.iter().take(CANDIDATES).fold(failure, |failure, selected| {
                let article = selected.article;
                let label = if article.subject.is_empty() { WITHDRAWN.to_owned() } else { article.label() };
                failure.hint(format_args!("{} {label}", article.urn))
            }))
        }
    }
}

/// Finds the version of an article that `selector` names, as [`select`] does, or the observation by 8 digits or more of its statement's id.
pub(crate) fn select_entry<'a>(view: &'a View<'_>, selector: &str) -> Result<Named<'a>, Failure> {
    match (observed(view, selector).as_slice(), select(view, selector)) {
        ([], selected) => selected.map(Named::Version),
        ([one], Err(_)) => Ok(Named::Observation(one)),
        _ => Err(Failure::new(Exit::Unable, format_args!("several statements are named by \"{selector}\""))
            .hint("name more digits of the statement's id")),
    }
}

/// The observations that `selector` names.
fn observed<'a>(view: &'a View<'_>, selector: &str) -> Vec<&'a ObservationRef> {
    let named = view.observations().iter().filter(|observation| observation.id.to_hex().starts_with(selector));
    named.filter(|_| is_id(selector)).collect()
}

fn newest(article: &Article) -> Option<Selected<'_>> {
    article.head().map(|version| Selected { article, version })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_digits_are_counted() {
        assert_eq!(same_digits(&[0x12, 0x34], &[0x12, 0x35]), 3);
        assert_eq!(same_digits(&[0x12, 0x34], &[0x12, 0x44]), 2);
        assert_eq!(same_digits(&[0x12], &[0x12]), 2);
    }
}
