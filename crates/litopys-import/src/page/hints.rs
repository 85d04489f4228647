//! What an element's tag, class and id say of its place in a page.

mod words;

use words::{BODY, COMMENTS, FURNITURE, FURNITURE_WORDS, META, META_WORDS};

use super::dom::{Dom, Id};

/// What an element says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    /// The text of the article, by name: how sure.
    Body(u8),
    /// Menus, related articles, advertisements and the like.
    Furniture,
    /// What asks for consent to cookies: never of the article.
    Banner,
    /// Readers' comments.
    Comments,
    /// Byline, date, tags: about the article.
    Meta,
    None,
}

pub(super) fn hint(dom: &Dom, id: Id) -> Hint {
    let tag = dom.name(id);
    match tag {
        "nav" | "footer" | "aside" | "menu" | "dialog" => return Hint::Furniture,
        "body" | "html" | "main" | "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "em" | "strong" | "b" | "i"
        | "tbody" | "tr" | "font" | "br" => {
            return if tag == "main" { Hint::Body(1) } else { Hint::None };
        }
        _ => {}
    }
    let role = dom.attribute(id, "role").unwrap_or_default();
    match role {
        "navigation" | "complementary" | "contentinfo" | "banner" | "search" | "menu" | "menubar" | "toolbar"
        | "dialog" | "alertdialog" | "alert" => return Hint::Furniture,
        "main" => return Hint::Body(1),
        _ => {}
    }
    for name in ["itemprop", "property"] {
        let said = dom.attribute(id, name).unwrap_or_default().to_ascii_lowercase();
        if said.split_whitespace().any(|word| word.trim_start_matches("schema:") == "articlebody") {
            return Hint::Body(5);
        }
        if said == "comment" {
            return Hint::Comments;
        }
    }
    let best = if tag == "article" { Hint::Body(2) } else { Hint::None };
    let classes = dom.attribute(id, "class").unwrap_or_default().split_ascii_whitespace();
    let ids = dom.attribute(id, "id").into_iter();
    let extra = dom.attribute(id, "data-component").into_iter().chain(dom.attribute(id, "data-testid"));
    let mut found = best;
    for name in classes.chain(ids).chain(extra).take(64) {
        found = stronger(found, of_name(name));
    }
    found
}

/// Furniture says more than body, comments more than furniture; a body by its full name more than both.
fn stronger(a: Hint, b: Hint) -> Hint {
    let rank = |hint| match hint {
        Hint::None => 0,
        Hint::Body(n @ 0..=2) => n,
        Hint::Meta => 3,
        Hint::Furniture => 4,
        Hint::Comments => 5,
        Hint::Banner => 9,
        Hint::Body(n) => n + 3,
    };
    if rank(b) > rank(a) { b } else { a }
}

fn of_name(name: &str) -> Hint {
    if name.len() > 100 {
        return Hint::None;
    }
    let name = lower(name);
    // WordPress and others put a page's topics into the class of its article.
    const TOPICS: &[&str] = &[
        "tag-",
        "category-",
        "author-",
        "format-",
        "postid-",
        "type-",
        "status-",
        "has-",
        "no-",
        "with-",
        "without-",
        "not-",
        "is-",
        "js-ad",
        "wp-block-group",
        "elementor-col",
        "et_pb_",
        "vc_",
        "non-",
    ];
    if TOPICS.iter().any(|start| name.starts_with(start))
        && !matches!(&*name, "author-box" | "author-bio" | "author-info" | "tag-list" | "tag-links")
    {
        return Hint::None;
    }
    if is_banner(&name) {
        return Hint::Banner;
    }
    let words = || name.split(|c: char| !c.is_alphanumeric());
    if COMMENTS.iter().any(|part| name.contains(part)) && !name.contains("commentary") {
        return Hint::Comments;
    }
    if let Some((level, _)) = BODY.iter().find(|(level, names)| *level == 3 && names.iter().any(|n| name.contains(n)))
        && !FURNITURE.iter().any(|part| name.contains(part))
    {
        return Hint::Body(*level);
    }
    if META.iter().any(|part| name.contains(part)) {
        return Hint::Meta;
    }
    if FURNITURE.iter().any(|part| name.contains(part)) || words().any(|word| FURNITURE_WORDS.contains(&word)) {
        return Hint::Furniture;
    }
    if words().any(|word| META_WORDS.contains(&word)) {
        return Hint::Meta;
    }
    for (level, names) in BODY {
        if *level == 1 && words().any(|word| names.contains(&word))
            || *level == 2 && names.iter().any(|n| *n == name || name.contains(n) && n.len() > 6)
        {
            return Hint::Body(*level);
        }
    }
    Hint::None
}

/// Whether a name is that of a banner about cookies; recipes have cookies, too.
fn is_banner(name: &str) -> bool {
    const KINDS: &[&str] = &[
        "law",
        "banner",
        "notice",
        "bar",
        "policy",
        "popup",
        "modal",
        "message",
        "hinweis",
        "overlay",
        "dialog",
        "accept",
        "warning",
        "alert",
        "consent",
        "disclaimer",
    ];
    name.contains("gdpr")
        || name.contains("cookie") && KINDS.iter().any(|kind| name.contains(kind))
        || name.contains("consent")
            && (name.contains("banner") || name.contains("manager") || name.contains("modal") || name.contains("popup"))
}

/// `articleBody` as `article-body`, in lower case.
fn lower(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut small = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            if small {
                out.push('-');
            }
            out.push(c.to_ascii_lowercase());
        } else {
            out.push(c);
        }
        small = c.is_ascii_lowercase();
    }
    out
}

/// Whether an element's name says that it is a caption.
pub(super) fn is_caption(dom: &Dom, id: Id) -> bool {
    if dom.name(id) == "figcaption" {
        return true;
    }
    let class = dom.attribute(id, "class").unwrap_or_default();
    let words = class.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        let word = word.to_ascii_lowercase();
        matches!(
            word.as_str(),
            "caption"
                | "figcaption"
                | "imagecaption"
                | "photocaption"
                | "legend"
                | "bildunterschrift"
                | "bildtext"
                | "cutline"
                | "piefoto"
                | "epigrafe"
                | "didascalia"
                | "captiontext"
                | "dida"
                | "bu"
        )
    });
    words && dom.name(id) != "body"
}
