//! One page over HTTP: no cookies, no scripts, nothing beside it.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use litopys::Utc;
use ureq::config::Config;
use ureq::http::{StatusCode, Uri};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Connector as _, DefaultConnector, NextTimeout};
use ureq::{Agent, Proxy};
use url::{Host, Url};

use super::address::is_local;
use super::records::{self, Exchange};
use super::tap::{Tap, Tape};
use super::{Fetch, FetchFault, Fetched};
use crate::{limits, web};

/// Who asks.
const AGENT: &str = concat!("litopys-import/", env!("CARGO_PKG_VERSION"), " (+", env!("CARGO_PKG_REPOSITORY"), ")");

/// How long a fetch may take, and how much it may bring.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchLimits {
    /// Bytes of an answer, head and body, as they are sent.
    pub size: u64,
    /// Time for one request with its answer.
    pub total: Duration,
    /// Time without a byte.
    pub idle: Duration,
    /// Redirects that are followed.
    pub redirects: usize,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self { size: limits::TEXT, total: Duration::from_secs(120), idle: Duration::from_secs(30), redirects: 10 }
    }
}

/// A text that is no proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a proxy as http://HOST:PORT, socks5://HOST:PORT or socks5h://HOST:PORT, which leaves names to the proxy"
)]
#[non_exhaustive]
pub struct ProxyFault;

type Clock = dyn Fn() -> Option<Utc> + Send + Sync;

/// Fetches over HTTP and HTTPS.
pub struct HttpFetcher {
    /// How much is taken.
    pub limits: FetchLimits,
    proxy: Option<Proxy>,
    now: Box<Clock>,
    is_local: fn(IpAddr) -> bool,
}

impl fmt::Debug for HttpFetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpFetcher").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl HttpFetcher {
    /// One that takes the time of its answers from this clock.
    pub fn new(now: impl Fn() -> Option<Utc> + Send + Sync + 'static) -> Self {
        Self { limits: FetchLimits::default(), proxy: None, now: Box::new(now), is_local }
    }

    /// Goes by a proxy, and never without it. With `socks5h` names are resolved there, as Tor needs.
    ///
    /// # Errors
    /// [`ProxyFault`] if it is none.
    pub fn with_proxy(mut self, proxy: &str) -> Result<Self, ProxyFault> {
        self.proxy = Some(Proxy::new(proxy).map_err(|_| ProxyFault)?);
        Ok(self)
    }

    /// Asks once.
    fn ask(&self, url: &str, guard: &Guard) -> Result<Answer, FetchFault> {
        let max = usize::try_from(self.limits.size).unwrap_or(usize::MAX);
        let tape = Arc::new(Mutex::new(Tape { max, ..Tape::default() }));
        let tap = Tap { tape, by_proxy: self.proxy.is_some() };
        let config = Config::builder()
            .proxy(self.proxy.clone())
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_response_header_size(limits::HTTP_HEAD)
            .timeout_global(Some(self.limits.total))
            .timeout_connect(Some(self.limits.idle))
            .timeout_per_read(Some(self.limits.idle))
            .timeout_recv_response(Some(self.limits.total))
            .timeout_recv_body(Some(self.limits.total))
            .user_agent(AGENT)
            .accept("text/html,application/xhtml+xml,*/*;q=0.5")
            .accept_encoding("gzip, br")
            .build();
        let agent = Agent::with_parts(config, DefaultConnector::new().chain(tap.clone()), guard.clone());
        let done = agent.get(url).header("Connection", "close").call().and_then(|mut answer| {
            io::copy(&mut answer.body_mut().as_reader(), &mut io::sink())?;
            Ok((answer.status(), location(&answer)))
        });
        let tape = tap.with(std::mem::take);
        match done {
            Ok((status, location)) => Ok(Answer { status, location, tape }),
            Err(_) if tape.is_over => Err(FetchFault::TooLarge(self.limits.size)),
            Err(error) => Err(guard.refused().map_or_else(|| fault(error), |()| FetchFault::Local(url.to_owned()))),
        }
    }
}

struct Answer {
    status: StatusCode,
    location: Option<String>,
    tape: Tape,
}

fn location(answer: &ureq::http::Response<ureq::Body>) -> Option<String> {
    let redirects = matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let header = answer.headers().get("Location").filter(|_| redirects)?;
    Some(String::from_utf8_lossy(header.as_bytes()).into_owned())
}

