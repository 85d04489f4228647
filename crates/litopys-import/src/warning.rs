//! What is worth knowing of an input that gave a draft.

use std::fmt;

use crate::contained::Refusal;
use crate::dates::DateFault;
use crate::page::NotAnArticle;
use crate::warc::Flaw;

/// What is worth knowing of an input that gave a draft. Text in it comes from the input: escape it before a terminal
/// sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// It is empty.
    Empty,
    /// It is not UTF-8, and was read as this encoding.
    Encoding {
        /// The encoding's name.
        name: &'static str,
        /// Whether some of it made no sense in that encoding either.
        damaged: bool,
    },
    /// Its name is that of text, but it is not: kept without being read.
    NotText,
    /// Its name is that of drafts in JSON Lines, but it doesn't begin with one: kept as it is, as one article.
    NotDrafts,
    /// It is text, but larger than [`TEXT`](crate::limits::TEXT): kept without being read.
    TooLarge,
    /// It begins as front matter that can't be read; all of it is its text.
    FrontMatter {
        /// The line in the file.
        line: u64,
        /// What is wrong.
        fault: String,
    },
    /// A key of the front matter says a date that can't be told; it is kept in `extra`.
    Date {
        /// The key.
        key: String,
        /// What it says.
        value: String,
        /// Why.
        fault: DateFault,
    },
    /// A key of the front matter whose value is of no use for its field; it is kept in `extra`.
    Value {
        /// The key.
        key: String,
    },
    /// A key of the front matter that was left out: given twice, too long, or one too many.
    Key {
        /// The key, cut short.
        key: String,
    },
    /// The first heading is too long for a title.
    LongTitle {
        /// The line in the file.
        line: u64,
    },
    /// Lines that belong to the web page, not to the article, were left out of the text.
    Furniture {
        /// The line in the file.
        line: u64,
        /// What it is.
        what: &'static str,
    },
    /// Something about the record of a web archive.
    Record(Flaw),
    /// A web page that seems to be no article, taken all the same.
    NotAnArticle(NotAnArticle),
    /// A web page of which a part was left out, for a [limit](crate::limits).
    PageCut,
    /// A date of a feed's item that can't be told; it is kept in `extra`.
    FieldDate {
        /// The element.
        field: String,
        /// What it says.
        value: String,
        /// Why.
        fault: DateFault,
    },
    /// There is no text in it: only what was captured is kept.
    NoText,
    /// A feed that is not XML everywhere. What could be read was, as far as the place, and from the next item on.
    FeedXml {
        /// The first such place, in bytes.
        place: usize,
        /// What is wrong.
        fault: String,
    },
    /// A feed with more items than [`FEED_ITEMS`](crate::limits::FEED_ITEMS): the others were left out.
    FeedItems,
    /// Linked files that didn't come along.
    Links {
        /// Why.
        reason: Refusal,
        /// How many.
        count: u64,
        /// The first of them, as it is linked.
        first: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::Encoding { name, damaged: false } => write!(f, "is not UTF-8: read as {name}"),
            Self::Encoding { name, damaged: true } => {
                write!(f, "is not UTF-8: read as {name}, which it is not quite either")
            }
            Self::NotText => f.write_str("is not text, whatever its name: kept as it is, without a text"),
            Self::NotDrafts => f.write_str("has no drafts, whatever its name: kept as it is, as one article"),
            Self::TooLarge => f.write_str("is too large to be read as text: kept as it is, without a text"),
            Self::FrontMatter { line, fault } => {
                write!(f, "line {line}: front matter can't be read, so that it is text: {fault}")
            }
            Self::Date { key, value, fault } => write!(f, "front matter key {key}: {value:?} {fault}"),
            Self::Value { key } => write!(f, "front matter key {key}: kept in extra, since its value doesn't fit"),
            Self::Key { key } => write!(f, "front matter key {key}: left out (given twice, too long, or one too many)"),
            Self::FieldDate { field, value, fault } => write!(f, "{field}: {value:?} {fault}"),
            Self::NoText => f.write_str("has no text"),
            Self::FeedXml { place, fault } => {
                write!(f, "is not XML at byte {place}, so that items may be missing or cut off there: {fault}")
            }
            Self::FeedItems => write!(f, "has more than {} items: the others were left out", crate::limits::FEED_ITEMS),
            Self::LongTitle { line } => write!(f, "line {line}: too long for a title"),
            Self::Furniture { line, what } => write!(f, "line {line}: left out of the text ({what})"),
            Self::Record(flaw) => flaw.fmt(f),
            Self::NotAnArticle(reason) => write!(f, "taken all the same: {reason}"),
            Self::PageCut => f.write_str("has too many elements: what comes after the limit is not in the text"),
            Self::Links { reason, count: 1, first } => write!(f, "linked file {first:?} left out: {reason}"),
            Self::Links { reason, count, first } => {
                write!(f, "{count} linked files left out: {reason}; the first is {first:?}")
            }
        }
    }
}
