//! What an element's tag, class and id say of its place in a page.

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

/// Parts of names that stand for nothing else, as they occur in class names of many sites.
const FURNITURE: &[&str] = &[
    "newsletter",
    "related",
    "recommend",
    "recirc",
    "sidebar",
    "side-bar",
    "breadcrumb",
    "share",
    "sharing",
    "social",
    "promo",
    "advert",
    "adsense",
    "adslot",
    "ad-slot",
    "adbox",
    "sponsor",
    "outbrain",
    "taboola",
    "subscri",
    "cookie",
    "consent",
    "gdpr",
    "footer",
    "navigation",
    "navbar",
    "popup",
    "pop-up",
    "modal",
    "overlay",
    "pagination",
    "paginat",
    "pager",
    "teaser",
    "readmore",
    "read-more",
    "readalso",
    "read-also",
    "seealso",
    "see-also",
    "most-read",
    "mostread",
    "most-popular",
    "mostpopular",
    "popular-",
    "trending",
    "tagcloud",
    "signup",
    "sign-up",
    "login",
    "toolbar",
    "skip-link",
    "screen-reader",
    "sr-only",
    "visually-hidden",
    "visuallyhidden",
    "jp-relatedposts",
    "jp-post-flair",
    "sharedaddy",
    "addtoany",
    "addthis",
    "print-only",
    "printonly",
    "noprint",
    "donat",
    "paywall-",
    "onward",
    "mw-editsection",
    "navbox",
    "catlinks",
    "author-box",
    "authorbox",
    "author-bio",
    "authorbio",
    "about-author",
    "about-the-author",
    "author-info",
    "author_info",
    "bio-box",
    "moreon",
    "more-on",
    "more-from",
    "morefrom",
    "more-news",
    "more-stories",
    "also-like",
    "next-article",
    "next-post",
    "prev-post",
    "previous-post",
    "post-nav",
    "nav-links",
    "nav-below",
    "nav-above",
    "similar",
    "werbung",
    "anzeige-",
    "weiterlesen",
    "verwandt",
    "mehr-zum",
    "reklam",
    "publicid",
    "publicite",
    "relacionad",
    "lire-aussi",
    "leggi-anche",
    "leia-",
    "correlat",
    "rating",
    "reactions",
    "feedback",
    "contact-form",
    "search-form",
    "searchform",
    "site-header",
    "site-head",
    "masthead",
    "topbar",
    "top-bar",
    "language-switch",
    "lang-switch",
    "follow-",
    "bookmark",
    "disclaimer-",
    "copyright",
    "hatnote",
    "infobox-nav",
    "toc-",
    "comment-count",
    "wp-caption-ads",
    "instaread",
    "wpcnt",
    "wpadvert",
    "cta-",
    "call-to-action",
    "ticker",
    "carousel",
    "slider-nav",
    "yarpp",
    "crp_related",
    "zemanta",
    "hidden-print",
    "widget-area",
    "sociable",
    "syndication",
    "partner-",
    "inline-video-list",
    "video-playlist",
    "livefyre-",
];

/// Whole words of names.
const FURNITURE_WORDS: &[&str] = &[
    "ad",
    "ads",
    "adv",
    "nav",
    "menu",
    "submenu",
    "banner",
    "widget",
    "widgets",
    "rss",
    "aside",
    "tools",
    "links",
    "buttons",
    "button",
    "btn",
    "print",
    "topics",
    "rail",
    "advertisement",
    "more",
    "flyout",
    "dropdown",
    "tooltip",
    "skip",
    "sticky",
    "toc",
    "dfp",
    "gpt",
    "partners",
    "shariff",
    "voting",
    "vote",
    "likes",
    "like",
    "poll",
    "quiz",
];

const COMMENTS: &[&str] = &[
    "comment",
    "disqus",
    "respond",
    "kommentar",
    "commentaire",
    "comentario",
    "komentar",
    "discussion",
    "trackback",
    "pingback",
    "fb-comments",
    "livefyre",
    "replies",
];

