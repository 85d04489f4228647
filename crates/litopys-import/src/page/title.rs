//! The headline, without the site's name.

use super::dom::{Id, ROOT};
use super::hints::Hint;
use super::jsonld::alike;
use super::said::{Said, Told};

const TITLES: &[&str] = &[
    "dc.title",
    "dc:title",
    "dcterms.title",
    "og:title",
    "twitter:title",
    "parsely-title",
    "sailthru.title",
    "citation_title",
    "headline",
    "title",
];

/// What `meta` and `title` give as the title.
pub(super) fn told(said: &Said<'_>) -> Vec<String> {
    let mut all: Vec<String> = said.meta(TITLES).map(|meta| meta.content.clone()).collect();
    all.extend(element(said).map(|(title, _)| title));
    all
}

/// What may be the title, with the headings.
pub(super) fn candidates(said: &Said<'_>) -> Vec<String> {
    let mut all = told(said);
    all.extend(headings(said).into_iter().map(|id| said.dom.line(id)));
    all.dedup();
    all
}

fn element(said: &Said<'_>) -> Option<Told> {
    let id = said
        .dom
        .within(ROOT)
        .find(|id| said.dom.name(*id) == "title" && !said.dom.ancestors(*id).any(|up| said.dom.name(up) == "svg"))?;
    let line = said.dom.line(id);
    (!line.is_empty()).then(|| (line, "title element".to_owned()))
}

/// Headings that may be the article's: of level 1, and others by their names.
fn headings(said: &Said<'_>) -> Vec<Id> {
    let dom = said.dom;
    let mut found: Vec<(u8, Id)> = Vec::new();
    for id in said.all.order.iter().copied() {
        let name = dom.name(id);
        let level: u8 = match name {
            "h1" => 2,
            "h2" | "h3" => 4,
            "div" | "span" | "p" | "a" | "td" | "b" | "strong" => 6,
            _ => continue,
        };
        let said_so = ["itemprop", "property"]
            .into_iter()
            .any(|a| dom.attribute(id, a).is_some_and(|v| v.to_ascii_lowercase().contains("headline")));
        let class = [dom.attribute(id, "class"), dom.attribute(id, "id")]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
            .to_ascii_lowercase();
        let named = [
            "entry-title",
            "post-title",
            "posttitle",
            "article-title",
            "article__title",
            "articletitle",
            "article-headline",
            "article__headline",
            "headline",
            "page-title",
            "single-title",
            "post__title",
            "news-title",
            "newstitle",
            "entry__title",
        ]
        .iter()
        .any(|n| class.contains(n));
        let rank = match level {
            _ if said_so => 0,
            2 if named => 1,
            2 => 2,
            4 if named => 3,
            4 => 4,
            _ => continue,
        };
        let off =
            said.in_comments(id) || dom.ancestors(id).any(|up| matches!(dom.name(up), "nav" | "footer" | "aside"));
        let logo = dom.ancestors(id).take(3).chain([id]).any(|up| {
            ["logo", "site-title", "sitename", "site-name", "branding", "blog-title"].iter().any(|n| {
                dom.attribute(up, "class").unwrap_or_default().to_ascii_lowercase().contains(n)
                    || dom.attribute(up, "id").unwrap_or_default().to_ascii_lowercase().contains(n)
            })
        });
        let text = said.all.sums.get(id).map_or(0, |sum| sum.text);
        let home = dom
            .within(id)
            .chain(dom.ancestors(id).take(2))
            .any(|at| dom.name(at) == "a" && dom.attribute(at, "href").is_some_and(|href| is_home(said, href)));
        if !off && !logo && !home && text > 1 && text < 600 && said.all.hints.get(id) != Some(&Hint::Comments) {
            found.push((rank, id));
        }
        if found.len() >= 64 {
            break;
        }
    }
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, id)| id).collect()
}

/// Whether a link leads to the front page: what it says is the site's name.
fn is_home(said: &Said<'_>, href: &str) -> bool {
    let href = href.trim();
    if matches!(href, "/" | "./" | "index.html" | "/index.html" | "index.php" | "/index.php") {
        return true;
    }
    let full = match said.url {
        Some(url) => url.join(href).ok(),
        None => url::Url::parse(href).ok(),
    };
    full.is_some_and(|full| {
        full.path() == "/"
            && full.query().is_none()
            && said.url.is_some_and(|url| url.path() != "/" || url.query().is_some())
    })
}

