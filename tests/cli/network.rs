//! TLS and proxies, on the loopback.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::run::Sandbox;
use crate::timestamps::tsa::{Make, Tsa};
use crate::timestamps::{AT, body_of, http};

const PAGE: &str = "<html><title>A bridge</title><article><h1>A bridge</h1><p>The bridge over the river will be closed for repairs until the \
end of the month, said the ministry. The bridge over the river will be closed for repairs until the end of the month, said the ministry. \
The bridge over the river will be closed for repairs until the end of the month, said the ministry.</p></article></html>";

/// Serves each connection by `turn`; the address.
fn serve(turn: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let turn = Arc::new(turn);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let turn = Arc::clone(&turn);
            std::thread::spawn(move || turn(stream));
        }
    });
    address
}

/// A certificate for `tsa.invalid` and the loopback, `tls.pem`, by an authority, `ca.pem`.
fn certificate(sandbox: &Sandbox) -> Arc<ServerConfig> {
    sandbox.write(
        "leaf.cnf",
        "subjectAltName=DNS:tsa.invalid,DNS:site.invalid,IP:127.0.0.1\nbasicConstraints=critical,CA:FALSE\n",
    );
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    let made = sandbox.shell(&format!(
        "openssl req -x509 {key} -keyout ca.key -out ca.pem -days 3650 -subj /CN=Authority 2>&1 &&
         openssl req -new {key} -keyout tls.key -out tls.csr -subj /CN=Server 2>&1 &&
         openssl x509 -req -in tls.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -extfile leaf.cnf -out tls.pem 2>&1"
    ));
    assert_eq!(made.code, 0, "{made:?}");
    let chain = vec![CertificateDer::from_pem_file(sandbox.join("tls.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(sandbox.join("tls.key")).unwrap();
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(ring).with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap())
}

/// A server behind TLS that answers each timestamp request by `answer`, and anything else with a page.
fn serve_tls(config: Arc<ServerConfig>, answer: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static) -> SocketAddr {
    serve(move |stream| {
        let mut tls = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
        if let Some(body) = body_of(&mut tls) {
            let _ = tls.write_all(&answer(&body));
        }
        tls.conn.send_close_notify();
        let _ = tls.flush();
    })
}

fn head_of(stream: &mut TcpStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// An HTTP proxy to whom every name is `to`; what it was asked for.
fn proxy(to: SocketAddr) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&asked);
    let address = serve(move |mut client| {
        let head = head_of(&mut client);
        let Some(first) = head.lines().next() else { return };
        heard.lock().unwrap().push(first.to_owned());
        let mut server = TcpStream::connect(to).unwrap();
        if first.starts_with("CONNECT ") {
            client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").unwrap();
        } else {
            server.write_all(head.as_bytes()).unwrap();
        }
        let (mut from, mut back) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        let there = std::thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut back);
            let _ = back.shutdown(Shutdown::Write);
        });
        let _ = std::io::copy(&mut server, &mut client);
        let _ = client.shutdown(Shutdown::Both);
        there.join().unwrap();
    });
    (address, asked)
}

/// The answers of an authority whose root is `root.pem`.
fn authority(sandbox: &Sandbox) -> impl Fn(&[u8]) -> Vec<u8> + Send + Sync + use<> {
    let tsa = Tsa::new(sandbox.join("tsa"), Make::default());
    std::fs::copy(tsa.root(), sandbox.join("root.pem")).unwrap();
    move |request: &[u8]| http("200 OK", &tsa.reply(request))
}

#[test]
fn an_authority_behind_tls_is_known_by_the_certificates_of_the_machine() {
    if !Tsa::available() {
        return;
    }
    let sandbox = Sandbox::with_archive();
    let address = serve_tls(certificate(&sandbox), authority(&sandbox));
    let stamp = format!("litopys timestamp arch --tsa https://{address}/tsa --tsa-root root.pem {AT}");
    // Another authority's: nothing is sent, and nothing kept.
    let refused = sandbox.shell(&format!("SSL_CERT_FILE=root.pem {stamp}"));
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("certificate"), "{refused:?}");
    assert!(!sandbox.join("arch/time").exists());
    let done = sandbox.shell(&format!("SSL_CERT_FILE=ca.pem {stamp}"));
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stdout.contains("existed before"), "{done:?}");
}

#[test]
fn an_authority_is_reached_by_way_of_a_proxy() {
    if !Tsa::available() {
        return;
    }
    let sandbox = Sandbox::with_archive();
    let (config, answer) = (certificate(&sandbox), Arc::new(authority(&sandbox)));
    let (plainly, behind_tls) = (Arc::clone(&answer), Arc::clone(&answer));
    let plain = serve(move |mut stream| {
        if let Some(body) = body_of(&stream) {
            let _ = stream.write_all(&plainly(&body));
        }
    });
    let tls = serve_tls(config, move |body| behind_tls(body));
    // Nobody but the proxy knows these names.
    for (scheme, to) in [("http", plain), ("https", tls)] {
        let (address, asked) = proxy(to);
        let stamp = format!("litopys timestamp arch --tsa {scheme}://tsa.invalid/tsa --tsa-root root.pem {AT}");
        for command in [
            format!("SSL_CERT_FILE=ca.pem {stamp} --proxy http://{address}"),
            format!("SSL_CERT_FILE=ca.pem ALL_PROXY=http://{address} {stamp}"),
        ] {
            let done = sandbox.shell(&command);
            assert_eq!(done.code, 0, "{command}: {done:?}");
            let asked = std::mem::take(&mut *asked.lock().unwrap());
            assert_eq!(asked.len(), 1, "{asked:?}");
            assert!(asked[0].contains("tsa.invalid"), "{asked:?}");
        }
    }
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gone = sandbox.run(&format!("timestamp arch --tsa http://tsa.invalid/tsa --proxy http://{nobody}"));
    assert_eq!(gone.code, 2, "{gone:?}");
}

