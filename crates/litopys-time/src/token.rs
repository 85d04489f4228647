//! A token: what an authority says, and whether it is to be believed.

use der::asn1::{AnyRef, IntRef, ObjectIdentifier};
use der::{Encode, Tag, Tagged};
use sha1::{Digest, Sha1};
use x509_cert::spki::AlgorithmIdentifierRef;

use crate::algorithm::{Hash, Scheme};
use crate::asn1::{
    Attribute, ContentInfo, EssCertId, EssCertIdV2, IssuerAndSerial, SignedData, SignerInfo, SigningCertificate,
    TimeStampResp, TstInfo, as_set, bytes, decode, set,
};
use crate::certificate::Certificate;
use crate::chain::Roots;
use crate::{MAX_RESPONSE, TokenFault};

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");
const SIGNING_CERTIFICATE_V2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
/// The most certificates that are looked at.
const CERTIFICATES: usize = 16;

/// A token as it was received: what it says is a claim until it is verified.
#[derive(Debug, Clone)]
pub struct Token {
    hash: Hash,
    imprint: Vec<u8>,
    time: Moment,
    nonce: Option<Vec<u8>>,
    policy: ObjectIdentifier,
    /// What is signed: the content, by way of its digest among the attributes.
    content: Vec<u8>,
    signer: Signer,
    certificates: Vec<Certificate>,
}

#[derive(Debug, Clone)]
struct Signer {
    id: Id,
    hash: Hash,
    /// The hash's name, as DER.
    hash_id: Vec<u8>,
    /// The attributes as a SET: the bytes that the signature is over.
    signed: Vec<u8>,
    digest: Vec<u8>,
    /// The certificate that the attributes name, by its hash.
    names: CertificateHash,
    /// The signature's algorithm, as DER.
    algorithm: Vec<u8>,
    signature: Vec<u8>,
}

#[derive(Debug, Clone)]
enum Id {
    Issuer { issuer: Vec<u8>, serial: Vec<u8> },
    Key(Vec<u8>),
}

#[derive(Debug, Clone)]
enum CertificateHash {
    Sha1(Vec<u8>),
    Sha2(Hash, Vec<u8>),
}

/// A time in seconds since 1970, and by how much the clock may be wrong.
#[derive(Debug, Clone, Copy)]
struct Moment {
    /// Whole seconds; a part of a second beyond is dropped.
    seconds: u64,
    /// In microseconds.
    accuracy: u64,
}

/// What a verified token says: the bytes existed before a time, by an authority's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timestamp {
    /// The token's time, in whole seconds since 1970.
    pub time: u64,
    /// The bytes existed before this second: the token's time, the part of a second that it has and by how much the clock may be wrong, rounded up.
    pub before: u64,
    /// Whom the signer's certificate names, as in RFC 4514. Its text is the authority's: escape it before a terminal.
    pub authority: String,
    /// Whom the root names under which it was verified.
    pub root: String,
    /// The last second at which the whole chain is valid: after that a verdict for a later moment is [`TokenFault::Expired`].
    pub valid_until: u64,
}

impl Token {
    /// Reads a response (`TimeStampResp`) as an authority sends it. Nothing of it is verified.
    ///
    /// # Errors
    /// [`TokenFault::Malformed`], [`TokenFault::Refused`], [`TokenFault::Unsupported`].
    pub fn from_response(response: &[u8]) -> Result<Self, TokenFault> {
        if response.len() > MAX_RESPONSE {
            return Err(TokenFault::malformed("it is too large"));
        }
        let response: TimeStampResp<'_> = decode(response, "its outer structure")?;
        // granted, grantedWithMods
        if response.status.status > 1 {
            let text = response.status.text.map(|text| text.join("; ")).filter(|text| !text.is_empty());
            return Err(TokenFault::Refused { status: response.status.status, text });
        }
        Self::read(response.token.ok_or(TokenFault::malformed("it holds no token"))?)
    }

