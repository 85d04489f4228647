//! Any bytes are read as a page in bounds: the same each time, and nothing in the text that runs or moves a cursor.
//!
//! The first byte chooses what the server says of the encoding.
#![no_main]

use libfuzzer_sys::fuzz_target;
use litopys_import::page::{PageSource, read};

const TYPES: [Option<&str>; 4] =
    [None, Some("text/html; charset=utf-8"), Some("text/html; charset=windows-1251"), Some("text/html; charset=\"")];

fuzz_target!(|input: &[u8]| {
    let Some((first, bytes)) = input.split_first() else { return };
    let content_type = TYPES[usize::from(first % 4)];
    let url = (first & 4 != 0).then_some("https://example.org/news/2020/01/02/a?b=c");
    let source = PageSource { bytes, content_type, url, ..PageSource::default() };
    let page = read(&source);
    assert!(!page.text.contains(['\0', '\u{1b}']));
    assert!(!page.text.to_lowercase().contains("](javascript:"));
    assert!(page.metadata.title.as_ref().is_none_or(|title| !title.chars().any(char::is_control)));
    let again = read(&source);
    assert_eq!((page.text, page.metadata), (again.text, again.metadata));
});
