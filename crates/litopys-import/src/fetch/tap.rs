//! A connection that writes down what goes over it, under the encryption: the exact bytes of request and answer.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

/// What went over a connection.
#[derive(Debug, Default)]
pub(super) struct Tape {
    pub(super) sent: Vec<u8>,
    pub(super) received: Vec<u8>,
    /// How many bytes may be received.
    pub(super) max: usize,
    /// Whether more came.
    pub(super) is_over: bool,
}

/// Wraps each connection.
#[derive(Debug, Clone)]
pub(super) struct Tap {
    pub(super) tape: Arc<Mutex<Tape>>,
    /// Whether a proxy stands between. What goes to an HTTP proxy itself is none of it, but what goes through.
    pub(super) by_proxy: bool,
}

#[derive(Debug)]
pub(super) struct Tapped<T> {
    inner: T,
    tap: Option<Tap>,
}

impl Tap {
    pub(super) fn with<R>(&self, work: impl FnOnce(&mut Tape) -> R) -> R {
        work(&mut self.tape.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<In: Transport> Connector<In> for Tap {
    type Out = Tapped<In>;

    fn connect(&self, to: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Tapped<In>>, ureq::Error> {
        let is_proxy_itself = self.by_proxy && to.config.proxy().is_none();
        Ok(chained.map(|inner| Tapped { inner, tap: (!is_proxy_itself).then(|| self.clone()) }))
    }
}

impl<T: Transport> Transport for Tapped<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        if let Some(tap) = &self.tap {
            let sent = self.inner.buffers().output().get(..amount).unwrap_or_default();
            tap.with(|tape| tape.sent.extend_from_slice(sent));
        }
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        let before = self.inner.buffers().input().len();
        let progress = self.inner.await_input(timeout)?;
        let new = self.inner.buffers().input().get(before..).unwrap_or_default();
        let Some(tap) = &self.tap else { return Ok(progress) };
        tap.with(|tape| {
            if tape.received.len() + new.len() > tape.max {
                tape.is_over = true;
                return Err(io::Error::other("more than is taken").into());
            }
            tape.received.extend_from_slice(new);
            Ok(progress)
        })
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}
