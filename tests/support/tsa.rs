//! A timestamp authority made of OpenSSL: keys, certificates, answers to requests.
#![allow(unreachable_pub, dead_code, reason = "shared by tests that use a part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What an authority is to be like.
#[derive(Debug, Clone, Copy)]
pub struct Make<'a> {
    /// Arguments of `openssl genpkey` for the signer's key.
    pub key: &'a [&'a str],
    /// The signer's extended key usage, and other lines of an extension section.
    pub extensions: &'a str,
    /// The days on which the signer's certificate is valid, as `YYYYMMDDHHMMSSZ`.
    pub valid: (&'a str, &'a str),
    /// Whether an intermediate authority stands between.
    pub between: bool,
    /// More arguments for signing the certificates, as `-sigopt rsa_padding_mode:pss`.
    pub sign: &'a [&'a str],
    /// Arguments of `openssl genpkey` for the root's and the intermediate's key.
    pub root: &'a [&'a str],
}

/// A key on P-256.
pub const P256: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
/// A key on P-384.
pub const P384: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"];
/// An RSA key of 2048 bits.
pub const RSA: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
/// What a signer's certificate must say.
pub const PURPOSE: &str = "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n";

impl Default for Make<'_> {
    fn default() -> Self {
        Self {
            key: P256,
            extensions: PURPOSE,
            valid: ("20200101000000Z", "20900101000000Z"),
            between: false,
            sign: &[],
            root: P256,
        }
    }
}

/// An authority: a folder with its keys and certificates.
pub struct Tsa {
    dir: PathBuf,
}

impl Tsa {
    /// Whether there is an `openssl`. In CI its absence is a failure.
    pub fn available() -> bool {
        let there = Command::new("openssl").arg("version").output().is_ok();
        assert!(there || std::env::var_os("CI").is_none_or(|ci| ci != "true"), "openssl is absent in CI");
        if !there {
            eprintln!("skipped: there is no openssl");
        }
        there
    }

    /// Makes one in an empty folder.
    pub fn new(dir: impl Into<PathBuf>, make: Make<'_>) -> Self {
        let tsa = Self { dir: dir.into() };
        fs::create_dir_all(&tsa.dir).unwrap();
        tsa.write("index.txt", "");
        tsa.write("serial", "1000\n");
        tsa.write("number", "01\n");
        tsa.write("ca.cnf", &ca_config(make.extensions));
        tsa.write("tsa.cnf", TSA_CONFIG);
        tsa.key("root", make.root);
        let root =
            ["req", "-x509", "-new", "-key", "root.key", "-out", "root.pem", "-days", "30000", "-config", "ca.cnf"];
        tsa.openssl(&[&root[..], &["-subj", "/O=Test/CN=Test Root", "-extensions", "authority"], make.sign].concat());
        let issuer = if make.between {
            tsa.key("between", make.root);
            tsa.issue("between", "/O=Test/CN=Test Intermediate", "authority", make.valid, "root", make.sign);
            "between"
        } else {
            "root"
        };
        tsa.key("signer", make.key);
        tsa.issue("signer", "/O=Test/CN=Test Clock", "signer", make.valid, issuer, make.sign);
        let chain = if make.between { tsa.read("between.pem") } else { Vec::new() };
        tsa.write("chain.pem", &String::from_utf8(chain).unwrap());
        tsa
    }

    /// One whose certificate is its own root.
    pub fn self_signed(dir: impl Into<PathBuf>) -> Self {
        let tsa = Self::new(dir, Make::default());
        let subject = ["-subj", "/CN=Nobody", "-extensions", "signer"];
        let own =
            ["req", "-x509", "-new", "-key", "signer.key", "-out", "signer.pem", "-days", "9000", "-config", "ca.cnf"];
        tsa.openssl(&[&own[..], &subject].concat());
        fs::copy(tsa.dir.join("signer.pem"), tsa.dir.join("root.pem")).unwrap();
        tsa
    }

    /// Another certificate for the signer's key, with the issuer and serial number of the first one.
    pub fn reissued(&self) -> Vec<u8> {
        self.write("index.txt", "");
        self.write("serial", "1000\n");
        self.issue("signer", "/O=Test/CN=Another Clock", "signer", Make::default().valid, "root", &[]);
        self.read("signer.pem")
    }

    /// Another certificate of its root, for a day from now, in PEM.
    pub fn root_for_a_day(&self) -> Vec<u8> {
        let root = ["req", "-x509", "-new", "-key", "root.key", "-out", "day.pem", "-days", "1", "-config", "ca.cnf"];
        self.openssl(&[&root[..], &["-subj", "/O=Test/CN=Test Root", "-extensions", "authority"]].concat());
        self.read("day.pem")
    }

    /// Another certificate of its root, valid on these days, in PEM.
    pub fn root_valid(&self, valid: (&str, &str)) -> Vec<u8> {
        fs::copy(self.dir.join("root.key"), self.dir.join("another.key")).unwrap();
        self.issue("another", "/O=Test/CN=Test Root", "authority", valid, "root", &[]);
        self.read("another.pem")
    }

    /// Its root certificate, in PEM.
    pub fn root(&self) -> PathBuf {
        self.dir.join("root.pem")
    }