    fn read(token: ContentInfo<'_>) -> Result<Self, TokenFault> {
        let fault = TokenFault::malformed;
        if token.kind != SIGNED_DATA {
            return Err(fault("the token is not signed data"));
        }
        let data = bytes(&token.content, "the signed data")?;
        let data: SignedData<'_> = decode(&data, "the signed data")?;
        if data.content.kind != TST_INFO {
            return Err(fault("what is signed is not a time"));
        }
        let content = data.content.content.ok_or(fault("the signed data holds nothing"))?.as_bytes();
        let info: TstInfo<'_> = decode(content, "the time that is signed")?;
        if info.version != 1 {
            return Err(TokenFault::unsupported(format_args!("version {}", info.version)));
        }
        if info.extensions.iter().flatten().any(|extension| extension.critical) {
            return Err(TokenFault::unsupported("a critical extension"));
        }
        let signers = set(data.signers, "the signers")?;
        let [signer] = signers.as_slice() else { return Err(fault("there is not one signer")) };
        let signer = Signer::read(&bytes(signer, "the signer")?)?;
        let hashes = set(data.digests, "the hashes")?;
        let named = |hash: &AnyRef<'_>| bytes(hash, "the hashes").is_ok_and(|hash| hash == signer.hash_id);
        if !hashes.iter().any(named) {
            return Err(fault("the signer's hash is not among the hashes"));
        }
        let received = data.certificates.unwrap_or_default();
        if received.len() > CERTIFICATES {
            return Err(fault("it holds too many certificates"));
        }
        let certificate = |item: &AnyRef<'_>| Certificate::from_der(bytes(item, "a certificate").ok()?);
        let certificates: Option<Vec<_>> = received.iter().map(certificate).collect();
        Ok(Self {
            hash: Hash::named(info.imprint.algorithm.oid)?,
            imprint: info.imprint.message.as_bytes().to_vec(),
            time: Moment::read(&info)?,
            nonce: info.nonce.as_ref().map(IntRef::as_bytes).map(<[u8]>::to_vec),
            policy: info.policy,
            content: content.to_vec(),
            signer,
            certificates: certificates.ok_or(fault("a certificate"))?,
        })
    }

    /// The time that it claims, in whole seconds since 1970.
    pub const fn claimed_time(&self) -> u64 {
        self.time.seconds
    }

    /// Whom its signer's certificate names, if that is in it.
    pub fn claimed_authority(&self) -> Option<String> {
        self.certificates.iter().find(|own| self.signer.is(own)).map(Certificate::name)
    }

    /// The policy under which the authority issued it, as an object identifier.
    pub fn claimed_policy(&self) -> String {
        self.policy.to_string()
    }

    /// The hash of the bytes that it is over.
    pub(crate) fn imprint(&self) -> &[u8] {
        &self.imprint
    }

    /// The nonce of the request that it answers.
    pub(crate) fn nonce(&self) -> Option<&[u8]> {
        self.nonce.as_deref()
    }

    /// Verifies that an authority below one of `roots` says that `data` existed before the token's time, as of `at`, in seconds since 1970: the moment of
    /// judgement, now or one that was agreed upon.
    ///
    /// # Errors
    /// [`TokenFault`]: the first that there is, those that no root can heal before the others.
    pub fn verify(&self, data: &[u8], roots: &Roots, at: u64) -> Result<Timestamp, TokenFault> {
        if self.hash.digest(data) != self.imprint {
            return Err(TokenFault::OtherImprint);
        }
        let signer = self.signer(roots)?;
        self.refuse_strangers(signer)?;
        self.signer.verify(&self.content, signer)?;
        if signer.is_self_issued() {
            return Err(TokenFault::SelfSigned { name: signer.name() });
        }
        signer.check_purpose()?;
        let chain = roots.chain(signer, &self.certificates, self.time.seconds, at)?;
        if self.time.seconds > at {
            return Err(TokenFault::Future);
        }
        Ok(Timestamp {
            time: self.time.seconds,
            before: self.time.before(),
            authority: signer.name(),
            root: chain.root,
            valid_until: chain.until,
        })
    }

