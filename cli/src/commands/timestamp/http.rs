//! One POST to a timestamp authority (RFC 3161, section 3.4), with bounds on its size and time.

use std::sync::Arc;
use std::time::Duration;

use litopys::limits;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Proxy};

use crate::failure::{Exit, Failure};

/// Where an authority may send the request on to.
const REDIRECTS: u32 = 3;

/// Sends a request, and gives the answer, which is not looked at.
pub(super) fn post(url: &str, request: &[u8], proxy: Option<&str>, wait: Duration) -> Result<Vec<u8>, Failure> {
    let unable = |error: ureq::Error| Failure::of(Exit::Unable, &error);
    let config = Agent::config_builder()
        .timeout_global(Some(wait))
        .max_redirects(REDIRECTS)
        .max_response_header_size(16 << 10)
        .user_agent(concat!("litopys/", env!("CARGO_PKG_VERSION")));
    let config = match proxy {
        Some(proxy) => config.proxy(Some(Proxy::new(proxy).map_err(unable)?)),
        None => config,
    };
    let agent: Agent = config.tls_config(tls()).build().into();
    let sent = agent
        .post(url)
        .header("content-type", "application/timestamp-query")
        .header("accept", "application/timestamp-reply")
        .send(request);
    let mut answer = sent.map_err(unable)?;
    answer.body_mut().with_config().limit(limits::TOKEN).read_to_vec().map_err(unable)
}

/// TLS with the authorities that the machine trusts. Most timestamp authorities are reached without: their answers are signed.
fn tls() -> TlsConfig {
    // That there is one already is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let roots = rustls_native_certs::load_native_certs().certs;
    let roots = roots.iter().map(|root| Certificate::from_der(root).to_owned()).collect();
    TlsConfig::builder().root_certs(RootCerts::Specific(Arc::new(roots))).build()
}