pub(super) fn pick(said: &Said<'_>, headline: Option<Told>) -> Option<Told> {
    let metas: Vec<Told> = said.meta(TITLES).map(|meta| (meta.content.clone(), meta.told.clone())).collect();
    let title = element(said);
    let headings: Vec<Told> =
        headings(said).into_iter().map(|id| (said.dom.line(id), format!("{} element", said.dom.name(id)))).collect();
    let all = || headline.iter().chain(&metas).chain(title.iter());
    let site = said.meta(&["og:site_name", "application-name"]).next().map(|meta| meta.content.clone());
    let is_site = |text: &str| site.as_deref().is_some_and(|site| alike(site, text));
    // A heading that another source says, too, alone or with the site's name.
    for (heading, told) in &headings {
        if !is_site(heading) && all().any(|(other, _)| alike(other, heading)) {
            return Some((heading.clone(), told.clone()));
        }
    }
    // Of several in one title the first, or the longest: the site's name comes last, or is short.
    let held = |(heading, _): &&Told| heading.chars().count() >= 4 && !is_site(heading);
    let place = |heading: &str| all().filter_map(|(other, _)| holds(other, heading)).min();
    let parted = headings.iter().filter(held).filter_map(|told| Some((place(&told.0)?, told)));
    if let Some((_, (heading, told))) = parted.min_by_key(|(at, told)| (*at > 0, usize::MAX - told.0.len())) {
        return Some((heading.clone(), told.clone()));
    }
    // One heading of level 1 that shares its words with what the page says elsewhere.
    let firsts: Vec<&Told> =
        headings.iter().filter(|(heading, told)| told == "h1 element" && !is_site(heading)).collect();
    if let [one] = firsts.as_slice()
        && one.0.split_whitespace().count() > 2
        && all().any(|(other, _)| shares(other, &one.0))
    {
        return Some((*one).clone());
    }
    if let Some(headline) = headline {
        return Some(headline);
    }
    if let Some((text, told)) = metas.into_iter().next() {
        return Some((stripped(&text, site.as_deref(), false), told));
    }
    // One heading of level 1 and a title that says something else: the heading is the article's.
    match (firsts.as_slice(), title) {
        ([one], Some((title, _))) if one.0.chars().count() > 12 && !title.is_empty() => Some((*one).clone()),
        (_, Some((title, told))) => Some((stripped(&title, site.as_deref(), true), told)),
        ([first, ..], None) => Some((*first).clone()),
        ([], None) => None,
    }
}

const SIGNS: &[&str] = &[
    " | ", " – ", " — ", " - ", " » ", " « ", " :: ", " · ", " • ", " / ", " ‹ ", " › ", " > ", " ~ ", "｜", " : ",
    "_", "|",
];

/// Where in a longer title a heading stands, with signs between it and what else is there.
fn holds(title: &str, heading: &str) -> Option<usize> {
    let (title, heading) = (title.to_lowercase(), heading.to_lowercase());
    let parted = |rest: &str| {
        rest.is_empty()
            || SIGNS.iter().any(|sign| rest.starts_with(sign) || rest.trim_start().starts_with(sign.trim_start()))
    };
    let ends = |rest: &str| {
        rest.is_empty()
            || rest.ends_with(": ")
            || SIGNS.iter().any(|sign| rest.ends_with(sign) || rest.trim_end().ends_with(sign.trim_end()))
    };
    let (before, after) = title.split_once(heading.as_str())?;
    (ends(before) && parted(after)).then_some(before.len())
}

/// Whether two titles share half of the words of the shorter.
fn shares(a: &str, b: &str) -> bool {
    let words = |text: &str| {
        text.to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.chars().count() > 2)
            .map(str::to_owned)
            .collect::<std::collections::BTreeSet<_>>()
    };
    let (a, b) = (words(a), words(b));
    a.intersection(&b).count() * 2 >= a.len().min(b.len()).max(1)
}

/// A title without the site's name at its end or start.
fn stripped(title: &str, site: Option<&str>, guess: bool) -> String {
    for sign in SIGNS {
        if let Some((first, last)) = title.rsplit_once(sign) {
            let named = site.is_some_and(|site| alike(site, last));
            // Without a name to go by, a short end after a sign that no sentence has.
            let short = guess
                && last.split_whitespace().count() <= 4
                && first.split_whitespace().count() >= 2
                && last.chars().count() * 2 < first.chars().count() + 8;
            if named || short {
                return first.trim().to_owned();
            }
        }
        if let Some((first, last)) = title.split_once(sign)
            && site.is_some_and(|site| alike(site, first))
        {
            return last.trim().to_owned();
        }
    }
    title.to_owned()
}
