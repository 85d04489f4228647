use std::io::{Read as _, Write};
use std::net::{TcpListener, TcpStream};
use std::num::NonZero;
use std::path::Path;
use std::thread::JoinHandle;

use litopys::{Content, Role};

use super::*;
use crate::{Failure, ImportError, Loaded, Options, drafts};

const BODY: &str = "<html><title>A bridge</title><article><h1>A bridge</h1><p>The bridge over the river will be closed for repairs until the \
end of the month, said the ministry. The bridge over the river will be closed for repairs until the end of the month, said the ministry. \
The bridge over the river will be closed for repairs until the end of the month, said the ministry.</p></article></html>";

/// What a server does with one connection, once it has the head of the request.
type Turn = Box<dyn FnOnce(&mut TcpStream) + Send>;

fn head_of(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).unwrap_or(0) == 0 {
            break;
        }
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// A server for so many connections; the heads that it was sent.
fn serve(turns: Vec<Turn>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let turn = |turn: Turn| {
            let mut stream = listener.accept().unwrap().0;
            let head = head_of(&mut stream);
            turn(&mut stream);
            head
        };
        turns.into_iter().map(turn).collect()
    });
    (base, served)
}

fn send(bytes: impl Into<Vec<u8>>) -> Turn {
    let bytes = bytes.into();
    Box::new(move |stream| {
        let _ = stream.write_all(&bytes);
    })
}

fn page() -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Odd:  a \r\nContent-Length: {}\r\n\r\n{BODY}", BODY.len())
        .into()
}

fn status(status: u16) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{BODY}", BODY.len()).into()
}

fn redirect(to: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n").into()
}

fn fetcher() -> HttpFetcher {
    HttpFetcher::new(|| "2026-01-02T03:04:05Z".parse().ok())
}

