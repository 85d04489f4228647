#!/usr/bin/env bash
# Has an archive dated by an authority made of OpenSSL, and asks OpenSSL and the second verifier what they think of it.
# usage: timestamps.sh WORK      (`litopys` on the PATH, LITOPYS_HOME set)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
mkdir tsa
cat >tsa/ca.cnf <<'EOF'
[req]
distinguished_name=name
prompt=no
[name]
CN=Test Clock
[authority]
basicConstraints=critical,CA:true
keyUsage=critical,keyCertSign
[signer]
basicConstraints=critical,CA:false
extendedKeyUsage=critical,timeStamping
keyUsage=critical,digitalSignature
EOF
cat >tsa/tsa.cnf <<'EOF'
[tsa]
default_tsa=own
[own]
serial=number
crypto_device=builtin
signer_cert=signer.pem
signer_key=signer.key
signer_digest=sha256
default_policy=1.2.3.4.1
digests=sha256
accuracy=secs:1
ess_cert_id_alg=sha256
EOF
(
    cd tsa
    echo 01 >number
    for name in root signer; do openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $name.key 2>/dev/null ||
        openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $name.key; done
    openssl req -x509 -new -key root.key -out root.pem -days 3650 -config ca.cnf -subj "/CN=Test Root" -extensions authority
    openssl req -new -key signer.key -out signer.csr -config ca.cnf
    openssl x509 -req -in signer.csr -CA root.pem -CAkey root.key -CAcreateserial -days 3650 -extfile ca.cnf -extensions signer \
        -out signer.pem 2>/dev/null
)

printf '# One\n\nIt was said.\n' >one.md
printf '# Two\n\nMore was said.\n' >two.md
litopys create dated one.md --make-keys --no-recovery --quiet
litopys timestamp dated --request ask.tsq --quiet
(cd tsa && openssl ts -reply -config tsa.cnf -queryfile ../ask.tsq -out ../answer.tsr 2>/dev/null)
litopys timestamp dated --response answer.tsr --tsa-root tsa/root.pem --quiet
litopys add dated two.md --quiet

# A program that links the two crates.
if command -v cargo >/dev/null; then
    (cd "$here/../.." && cargo run -q -p litopys-time --example clocks -- "$OLDPWD/dated" "$OLDPWD/tsa/root.pem") |
        grep '^the first 2 statements existed before .*CN=Test Clock' >/dev/null
fi

# The commands of docs/format.md, section 7.4.
head -n 3 dated/time/2/checkpoint >text
openssl ts -verify -data text -in dated/time/2/*.tsr -CAfile tsa/root.pem 2>/dev/null | grep -qx 'Verification: OK'
head -n 3 dated/checkpoint >text
if openssl ts -verify -data text -in dated/time/2/*.tsr -CAfile tsa/root.pem >/dev/null 2>&1; then
    echo "OpenSSL takes the token for one over another checkpoint" >&2
    exit 1
fi

litopys verify dated --tsa-root tsa/root.pem --quiet
python3 "$here/verify.py" dated
litopys bundle dated dated.litopys --quiet
python3 "$here/verify.py" dated.litopys
litopys bundle dated one.litopys --article one.md --quiet
litopys verify one.litopys --tsa-root tsa/root.pem --quiet
[ "$(litopys verify one.litopys --tsa-root tsa/root.pem --json | grep -o '"time":"[a-z]*"' | head -n 1)" = '"time":"holds"' ]
python3 "$here/extract.py" one.litopys
# The proof that the log extends what was dated, with a hash of it changed, or another size.
python3 - "$here" one.litopys <<'EOF'
import sys, zipfile
sys.path.insert(0, sys.argv[1])
from extract import extends, read_proof
from records import read_checkpoint
members = zipfile.ZipFile(sys.argv[2])
_, size, root, *_ = read_checkpoint(members.read("time/2/checkpoint"))
claimed, path, under = read_proof(members.read("time/2/consistency"), "old ")
_, newer, newest, *_ = read_checkpoint(under)
assert claimed == size == 2 and newer == 3 and extends(size, root, newer, newest, path)
assert not extends(size, root, newer, newest, [bytes(32)]) and not extends(size, root, newer, newest, path + path)
assert not extends(1, root, newer, newest, path) and not extends(size, newest, newer, newest, path)
EOF

# The commands of docs/verifying-by-hand.md.
bash "$here/../docs/by-hand.sh" dated.litopys
bash "$here/../docs/by-hand.sh" one.litopys tsa/root.pem
