"""What a timestamp of RFC 3161 is worth to who trusts some roots, at a moment (7.4), for times.py. Needs: pip install cryptography

DER is read here, and certificates by `cryptography`. Numbers such as "(7.4)" are sections of docs/format.md.
"""
import datetime, hashlib, re
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

SEQUENCE, SET, OCTETS, OID, INTEGER, BOOLEAN, TIME = 0x30, 0x31, 4, 6, 2, 1, 0x18
SIGNED_DATA, TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"
HASHES = {"2.16.840.1.101.3.4.2.1": "sha256", "2.16.840.1.101.3.4.2.2": "sha384", "2.16.840.1.101.3.4.2.3": "sha512"}
RSA_PSS = "1.2.840.113549.1.1.10"

class Untrue(Exception):
    """False, whoever looks."""
class Open(Exception):
    """Nothing against the timestamp, but nothing for it to this reader, at this moment."""

def need(condition, fault=Untrue):
    if not condition:
        raise fault()

class Der:
    """The items within a piece of DER, one after the other. An item is (tag, content, all its bytes)."""
    def __init__(self, data):
        self.data, self.pos = data, 0
    def more(self):
        return self.pos < len(self.data)
    def peek(self):
        return self.data[self.pos] if self.more() else None
    def take(self, *tags):
        start = self.pos
        need(len(self.data) - start >= 2)
        tag, length = self.data[start], self.data[start + 1]
        self.pos += 2
        if length >= 0x80:
            count = length & 0x7f
            need(1 <= count <= 4 and len(self.data) - self.pos >= count)
            length = int.from_bytes(self.data[self.pos:self.pos + count], "big")
            need(length >= (0x80 if count == 1 else 1 << 8 * (count - 1)))
            self.pos += count
        need(len(self.data) - self.pos >= length and (not tags or tag in tags))
        self.pos += length
        return tag, self.data[self.pos - length:self.pos], self.data[start:self.pos]
    def into(self, *tags):
        return Der(self.take(*(tags or (SEQUENCE,)))[1])
    def optional(self, tag):
        return self.take(tag) if self.peek() == tag else None
    def all(self):
        items = []
        while self.more():
            items.append(self.take())
        return items

def oid(content):
    need(content and not content[-1] & 0x80)
    arcs, value = [], 0
    for byte in content:
        value = value << 7 | byte & 0x7f
        if not byte & 0x80:
            arcs, value = arcs + [value], 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, [first, arcs[0] - 40 * first] + arcs[1:]))

def algorithm(item):
    inner = Der(item[1])
    return oid(inner.take(OID)[1])

