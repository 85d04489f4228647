//! Why a token proves nothing.

/// Why a token proves nothing, or not to this reader.
///
/// Names in it come from certificates: escape them before a terminal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenFault {
    /// It isn't the DER of a response with a token (RFC 3161, RFC 5652).
    #[error("not a timestamp response: {what}")]
    Malformed {
        /// What couldn't be read.
        what: &'static str,
    },
    /// The authority refused.
    #[error("the authority refused with status {status}{}", words(.text))]
    Refused {
        /// `PKIStatus`.
        status: u8,
        /// What it says to that.
        text: Option<String>,
    },
    /// It is over other bytes.
    #[error("the token is over other bytes")]
    OtherImprint,
    /// It doesn't hold the nonce of the request, so it may be an old answer.
    #[error("the token has not the nonce of the request")]
    OtherNonce,
    /// Its certificate isn't in it, nor among those given.
    #[error("the signer's certificate is not there")]
    NoCertificate,
    /// It holds certificates that have nothing to do with its signer.
    #[error("the token holds a certificate that has no part in it: {name}")]
    InjectedCertificate {
        /// Whom that certificate names.
        name: String,
    },
    /// The certificate that the signature names is not the one that made it (RFC 5816).
    #[error("the signature names another certificate")]
    OtherCertificate,
    /// The signature isn't one by the certificate's key over these bytes.
    #[error("the signature does not verify")]
    BadSignature,
    /// An algorithm that isn't known here, or is too weak.
    #[error("the token uses an algorithm that is not supported: {what}")]
    Unsupported {
        /// Which, as far as it has a name.
        what: String,
    },
    /// The certificate vouches for itself.
    #[error("the certificate is self-signed: {name}")]
    SelfSigned {
        /// Whom it names.
        name: String,
    },
    /// The certificate isn't for timestamping alone.
    #[error("the certificate {purpose}: {name}")]
    WrongPurpose {
        /// Whom it names.
        name: String,
        /// What is wrong with its purpose.
        purpose: Purpose,
    },
    /// No chain leads to a root that is trusted.
    #[error("no chain of certificates leads to a root that is trusted, from {name}")]
    Untrusted {
        /// Whom the signer's certificate names.
        name: String,
    },
    /// A certificate of the chain wasn't valid at the token's own time.
    #[error("a certificate of the chain was not valid at the token's own time, from {name}")]
    InvalidThen {
        /// Whom the signer's certificate names.
        name: String,
    },
    /// A certificate of the chain has expired at the moment of judgement, though it was valid at the token's own time.
    #[error("a certificate of the chain has expired since, from {name}")]
    Expired {
        /// Whom the signer's certificate names.
        name: String,
    },
    /// It is from after the moment of judgement.
    #[error("the token is from after the moment of judgement")]
    Future,
}

/// What is wrong with a certificate's purpose (RFC 3161, section 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// No extended key usage.
    None,
    /// Not timestamping, or not alone.
    Other,
    /// Timestamping, but the extension isn't critical.
    NotCritical,
    /// Its key usage allows more than signing, or not that.
    KeyUsage,
    /// It is an authority's, for issuing certificates.
    Authority,
}

impl TokenFault {
    pub(crate) const fn malformed(what: &'static str) -> Self {
        Self::Malformed { what }
    }

    pub(crate) fn unsupported(what: impl ToString) -> Self {
        Self::Unsupported { what: what.to_string() }
    }

    /// Whether it depends on what the reader trusts and when they judge: another reader may find the same token good.
    pub const fn depends_on_reader(&self) -> bool {
        matches!(
            self,
            Self::Untrusted { .. }
                | Self::Expired { .. }
                | Self::Future
                | Self::NoCertificate
                | Self::Unsupported { .. }
        )
    }
}

impl std::fmt::Display for Purpose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "has no purpose: it must be for timestamping",
            Self::Other => "is not for timestamping alone",
            Self::NotCritical => "is for timestamping, but does not say so as critical",
            Self::KeyUsage => "has a key usage that is not signing",
            Self::Authority => "is one that issues certificates",
        })
    }
}

fn words(text: &Option<String>) -> String {
    text.as_ref().map(|text| format!(": {text}")).unwrap_or_default()
}