fn import(url: &str, fetcher: HttpFetcher, options: &Options) -> Result<Loaded, Failure> {
    let mut all: Vec<_> =
        drafts(&[url.into()], options, NonZero::<usize>::MIN).with_fetcher(fetcher).flatten().collect();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn fails(turns: Vec<Turn>, fetcher: HttpFetcher) -> FetchFault {
    let (base, _) = serve(turns);
    match import(&format!("{base}/a"), fetcher, &Options::default()).unwrap_err().error {
        ImportError::Fetch(fault) => fault,
        other => panic!("{other:?}"),
    }
}

fn capture(loaded: &Loaded) -> String {
    let file = loaded.draft.files.iter().find(|file| file.role == Role::Capture).unwrap();
    let Content::Bytes(bytes) = &file.content else { panic!() };
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn what_was_asked_and_answered_is_the_capture() {
    let (base, served) = serve(vec![send(redirect("/b?utm_source=x#top")), send(page())]);
    let loaded = import(&format!("{base}/a"), fetcher(), &Options::default()).unwrap();
    let asked = served.join().unwrap();
    assert!(asked[0].starts_with("GET /a HTTP/1.1\r\n") && asked[1].starts_with("GET /b?utm_source=x HTTP/1.1\r\n"));
    assert!(
        asked.iter().all(|head| head.to_lowercase().contains("user-agent: litopys-import/") && !head.contains("ookie"))
    );
    let draft = &loaded.draft;
    assert_eq!(draft.subject, format!("{base}/b"));
    let m = &draft.metadata;
    let captured = m.captured.as_ref().unwrap();
    assert_eq!(captured.at.as_ref().unwrap().as_str(), "2026-01-02T03:04:05Z");
    assert_eq!(captured.url.as_deref(), Some(format!("{base}/b?utm_source=x").as_str()));
    assert!(captured.tool.as_ref().unwrap().starts_with("litopys-import/") && captured.via.is_none());
    assert_eq!(m.provenance["capture.redirects"], format!("{base}/a -> {base}/b?utm_source=x"));
    assert!(m.provenance["capture"].contains("from 127.0.0.1; block digest (sha256) agrees"), "{:?}", m.provenance);
    assert_eq!((loaded.place, loaded.warnings), (None, vec![]));

    // Every byte of it, and it reads back as a web archive.
    let kept = capture(&Loaded { place: None, warnings: vec![], linked: vec![], draft: draft.clone(), ..loaded });
    for part in asked.iter().map(String::as_bytes).chain([&page()[..], &redirect("/b?utm_source=x#top")]) {
        assert!(kept.contains(std::str::from_utf8(part).unwrap()));
    }
    let options = Options { from: Some(crate::Kind::Warc), ..Options::default() };
    let again = drafts(&["-".into()], &options, NonZero::<usize>::MIN).with_stdin(io::Cursor::new(kept.into_bytes()));
    let again: Vec<_> = again.flatten().map(|outcome| outcome.unwrap().draft).collect();
    assert_eq!((again.len(), &again[0].subject, &again[0].metadata.title), (1, &draft.subject, &m.title));
}

#[test]
fn chunks_and_codings_are_kept_and_taken_off() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(BODY.as_bytes()).unwrap();
    let gzip = encoder.finish().unwrap();
    let head =
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n";
    let (start, rest) = gzip.split_at(10);
    let chunks = [b"a\r\n", start, format!("\r\n{:x};x\r\n", rest.len()).as_bytes(), rest, b"\r\n0\r\n\r\n"].concat();
    let (base, _) = serve(vec![send([&head[..], &chunks].concat())]);
    let loaded = import(&base, fetcher(), &Options::default()).unwrap();
    assert_eq!(loaded.draft.metadata.title.as_deref(), Some("A bridge"));
    let Content::Bytes(kept) = &loaded.draft.files[0].content else { panic!() };
    assert!(memchr::memmem::find(kept, &chunks).is_some());
}

#[test]
fn what_is_gone_is_no_article_and_other_answers_only_by_force() {
    for code in [404, 410, 451] {
        let (base, _) = serve(vec![send(status(code))]);
        let forced = Options { force: true, ..Options::default() };
        let failure = import(&base, fetcher(), &forced).unwrap_err();
        assert!(matches!(failure.error, ImportError::Fetch(FetchFault::Gone(found)) if found == code));
    }
    let (base, _) = serve(vec![send(status(503)), send(status(503))]);
    let failure = import(&base, fetcher(), &Options::default()).unwrap_err();
    assert_eq!(failure.to_string(), format!("{base} is no article: the answer has status 503"));
    let loaded = import(&base, fetcher(), &Options { force: true, ..Options::default() }).unwrap();
    assert!(loaded.draft.metadata.provenance["capture"].contains("status 503"));
    let image = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 4\r\n\r\n\x89PNG".to_vec();
    assert!(matches!(fails(vec![send(image)], fetcher()), FetchFault::NoPage));
}

#[test]
fn redirects_end() {
    let round = |n: usize| (0..n).map(|i| send(redirect(&format!("/{i}")))).collect::<Vec<_>>();
    assert!(matches!(fails(round(20), fetcher()), FetchFault::Redirects(11)));
    assert!(matches!(fails(vec![send(redirect("/b")), send(redirect("/a"))], fetcher()), FetchFault::Redirects(2)));
    for to in [
        "file:///etc/passwd",
        "ftp://example.org/",
        "javascript:alert(1)",
        "http://user:password@127.0.0.1/",
        "http://",
    ] {
        let fault = fails(vec![send(redirect(to))], fetcher());
        assert!(matches!(&fault, FetchFault::Target(target) if target == to), "{to}: {fault:?}");
    }
}

#[test]
fn a_page_out_there_does_not_lead_in_here() {
    let inner = |ip: IpAddr| ip == IpAddr::from([127, 0, 0, 2]);
    for to in ["http://127.0.0.2/", "http://localhost:1/"] {
        let mut fetcher = fetcher();
        fetcher.is_local = inner;
        assert!(matches!(fails(vec![send(redirect(to))], fetcher), FetchFault::Local(_)), "{to}");
    }
    // The first URL is the archivist's own: it may be here, and lead on.
    let (base, _) = serve(vec![send(redirect("/b")), send(page())]);
    assert!(import(&base, fetcher(), &Options::default()).is_ok());
}

#[test]
fn answers_are_bounded_in_size_and_time() {
    let quick = |size| {
        let mut fetcher = fetcher();
        fetcher.limits = FetchLimits {
            size,
            total: Duration::from_millis(900),
            idle: Duration::from_millis(300),
            ..FetchLimits::default()
        };
        fetcher
    };
    let endless: Turn = Box::new(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n");
        while stream.write_all(&[b'x'; 4_096]).is_ok() {}
    });
    assert!(matches!(fails(vec![endless], quick(65_536)), FetchFault::TooLarge(65_536)));
    let endless_head: Turn = Box::new(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        while stream.write_all(b"X-Y: z\r\n").is_ok() {}
    });
    assert!(matches!(fails(vec![endless_head], quick(65_536)), FetchFault::TooLarge(_) | FetchFault::Message(_)));
    // Silence, before and within the body: the server waits until the other side goes.
    for start in [&b"HTTP/1.1 200"[..], b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\nx"] {
        let silent: Turn = Box::new(move |stream| {
            let _ = stream.write_all(start);
            let _ = stream.read(&mut [0]);
        });
        let fault = fails(vec![silent], quick(65_536));
        assert!(matches!(fault, FetchFault::Timeout), "{fault:?}");
    }
}

