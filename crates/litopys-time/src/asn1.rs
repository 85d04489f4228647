//! The ASN.1 of RFC 3161 and RFC 5652, as much of it as a token has. Parts that are hashed or signed stay the bytes received.

use der::asn1::{AnyRef, BitStringRef, IntRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Encode, Reader, Sequence, SliceReader, Tag, Tagged};
use x509_cert::ext::Extension;
use x509_cert::spki::AlgorithmIdentifierRef;

use crate::TokenFault;

/// `TimeStampReq`.
#[derive(Debug, Sequence)]
pub(crate) struct TimeStampReq<'a> {
    pub(crate) version: u8,
    pub(crate) imprint: MessageImprint<'a>,
    #[asn1(optional = "true")]
    pub(crate) nonce: Option<IntRef<'a>>,
    pub(crate) cert_req: bool,
}

/// `MessageImprint`.
#[derive(Debug, Clone, Sequence)]
pub(crate) struct MessageImprint<'a> {
    pub(crate) algorithm: AlgorithmIdentifierRef<'a>,
    pub(crate) message: &'a OctetStringRef,
}

/// `TimeStampResp`.
#[derive(Debug, Sequence)]
pub(crate) struct TimeStampResp<'a> {
    pub(crate) status: PkiStatusInfo<'a>,
    #[asn1(optional = "true")]
    pub(crate) token: Option<ContentInfo<'a>>,
}

/// `PKIStatusInfo`.
#[derive(Debug, Sequence)]
pub(crate) struct PkiStatusInfo<'a> {
    pub(crate) status: u8,
    #[asn1(optional = "true")]
    pub(crate) text: Option<Vec<String>>,
    #[asn1(optional = "true")]
    pub(crate) failure: Option<BitStringRef<'a>>,
}

/// `ContentInfo` of CMS.
#[derive(Debug, Sequence)]
pub(crate) struct ContentInfo<'a> {
    pub(crate) kind: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(crate) content: AnyRef<'a>,
}

/// `SignedData`.
#[derive(Debug, Sequence)]
pub(crate) struct SignedData<'a> {
    pub(crate) version: u8,
    pub(crate) digests: AnyRef<'a>,
    pub(crate) content: Encapsulated<'a>,
    // A SET; by its implicit tag it looks like a SEQUENCE, and as one it isn't sorted anew.
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub(crate) certificates: Option<Vec<AnyRef<'a>>>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub(crate) revocations: Option<Vec<AnyRef<'a>>>,
    pub(crate) signers: AnyRef<'a>,
}

/// `EncapsulatedContentInfo`.
#[derive(Debug, Sequence)]
pub(crate) struct Encapsulated<'a> {
    pub(crate) kind: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) content: Option<&'a OctetStringRef>,
}

/// `SignerInfo`.
#[derive(Debug, Sequence)]
pub(crate) struct SignerInfo<'a> {
    pub(crate) version: u8,
    pub(crate) id: AnyRef<'a>,
    pub(crate) digest: AlgorithmIdentifierRef<'a>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub(crate) signed: Option<Vec<AnyRef<'a>>>,
    pub(crate) algorithm: AlgorithmIdentifierRef<'a>,
    pub(crate) signature: &'a OctetStringRef,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub(crate) unsigned: Option<Vec<AnyRef<'a>>>,
}

/// `IssuerAndSerialNumber`.
#[derive(Debug, Sequence)]
pub(crate) struct IssuerAndSerial<'a> {
    pub(crate) issuer: AnyRef<'a>,
    pub(crate) serial: IntRef<'a>,
}

/// `Attribute`.
#[derive(Debug, Sequence)]
pub(crate) struct Attribute<'a> {
    pub(crate) kind: ObjectIdentifier,
    pub(crate) values: AnyRef<'a>,
}

/// `TSTInfo`.
#[derive(Debug, Sequence)]
pub(crate) struct TstInfo<'a> {
    pub(crate) version: u8,
    pub(crate) policy: ObjectIdentifier,
    pub(crate) imprint: MessageImprint<'a>,
    pub(crate) serial: IntRef<'a>,
    // With fractions of a second, which the usual decoders of the type refuse.
    pub(crate) time: AnyRef<'a>,
    #[asn1(optional = "true")]
    pub(crate) accuracy: Option<Accuracy>,
    #[asn1(default = "Default::default")]
    pub(crate) ordering: bool,
    #[asn1(optional = "true")]
    pub(crate) nonce: Option<IntRef<'a>>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) tsa: Option<AnyRef<'a>>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub(crate) extensions: Option<Vec<Extension>>,
}

/// `Accuracy`.
#[derive(Debug, Clone, Copy, Sequence)]
pub(crate) struct Accuracy {
    #[asn1(optional = "true")]
    pub(crate) seconds: Option<u32>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub(crate) millis: Option<u16>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub(crate) micros: Option<u16>,
}

/// `SigningCertificate` (RFC 2634) and `SigningCertificateV2` (RFC 5035): the first certificate id is the signer's.
#[derive(Debug, Sequence)]
pub(crate) struct SigningCertificate<'a> {
    pub(crate) certificates: Vec<AnyRef<'a>>,
    #[asn1(optional = "true")]
    pub(crate) policies: Option<Vec<AnyRef<'a>>>,
}

/// `ESSCertID`.
#[derive(Debug, Sequence)]
pub(crate) struct EssCertId<'a> {
    pub(crate) hash: &'a OctetStringRef,
    #[asn1(optional = "true")]
    pub(crate) issuer: Option<Vec<AnyRef<'a>>>,
}

/// `ESSCertIDv2` with another hash than SHA-256, its default.
#[derive(Debug, Sequence)]
pub(crate) struct EssCertIdV2<'a> {
    pub(crate) algorithm: AlgorithmIdentifierRef<'a>,
    pub(crate) hash: &'a OctetStringRef,
    #[asn1(optional = "true")]
    pub(crate) issuer: Option<Vec<AnyRef<'a>>>,
}

/// Decodes the whole of `bytes`.
pub(crate) fn decode<'a, T: Decode<'a>>(bytes: &'a [u8], what: &'static str) -> Result<T, TokenFault> {
    T::from_der(bytes).map_err(|_| TokenFault::malformed(what))
}

/// The items of a SET OF, in the order received.
pub(crate) fn set<'a>(set: AnyRef<'a>, what: &'static str) -> Result<Vec<AnyRef<'a>>, TokenFault> {
    let fault = |_| TokenFault::malformed(what);
    if set.tag() != Tag::Set {
        return Err(TokenFault::malformed(what));
    }
    let mut reader = SliceReader::new(set.value()).map_err(fault)?;
    let mut items = Vec::new();
    while !reader.is_finished() {
        items.push(AnyRef::decode(&mut reader).map_err(fault)?);
    }
    Ok(items)
}

/// An item's own bytes: DER has one form of tag and length, so these are the bytes received.
pub(crate) fn bytes(item: &AnyRef<'_>, what: &'static str) -> Result<Vec<u8>, TokenFault> {
    item.to_der().map_err(|_| TokenFault::malformed(what))
}

/// The bytes of a SET OF that stood under an implicit tag: what is signed of signed attributes (RFC 5652, section 5.4).
pub(crate) fn as_set(items: &[AnyRef<'_>], what: &'static str) -> Result<Vec<u8>, TokenFault> {
    let mut content = Vec::new();
    for item in items {
        content.extend(bytes(item, what)?);
    }
    let set = der::asn1::Any::new(Tag::Set, content).map_err(|_| TokenFault::malformed(what))?;
    set.to_der().map_err(|_| TokenFault::malformed(what))
}
