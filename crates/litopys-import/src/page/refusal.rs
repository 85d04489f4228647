//! Pages that are no articles, whatever they were asked for.

use std::fmt;

/// Why a page seems to be no article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotAnArticle {
    /// The server answered with a status other than 200.
    Status(u16),
    /// It asks for a proof of being no robot.
    Challenge,
    /// It says that there is no such page.
    NotFound,
    /// It asks to pay, to log in or to agree to something, and has next to no text beside.
    Wall,
    /// It has no text at all.
    Empty,
}

impl fmt::Display for NotAnArticle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "was answered with status {status}"),
            Self::Challenge => f.write_str("is a bot challenge, not an article"),
            Self::NotFound => f.write_str("says that there is no such page"),
            Self::Wall => f.write_str("shows a wall (payment, login or consent) instead of an article"),
            Self::Empty => f.write_str("has no text"),
        }
    }
}

pub(super) fn of_status(status: Option<u16>) -> Option<NotAnArticle> {
    status.filter(|status| *status != 200).map(NotAnArticle::Status)
}
