//! URLs as inputs: fetched once, and kept as the records of a web archive, which are then read as any other.

#[cfg(feature = "fetch")]
mod address;
#[cfg(feature = "fetch")]
mod http;
#[cfg(feature = "fetch")]
mod records;
#[cfg(feature = "fetch")]
mod tap;

use std::error::Error;

#[cfg(feature = "fetch")]
pub use http::{FetchLimits, HttpFetcher, ProxyFault};

/// What fetches URLs.
pub trait Fetch: Send {
    /// Fetches what is at a URL, and follows where it leads.
    ///
    /// # Errors
    /// [`FetchFault`] if there is no answer, or one that can't be taken. An answer of any status is one.
    fn fetch(&self, url: &str) -> Result<Fetched, FetchFault>;
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// What was asked and answered, with all redirects, as WARC records; the answer is the last response.
    pub warc: Vec<u8>,
    /// The answer's status.
    pub status: u16,
    /// The URLs that were asked, in order: more than one after redirects.
    pub hops: Vec<String>,
    /// By what way it was fetched, where that isn't a plain connection.
    pub via: Option<String>,
}

/// Why a URL gave no draft.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchFault {
    /// Not a URL of the web, or one with credentials in it.
    #[error("is no URL that can be fetched: http or https, a host, no user or password")]
    Url,
    /// Nothing here fetches.
    #[error("is a URL, and nothing is fetched here")]
    NoFetcher,
    /// More redirects than allowed, or one in a circle.
    #[error("was redirected too often: {0} times")]
    Redirects(usize),
    /// A redirect to what is no URL of the web.
    #[error("was redirected to what is no URL of the web: {0:?}")]
    Target(String),
    /// A redirect from a public address to one of this machine or its network.
    #[error("was redirected to {0:?}, which is at an address of this machine or its network")]
    Local(String),
    /// More bytes than allowed.
    #[error("has more than {0} bytes")]
    TooLarge(u64),
    /// It took longer than allowed, or was silent for longer than allowed.
    #[error("took too long")]
    Timeout,
    /// The answer ended before it was whole, or is no HTTP.
    #[error("was answered with what is no whole HTTP message")]
    Message(#[source] Box<dyn Error + Send + Sync>),
    /// No connection, or one that broke.
    #[error("can't be reached")]
    Connection(#[source] Box<dyn Error + Send + Sync>),
    /// The server says that it isn't there any more: 404, 410, or 451 (for legal reasons).
    #[error("is gone: the answer has status {0}")]
    Gone(u16),
    /// The answer is another than 200.
    #[error("is no article: the answer has status {0}")]
    Status(u16),
    /// The answer is no web page.
    #[error("is no web page by the type of its answer")]
    NoPage,
    /// The machine has no time.
    #[error("can't be dated: there is no time")]
    Clock,
}
