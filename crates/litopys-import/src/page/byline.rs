//! Authors and dates as they stand in the text of a page.

use super::dom::{Id, is_block, one_line};
use super::said::Said;
use super::when;

/// Words before a name, and labels.
const BY: &[&str] = &[
    "view all posts by",
    "zeige alle beiträge von",
    "alle beiträge von",
    "all posts by",
    "posts by",
    "gespeichert von",
    "eingereicht von",
    "submitted by",
    "geschrieben am",
    "ein artikel von",
    "artikel von",
    "beitrag von",
    "blog beitrag von",
    "blogbeitrag von",
    "gastbeitrag von",
    "article by",
    "story and photos by",
    "ein beitrag von",
    "more by",
    "voir tous les articles de",
    "ver todas las entradas de",
    "image credit",
    "by",
    "written by",
    "posted by",
    "published by",
    "author",
    "authors",
    "words by",
    "text by",
    "story by",
    "reported by",
    "von",
    "autor",
    "autorin",
    "geschrieben von",
    "veröffentlicht von",
    "verfasst von",
    "erstellt von",
    "text",
    "par",
    "auteur",
    "publié par",
    "écrit par",
    "rédigé par",
    "por",
    "escrito por",
    "publicado por",
    "redacción",
    "di",
    "scritto da",
    "pubblicato da",
    "a cura di",
    "автор",
    "авторы",
    "текст",
    "от",
    "автори",
    "od",
    "autorka",
    "napsal",
    "napisał",
    "door",
    "geschreven door",
    "av",
    "skriven av",
    "af",
    "tekst",
    "yazan",
    "作者",
    "記者",
    "记者",
    "文",
    "執筆者",
    "著者",
    "ライター",
    "기자",
    "글",
    "بقلم",
    "كتب",
    "نوشته",
    "מאת",
    "oleh",
    "bởi",
];

/// The names in what a page gives as its author: one or more.
pub(super) fn names(text: &str) -> Vec<String> {
    let text = one_line(text);
    let text = bare(&text);
    if text.contains("://") || text.starts_with("www.") || text.contains('@') && !text.contains(' ') {
        return Vec::new();
    }
    // "A and B", "A, B": but "Smith, John" is one, and so is a firm's name.
    let parts: Vec<&str> = text
        .split([';', '|'])
        .flat_map(|part| part.split(" and "))
        .flat_map(|part| part.split(" und "))
        .flat_map(|part| part.split(" & "))
        .collect();
    let parts: Vec<&str> = parts
        .into_iter()
        .flat_map(|part| {
            let commas: Vec<&str> = part.split(", ").collect();
            let full = commas.len() > 1 && commas.iter().all(|name| (2..=4).contains(&name.split_whitespace().count()));
            if full { commas } else { vec![part] }
        })
        .collect();
    parts
        .into_iter()
        .map(|name| bare(name.trim()).trim_end_matches([',', ':', '-', '–', '|', '/']).trim().to_owned())
        .filter(|name| is_name(name))
        .collect()
}

/// Without "By" and the like.
fn bare(text: &str) -> &str {
    let mut text = text.trim().trim_start_matches(['-', '–', '—', '|', '•', '·', '/', '©', '@', '✍']).trim();
    for _ in 0..2 {
        let lower = text.to_lowercase();
        let found = BY.iter().filter(|word| lower.starts_with(*word)).max_by_key(|word| word.len());
        let Some(word) = found else { break };
        let count = word.chars().count();
        let rest: &str = text.char_indices().nth(count).map_or("", |(at, _)| text.get(at..).unwrap_or_default());
        let parted = rest.starts_with([' ', ':', '：', '/', '／'])
            || rest.starts_with(char::is_whitespace)
            || (word.starts_with(|c: char| u32::from(c) > 0x2e80)
                && !rest.is_empty()
                && rest.starts_with([':', '：', '／', ' ']));
        if !parted {
            break;
        }
        text = rest.trim_start_matches([' ', ':', '：', '/', '／', '\u{a0}', '-', '–']).trim();
    }
    text
}

fn is_name(name: &str) -> bool {
    let count = name.chars().count();
    let digits = name.chars().filter(char::is_ascii_digit).count();
    (2..=80).contains(&count)
        && name.split_whitespace().count() <= 7
        && digits <= 4
        && digits * 2 < count
        && name.chars().any(char::is_alphabetic)
        && !name.contains("://")
        && !name.contains(['{', '}', '<', '>', '=', '?'])
        && !is_account(&name.to_lowercase())
}

/// Whether a name is one that somebody logs in with: no author where a person is named.
pub(super) fn is_login(name: &str) -> bool {
    name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'.' | b'_' | b'-'))
}

/// Whether a name in lower case is that of a role or an account, or of nobody: what a CMS writes where no author was set.
fn is_account(name: &str) -> bool {
    let is_administrator = !name.contains(char::is_whitespace) && name.contains("admin");
    let is_role = matches!(name, "author" | "autor" | "editor" | "guest" | "root" | "staff" | "user");
    is_administrator || is_role || matches!(name, "none" | "null" | "undefined" | "unknown")
}

/// Where a byline may be: not beside the article, and not among comments or related articles.
pub(super) fn places<'a>(said: &'a Said<'_>) -> impl Iterator<Item = Id> + 'a {
    said.all.order.iter().copied().filter(move |id| !said.off.get(*id).copied().unwrap_or_default())
}