    /// The certificate that the signature names: by issuer and serial number, never by its place.
    fn signer<'a>(&'a self, roots: &'a Roots) -> Result<&'a Certificate, TokenFault> {
        let named = self.certificates.iter().chain(roots.others()).find(|own| self.signer.is(own));
        named.ok_or(TokenFault::NoCertificate)
    }

    /// Refuses certificates that no chain from the signer's can lead through: nothing signs for their being there.
    fn refuse_strangers(&self, signer: &Certificate) -> Result<(), TokenFault> {
        let mut known = vec![signer];
        let mut rest: Vec<_> = self.certificates.iter().filter(|other| other.der != signer.der).collect();
        while let Some(nth) = rest.iter().position(|other| {
            let subject = other.read.tbs_certificate().subject();
            known.iter().any(|known| known.read.tbs_certificate().issuer() == subject)
        }) {
            known.push(rest.remove(nth));
        }
        match rest.first() {
            Some(stranger) => Err(TokenFault::InjectedCertificate { name: stranger.name() }),
            None => Ok(()),
        }
    }
}

impl Signer {
    fn read(signer: &[u8]) -> Result<Self, TokenFault> {
        let fault = TokenFault::malformed;
        let signer: SignerInfo<'_> = decode(signer, "the signer")?;
        let id = match signer.id.tag() {
            Tag::Sequence => {
                let id = bytes(&signer.id, "the signer's id")?;
                let id: IssuerAndSerial<'_> = decode(&id, "the signer's id")?;
                Id::Issuer { issuer: bytes(&id.issuer, "the signer's id")?, serial: id.serial.as_bytes().to_vec() }
            }
            _ => Id::Key(signer.id.value().to_vec()),
        };
        let signed = signer.signed.ok_or(fault("the signer signed no attributes"))?;
        let attributes: Vec<_> = signed.iter().map(|item| bytes(item, "an attribute")).collect::<Result<_, _>>()?;
        let mut found = Attributes::default();
        for attribute in &attributes {
            found.take(decode(attribute, "an attribute")?)?;
        }
        let (Some(true), Some(digest), Some(names)) = (found.content_type, found.digest, found.certificate) else {
            return Err(fault("an attribute is missing"));
        };
        let der =
            |algorithm: &AlgorithmIdentifierRef<'_>| algorithm.to_der().map_err(|_| fault("the signer's algorithms"));
        Ok(Self {
            id,
            hash: Hash::named(signer.digest.oid)?,
            hash_id: der(&signer.digest)?,
            signed: as_set(&signed, "the attributes")?,
            digest,
            names,
            algorithm: der(&signer.algorithm)?,
            signature: signer.signature.as_bytes().to_vec(),
        })
    }

    fn is(&self, certificate: &Certificate) -> bool {
        match &self.id {
            Id::Issuer { issuer, serial } => certificate.is(issuer, serial),
            Id::Key(id) => certificate.has_key_id(id),
        }
    }

    fn verify(&self, content: &[u8], certificate: &Certificate) -> Result<(), TokenFault> {
        let named = match &self.names {
            CertificateHash::Sha1(hash) => Sha1::digest(&certificate.der).as_slice() == hash,
            CertificateHash::Sha2(algorithm, hash) => algorithm.digest(&certificate.der) == *hash,
        };
        if !named {
            return Err(TokenFault::OtherCertificate);
        }
        if self.hash.digest(content) != self.digest {
            return Err(TokenFault::BadSignature);
        }
        let key = certificate.read.tbs_certificate().subject_public_key_info();
        let scheme = Scheme::of(key, &decode(&self.algorithm, "the signature's algorithm")?, self.hash)?;
        let key = key.subject_public_key.as_bytes().ok_or(TokenFault::malformed("the signer's key"))?;
        if scheme.verify(key, &self.signed, &self.signature) { Ok(()) } else { Err(TokenFault::BadSignature) }
    }
}

/// Those signed attributes that are looked at. Each has one value, and stands there once.
#[derive(Default)]
struct Attributes {
    content_type: Option<bool>,
    digest: Option<Vec<u8>>,
    certificate: Option<CertificateHash>,
}

