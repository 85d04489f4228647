//! What a browser notes in a page that it saves.

/// The URL that a saved page came from, and where that stands.
pub(super) fn from(text: &str) -> Option<(String, String)> {
    let mut end = text.len().min(4_096);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let start = text.get(..end)?;
    // Internet Explorer and Chromium: the number is the URL's length.
    let marked = start.split_once("<!-- saved from url=(").and_then(|(_, rest)| rest.split_once(')'));
    if let Some((_, rest)) = marked {
        let url = rest.split([' ', '\n', '\r']).next()?;
        return is_page(url).then(|| (url.to_owned(), "saved-from comment".to_owned()));
    }
    let (_, rest) = start.split_once("Page saved with SingleFile")?;
    let (_, rest) = rest.split_once("url: ")?;
    let url = rest.split_whitespace().next()?;
    is_page(url).then(|| (url.to_owned(), "SingleFile comment".to_owned()))
}

fn is_page(url: &str) -> bool {
    crate::is_url(url)
}

#[cfg(test)]
mod tests {
    use super::from;

    #[test]
    fn a_saved_page_tells_where_it_came_from() {
        let ie = "<!DOCTYPE html>\n<!-- saved from url=(0026)https://example.org/news/1 -->\n<html>";
        assert_eq!(from(ie).unwrap().0, "https://example.org/news/1");
        let single = "<!DOCTYPE html><html><!--\n Page saved with SingleFile \n url: https://example.org/a \n saved date: x\n-->";
        assert_eq!(from(single).unwrap(), ("https://example.org/a".to_owned(), "SingleFile comment".to_owned()));
        assert_eq!(from("<!-- saved from url=(0014)about:internet -->"), None);
        assert_eq!(from("<!-- saved from url=(0014)file:///etc/passwd -->"), None);
    }
}
