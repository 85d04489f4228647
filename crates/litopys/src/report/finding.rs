//! Findings, and where they are.

use std::fmt;

use super::Code;
use crate::layout::Member;
use crate::limits;

/// Where a finding is: as much of it as is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The static file.
    pub member: Option<String>,
    /// The statement's index in the log, from 0.
    pub statement: Option<u64>,
    /// The file, by its path in the manifest or its digest.
    pub file: Option<String>,
}

impl Place {
    pub(crate) fn member(member: Member) -> Self {
        Self { member: Some(member.to_string()), ..Self::default() }
    }

    pub(crate) fn statement(index: u64) -> Self {
        Self { statement: Some(index), ..Self::default() }
    }

    pub(crate) fn file(index: u64, file: impl Into<String>) -> Self {
        Self { statement: Some(index), file: Some(file.into()), ..Self::default() }
    }
}

/// One thing that a check found. Its texts may quote the archive: escape them before a terminal, as `{:?}` does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub code: Code,
    /// Where.
    pub place: Place,
    /// In words: one line, lower case.
    pub detail: String,
}

impl Finding {
    pub(crate) fn new(code: Code, place: Place, detail: impl fmt::Display) -> Self {
        let mut detail = detail.to_string();
        if detail.len() > limits::DETAIL {
            let end = (0..=limits::DETAIL).rev().find(|at| detail.is_char_boundary(*at)).unwrap_or(0);
            detail.truncate(end);
            detail.push('…');
        }
        Self { code, place, detail }
    }
}

/// Findings on their way to a report: no more are kept than a report keeps, and the rest is counted.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(super) first: Vec<Finding>,
    pub(super) further: Vec<(Code, u64)>,
}

impl Findings {
    pub(crate) fn push(&mut self, finding: Finding) {
        if self.first.len() < limits::FINDINGS { self.first.push(finding) } else { self.count(finding.code, 1) }
    }

    fn count(&mut self, code: Code, times: u64) {
        match self.further.iter_mut().find(|(known, _)| *known == code) {
            Some((_, count)) => *count = count.saturating_add(times),
            None => self.further.push((code, times)),
        }
    }

    /// Those of `other` after these.
    pub(crate) fn append(&mut self, other: Self) {
        other.first.into_iter().for_each(|finding| self.push(finding));
        other.further.into_iter().for_each(|(code, times)| self.count(code, times));
    }

    /// Takes out those that this says, of those that were kept.
    pub(crate) fn take_out(&mut self, is_one: impl Fn(&Finding) -> bool) -> Vec<Finding> {
        let (out, kept) = std::mem::take(&mut self.first).into_iter().partition(is_one);
        self.first = kept;
        out
    }

    /// About what they take in memory, in bytes.
    pub(crate) fn weight(&self) -> u64 {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let of = |finding: &Finding| {
            let Place { member, file, .. } = &finding.place;
            size_of::<Finding>() + finding.detail.len() + text(member) + text(file)
        };
        self.first.iter().map(|finding| of(finding) as u64).sum()
    }

    pub(crate) fn into_first(self) -> Vec<Finding> {
        self.first
    }
}
