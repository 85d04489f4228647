//! A certificate as received, with what was read of it.

use der::asn1::ObjectIdentifier;
use der::{Decode, Encode};
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage};

use crate::{Purpose, TokenFault};

/// `id-kp-timeStamping`.
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");

/// A certificate: the bytes received, and what they say.
#[derive(Debug, Clone)]
pub(crate) struct Certificate {
    pub(crate) der: Vec<u8>,
    pub(crate) read: x509_cert::Certificate,
}

impl Certificate {
    pub(crate) fn from_der(der: Vec<u8>) -> Option<Self> {
        let read = x509_cert::Certificate::from_der(&der).ok()?;
        Some(Self { der, read })
    }

    /// Whom it names.
    pub(crate) fn name(&self) -> String {
        self.read.tbs_certificate().subject().to_string()
    }

    /// Whether it names itself as its issuer.
    pub(crate) fn is_self_issued(&self) -> bool {
        let body = self.read.tbs_certificate();
        body.issuer() == body.subject()
    }

    /// Whether this issuer and serial number are its own.
    pub(crate) fn is(&self, issuer: &[u8], serial: &[u8]) -> bool {
        let body = self.read.tbs_certificate();
        body.issuer().to_der().is_ok_and(|name| name == issuer) && body.serial_number().as_bytes() == serial
    }

    /// Whether this is its subject key identifier.
    pub(crate) fn has_key_id(&self, id: &[u8]) -> bool {
        use x509_cert::ext::pkix::SubjectKeyIdentifier;
        let found = self.read.tbs_certificate().get_extension::<SubjectKeyIdentifier>();
        matches!(found, Ok(Some((_, SubjectKeyIdentifier(own)))) if own.as_bytes() == id)
    }

    /// First and last second that it is valid, since 1970.
    pub(crate) fn validity(&self) -> (u64, u64) {
        let validity = self.read.tbs_certificate().validity();
        (validity.not_before.to_unix_duration().as_secs(), validity.not_after.to_unix_duration().as_secs())
    }

    /// Checks that it is for timestamping and nothing else: RFC 3161, section 2.3.
    pub(crate) fn check_purpose(&self) -> Result<(), TokenFault> {
        let wrong = |purpose| Err(TokenFault::WrongPurpose { name: self.name(), purpose });
        let body = self.read.tbs_certificate();
        let unreadable = |_| TokenFault::malformed("an extension of the certificate");
        match body.get_extension::<ExtendedKeyUsage>().map_err(unreadable)? {
            None => return wrong(Purpose::None),
            Some((_, usage)) if usage.0 != [TIME_STAMPING] => return wrong(Purpose::Other),
            Some((false, _)) => return wrong(Purpose::NotCritical),
            Some((true, _)) => {}
        }
        if let Some((_, usage)) = body.get_extension::<KeyUsage>().map_err(unreadable)? {
            let signs = usage.digital_signature() || usage.non_repudiation();
            let more = usage.key_encipherment()
                || usage.data_encipherment()
                || usage.key_agreement()
                || usage.key_cert_sign()
                || usage.crl_sign();
            if !signs || more {
                return wrong(Purpose::KeyUsage);
            }
        }
        match body.get_extension::<BasicConstraints>().map_err(unreadable)? {
            Some((_, constraints)) if constraints.ca => wrong(Purpose::Authority),
            _ => Ok(()),
        }
    }
}
