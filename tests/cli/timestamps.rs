//! Timestamps, from an authority made of OpenSSL behind a few lines of HTTP on the loopback.

#[path = "../support/tsa.rs"]
pub(crate) mod tsa;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

use serde_json::Value;

use crate::run::{Ran, Sandbox};
use tsa::{Make, Tsa};

/// Before the end of the certificates, and after everything that is made here.
pub(crate) const AT: &str = "--at 2089-01-01";

/// Serves what `answer` makes of each request's body; the address.
fn serve(answer: impl Fn(&[u8]) -> Vec<u8> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/tsa", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if let Some(body) = body_of(&stream) {
                let _ = (&stream).write_all(&answer(&body));
            }
        }
    });
    url
}

pub(crate) fn body_of(stream: impl Read) -> Option<Vec<u8>> {
    let (mut reader, mut length, mut typed) = (BufReader::new(stream), 0, false);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim().to_ascii_lowercase();
        typed |= line == "content-type: application/timestamp-query";
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    typed.then_some(body)
}

pub(crate) fn http(status: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/timestamp-reply\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// A folder with the archive `arch`, and an authority whose root is `root.pem` there.
fn with_authority(test: impl FnOnce(&Sandbox, &str)) {
    if !Tsa::available() {
        return;
    }
    let sandbox = Sandbox::with_archive();
    let tsa = Tsa::new(sandbox.join("tsa"), Make::default());
    std::fs::copy(tsa.root(), sandbox.join("root.pem")).unwrap();
    let url = serve(move |request| http("200 OK", &tsa.reply(request)));
    test(&sandbox, &url);
}

fn time(ran: &Ran) -> (String, Value) {
    let json = ran.json();
    (json["claims"]["time"].as_str().unwrap().to_owned(), json["time"]["timestamps"].clone())
}

fn codes(ran: &Ran) -> Vec<String> {
    ran.json()["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap().to_owned()).collect()
}

/// The only timestamp of the archive, by its path.
fn token(sandbox: &Sandbox) -> std::path::PathBuf {
    let below = sandbox.snapshot("arch/time");
    let mut tokens =
        below.into_iter().map(|(path, _)| path).filter(|path| path.extension().is_some_and(|e| e == "tsr"));
    let token = tokens.next().unwrap();
    assert_eq!(tokens.next(), None);
    token
}

#[test]
fn an_authority_s_clock_dates_an_archive() {
    with_authority(|sandbox, url| {
        let ran = sandbox.ok(&format!("timestamp arch --tsa {url} --tsa-root root.pem {AT}"));
        assert!(ran.stdout.contains("existed before") && ran.stdout.contains("CN=Test Clock,O=Test"), "{ran:?}");
        let verify = format!("verify --json arch --tsa-root root.pem {AT}");
        let (claim, stamps) = time(&sandbox.ok(&verify));
        assert_eq!((claim.as_str(), &stamps[0]["verdict"], &stamps[0]["size"]), ("holds", &"holds".into(), &2.into()));
        assert_eq!(stamps[0]["authority"], "CN=Test Clock,O=Test");
        assert_eq!(stamps[0]["root"], "CN=Test Root,O=Test");
        // Nobody's clock is believed unless somebody says so; what it says is told all the same.
        let (claim, stamps) = time(&sandbox.ok("verify --json arch"));
        assert_eq!((claim.as_str(), &stamps[0]["verdict"]), ("unchecked", &"open".into()));
        assert!(stamps[0]["detail"].as_str().unwrap().contains("no chain of certificates"), "{stamps}");
        // The moment of judgement is an argument: before the token, and after the end of its certificates.
        for (at, detail) in [("2020-06-01", "after the moment of judgement"), ("2091-01-01", "has expired since")] {
            let ran = sandbox.run(&format!("verify --json arch --tsa-root root.pem --at {at}"));
            assert_eq!((ran.code, codes(&ran)), (1, vec!["E102".to_owned()]));
            assert!(time(&ran).1[0]["detail"].as_str().unwrap().contains(detail), "{ran:?}");
        }
        // It goes along into a bundle, and back.
        sandbox.ok("bundle arch a.litopys");
        assert_eq!(time(&sandbox.ok(&format!("verify --json a.litopys --tsa-root root.pem {AT}"))).0, "holds");
        sandbox.ok("unbundle a.litopys back");
        assert_eq!(time(&sandbox.ok(&format!("verify --json back --tsa-root root.pem {AT}"))).0, "holds");
        // What came after it is not dated by it.
        sandbox.write("b.md", "# Two\n\nMore.\n");
        sandbox.ok("add arch b.md");
        let ran = sandbox.ok(&format!("verify arch --tsa-root root.pem {AT}"));
        assert!(ran.stdout.contains("the first 2 of 3 statements existed before"), "{ran:?}");
        // An export has it, with the proof that the log extends what was dated.
        sandbox.ok("export arch readable");
        let checked = sandbox.shell(
            "cd readable && sha256sum --quiet -c SHA256SUMS && head -n 3 time/2/checkpoint > ../text && head -n 1 time/2/consistency &&
             openssl ts -verify -data ../text -in time/2/*.tsr -CAfile ../root.pem 2>/dev/null",
        );
        assert_eq!((checked.code, checked.stdout.as_str()), (0, "old 2\nVerification: OK\n"), "{checked:?}");
    });
}

#[test]
fn openssl_checks_it_with_the_commands_of_the_format() {
    with_authority(|sandbox, url| {
        sandbox.ok(&format!("timestamp arch --tsa {url}"));
        let token = token(sandbox);
        let verify = format!(
            "head -n 3 arch/time/2/checkpoint > text && openssl ts -verify -data text -in {} -CAfile root.pem",
            token.display()
        );
        assert_eq!(sandbox.shell(&verify).code, 0);
        assert_ne!(sandbox.shell(&verify.replace("head -n 3", "head -n 2")).code, 0);
    });
}

#[test]
fn what_is_false_about_a_timestamp_is_told() {
    with_authority(|sandbox, url| {
        sandbox.ok(&format!("timestamp arch --tsa {url}"));
        let token = token(sandbox);
        let good = std::fs::read(&token).unwrap();
        let kept_as = |bytes: &[u8]| {
            let name = litopys::FileDigest::of(bytes).to_hex();
            let _ = std::fs::remove_dir_all(sandbox.join("arch/time/2"));
            sandbox.write("arch/time/2/checkpoint", &std::fs::read_to_string(sandbox.join("arch/checkpoint")).unwrap());
            std::fs::write(sandbox.join(&format!("arch/time/2/{name}.tsr")), bytes).unwrap();
        };
        let verify = format!("verify --json arch --tsa-root root.pem {AT}");
        let broken = [&good[..good.len() - 1], &[good[good.len() - 1] ^ 1]].concat();
        let other = Tsa::new(sandbox.join("other"), Make::default());
        let over_others = other.reply(&litopys_time::Request::of(b"other bytes", None).to_der());
        let refused = b"\x30\x05\x30\x03\x02\x01\x02".to_vec();
        for (bytes, detail) in [
            (&broken, "the signature does not verify"),
            (&over_others, "the token is over other bytes"),
            (&refused, "the authority refused"),
            (&b"nothing".to_vec(), "not a timestamp response"),
        ] {
            kept_as(bytes);
            let ran = sandbox.run(&verify);
            let found = ran.json()["findings"].to_string();
            assert_eq!((ran.code, time(&ran).0.as_str(), codes(&ran).contains(&"E101".to_owned())), (1, "fails", true));
            assert!(found.contains(detail), "{found}");
        }
        // Another root of the same name.
        kept_as(&good);
        let ran = sandbox.run(&format!("verify --json arch --tsa-root other/root.pem {AT}"));
        assert_eq!((ran.code, codes(&ran)), (1, vec!["E102".to_owned()]));
        assert_eq!(sandbox.run(&verify).code, 0);
    });
}

#[test]
fn a_bad_answer_leaves_the_archive_as_it_is() {
    let sandbox = Sandbox::with_archive();
    let before = sandbox.snapshot("arch");
    let answers: [(&str, Vec<u8>); 5] = [
        ("status: 500", http("500 Internal Server Error", b"")),
        ("not a timestamp response", http("200 OK", b"<html>hello</html>")),
        ("the authority refused with status 2", http("200 OK", b"\x30\x05\x30\x03\x02\x01\x02")),
        ("limit", http("200 OK", &[0x30; 70_000])),
        ("", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort".to_vec()),
    ];
    for (said, answer) in answers {
        let url = serve(move |_| answer.clone());
        let ran = sandbox.run(&format!("timestamp arch --tsa {url} --timeout 5"));
        assert!(matches!(ran.code, 1 | 2) && ran.stderr.contains(said), "{said}: {ran:?}");
        assert_eq!(sandbox.snapshot("arch"), before);
    }
    // Nobody there, and no address.
    for url in ["http://127.0.0.1:1/", "file:///etc/passwd", "nonsense"] {
        assert_eq!(sandbox.run(&format!("timestamp arch --tsa {url}")).code, 2);
    }
    sandbox.ok("bundle arch a.litopys");
    assert_eq!(sandbox.run("timestamp a.litopys --tsa http://127.0.0.1:1/").code, 2);
    assert_eq!(sandbox.run("timestamp arch").code, 2);
}

#[test]
fn an_old_answer_is_not_taken() {
    with_authority(|sandbox, _| {
        // An authority that answers what was asked before, and one whose answers never come.
        let tsa = Tsa::new(sandbox.join("replay"), Make::default());
        let text = std::fs::read_to_string(sandbox.join("arch/checkpoint")).unwrap();
        let text: String = text.split_inclusive('\n').take(3).collect();
        let old = tsa.reply(&litopys_time::Request::of(text.as_bytes(), Some([1; 8])).to_der());
        let url = serve(move |_| http("200 OK", &old));
        let ran = sandbox.run(&format!("timestamp arch --tsa {url}"));
        assert!(ran.code == 1 && ran.stderr.contains("the token has not the nonce of the request"), "{ran:?}");
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", silent.local_addr().unwrap());
        let ran = sandbox.run(&format!("timestamp arch --tsa {url} --timeout 1"));
        assert!(ran.code == 2 && ran.stderr.contains("timeout"), "{ran:?}");
        // No moment is that far away.
        let ran = sandbox.run(&format!("timestamp arch --tsa {url} --timeout 18446744073709551615"));
        assert!(ran.code == 2 && ran.stderr.contains("--timeout"), "{ran:?}");
    });
}

#[test]
fn one_of_two_authorities_is_better_than_none() {
    with_authority(|sandbox, url| {
        let ran =
            sandbox.run(&format!("timestamp arch --tsa http://127.0.0.1:1/ --tsa {url} --tsa-root root.pem {AT}"));
        assert!(
            ran.code == 4 && ran.stdout.contains("existed before") && ran.stderr.contains("127.0.0.1:1"),
            "{ran:?}"
        );
        assert_eq!(time(&sandbox.ok(&format!("verify --json arch --tsa-root root.pem {AT}"))).0, "holds");
    });
}

#[test]
fn a_machine_without_network_takes_answers_from_files() {
    with_authority(|sandbox, _| {
        sandbox.ok("timestamp arch --request ask.tsq");
        let tsa = Tsa::new(sandbox.join("away"), Make::default());
        let answer = tsa.reply(&std::fs::read(sandbox.join("ask.tsq")).unwrap());
        std::fs::write(sandbox.join("answer.tsr"), answer).unwrap();
        // The archive grew while the answer was on its way.
        sandbox.write("b.md", "# Two\n\nMore.\n");
        sandbox.ok("add arch b.md");
        let ran = sandbox.run("timestamp arch --response answer.tsr");
        assert!(
            ran.code == 1 && ran.stderr.contains("over other bytes") && ran.stderr.contains("--checkpoint"),
            "{ran:?}"
        );
        sandbox.ok(&format!(
            "timestamp arch --response answer.tsr --checkpoint ask.tsq.checkpoint --tsa-root away/root.pem {AT}"
        ));
        let (_, stamps) = time(&sandbox.ok(&format!("verify --json arch --tsa-root away/root.pem {AT}")));
        assert_eq!((&stamps[0]["verdict"], &stamps[0]["size"]), (&"holds".into(), &2.into()));
        // A checkpoint of another archive is refused before anything is written.
        let (other, before) = (Sandbox::with_archive(), sandbox.snapshot("arch"));
        std::fs::copy(other.join("arch/checkpoint"), sandbox.join("other")).unwrap();
        let ran = sandbox.run("timestamp arch --response answer.tsr --checkpoint other");
        assert_eq!((ran.code, sandbox.snapshot("arch")), (1, before), "{ran:?}");
    });
}

#[test]
fn roots_can_be_pinned() {
    with_authority(|sandbox, url| {
        sandbox.ok(&format!("timestamp arch --tsa {url}"));
        let ran = sandbox.ok("trust add --tsa-root root.pem");
        assert!(ran.stdout.contains("CN=Test Root,O=Test"), "{ran:?}");
        assert_eq!(time(&sandbox.ok(&format!("verify --json arch {AT}"))).0, "holds");
        // Each article says what is known of its time, to who believes the clock.
        let show = |epoch: &str, arguments: &str| {
            let ran = sandbox.command(arguments).env("SOURCE_DATE_EPOCH", epoch).output().unwrap();
            Ran::from(ran).stdout
        };
        let shown = show("3755000000", "show arch a.md --metadata");
        assert!(shown.contains("existed       before") && shown.contains("CN=Test Clock,O=Test"), "{shown}");
        assert!(show("3755000000", "show arch a.md --json").contains("\"existed_before\":\""));
        assert!(!show("1500000000", "show arch a.md --json").contains("existed_before"));
        let listed = sandbox.ok("trust list --json");
        let row = listed.lines().into_iter().find(|row| row["tsa_roots"].is_string()).unwrap();
        assert_eq!(row["names"][0], "CN=Test Root,O=Test");
        let name = row["tsa_roots"].as_str().unwrap().to_owned();
        sandbox.ok(&format!("trust remove {name}"));
        assert_eq!(time(&sandbox.ok(&format!("verify --json arch {AT}"))).0, "unchecked");
        assert_eq!(sandbox.run(&format!("trust remove {name}")).code, 1);
        assert_eq!(sandbox.run("trust add --tsa-root a.md").code, 2);
    });
}
