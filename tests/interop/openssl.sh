#!/bin/sh
# Verifies the signature of the first statements (at most 5) below a folder with OpenSSL, which knows nothing of COSE.
# Python only takes the statement apart and writes the bytes that were signed, by docs/format.md, section 4.
#
#     sh openssl.sh FOLDER        which has statements as *.cose
set -eu
[ $# -eq 1 ] || { echo "usage: openssl.sh FOLDER" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
find "$1" -name '*.cose' | sort | head -n 5 > "$work/list"
[ -s "$work/list" ] || { echo "no *.cose below $1" >&2; exit 1; }
while IFS= read -r file; do
    python3 - "$file" "$work" <<'PYTHON'
import base64, sys, cbor2
protected, _, payload, signature = cbor2.loads(open(sys.argv[1], "rb").read()).value
# SubjectPublicKeyInfo (RFC 8410): a fixed head, then the 32 bytes of the key
spki = bytes.fromhex("302a300506032b6570032100") + cbor2.loads(protected)[4]
pem = f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(spki).decode()}\n-----END PUBLIC KEY-----\n"
parts = {"key.pem": pem.encode(), "signed": cbor2.dumps(["Signature1", protected, b"", payload]), "signature": signature}
for name, data in parts.items():
    open(f"{sys.argv[2]}/{name}", "wb").write(data)
PYTHON
    openssl pkeyutl -verify -pubin -inkey "$work/key.pem" -rawin -in "$work/signed" -sigfile "$work/signature" \
        > "$work/answer" 2>&1 || { echo "$file: OpenSSL: $(cat "$work/answer")" >&2; exit 1; }
    echo "$file: $(cat "$work/answer")"
done < "$work/list"
