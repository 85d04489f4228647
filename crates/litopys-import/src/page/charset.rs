//! The encoding of a page: as browsers find it, but a declaration that its bytes contradict isn't believed.

use chardetng::EncodingDetector;
use encoding_rs::{Encoding, ISO_2022_JP, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

/// How much of a page is looked at for a declaration: browsers look at 1,024 bytes, real pages put it later, too.
const PRESCAN: usize = 8_192;

/// A page's text.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) encoding: &'static Encoding,
    /// How the encoding was found.
    pub(super) from: &'static str,
    /// Whether some of it makes no sense in that encoding.
    pub(super) damaged: bool,
}

pub(super) fn decode(bytes: &[u8], content_type: Option<&str>) -> Decoded {
    let (encoding, from, start) = find(bytes, content_type);
    let (text, damaged) = encoding.decode_without_bom_handling(bytes.get(start..).unwrap_or_default());
    Decoded { text: text.into_owned(), encoding, from, damaged }
}

fn find(bytes: &[u8], content_type: Option<&str>) -> (&'static Encoding, &'static str, usize) {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return (encoding, "byte order mark", length);
    }
    let header = content_type.and_then(|value| label(value.as_bytes())).map(|found| (found, "HTTP header"));
    let meta = || prescan(bytes.get(..PRESCAN).unwrap_or(bytes)).map(|found| (found, "meta charset"));
    let declared = header.or_else(meta);
    // Text in another encoding is almost never valid UTF-8, but where it is ASCII, which an escape makes Japanese.
    let utf8 = std::str::from_utf8(bytes).is_ok();
    if let Some((encoding, from)) = declared {
        let believable = match encoding {
            e if e == UTF_8 => utf8,
            e if e == UTF_16LE || e == UTF_16BE => bytes.iter().take(1_024).any(|c| *c == 0),
            e if e == ISO_2022_JP => bytes.is_ascii(),
            e if e == REPLACEMENT => false,
            e => (!utf8 || bytes.is_ascii()) && !e.decode_without_bom_handling(bytes).1,
        };
        if believable {
            return (encoding, from, 0);
        }
    }
    if utf8 {
        return (UTF_8, "valid as such", 0);
    }
    // A page of UTF-8 with a few broken bytes is no page in another encoding.
    let (mut good, mut bad) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    if good > 4 * bad || (declared.is_some_and(|(encoding, _)| encoding == UTF_8) && good > bad) {
        return (UTF_8, "mostly valid as such", 0);
    }
    // Almost all of it fits: the declaration holds, and a few bytes are damaged.
    if let Some((encoding, from)) =
        declared.filter(|(encoding, _)| ![UTF_8, UTF_16LE, UTF_16BE, REPLACEMENT].contains(encoding))
    {
        let text = encoding.decode_without_bom_handling(bytes).0;
        let (all, lost) = text
            .chars()
            .filter(|c| !c.is_ascii())
            .fold((0_usize, 0_usize), |(all, lost), c| (all + 1, lost + usize::from(c == char::REPLACEMENT_CHARACTER)));
        if lost * 20 < all {
            return (encoding, from, 0);
        }
    }
    let mut detector = EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    (detector.guess(None, chardetng::Utf8Detection::Deny), "guess", 0)
}

/// The encoding that a `charset=` names.
fn label(text: &[u8]) -> Option<&'static Encoding> {
    let lower = text.to_ascii_lowercase();
    let at = memchr::memmem::find(&lower, b"charset")?;
    let rest = lower.get(at + 7..)?.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    let end = rest.iter().position(|c| matches!(c, b'"' | b'\'' | b';' | b'>' | b'/') || c.is_ascii_whitespace());
    Encoding::for_label(rest.get(..end.unwrap_or(rest.len()))?)
}