#[test]
fn a_page_is_fetched_by_way_of_a_proxy_and_never_from_a_server_that_is_not_known() {
    if !Tsa::available() {
        return;
    }
    let sandbox = Sandbox::new();
    let plain = serve(|mut stream| {
        let _ = head_of(&mut stream);
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n", PAGE.len());
        let _ = stream.write_all(format!("{head}{PAGE}").as_bytes());
    });
    let (address, asked) = proxy(plain);
    let drafts = sandbox.ok(&format!("inspect http://site.invalid/bridge --proxy http://{address}")).lines();
    assert_eq!(drafts[0]["title"], "A bridge");
    assert_eq!(drafts[0]["subject"], "http://site.invalid/bridge");
    assert!(asked.lock().unwrap()[0].contains("site.invalid"));
    // What was received is the site's answer, and nothing of the proxy's.
    sandbox.ok("key new mine");
    sandbox.ok(&format!("create arch http://site.invalid/bridge --proxy http://{address} --key mine"));
    let capture = sandbox.ok("cat arch http://site.invalid/bridge --role capture").stdout;
    assert_eq!(capture.matches("HTTP/1.1 200").count(), 1, "{capture}");
    assert!(!capture.contains("CONNECT") && !capture.contains("Connected"), "{capture}");

    // Mozilla's authorities didn't sign for this one, whatever the machine thinks of it.
    let tls = serve_tls(certificate(&sandbox), |_| Vec::new());
    let (address, asked) = proxy(tls);
    let page = format!("litopys inspect https://site.invalid/bridge --proxy http://{address}");
    let refused = sandbox.shell(&format!("SSL_CERT_FILE=ca.pem {page}"));
    assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{refused:?}");
    assert!(refused.stderr.contains("certificate"), "{refused:?}");
    assert!(asked.lock().unwrap()[0].starts_with("CONNECT site.invalid:443"));
}

#[test]
fn a_page_that_is_signed_apart_is_fetched_once() {
    let sandbox = Sandbox::with_archive();
    let (asked, page) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(PAGE.to_owned())));
    let (count, now) = (Arc::clone(&asked), Arc::clone(&page));
    let address = serve(move |mut stream| {
        let _ = head_of(&mut stream);
        *count.lock().unwrap() += 1;
        let page = now.lock().unwrap().clone();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n", page.len());
        let _ = stream.write_all(format!("{head}{page}").as_bytes());
    });
    let url = format!("http://{address}/bridge");
    sandbox.ok(&format!("add arch {url} --request to-sign"));
    sandbox.ok("sign to-sign --out signed");
    page.lock().unwrap().push_str("<p>Something else.</p>");
    // It isn't asked again, and what it said is where the hint says.
    let refused = sandbox.run(&format!("add arch {url} --signed signed"));
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("REQUEST.files"), "{refused:?}");
    sandbox.ok("add arch to-sign.files --signed signed");
    assert_eq!(*asked.lock().unwrap(), 1);
    let capture = sandbox.ok(&format!("cat arch {url} --role capture")).stdout;
    assert!(capture.contains(PAGE) && !capture.contains("Something else"), "{capture}");

    // The same of an observation.
    sandbox.ok(&format!("observe arch {url} --changed --request changed"));
    sandbox.ok("sign changed --out signed-2");
    sandbox.ok("add arch changed.files --signed signed-2");
    assert_eq!(*asked.lock().unwrap(), 2);
    assert_eq!(sandbox.ok("verify arch --json").lines()[0]["counts"]["observations"], 1);
}

#[test]
fn what_went_wrong_is_said_while_a_page_is_still_waited_for() {
    let sandbox = Sandbox::with_archive();
    let (waited, heard) = (Arc::new(Mutex::new(None)), Arc::new(AtomicBool::new(false)));
    let (waits, hears) = (Arc::clone(&waited), Arc::clone(&heard));
    let address = serve(move |mut stream| {
        if !head_of(&mut stream).contains("/slow") {
            let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
            return;
        }
        // It answers once what went wrong is heard; whoever waits for the page first hangs up one day.
        stream.set_nonblocking(true).unwrap();
        let hung_up = loop {
            match stream.read(&mut [0]) {
                Ok(0) => break true,
                _ if hears.load(Ordering::SeqCst) => break false,
                _ => std::thread::yield_now(),
            }
        };
        *waits.lock().unwrap() = Some(!hung_up);
    });
    let inputs = format!("http://{address}/missing http://{address}/slow");
    let mut add = sandbox.command(&format!("add arch {inputs} --threads 2 --commit-every 1"));
    let mut child = add.stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap().contains("nothing was written")));
    heard.store(true, Ordering::SeqCst);
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert_eq!(*waited.lock().unwrap(), Some(true));
}
