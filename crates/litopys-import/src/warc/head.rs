//! The head of a record: WARC's named fields, or ARC's line.

use std::io::{self, BufRead, Read};

use litopys::Utc;

use crate::limits;

/// The format of a web archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// ISO 28500.
    Warc,
    /// The Internet Archive's format before it: one line, then the answer. Version 1 or 2.
    Arc,
}

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Info,
    Response,
    Resource,
    Revisit,
    /// A request, metadata, a conversion, the continuation of another record, something unknown.
    Other,
}

/// A record's head.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) format: Format,
    pub(crate) kind: Type,
    /// The block's size in bytes.
    pub(crate) length: u64,
    /// The head's own bytes, with the empty line that ends it.
    pub(crate) raw: Vec<u8>,
    fields: Vec<(String, String)>,
}

/// Why there is no head.
#[derive(Debug)]
pub(crate) enum NoHead {
    /// The stream is at its end.
    End,
    /// It goes on with something else, which was passed over up to the end of the line.
    Junk(u64),
    /// A head that makes no sense, and where the next record is can't be told.
    Bad,
    Io(io::Error),
}

impl Head {
    /// Reads a head. A line that begins none is junk.
    pub(crate) fn read(input: &mut (impl BufRead + ?Sized), format: Format) -> Result<Self, NoHead> {
        let mut line = Vec::new();
        read_line(input, &mut line, limits::RECORD_HEAD).map_err(NoHead::Io)?;
        if line.is_empty() {
            return Err(NoHead::End);
        }
        let head = match format {
            Format::Warc if line.starts_with(b"WARC/") => return Self::warc(input, line),
            Format::Arc => Self::arc(line),
            Format::Warc => Err(line),
        };
        head.or_else(|line| {
            let mut junk = line.len() as u64;
            // What follows in a cut line begins nothing either.
            let mut whole = line.ends_with(b"\n");
            while !whole {
                let mut more = Vec::new();
                read_line(input, &mut more, limits::RECORD_HEAD).map_err(NoHead::Io)?;
                junk += more.len() as u64;
                whole = more.is_empty() || more.ends_with(b"\n");
            }
            Err(NoHead::Junk(junk))
        })
    }

    fn warc(input: &mut (impl BufRead + ?Sized), line: Vec<u8>) -> Result<Self, NoHead> {
        let mut raw = line;
        let mut fields: Vec<(String, String)> = Vec::new();
        loop {
            let start = raw.len();
            read_line(input, &mut raw, limits::RECORD_HEAD).map_err(NoHead::Io)?;
            let line = raw.get(start..).unwrap_or_default();
            if line.is_empty() || raw.len() > limits::RECORD_HEAD {
                return Err(NoHead::Bad);
            }
            let text = String::from_utf8_lossy(line.trim_ascii_end());
            if text.is_empty() {
                break;
            }
            push_field(&mut fields, &text);
        }
        let mut head = Self { format: Format::Warc, kind: Type::Other, length: 0, raw, fields };
        head.kind = match head.get("WARC-Type").unwrap_or_default().to_ascii_lowercase().as_str() {
            "warcinfo" => Type::Info,
            "response" => Type::Response,
            "resource" => Type::Resource,
            "revisit" => Type::Revisit,
            _ => Type::Other,
        };
        let lengths: Vec<_> = head.all("Content-Length").map(number).collect();
        match lengths[..] {
            [Some(length), ref others @ ..] if others.iter().all(|other| *other == Some(length)) => {
                head.length = length;
                Ok(head)
            }
            _ => Err(NoHead::Bad),
        }
    }

