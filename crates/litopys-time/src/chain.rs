//! From a signer's certificate to a root that is trusted.

use std::time::Duration;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, Error, KeyUsage, anchor_from_trusted_cert};

use crate::TokenFault;
use crate::algorithm::SCHEMES;
use crate::certificate::Certificate;

/// The content of `id-kp-timeStamping` in DER.
const TIME_STAMPING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];
/// The largest file of roots, in bytes; a whole system's has a fifth of that.
const MAX_ROOTS: usize = 1 << 20;

/// Why roots couldn't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RootsError {
    /// It is neither.
    #[error("neither certificates in PEM nor one in DER")]
    Form,
    /// One of them isn't a certificate, or not one that can be read.
    #[error("certificate {0} can't be read")]
    Certificate(usize),
    /// None of them is a root.
    #[error("none of the certificates is a root: none names itself as its issuer")]
    NoRoot,
    /// Too much.
    #[error("more than {MAX_ROOTS} bytes")]
    TooLarge,
}

/// Whom the reader trusts: root certificates. Others that come with them, of intermediate authorities or of a signer that doesn't put its own into its
/// tokens, help to build a chain, and are trusted no further.
#[derive(Debug, Clone, Default)]
pub struct Roots {
    roots: Vec<Certificate>,
    others: Vec<Certificate>,
}

/// A chain that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chain {
    /// Whom the root names.
    pub(crate) root: String,
    /// The first moment at which a certificate of the chain is expired, in seconds since 1970.
    pub(crate) until: u64,
}

impl Roots {
    /// No roots: then no token is trusted.
    pub const fn none() -> Self {
        Self { roots: Vec::new(), others: Vec::new() }
    }

    /// The certificates of a file: PEM (RFC 7468), or one in DER. Those that name themselves as their issuer are roots.
    ///
    /// # Errors
    /// [`RootsError`].
    pub fn parse(file: &[u8]) -> Result<Self, RootsError> {
        if file.len() > MAX_ROOTS {
            return Err(RootsError::TooLarge);
        }
        let mut read = Self::none();
        let mut take = |certificate: Certificate| {
            if certificate.is_self_issued() { read.roots.push(certificate) } else { read.others.push(certificate) }
        };
        if let Some(certificate) = Certificate::from_der(file.to_vec()) {
            take(certificate);
        }
        for (nth, der) in (1..).zip(CertificateDer::pem_slice_iter(file)) {
            let der = der.map_err(|_| RootsError::Form)?;
            take(Certificate::from_der(der.to_vec()).ok_or(RootsError::Certificate(nth))?);
        }
        match read.roots.is_empty() {
            true if read.others.is_empty() => Err(RootsError::Form),
            true => Err(RootsError::NoRoot),
            false => Ok(read),
        }
    }

    /// Takes those of another file in.
    pub fn extend(&mut self, more: Self) {
        self.roots.extend(more.roots);
        self.others.extend(more.others);
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }

    /// Whom the roots name.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.roots.iter().map(Certificate::name)
    }

    pub(crate) fn others(&self) -> &[Certificate] {
        &self.others
    }

    /// Finds a chain from `signer` that is valid at both times.
    pub(crate) fn chain(
        &self,
        signer: &Certificate,
        within: &[Certificate],
        then: u64,
        at: u64,
    ) -> Result<Chain, TokenFault> {
        let name = signer.name();
        if let Err(error) = self.chain_at(signer, within, then) {
            return Err(match error {
                Error::CertExpired { .. } | Error::CertNotValidYet { .. } => TokenFault::InvalidThen { name },
                other => of_chain(other, name),
            });
        }
        self.chain_at(signer, within, at).map_err(|error| match error {
            Error::CertExpired { .. } => TokenFault::Expired { name },
            Error::CertNotValidYet { .. } => TokenFault::Future,
            other => of_chain(other, name),
        })
    }

    fn chain_at(&self, signer: &Certificate, within: &[Certificate], time: u64) -> Result<Chain, Error> {
        let signed = CertificateDer::from(signer.der.as_slice());
        let signed = EndEntityCert::try_from(&signed)?;
        let between: Vec<_> =
            within.iter().chain(&self.others).map(|between| CertificateDer::from(between.der.as_slice())).collect();
        let moment = UnixTime::since_unix_epoch(Duration::from_secs(time));
        let mut outcome = Error::UnknownIssuer;
        // The path builder doesn't look at a root's own dates. So they are tried one by one: one that is expired may stand beside one that isn't.
        for root in &self.roots {
            let der = CertificateDer::from(root.der.as_slice());
            let Ok(anchor) = anchor_from_trusted_cert(&der) else { continue };
            let anchors: [TrustAnchor<'_>; 1] = [anchor];
            // The signer's own purpose was checked before, more strictly.
            let usage = KeyUsage::required_if_present(TIME_STAMPING);
            match signed.verify_for_usage(SCHEMES, &anchors, &between, moment, usage, None, None) {
                Ok(path) => {
                    let (from, to) = root.validity();
                    match time {
                        time if time < from => {
                            let not_before = UnixTime::since_unix_epoch(Duration::from_secs(from));
                            outcome = Error::CertNotValidYet { time: moment, not_before };
                        }
                        time if time > to => {
                            let not_after = UnixTime::since_unix_epoch(Duration::from_secs(to));
                            outcome = Error::CertExpired { time: moment, not_after };
                        }
                        _ => {
                            let mut until = to.min(signer.validity().1);
                            for der in path.intermediate_certificates().map(webpki::Cert::der) {
                                let between = Certificate::from_der(der.to_vec());
                                until = between.map_or(until, |between| until.min(between.validity().1));
                            }
                            return Ok(Chain { root: root.name(), until });
                        }
                    }
                }
                // That the chain leads elsewhere says least.
                Err(Error::UnknownIssuer) => {}
                Err(error) => outcome = error,
            }
        }
        Err(outcome)
    }
}

/// What a failure of the path builder means for a token.
fn of_chain(error: Error, name: String) -> TokenFault {
    match error {
        Error::UnsupportedSignatureAlgorithmContext(_)
        | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)
        | Error::UnsupportedCriticalExtension => {
            TokenFault::unsupported(format_args!("{error:?} in the chain of {name}"))
        }
        _ => TokenFault::Untrusted { name },
    }
}
