//! URLs as subjects.

/// Parameters of a query that tell how a reader came to a page, not which page it is; `*` stands for any ending.
///
/// They are taken out of a subject, so that one page is one article; the exact URL stays in `captured.url`.
#[rustfmt::skip]
pub const TRACKING_PARAMETERS: &[&str] = &[
    "utm_*", "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ysclid", "_openstat",
    "twclid", "ttclid", "igshid", "igsh", "li_fat_id", "mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "vero_id",
    "oly_anon_id", "oly_enc_id", "rb_clickid", "srsltid", "wickedid", "epik", "_ga", "_gl", "__twitter_impression",
    "fb_action_ids", "fb_action_types", "fb_source", "at_medium", "at_campaign",
];

/// Whether a text is an absolute URL of the web: `http` or `https`, a host, no white space, no credentials.
pub fn is_url(text: &str) -> bool {
    split(text).is_some()
}

/// The scheme's length with `://`, and the length of the host with its port.
fn split(text: &str) -> Option<(usize, usize)> {
    let start =
        ["http://", "https://"].iter().find(|s| text.get(..s.len()).is_some_and(|t| t.eq_ignore_ascii_case(s)))?.len();
    let rest = text.get(start..)?;
    let host = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let odd = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\\' | '`');
    let name = rest.get(..host)?;
    let good = !name.is_empty() && !name.starts_with([':', '.']) && !name.contains('@') && !text.contains(odd);
    (good && text.len() <= 8_192).then_some((start, host))
}

/// A URL as a subject: scheme and host in lower case, without the scheme's own port, a fragment (but `#!`, which names
/// pages) and [`TRACKING_PARAMETERS`]. `None` if it [is no URL](is_url).
pub fn subject_of_url(url: &str) -> Option<String> {
    let (start, host) = split(url)?;
    let mut subject = url.get(..start + host)?.to_lowercase();
    let port = if subject.starts_with("http://") { ":80" } else { ":443" };
    if let Some(bare) = subject.strip_suffix(port) {
        subject.truncate(bare.len());
    }
    let rest = url.get(start + host..)?;
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
    subject.push_str(if path.is_empty() { "/" } else { path });
    let kept: Vec<_> =
        query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty() && !is_tracking(pair)).collect();
    if !kept.is_empty() {
        subject.push('?');
        subject.push_str(&kept.join("&"));
    }
    if fragment.starts_with('!') {
        subject.push('#');
        subject.push_str(fragment);
    }
    Some(subject)
}

fn is_tracking(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or(pair).to_ascii_lowercase();
    TRACKING_PARAMETERS.iter().any(|known| match known.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *known,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_one_subject() {
        for (url, subject) in [
            ("https://Example.org", "https://example.org/"),
            ("HTTPS://example.org:443/A?b=1&utm_source=x&fbclid=y#top", "https://example.org/A?b=1"),
            ("http://example.org/?utm_source=x", "http://example.org/"),
            ("http://example.org:8080/#!/page", "http://example.org:8080/#!/page"),
            ("https://приклад.укр/Стаття", "https://приклад.укр/Стаття"),
            ("https://example.org?id=7&", "https://example.org/?id=7"),
        ] {
            assert_eq!(subject_of_url(url).as_deref(), Some(subject));
        }
        for bad in [
            "",
            "/post",
            "ftp://x",
            "https://",
            "https:///x",
            "http://a b",
            "https://u:p@x/",
            "javascript:alert(1)",
            "https://x\n",
        ] {
            assert!(!is_url(bad), "{bad}");
        }
    }
}