fn fault(error: ureq::Error) -> FetchFault {
    match error {
        ureq::Error::Timeout(_) => FetchFault::Timeout,
        ureq::Error::Io(error) if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock) => {
            FetchFault::Timeout
        }
        // ureq wraps its own errors into those of readers.
        ureq::Error::Io(error) => match error.downcast::<ureq::Error>() {
            Ok(error) => fault(error),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => FetchFault::Message(error.into()),
            Err(error) => FetchFault::Connection(error.into()),
        },
        error @ (ureq::Error::Http(_) | ureq::Error::Protocol(_)) => FetchFault::Message(error.into()),
        error => FetchFault::Connection(error.into()),
    }
}

impl Fetch for HttpFetcher {
    fn fetch(&self, url: &str) -> Result<Fetched, FetchFault> {
        if !web::is_url(url) {
            return Err(FetchFault::Url);
        }
        let guard = Guard::new(self);
        let (mut warc, mut hops) = (Vec::new(), Vec::new());
        let mut next = Url::parse(url).map_err(|_| FetchFault::Url)?;
        loop {
            next.set_fragment(None);
            let url = next.to_string();
            if hops.len() > self.limits.redirects || hops.contains(&url) {
                return Err(FetchFault::Redirects(hops.len()));
            }
            guard.admit(&next)?;
            let answer = self.ask(&url, &guard)?;
            let at = (self.now)().ok_or(FetchFault::Clock)?;
            if warc.is_empty() {
                warc = records::info(&at, AGENT);
            }
            let (address, tape) = (guard.next(), &answer.tape);
            let exchange = Exchange { url: &url, at: &at, address, sent: &tape.sent, received: &tape.received };
            warc.extend(records::exchange(&exchange));
            hops.push(url);
            let Some(location) = answer.location else {
                let via = self.proxy.as_ref().map(|proxy| format!("a proxy ({:?})", proxy.protocol()));
                return Ok(Fetched { warc, status: answer.status.as_u16(), hops, via });
            };
            next = next
                .join(&location)
                .ok()
                .filter(|url| web::is_url(url.as_str()))
                .ok_or(FetchFault::Target(location))?;
        }
    }
}

/// Resolves names, and refuses to leave the public Internet after the first URL was in it.
#[derive(Debug, Clone)]
struct Guard {
    proxy: Option<(String, u16)>,
    is_local: fn(IpAddr) -> bool,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// Whether local addresses may be asked; `None` before the first URL.
    local: Option<bool>,
    /// The address, where a name had one alone.
    address: Option<IpAddr>,
    refused: bool,
}

impl Guard {
    fn new(fetcher: &HttpFetcher) -> Self {
        let proxy = fetcher.proxy.as_ref().map(|proxy| (proxy.host().to_owned(), proxy.port()));
        Self { proxy, is_local: fetcher.is_local, state: Arc::default() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Judges a host by itself: behind a proxy nothing else is known of it.
    fn admit(&self, url: &Url) -> Result<(), FetchFault> {
        let is_local = match url.host() {
            Some(Host::Ipv4(address)) => (self.is_local)(address.into()),
            Some(Host::Ipv6(address)) => (self.is_local)(address.into()),
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => false,
        };
        let refused = is_local && self.state().local == Some(false);
        if refused { Err(FetchFault::Local(url.to_string())) } else { Ok(()) }
    }

    /// Whether the last address was refused.
    fn refused(&self) -> Option<()> {
        self.state().refused.then_some(())
    }

    /// Goes on to the next URL; the address that was asked.
    fn next(&self) -> Option<IpAddr> {
        let mut state = self.state();
        // Behind a proxy no address is known: only names that are addresses are judged.
        state.local.get_or_insert(false);
        state.address.take()
    }
}

impl Resolver for Guard {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let addresses = DefaultResolver::default().resolve(uri, config, timeout)?;
        let is_proxy = |(host, port): &(String, u16)| uri.host() == Some(host) && uri.port_u16() == Some(*port);
        if self.proxy.as_ref().is_some_and(is_proxy) {
            return Ok(addresses);
        }
        let any_local = addresses.iter().any(|address| (self.is_local)(address.ip()));
        let mut state = self.state();
        if any_local && !*state.local.get_or_insert(any_local) {
            state.refused = true;
            return Err(io::Error::from(io::ErrorKind::PermissionDenied).into());
        }
        state.local.get_or_insert(any_local);
        state.address = if let [one] = addresses[..] { Some(one.ip()) } else { None };
        Ok(addresses)
    }
}

#[cfg(test)]
mod tests;