    /// The bytes of a file of its folder.
    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.dir.join(name)).unwrap()
    }

    /// Answers a request (RFC 3161, `TimeStampReq`).
    pub fn reply(&self, request: &[u8]) -> Vec<u8> {
        fs::write(self.dir.join("request.tsq"), request).unwrap();
        let reply = ["ts", "-reply", "-config", "tsa.cnf", "-queryfile", "request.tsq", "-out", "reply.tsr"];
        self.openssl(&reply);
        self.read("reply.tsr")
    }

    /// A response with the same content as this one, signed anew with the key and certificate of another authority: what OpenSSL's own refuses
    /// to sign. `options` are those of `openssl cms`.
    pub fn sign_again(response: &[u8], with: &Self, options: &[&str]) -> Vec<u8> {
        fs::write(with.dir.join("reply.tsr"), response).unwrap();
        with.openssl(&["ts", "-reply", "-in", "reply.tsr", "-token_out", "-out", "token.der"]);
        with.openssl(&["cms", "-verify", "-noverify", "-inform", "DER", "-in", "token.der", "-out", "content.der"]);
        let kind = ["-econtent_type", "1.2.840.113549.1.9.16.1.4", "-nodetach", "-binary", "-cades", "-nosmimecap"];
        let files = ["-in", "content.der", "-out", "token.der", "-outform", "DER"];
        let by = ["cms", "-sign", "-signer", "signer.pem", "-inkey", "signer.key", "-md", "sha256"];
        with.openssl(&[&by[..], &kind, &files, options].concat());
        response_of(&with.read("token.der"))
    }

    /// What `openssl ts -verify` says of a response, at a time in seconds since 1970.
    pub fn verifies(&self, data: &[u8], response: &[u8], at: u64) -> bool {
        fs::write(self.dir.join("data"), data).unwrap();
        fs::write(self.dir.join("response.tsr"), response).unwrap();
        let verify = ["ts", "-verify", "-data", "data", "-in", "response.tsr", "-CAfile", "root.pem", "-attime"];
        self.command(&[&verify[..], &[&at.to_string()]].concat()).output().unwrap().status.success()
    }

    /// What `openssl cms -verify` says of the signature of a response that [`Tsa::sign_again`] made with this authority. `ts` can't do RSASSA-PSS.
    pub fn verifies_signature(&self) -> bool {
        let verify = [
            "cms",
            "-verify",
            "-inform",
            "DER",
            "-in",
            "token.der",
            "-CAfile",
            "root.pem",
            "-purpose",
            "timestampsign",
        ];
        self.command(&verify).output().unwrap().status.success()
    }

    fn key(&self, name: &str, arguments: &[&str]) {
        let out = format!("{name}.key");
        self.openssl(&[&["genpkey", "-out", &out], arguments].concat());
    }

    fn issue(&self, name: &str, subject: &str, section: &str, valid: (&str, &str), issuer: &str, sign: &[&str]) {
        let [key, csr, pem] = ["key", "csr", "pem"].map(|kind| format!("{name}.{kind}"));
        let [issuer_key, issuer_pem] = ["key", "pem"].map(|kind| format!("{issuer}.{kind}"));
        self.openssl(&["req", "-new", "-key", &key, "-out", &csr, "-subj", subject, "-config", "ca.cnf"]);
        let issue = ["ca", "-batch", "-notext", "-config", "ca.cnf", "-in", &csr, "-out", &pem, "-extensions", section];
        let by = ["-cert", &issuer_pem, "-keyfile", &issuer_key, "-startdate", valid.0, "-enddate", valid.1];
        self.openssl(&[&issue[..], &by, sign].concat());
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("openssl");
        command.current_dir(&self.dir).args(arguments);
        command
    }

    fn openssl(&self, arguments: &[&str]) {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.dir.join(name), text).unwrap();
    }
}

impl AsRef<Path> for Tsa {
    fn as_ref(&self) -> &Path {
        &self.dir
    }
}

/// A response that grants this token: a SEQUENCE of a status and it.
pub fn response_of(token: &[u8]) -> Vec<u8> {
    let mut content = vec![0x30, 3, 2, 1, 0];
    content.extend(token);
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[0x30, 0x82], &length[..], &content].concat()
}

fn ca_config(extensions: &str) -> String {
    format!(
        "[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\nnew_certs_dir=.\nserial=serial\ndefault_md=sha256\npolicy=any\nunique_subject=no\n\
         [any]\norganizationName=optional\ncommonName=supplied\n[req]\ndistinguished_name=name\nprompt=no\n[name]\nCN=unused\n\
         [authority]\nbasicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n\
         [signer]\nbasicConstraints=critical,CA:false\nsubjectKeyIdentifier=hash\n{extensions}"
    )
}

const TSA_CONFIG: &str = "[tsa]\ndefault_tsa=own\n[own]\nserial=number\ncrypto_device=builtin\nsigner_cert=signer.pem\ncerts=chain.pem\n\
    signer_key=signer.key\nsigner_digest=sha256\ndefault_policy=1.2.3.4.1\ndigests=sha256,sha384,sha512\naccuracy=secs:1\n\
    ess_cert_id_chain=no\ness_cert_id_alg=sha256\n";