class Token:
    """A response and what is in it, by the steps of (7.4)."""
    def __init__(self, response):
        outer = Der(response)
        body = outer.into()
        need(not outer.more())
        status = body.into()
        need(status.take(INTEGER)[1] in (b"\0", b"\1") and body.more())
        token = body.into()
        need(oid(token.take(OID)[1]) == SIGNED_DATA)
        data = token.into(0xa0).into()
        data.take(INTEGER)
        named = [algorithm(item) for item in data.into(SET).all()]
        content = data.into()
        need(oid(content.take(OID)[1]) == TST_INFO)
        self.content = content.into(0xa0).take(OCTETS)[1]
        held = data.optional(0xa0)
        self.certificates = [self.certificate(item[2]) for item in Der(held[1]).all()] if held else []
        need(len(self.certificates) <= 16)
        data.optional(0xa1)
        signers = data.into(SET)
        signer = signers.into()
        need(not signers.more())
        self.read_signer(signer)
        need(self.digest in named)
        self.read_info(Der(self.content).into())

    @staticmethod
    def certificate(der):
        try:
            return x509.load_der_x509_certificate(der)
        except ValueError:
            raise Untrue() from None

    def read_signer(self, signer):
        signer.take(INTEGER)
        tag, content, _ = signer.take(SEQUENCE, 0x80)
        if tag == SEQUENCE:
            inner = Der(content)
            issuer, serial = inner.take(SEQUENCE)[2], int.from_bytes(inner.take(INTEGER)[1], "big")
            self.is_signer = lambda c: c.issuer.public_bytes() == issuer and c.serial_number == serial
        else:
            self.is_signer = lambda c: key_id(c) == content
        self.digest = algorithm(signer.take(SEQUENCE))
        attributes = signer.take(0xa0)
        self.signed = bytes([SET]) + attributes[2][1:]
        self.attributes = {}
        for _, content, _ in Der(attributes[1]).all():
            inner = Der(content)
            kind, values = oid(inner.take(OID)[1]), inner.into(SET).all()
            need(kind not in self.attributes)
            self.attributes[kind] = values
        self.scheme, self.signature = algorithm(signer.take(SEQUENCE)), signer.take(OCTETS)[1]

    def read_info(self, info):
        need(info.take(INTEGER)[1] == b"\1", Open)
        info.take(OID)
        imprint = info.into()
        hashed, self.imprint = algorithm(imprint.take(SEQUENCE)), imprint.take(OCTETS)[1]
        need(hashed in HASHES, Open)
        self.hash = HASHES[hashed]
        info.take(INTEGER)
        text = info.take(TIME)[1].decode("latin-1")
        need(re.fullmatch(r"\d{14}(\.\d*[1-9])?Z", text, re.ASCII))
        try:
            self.time = datetime.datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=datetime.timezone.utc)
        except ValueError:
            raise Untrue() from None

        extensions = [item for tag, content, _ in info.all() if tag == 0xa1 for item in Der(content).all()]
        need(not any(Der(content).all()[1][0] == BOOLEAN for _, content, _ in extensions), Open)  # critical

    def verify(self, text, certificates, at):
        """Whether `text` existed before the token's time, as of `at`, by who trusts the roots among these certificates."""
        need(hashlib.new(self.hash, text).digest() == self.imprint)  # 2
        own = [c for c in self.certificates + certificates if self.is_signer(c)]
        need(own, Open)  # 3
        signer = own[0]
        self.refuse_strangers(signer)  # 4
        self.check_signature(signer)  # 5
        need(signer.issuer != signer.subject)  # 6
        need(for_timestamps(signer))
        roots = [c for c in certificates if c.issuer == c.subject]
        chains = list(find_chains(signer, self.certificates + certificates, roots, 8))  # 7
        need(chains, Open)
        then = [chain for chain in chains if all(is_valid(c, self.time) for c in chain)]
        need(then)
        need(any(all(is_valid(c, at) for c in chain) for chain in then) and self.time <= at, Open)  # 8

    def refuse_strangers(self, signer):
        known, rest = [signer], [c for c in self.certificates if c != signer]
        while more := [c for c in rest if any(c.subject == k.issuer for k in known)]:
            known, rest = known + more, [c for c in rest if c not in more]
        need(not rest)

    def check_signature(self, signer):
        values = self.attributes
        one = lambda kind: values[kind][0] if len(values.get(kind, [])) == 1 else need(False)
        need(oid(one(CONTENT_TYPE)[1]) == TST_INFO)
        need(self.digest in HASHES, Open)
        named = Der(one(SIGNING_CERTIFICATE_V2 if SIGNING_CERTIFICATE_V2 in values else SIGNING_CERTIFICATE)[1])
        first, hashed = Der(named.into().take(SEQUENCE)[1]), "sha1"
        if SIGNING_CERTIFICATE_V2 in values:
            hashed = HASHES.get(algorithm(first.take(SEQUENCE))) if first.peek() == SEQUENCE else "sha256"
            need(hashed, Open)
        need(hashlib.new(hashed, signer.public_bytes(Encoding.DER)).digest() == first.take(OCTETS)[1])
        need(hashlib.new(HASHES[self.digest], self.content).digest() == one(MESSAGE_DIGEST)[1])
        key, digest = signer.public_key(), getattr(hashes, HASHES[self.digest].upper())()
        try:
            if isinstance(key, rsa.RSAPublicKey):
                need(2048 <= key.key_size <= 8192, Open)
                pss = padding.PSS(padding.MGF1(digest), padding.PSS.AUTO)
                key.verify(self.signature, self.signed, pss if self.scheme == RSA_PSS else padding.PKCS1v15(), digest)
            else:
                need(isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in ("secp256r1", "secp384r1"), Open)
                key.verify(self.signature, self.signed, ec.ECDSA(digest))
        except InvalidSignature:
            raise Untrue() from None

def extension(certificate, kind):
    try:
        return certificate.extensions.get_extension_for_class(kind)
    except x509.ExtensionNotFound:
        return None

def key_id(certificate):
    found = extension(certificate, x509.SubjectKeyIdentifier)
    return found and found.value.digest

def for_timestamps(certificate):
    """Its purpose is timestamping alone (RFC 3161, 2.3)."""
    purpose, usage = extension(certificate, x509.ExtendedKeyUsage), extension(certificate, x509.KeyUsage)
    basic = extension(certificate, x509.BasicConstraints)
    if not purpose or not purpose.critical or list(purpose.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        return False
    if usage and (not (usage.value.digital_signature or usage.value.content_commitment) or usage.value.key_encipherment
                  or usage.value.data_encipherment or usage.value.key_agreement or usage.value.key_cert_sign
                  or usage.value.crl_sign):
        return False
    return not (basic and basic.value.ca)

def find_chains(certificate, others, roots, left):
    """Chains from a certificate to a root, by names and signatures."""
    for issuer in roots + [c for c in others if c.issuer != c.subject]:
        basic = extension(issuer, x509.BasicConstraints)
        if issuer.subject != certificate.issuer or issuer == certificate or not (basic and basic.value.ca):
            continue
        try:
            certificate.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature):
            continue
        if issuer in roots:
            yield [certificate, issuer]
        elif left:
            yield from ([certificate] + chain for chain in find_chains(issuer, others, roots, left - 1))

def is_valid(certificate, at):
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc

def judge(response, text, certificates, at):
    """`holds`, `open` or `false`."""
    try:
        Token(response).verify(text, certificates, at)
    except Open:
        return "open"
    except (Untrue, ValueError, KeyError, IndexError, TypeError):
        return "false"
    return "holds"