#[test]
fn half_an_answer_is_none() {
    for answer in [
        &b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 900\r\n\r\nshort"[..],
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-",
        b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
        b"",
    ] {
        let fault = fails(vec![send(answer)], fetcher());
        assert!(matches!(fault, FetchFault::Message(_) | FetchFault::Connection(_)), "{fault:?}");
    }
    // Nobody there.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let failure = import(&format!("http://{free}/"), fetcher(), &Options::default()).unwrap_err();
    assert!(matches!(failure.error, ImportError::Fetch(FetchFault::Connection(_))));
}

#[test]
fn names_are_left_to_a_proxy() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("socks5h://{}", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let read = |stream: &mut TcpStream, n: usize| {
            let mut bytes = vec![0; n];
            stream.read_exact(&mut bytes).unwrap();
            bytes
        };
        // RFC 1928: methods, then CONNECT to a name.
        let methods = read(&mut stream, 2)[1];
        read(&mut stream, methods.into());
        stream.write_all(&[5, 0]).unwrap();
        let request = read(&mut stream, 5);
        let name = read(&mut stream, request[4].into());
        read(&mut stream, 2);
        stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
        head_of(&mut stream);
        stream.write_all(&page()).unwrap();
        (request[3], String::from_utf8(name).unwrap())
    });
    let fetcher = fetcher().with_proxy(&proxy).unwrap();
    let loaded = import("http://news.invalid/a", fetcher, &Options::default()).unwrap();
    assert_eq!(served.join().unwrap(), (3, "news.invalid".to_owned()));
    let m = &loaded.draft.metadata;
    assert_eq!(m.captured.as_ref().unwrap().via.as_deref(), Some("a proxy (Socks5h)"));
    assert!(!m.provenance["capture"].contains("from "), "the address is the proxy's");
    assert!(self::fetcher().with_proxy("gopher://x").is_err());
}

#[test]
fn what_is_no_url_is_not_asked_for() {
    for url in ["https://user:password@127.0.0.1/", "http://", "https://a b/", "HTTP:///x"] {
        let failure = import(url, fetcher(), &Options::default()).unwrap_err();
        assert!(matches!(failure.error, ImportError::Fetch(FetchFault::Url)), "{url}");
        assert_eq!(failure.input, Path::new(url));
    }
    let none = drafts(&["https://example.org/".into()], &Options::default(), NonZero::<usize>::MIN).flatten().next();
    assert!(matches!(none.unwrap().unwrap_err().error, ImportError::Fetch(FetchFault::NoFetcher)));
}
