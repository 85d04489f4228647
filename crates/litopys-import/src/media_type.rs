//! Media types, by extension and by the first bytes.

use std::path::Path;

use litopys::Role;

/// The type of what nothing tells.
pub(crate) const UNKNOWN: &str = "application/octet-stream";

/// The extension of a file's name in lower case.
pub(crate) fn extension(name: &Path) -> Option<String> {
    name.extension()?.to_str().map(str::to_ascii_lowercase)
}

/// Data by its extension, without the documents that importers read. IANA's names.
const BY_EXTENSION: &[(&str, &[&str])] = &[
    ("image/jpeg", &["jpg", "jpeg", "jpe", "jfif"]),
    ("image/png", &["png"]),
    ("image/gif", &["gif"]),
    ("image/webp", &["webp"]),
    ("image/avif", &["avif"]),
    ("image/heic", &["heic"]),
    ("image/svg+xml", &["svg"]),
    ("image/tiff", &["tif", "tiff"]),
    ("image/bmp", &["bmp"]),
    ("image/vnd.microsoft.icon", &["ico"]),
    ("audio/mpeg", &["mp3"]),
    ("audio/mp4", &["m4a"]),
    ("audio/ogg", &["ogg", "oga", "opus"]),
    ("audio/flac", &["flac"]),
    ("audio/vnd.wave", &["wav"]),
    ("video/mp4", &["mp4", "m4v"]),
    ("video/webm", &["webm"]),
    ("video/ogg", &["ogv"]),
    ("video/quicktime", &["mov"]),
    ("video/matroska", &["mkv"]),
    ("video/mpeg", &["mpg", "mpeg"]),
    ("video/vnd.avi", &["avi"]),
    ("video/3gpp", &["3gp"]),
    ("application/pdf", &["pdf"]),
    ("application/epub+zip", &["epub"]),
    ("application/zip", &["zip"]),
    ("application/gzip", &["gz", "tgz"]),
    ("application/zstd", &["zst"]),
    ("application/x-bzip2", &["bz2"]),
    ("application/x-xz", &["xz"]),
    ("application/x-tar", &["tar"]),
    ("application/vnd.rar", &["rar"]),
    ("application/x-7z-compressed", &["7z"]),
    ("application/msword", &["doc"]),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", &["docx"]),
    ("application/vnd.ms-excel", &["xls"]),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx"]),
    ("application/vnd.ms-powerpoint", &["ppt"]),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", &["pptx"]),
    ("application/vnd.oasis.opendocument.text", &["odt"]),
    ("application/vnd.oasis.opendocument.spreadsheet", &["ods"]),
    ("application/rtf", &["rtf"]),
    ("application/warc", &["warc"]),
    ("application/wacz", &["wacz"]),
    ("multipart/related", &["mhtml", "mht"]),
    ("text/html", &["html", "htm"]),
    ("application/xhtml+xml", &["xhtml"]),
    ("application/xml", &["xml"]),
    ("application/rss+xml", &["rss"]),
    ("application/atom+xml", &["atom"]),
    ("application/json", &["json"]),
    ("application/geo+json", &["geojson"]),
    ("text/csv", &["csv"]),
    ("text/tab-separated-values", &["tsv"]),
    ("text/css", &["css"]),
    ("text/javascript", &["js", "mjs"]),
    ("text/vtt", &["vtt"]),
    ("application/yaml", &["yaml", "yml"]),
    ("application/toml", &["toml"]),
    ("application/sql", &["sql"]),
    ("application/vnd.sqlite3", &["sqlite", "sqlite3"]),
    ("font/woff", &["woff"]),
    ("font/woff2", &["woff2"]),
    ("font/ttf", &["ttf"]),
    ("font/otf", &["otf"]),
    ("message/rfc822", &["eml"]),
    ("application/vnd.litopys+zip", &["litopys"]),
    (UNKNOWN, &["bin", "dat", "exe", "dll", "so", "o", "iso", "img", "bundle"]),
];

/// The type of data with this extension, in lower case.
pub(crate) fn by_extension(extension: &str) -> Option<&'static str> {
    BY_EXTENSION.iter().find(|(_, all)| all.contains(&extension)).map(|(media_type, _)| *media_type)
}

/// Whether data of this type may be of a kind that is read: its content tells.
pub(crate) fn may_hold_a_kind(media_type: &str) -> bool {
    const OPEN: [&str; 9] = [
        UNKNOWN,
        "application/atom+xml",
        "application/gzip",
        "application/json",
        "application/rss+xml",
        "application/wacz",
        "application/warc",
        "application/xml",
        "application/zip",
    ];
    OPEN.contains(&media_type)
}

/// The type of data that begins so.
pub(crate) fn by_magic(start: &[u8]) -> Option<&'static str> {
    const MAGIC: &[(&[u8], &str)] = &[
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"%PDF-", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
        (b"PK\x05\x06", "application/zip"),
        (b"\x1f\x8b", "application/gzip"),
        (b"\x28\xb5\x2f\xfd", "application/zstd"),
        (b"\xfd7zXZ\0", "application/x-xz"),
        (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
        (b"Rar!\x1a\x07", "application/vnd.rar"),
        (b"OggS", "audio/ogg"),
        (b"ID3\x02", "audio/mpeg"),
        (b"ID3\x03", "audio/mpeg"),
        (b"ID3\x04", "audio/mpeg"),
        (b"fLaC", "audio/flac"),
        (b"\x1a\x45\xdf\xa3", "video/matroska"),
        (b"{\\rtf", "application/rtf"),
        (b"WARC/1.", "application/warc"),
        (b"SQLite format 3\0", "application/vnd.sqlite3"),
    ];
    match start {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Some("audio/vnd.wave"),
        [0, _, _, _, b'f', b't', b'y', b'p', ..] => Some("video/mp4"),
        [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', b'&', ..] => Some("application/x-bzip2"),
        _ => MAGIC.iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, media_type)| *media_type),
    }
}

/// The type of a file that comes along with a document, by its name.
pub(crate) fn of_file(name: &Path) -> &'static str {
    let extension = extension(name).unwrap_or_default();
    match extension.as_str() {
        "md" | "markdown" => "text/markdown",
        "txt" | "text" => "text/plain",
        other => by_extension(other).unwrap_or(UNKNOWN),
    }
}

/// What a linked file of this type is to its document.
pub(crate) fn role(media_type: &str) -> Role {
    let shown = ["image/", "audio/", "video/"].iter().any(|family| media_type.starts_with(family));
    if shown { Role::Media } else { Role::Attachment }
}