/// The Encoding Standard's look at the start of a page, and at its XML declaration.
fn prescan(start: &[u8]) -> Option<&'static Encoding> {
    if let Some(rest) = start.strip_prefix(b"<?xml") {
        let declaration = rest.split(|c| *c == b'>').next()?;
        let at = memchr::memmem::find(declaration, b"encoding=");
        let value =
            at.and_then(|at| declaration.get(at + 10..)).and_then(|v| v.split(|c| matches!(c, b'"' | b'\'')).next());
        if let Some(encoding) = value.and_then(Encoding::for_label) {
            return Some(ascii_compatible(encoding));
        }
    }
    let mut rest = start;
    while let Some(at) = memchr::memchr(b'<', rest) {
        rest = rest.get(at + 1..)?;
        if let Some(comment) = rest.strip_prefix(b"!--") {
            rest = comment.get(memchr::memmem::find(comment, b"-->")?..)?;
        } else if rest.get(..4).is_some_and(|name| name.eq_ignore_ascii_case(b"meta")) {
            let tag = rest.get(..memchr::memchr(b'>', rest)?)?;
            if let Some(encoding) = label(tag) {
                return Some(ascii_compatible(encoding));
            }
        }
    }
    None
}

/// What declares itself in ASCII is not UTF-16.
fn ascii_compatible(encoding: &'static Encoding) -> &'static Encoding {
    match encoding {
        e if e == UTF_16LE || e == UTF_16BE => UTF_8,
        e if e == X_USER_DEFINED => WINDOWS_1252,
        e => e,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], content_type: Option<&str>) -> (String, &'static str, &'static str) {
        let decoded = decode(bytes, content_type);
        (decoded.text, decoded.encoding.name(), decoded.from)
    }

    #[test]
    fn the_encoding_is_found_as_browsers_find_it() {
        let russian = "Привет, это новости дня";
        let bytes = encoding_rs::WINDOWS_1251.encode(russian).0.into_owned();
        let koi8 = encoding_rs::KOI8_R.encode(russian).0.into_owned();
        let with = |head: &str, rest: &[u8]| [head.as_bytes(), rest].concat();
        assert_eq!(read(&bytes, Some("text/html; charset=\"windows-1251\"")).1, "windows-1251");
        assert_eq!(read(&with("<meta charset=windows-1251>", &bytes), None).2, "meta charset");
        let old = "<META HTTP-EQUIV=Content-Type CONTENT='text/html; charset=koi8-r'>";
        assert!(read(&with(old, &koi8), None).0.ends_with(russian));
        assert!(read(&with("<?xml version='1.0' encoding='koi8-r'?>", &koi8), None).0.ends_with(russian));
        assert_eq!(
            read(&with("<!-- <meta charset=koi8-r> --><meta charset=windows-1251>", &bytes), None).1,
            "windows-1251"
        );
        // The header goes first.
        assert!(read(&with("<meta charset=koi8-r>", &bytes), Some("text/html;charset=cp1251")).0.ends_with(russian));
        assert_eq!(read(b"\xef\xbb\xbf<meta charset=koi8-r>x", Some("text/html;charset=cp1251")).2, "byte order mark");
    }

    #[test]
    fn a_declaration_is_not_believed_against_the_bytes() {
        let russian = "Привет, это новости дня, и ещё немного текста, чтобы было из чего выбирать";
        let utf8 = ["<meta charset=windows-1251>", russian].concat();
        assert_eq!(read(utf8.as_bytes(), None), (utf8.clone(), "UTF-8", "valid as such"));
        let bytes = [b"<meta charset=utf-8>".as_slice(), &encoding_rs::WINDOWS_1251.encode(russian).0].concat();
        let (text, name, from) = read(&bytes, Some("text/html; charset=utf-8"));
        assert!(text.ends_with(russian) && (name, from) == ("windows-1251", "guess"));
        let torn = [b"<meta charset=utf-8>".as_slice(), russian.as_bytes(), b"\xd0"].concat();
        assert_eq!(read(&torn, None).1, "UTF-8");
        let lie = [b"<meta charset=utf-16>".as_slice(), russian.as_bytes()].concat();
        assert_eq!(read(&lie, Some("text/html; charset=utf-16")).1, "UTF-8");
    }
}
