//! Bytes to text: UTF-8 where it is, else the encoding that it most likely is.

use std::borrow::Cow;

use chardetng::EncodingDetector;
use encoding_rs::Encoding;

use crate::Warning;

/// The text of some bytes, without a byte order mark.
#[derive(Debug)]
pub(crate) struct Decoded<'a> {
    pub(crate) text: Cow<'a, str>,
    /// Whether a byte order mark was left out.
    pub(crate) mark: bool,
    /// The encoding, where it is not UTF-8.
    pub(crate) warning: Option<Warning>,
}

pub(crate) fn decode(bytes: &[u8]) -> Decoded<'_> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let rest = text.strip_prefix('\u{feff}');
        return Decoded { text: Cow::Borrowed(rest.unwrap_or(text)), mark: rest.is_some(), warning: None };
    }
    let marked = Encoding::for_bom(bytes);
    let (encoding, start) = marked.unwrap_or_else(|| (guess(bytes), 0));
    let (text, damaged) = encoding.decode_without_bom_handling(bytes.get(start..).unwrap_or_default());
    Decoded { text, mark: marked.is_some(), warning: Some(Warning::Encoding { name: encoding.name(), damaged }) }
}

/// UTF-8 with some damage if far more of it is valid than not; else what chardetng says, which never is UTF-8 here.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let (mut valid, mut invalid) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        invalid += usize::from(!chunk.invalid().is_empty());
    }
    if valid > 4 * invalid {
        return encoding_rs::UTF_8;
    }
    let mut detector = EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    detector.guess(None, chardetng::Utf8Detection::Deny)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_old_encodings_is_read() {
        let russian = "Президент России заявил об этом на пленарном заседании форума";
        for name in ["windows-1251", "koi8-u", "utf-16le"] {
            let encoding = Encoding::for_label(name.as_bytes()).unwrap();
            let bytes = if name == "utf-16le" {
                [0xfeff].into_iter().chain(russian.encode_utf16()).flat_map(u16::to_le_bytes).collect()
            } else {
                encoding.encode(russian).0.into_owned()
            };
            let decoded = decode(&bytes);
            assert_eq!(decoded.text, russian, "{name}");
            assert_eq!(decoded.warning, Some(Warning::Encoding { name: encoding.name(), damaged: false }));
        }
    }

    #[test]
    fn damaged_utf8_stays_utf8() {
        let bytes = ["Украина ".as_bytes(), b"\xff", " снова".as_bytes()].concat();
        let decoded = decode(&bytes);
        assert_eq!(decoded.text, "Украина \u{fffd} снова");
        assert_eq!(decoded.warning, Some(Warning::Encoding { name: "UTF-8", damaged: true }));
    }

    #[test]
    fn a_mark_is_no_text() {
        let decoded = decode(b"\xef\xbb\xbfx");
        assert_eq!((decoded.text.as_ref(), decoded.mark), ("x", true));
    }
}
