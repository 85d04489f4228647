#!/usr/bin/env bash
# Makes the timestamps of the vectors, and the roots that they are judged by, with an authority made of OpenSSL. They are over the checkpoint of
# good/chain.litopys. Signatures are random, so each run makes other bytes: run it only when that checkpoint is another, then the generator.
# usage: make.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unzip -p "$here/../../good/chain.litopys" checkpoint | head -n 3 >text
echo other >other-text

p256() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null; }
purpose='extendedKeyUsage=critical,timeStamping
keyUsage=critical,digitalSignature'
config() { # EXTENSIONS
    cat >ca.cnf <<END
[ca]
default_ca=own
[own]
database=index.txt
new_certs_dir=.
serial=serial
default_md=sha256
policy=any
unique_subject=no
[any]
organizationName=optional
commonName=supplied
[req]
distinguished_name=name
prompt=no
[name]
CN=unused
[authority]
basicConstraints=critical,CA:true
keyUsage=critical,keyCertSign
subjectKeyIdentifier=hash
[signer]
basicConstraints=critical,CA:false
subjectKeyIdentifier=hash
$1
END
}
root() { # NAME
    p256 "$1"
    openssl req -x509 -new -key "$1.key" -out "$1.pem" -days 30000 -config ca.cnf -subj "/O=Vectors/CN=Root" -extensions authority
}
issue() { # NAME SUBJECT SECTION ISSUER [FROM UNTIL]
    openssl req -new -key "$1.key" -out "$1.csr" -subj "$2" -config ca.cnf
    openssl ca -batch -notext -config ca.cnf -in "$1.csr" -out "$1.pem" -extensions "$3" -cert "$4.pem" -keyfile "$4.key" \
        -startdate "${5:-20200101000000Z}" -enddate "${6:-20900101000000Z}" 2>/dev/null
}
reply() { # SIGNER TEXT OUT [CERTIFICATES] [OPTIONS]
    cat >tsa.cnf <<END
[tsa]
default_tsa=own
[own]
serial=number
crypto_device=builtin
signer_cert=$1.pem
signer_key=$1.key
${4:+certs=$4}
signer_digest=sha256
default_policy=1.2.3.4.1
digests=sha256,sha384,sha512
accuracy=secs:1
ess_cert_id_chain=no
ess_cert_id_alg=sha256
END
    openssl ts -query -data "$2" -sha256 -no_nonce ${5--cert} -out query 2>/dev/null
    openssl ts -reply -config tsa.cnf -queryfile query -out "$3" 2>/dev/null
}
# As `reply`, with a certificate with which OpenSSL's authority refuses to sign.
forge() { # SIGNER OUT
    openssl ts -reply -in good.tsr -token_out -out token.der 2>/dev/null
    openssl cms -verify -noverify -inform DER -in token.der -out content.der 2>/dev/null
    openssl cms -sign -signer "$1.pem" -inkey "$1.key" -md sha256 -econtent_type 1.2.840.113549.1.9.16.1.4 -nodetach -binary -cades \
        -nosmimecap -in content.der -out token.der -outform DER
    python3 - "$2" <<'END'
import sys
token = open("token.der", "rb").read()
content = bytes.fromhex("3003020100") + token
open(sys.argv[1], "wb").write(b"\x30\x82" + len(content).to_bytes(2, "big") + content)
END
}

: >index.txt
echo 1000 >serial
echo 01 >number
config "$purpose"
root root
root stranger
p256 between
issue between "/O=Vectors/CN=Between" authority root
p256 signer
issue signer "/O=Vectors/CN=Clock" signer root
p256 below
issue below "/O=Vectors/CN=Clock below" signer between
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key 2>/dev/null
issue rsa "/O=Vectors/CN=RSA clock" signer root
p256 ended
issue ended "/O=Vectors/CN=Ended clock" signer root 20200101000000Z 20210101000000Z
p256 self
openssl req -x509 -new -key self.key -out self.pem -days 20000 -config ca.cnf -subj "/CN=Nobody" -extensions signer
config 'extendedKeyUsage=critical,codeSigning'
p256 code
issue code "/O=Vectors/CN=Code" signer root
config 'extendedKeyUsage=timeStamping'
p256 lax
issue lax "/O=Vectors/CN=Lax clock" signer root

reply signer text good.tsr
reply signer other-text other-imprint.tsr
reply below text between.tsr between.pem
reply rsa text rsa.tsr
reply signer text injected.tsr self.pem
reply signer text no-certificate.tsr "" ""
reply self text self-signed.tsr
forge ended ended.tsr
forge code wrong-purpose.tsr
forge lax not-critical.tsr
cp ./*.tsr "$here"
mkdir -p "$here/../../clocks"
cp root.pem stranger.pem "$here/../../clocks"
cp self.pem "$here/../../clocks/self-signed.pem"