impl Attributes {
    fn take(&mut self, attribute: Attribute<'_>) -> Result<(), TokenFault> {
        let fault = TokenFault::malformed;
        let values = set(attribute.values, "an attribute")?;
        let one = || match values.as_slice() {
            [value] => Ok(*value),
            _ => Err(fault("an attribute has not one value")),
        };
        let again = match attribute.kind {
            CONTENT_TYPE => {
                let kind = one()?.decode_as::<ObjectIdentifier>().map_err(|_| fault("an attribute"))?;
                self.content_type.replace(kind == TST_INFO).is_some()
            }
            MESSAGE_DIGEST => {
                let value = one()?;
                if value.tag() != Tag::OctetString {
                    return Err(fault("an attribute"));
                }
                self.digest.replace(value.value().to_vec()).is_some()
            }
            // Both may stand there: the newer one counts.
            SIGNING_CERTIFICATE => {
                let hash = first_certificate(one()?, false)?;
                self.certificate.get_or_insert(hash);
                false
            }
            SIGNING_CERTIFICATE_V2 => {
                self.certificate = Some(first_certificate(one()?, true)?);
                false
            }
            _ => false,
        };
        if again { Err(fault("an attribute stands there twice")) } else { Ok(()) }
    }
}

/// The hash of the first certificate that a `SigningCertificate` names, or a `SigningCertificateV2`.
fn first_certificate(value: AnyRef<'_>, second: bool) -> Result<CertificateHash, TokenFault> {
    const WHAT: &str = "the attribute that names the certificate";
    let value = bytes(&value, WHAT)?;
    let named: SigningCertificate<'_> = decode(&value, WHAT)?;
    let first = bytes(named.certificates.first().ok_or(TokenFault::malformed(WHAT))?, WHAT)?;
    if second && let Ok(id) = decode::<EssCertIdV2<'_>>(&first, WHAT) {
        return Ok(CertificateHash::Sha2(Hash::named(id.algorithm.oid)?, id.hash.as_bytes().to_vec()));
    }
    let hash = decode::<EssCertId<'_>>(&first, WHAT)?.hash.as_bytes().to_vec();
    Ok(if second { CertificateHash::Sha2(Hash::Sha256, hash) } else { CertificateHash::Sha1(hash) })
}

impl Moment {
    /// `GeneralizedTime` as RFC 3161 has it: `YYYYMMDDhhmmss[.s...]Z`.
    fn read(info: &TstInfo<'_>) -> Result<Self, TokenFault> {
        const WHAT: &str = "the token's time";
        let fault = || TokenFault::malformed(WHAT);
        let text = std::str::from_utf8(info.time.value()).map_err(|_| fault())?;
        let text = text.strip_suffix('Z').filter(|_| info.time.tag() == Tag::GeneralizedTime).ok_or_else(fault)?;
        let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, part)| (whole, Some(part)));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
        // DER: no trailing zeros, and so no empty fraction.
        if whole.len() != 14 || !digits(whole) || fraction.is_some_and(|part| !digits(part) || part.ends_with('0')) {
            return Err(fault());
        }
        let number = |from: usize, to: usize| whole.get(from..to).and_then(|part| part.parse::<u16>().ok());
        let part = |from, to| number(from, to).and_then(|part| u8::try_from(part).ok()).ok_or_else(fault);
        let year = number(0, 4).ok_or_else(fault)?;
        let time = der::DateTime::new(year, part(4, 6)?, part(6, 8)?, part(8, 10)?, part(10, 12)?, part(12, 14)?);
        let seconds = time.map_err(|_| fault())?.unix_duration().as_secs();
        let accuracy = info.accuracy.map_or(0, |accuracy| {
            let (millis, micros) = (accuracy.millis.unwrap_or(0), accuracy.micros.unwrap_or(0));
            u64::from(accuracy.seconds.unwrap_or(0)) * 1_000_000 + u64::from(millis) * 1000 + u64::from(micros)
        });
        Ok(Self { seconds, accuracy })
    }

    /// The second before which it was, at the latest.
    const fn before(self) -> u64 {
        self.seconds + 1 + self.accuracy.div_ceil(1_000_000)
    }
}