const META: &[&str] = &[
    "byline",
    "dateline",
    "timestamp",
    "pubdate",
    "publish-date",
    "published-date",
    "publish_date",
    "post-meta",
    "post_meta",
    "postmeta",
    "entry-meta",
    "entry_meta",
    "article-meta",
    "article__meta",
    "article_meta",
    "articlemeta",
    "meta-info",
    "metainfo",
    "postmetadata",
    "post-info",
    "postinfo",
    "post_info",
    "article-info",
    "article__info",
    "entry-info",
    "entry-utility",
    "post-date",
    "post_date",
    "entry-date",
    "article-date",
    "article_date",
    "date-time",
    "datetime",
    "post-author",
    "post_author",
    "entry-author",
    "article-author",
    "article__author",
    "author-name",
    "posted-on",
    "posted-by",
    "post-footer",
    "entry-footer",
    "article-footer",
    "post-tags",
    "post_tags",
    "tag-list",
    "taglist",
    "tags-list",
    "tag-links",
    "article-tags",
    "cat-links",
    "post-categories",
    "entry-categories",
    "entry-tags",
    "post-category",
    "reading-time",
    "read-time",
    "readtime",
    "view-count",
    "views-count",
    "kicker",
    "eyebrow",
    "credits",
    "image-credit",
    "photo-credit",
    "geo-",
    "filed-under",
    "postbyline",
    "submitted",
    "section-name",
    "rubric",
];

const META_WORDS: &[&str] = &[
    "meta",
    "author",
    "authors",
    "date",
    "time",
    "tags",
    "category",
    "categories",
    "published",
    "updated",
    "views",
    "byline",
    "autor",
    "datum",
    "fecha",
    "data",
];

const BODY: &[(u8, &[&str])] = &[
    (
        3,
        &[
            "articlebody",
            "article-body",
            "article_body",
            "article__body",
            "article-text",
            "article_text",
            "articletext",
            "article__text",
            "storybody",
            "story-body",
            "story_body",
            "story__body",
            "storytext",
            "story-text",
            "story_text",
            "news-body",
            "newsbody",
            "news_body",
            "news-text",
            "newstext",
            "news_text",
            "news__text",
            "entry-content",
            "entry_content",
            "entrycontent",
            "post-content",
            "post_content",
            "postcontent",
            "post__content",
            "post-body",
            "post_body",
            "postbody",
            "post__body",
            "post-text",
            "post_text",
            "posttext",
            "post__text",
            "article-content",
            "article_content",
            "articlecontent",
            "article__content",
            "single-content",
            "body-copy",
            "bodycopy",
            "bodytext",
            "body-text",
            "body__text",
            "textbody",
            "mw-parser-output",
            "field-name-body",
            "field--name-body",
            "artikeltext",
            "artikel-text",
            "artikelbody",
            "artikel_content",
            "article-entry",
            "cuerpo-noticia",
            "cuerpo_noticia",
            "texto-noticia",
            "nota-cuerpo",
            "content-text",
            "contenttext",
            "text-content",
            "textcontent",
            "js-article",
            "wysiwyg",
            "richtext",
            "rich-text",
            "rte-",
            "rte_",
            "prose",
            "articledetail",
            "article-detail",
            "newsdetail",
            "news-detail",
            "news_detail",
            "detail-text",
            "detailtext",
            "detail__body",
        ],
    ),
    (
        2,
        &[
            "entry",
            "post-entry",
            "content-body",
            "contentbody",
            "content_body",
            "article-main",
            "article_main",
            "articlemain",
            "main-article",
            "post-inner",
            "blogpost",
            "blog-post",
            "blog_post",
            "hentry",
            "single-post",
            "story-content",
            "storycontent",
            "page-content",
            "page_content",
            "pagecontent",
            "news-content",
            "news_content",
            "newscontent",
            "news-item-detail",
        ],
    ),
    (
        1,
        &[
            "maincontent",
            "main-content",
            "main_content",
            "contentmain",
            "content-main",
            "content",
            "article",
            "story",
            "main",
            "post",
            "artikel",
            "noticia",
            "beitrag",
        ],
    ),
];

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
