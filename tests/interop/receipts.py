#!/usr/bin/env python3
"""Checks a transparent statement (RFC 9943) that litopys wrote with cbor2 and cryptography, which know nothing of Litopys.

    python3 receipts.py TRANSPARENT STATEMENT CHARTER

TRANSPARENT has a COSE receipt (RFC 9942) in its unprotected header; STATEMENT is what went into the log, and CHARTER says which keys may
sign for the log. Then everything that a receipt says is changed, and must be refused.
"""
import hashlib, sys
import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

RECEIPTS, DATA_STRUCTURE, PROOFS, INCLUSION, RFC9162_SHA256 = 394, 395, 396, -1, 1

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

def root_of(leaf, size, index, path):
    """The root that a path leads to: RFC 9162, section 2.1.3.2, by its steps."""
    fn, sn, r = index, size - 1, leaf
    assert index < size, "no such leaf"
    for p in path:
        assert sn > 0, "a path that is too long"
        if fn & 1 or fn == sn:
            r = sha256(b"\1", p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha256(b"\1", r, p)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0, "a path that is too short"
    return r

def check(receipt, statement, log_keys):
    """RFC 9942, section 5.2: the path gives the root, which is the payload that was signed."""
    outer = cbor2.loads(receipt)
    assert outer.tag == 18, "a receipt is a tagged COSE_Sign1"
    protected, unprotected, payload, signature = outer.value
    header = cbor2.loads(protected)
    assert header[1] == -8 and header[DATA_STRUCTURE] == RFC9162_SHA256 and payload is None
    assert header[4] in log_keys, "signed by no log key"
    (proof,) = unprotected[PROOFS][INCLUSION]
    size, index, path = cbor2.loads(proof)
    root = root_of(sha256(b"\0", statement), size, index, path)
    message = cbor2.dumps(["Signature1", protected, b"", root])
    Ed25519PublicKey.from_public_bytes(header[4]).verify(signature, message)
    return size, index, header

def changed(receipt):
    """What a receipt says, each part changed."""
    outer = cbor2.loads(receipt)
    protected, unprotected, payload, signature = outer.value
    def made(protected=protected, proof=None, signature=signature):
        headers = unprotected if proof is None else {PROOFS: {INCLUSION: [cbor2.dumps(proof)]}}
        return cbor2.dumps(cbor2.CBORTag(18, [protected, headers, payload, signature]))
    header, (size, index, path) = cbor2.loads(protected), cbor2.loads(unprotected[PROOFS][INCLUSION][0])
    assert made() == receipt, "not encoded as cbor2 does"
    yield "another issuer", made(cbor2.dumps(header | {15: header[15] | {1: "elsewhere.example"}}))
    yield "another subject", made(cbor2.dumps(header | {15: header[15] | {2: "urn:uuid:00000000-0000-4000-8000-000000000000"}}))
    yield "another sort of log", made(cbor2.dumps(header | {DATA_STRUCTURE: 2}))
    yield "another algorithm", made(cbor2.dumps(header | {1: -7}))
    yield "another key", made(cbor2.dumps(header | {4: bytes(32)}))
    yield "a header more", made(cbor2.dumps(header | {3: "application/vnd.litopys.article+cbor"}))
    yield "another index", made(proof=[size, index ^ 1, path])
    yield "another size", made(proof=[2 * size, index, path])
    yield "a shorter path", made(proof=[size, index, path[:-1]])
    yield "a longer path", made(proof=[size, index, path + [bytes(32)]])
    yield "another path", made(proof=[size, index, [sha256(path[0])] + path[1:]])
    yield "another signature", made(signature=signature[:-1] + bytes([signature[-1] ^ 1]))

def main():
    transparent, statement, charter = (open(name, "rb").read() for name in sys.argv[1:4])
    keys = cbor2.loads(cbor2.loads(charter).value[2])["keys"]
    log_keys = [entry["key"] for entry in keys if "log" in entry["roles"]]
    protected, unprotected, payload, signature = cbor2.loads(transparent).value
    # What went into the log has no receipts yet.
    assert cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature])) == statement, "another statement"
    (receipt,) = unprotected[RECEIPTS]
    size, index, header = check(receipt, statement, log_keys)
    claims = cbor2.loads(protected)[15]
    assert header[15] == claims, "the receipt is about another statement"
    refused = 0
    for what, other in changed(receipt):
        try:
            check(other, statement, log_keys)
        except (AssertionError, InvalidSignature, ValueError):
            refused += 1
        else:
            sys.exit(f"a receipt with {what} is taken")
    try:
        check(receipt, statement[:-1] + bytes([statement[-1] ^ 1]), log_keys)
        sys.exit("a receipt for another statement is taken")
    except InvalidSignature:
        refused += 1
    print(f"statement {index} of {size} has a receipt by {header[4].hex()[:16]}; {refused} changed ones are refused")

if __name__ == "__main__":
    main()