    /// `URL IP-address Archive-date Content-type Archive-length`, with five more before the length in version 2. A URL
    /// may have spaces.
    fn arc(raw: Vec<u8>) -> Result<Self, Vec<u8>> {
        let head = || {
            let line = String::from_utf8_lossy(raw.trim_ascii_end()).into_owned();
            let is_date = |text: &&str| text.len() == 14 && number(text).is_some();
            let words: Vec<_> = line.rsplitn(11, ' ').collect();
            let length = number(words.first()?)?;
            let at = [2, 7].into_iter().find(|at| words.get(*at).is_some_and(is_date))?;
            let date = words.get(at)?;
            let mut rest = line.as_str();
            for _ in 0..at + 2 {
                rest = rest.rsplit_once(' ')?.0;
            }
            if !rest.contains(':') {
                return None;
            }
            let date = format!(
                "{}-{}-{}T{}:{}:{}Z",
                date.get(..4)?,
                date.get(4..6)?,
                date.get(6..8)?,
                date.get(8..10)?,
                date.get(10..12)?,
                date.get(12..)?
            );
            let kind = if rest.starts_with("filedesc:") { Type::Info } else { Type::Response };
            let fields = [
                ("WARC-Target-URI", rest),
                ("WARC-IP-Address", words.get(at + 1)?),
                ("WARC-Date", &date),
                ("Content-Type", words.get(at - 1)?),
            ];
            let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
            Some((kind, length, fields))
        };
        let Some((kind, length, fields)) = head() else { return Err(raw) };
        Ok(Self { format: Format::Arc, kind, length, raw, fields })
    }

    /// A field's first value that isn't empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).find(|value| !value.is_empty())
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The target's URI. WARC 1.0 has it between `<` and `>` in its grammar, and some tools write them.
    pub(crate) fn uri(&self) -> Option<&str> {
        self.get("WARC-Target-URI").map(unbracketed)
    }

    /// The name of a field as the format has it, for people.
    pub(crate) const fn name_of(&self, warc: &'static str, arc: &'static str) -> &'static str {
        match self.format {
            Format::Warc => warc,
            Format::Arc => arc,
        }
    }

    /// The size of the record in an archive, where what separates it from the next is as it should be.
    pub(crate) const fn end(&self) -> &'static [u8] {
        match self.format {
            Format::Warc => b"\r\n\r\n",
            Format::Arc => b"\n",
        }
    }

    /// Whether the block is an HTTP message.
    pub(crate) fn is_http(&self) -> bool {
        let media_type = self.get("Content-Type").unwrap_or_default();
        match (self.format, self.kind) {
            (Format::Arc, _) => self.uri().is_some_and(|uri| uri.starts_with("http")),
            (_, Type::Response) => media_type.is_empty() || is_type(media_type, "application/http"),
            _ => is_type(media_type, "application/http"),
        }
    }
}

/// Whether a media type is this one, whatever its parameters.
pub(crate) fn is_type(text: &str, media_type: &str) -> bool {
    text.split(';').next().unwrap_or(text).trim().eq_ignore_ascii_case(media_type)
}

pub(crate) fn unbracketed(text: &str) -> &str {
    text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text)
}

/// Adds a field; a line that begins with white space continues the one before.
pub(crate) fn push_field(fields: &mut Vec<(String, String)>, line: &str) {
    if line.starts_with([' ', '\t'])
        && let Some((_, value)) = fields.last_mut()
    {
        value.push(' ');
        value.push_str(line.trim());
    } else if let Some((name, value)) = line.split_once(':') {
        fields.push((name.trim().to_owned(), value.trim().to_owned()));
    }
}

/// Appends a line with its end. A line beyond `max` is cut: the next call goes on within it.
pub(crate) fn read_line(input: &mut (impl BufRead + ?Sized), line: &mut Vec<u8>, max: usize) -> io::Result<()> {
    let room = (max + 1).saturating_sub(line.len()) as u64;
    input.take(room).read_until(b'\n', line).map(drop)
}

pub(crate) fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// A date of WARC: to the second, or with a fraction of it (WARC 1.1), or coarser; and a key to sort by.
pub(crate) fn date(text: &str) -> (Option<Utc>, u128) {
    let digits: String = text.chars().filter(char::is_ascii_digit).take(23).collect();
    let order = format!("{digits:0<23}").parse().unwrap_or_default();
    let whole = match text.strip_suffix('Z').and_then(|text| text.split_once('.')) {
        Some((whole, part)) if number(part).is_some() => format!("{whole}Z").parse(),
        Some(_) => return (None, 0),
        None => text.parse(),
    };
    // What has no date is not the newest of anything.
    whole.map_or((None, 0), |at| (Some(at), order))
}