pub(super) fn class_has(said: &Said<'_>, id: Id, words: &[&str]) -> bool {
    ["class", "id", "data-testid", "data-component"].into_iter().filter_map(|name| said.dom.attribute(id, name)).any(
        |value| {
            let value = value.to_ascii_lowercase();
            value.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| words.contains(&word))
                || value.split_whitespace().any(|word| words.contains(&word))
        },
    )
}

/// What elements are called that hold a name.
const CLASSES: &[&str] = &[
    "author",
    "byline",
    "autor",
    "auteur",
    "authors",
    "fn",
    "writer",
    "author-name",
    "authorname",
    "post-author",
    "article-author",
    "entry-author",
    "byline-name",
    "autore",
    "bylinename",
    "articleauthor",
    "postauthor",
    "entryauthor",
    "verfasser",
    "journalist",
    "reporter",
    "username",
    "submitted",
    "redakteur",
    "author__name",
    "authors__name",
    "byline__name",
];

/// Names, and where they stand.
type Names = (Vec<String>, String);

/// The authors by the text of the page: links that say so, then names of elements, then words. A name that
/// somebody logs in with gives way to a person's.
pub(super) fn authors(said: &Said<'_>) -> Option<Names> {
    let all = by_link(said).into_iter().chain(by_class(said)).chain(by_words(said)).chain(by_year(said));
    let mut all = all.filter(|(names, _)| !names.is_empty());
    let first = all.next()?;
    if !first.0.iter().all(|name| is_login(name)) {
        return Some(first);
    }
    Some(all.find(|(names, _)| names.iter().all(|name| is_person(name))).unwrap_or(first))
}

/// Whether a name is written as a person's is: up to four words, none in lower case.
fn is_person(name: &str) -> bool {
    let mut words = name.split_whitespace();
    let is_upper = |word: &str| word.starts_with(|c: char| !c.is_lowercase() && !c.is_ascii_digit());
    words.clone().count() <= 4 && words.all(is_upper)
}

fn by_link(said: &Said<'_>) -> Option<Names> {
    let link = places(said).find(|id| said.dom.name(*id) == "a" && said.has_rel(*id, "author"))?;
    Some((names(&said.dom.line(link)), "link with rel=author".to_owned()))
}

fn by_class(said: &Said<'_>) -> impl Iterator<Item = Names> {
    let dom = said.dom;
    let small = |id: Id| said.all.sums.get(id).is_some_and(|sum| sum.text > 2 && sum.text < 150);
    let called = move |id: &Id| small(*id) && class_has(said, *id, CLASSES) && dom.name(*id) != "body";
    places(said).filter(called).map(move |id| {
        // The link in it is the name, and the rest words around it.
        let inner = dom.within(id).find(|at| {
            *at != id
                && (dom.name(*at) == "a" && dom.attribute(*at, "href").is_some() || class_has(said, *at, CLASSES))
                && dom.line(*at).chars().count() > 2
        });
        let line = dom.line(inner.unwrap_or(id));
        (names(cut(&line, said)), element(said, id))
    })
}

/// An element, by its class.
pub(super) fn element(said: &Said<'_>, id: Id) -> String {
    let class = said.dom.attribute(id, "class").or_else(|| said.dom.attribute(id, "id")).unwrap_or_default();
    format!("{} element with class {}", said.dom.name(id), class.chars().take(100).collect::<String>())
}

/// "By A B" in a line of its own.
fn by_words(said: &Said<'_>) -> impl Iterator<Item = Names> {
    let dom = said.dom;
    let lines = places(said).filter(|id| {
        is_block(dom.name(*id)) && said.all.own.get(*id).is_some_and(|own| own.text > 4 && own.text < 120)
    });
    lines.take(400).filter_map(move |id| {
        let line = dom.line(id);
        let rest = bare(&line);
        let found = if rest.len() < line.trim().len() { names(cut(rest, said)) } else { Vec::new() };
        found.iter().all(|name| is_person(name)).then(|| (found, "byline in the page text".to_owned()))
    })
}

/// "2006-2008 by A B", where a site says whose it is.
fn by_year(said: &Said<'_>) -> impl Iterator<Item = Names> {
    let texts = said.all.order.iter().filter_map(|id| said.dom.text_of(*id)).filter(|text| text.len() < 200);
    texts.filter_map(|text| {
        let line = one_line(text);
        let (before, after) = line.split_once(" by ")?;
        let year = before.split_whitespace().next_back()?;
        let dated = year.len() >= 4 && year.bytes().all(|c| c.is_ascii_digit() || c == b'-');
        let named = (2..=3).contains(&after.split_whitespace().count());
        (dated && named).then(|| (names(after), format!("page text: {line}")))
    })
}

/// A byline up to where its date or another part begins.
fn cut<'a>(line: &'a str, said: &Said<'_>) -> &'a str {
    let mut line = line;
    if let Some((raw, _)) = when::in_text(line, &said.language)
        && let Some(at) = line.find(&raw)
    {
        line = if at > 2 { line.get(..at).unwrap_or(line) } else { line.get(at + raw.len()..).unwrap_or(line) };
    }
    for part in [
        " | ",
        " • ",
        " · ",
        " — ",
        " am ",
        " on ",
        " um ",
        " in ",
        " vor ",
        " Stand",
        " Lesezeit",
        "(",
        " veröffentlicht",
        " le ",
        " el ",
    ] {
        if let Some((first, _)) = line.split_once(part)
            && first.chars().count() > 3
        {
            line = first;
        }
    }
    line.trim_matches([',', ' ', '-', '–', ':', '|', '/'])
}
