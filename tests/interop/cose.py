#!/usr/bin/env python3
"""Opens every *.cose below a folder as a COSE_Sign1 with three tools that know nothing of Litopys: PyPI's cwt and
pycose, and by hand with cbor2 and cryptography. Exit code 1 if one refuses one, or if there is none.

    python3 cose.py FOLDER
"""
import pathlib, sys
import cbor2, cwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pycose.headers import KID, Algorithm
from pycose.keys import OKPKey
from pycose.messages import CoseMessage, Sign1Message

def by_hand(raw):
    tagged = cbor2.loads(raw)
    assert tagged.tag == 18, "the tag isn't 18"
    protected, unprotected, payload, signature = tagged.value
    kid = cbor2.loads(protected)[4]
    signed = cbor2.dumps(["Signature1", protected, b"", payload])
    Ed25519PublicKey.from_public_bytes(kid).verify(signature, signed)
    return kid, payload, cbor2.loads(protected)[1]

def with_cwt(raw, kid):
    key = cwt.COSEKey.new({1: 1, 2: kid, 3: -8, -1: 6, -2: kid, 4: [2]})  # OKP, kid, EdDSA, Ed25519, x, verify
    return cwt.COSE.new().decode(raw, key)

def with_pycose(raw, kid):
    message = CoseMessage.decode(raw)
    assert isinstance(message, Sign1Message) and message.get_attr(KID) == kid, "no COSE_Sign1 of this key"
    message.key = OKPKey(crv="ED25519", x=kid)
    assert message.verify_signature(), f"{message.get_attr(Algorithm).fullname} signature doesn't verify"
    return message.payload

def main(folder):
    failures = checked = skipped = 0
    for path in sorted(pathlib.Path(folder).rglob("*.cose")):
        raw, tool = path.read_bytes(), "by hand"
        checked += 1
        try:
            kid, payload, alg = by_hand(raw)
            tool = "cwt"
            assert with_cwt(raw, kid) == payload, "another payload"
            tool = "pycose"
            if alg == -8:
                assert with_pycose(raw, kid) == payload, "another payload"
            else:  # pycose 1.1 doesn't know -19, of RFC 9864
                skipped += 1
        except Exception as error:
            failures += 1
            print(f"{path}: {tool}: {type(error).__name__}: {error}", file=sys.stderr)
    print(f"{checked} statements, {failures} refused, {skipped} not tried with pycose")
    return 1 if failures or not checked else 0

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) == 2 else __doc__)
