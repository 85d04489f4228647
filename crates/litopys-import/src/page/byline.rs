//! Authors and dates as they stand in the text of a page.

use super::dom::{Id, one_line};
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
        && !matches!(
            name.to_lowercase().as_str(),
            "admin"
                | "administrator"
                | "null"
                | "undefined"
                | "none"
                | "unknown"
                | "staff"
                | "human"
                | "wordpressadmin"
                | "author"
                | "autor"
                | "guest"
                | "root"
                | "user"
                | "editor"
        )
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

pub(super) fn authors(said: &Said<'_>) -> Option<(Vec<String>, String)> {
    let dom = said.dom;
    // Links that say so, then names of elements, then words.
    let rel = places(said).find(|id| dom.name(*id) == "a" && said.has_rel(*id, "author"));
    if let Some(found) = rel.map(|id| names(&dom.line(id))).filter(|all| !all.is_empty()) {
        return Some((found, "link with rel=author".to_owned()));
    }
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
    for id in places(said) {
        let small = said.all.sums.get(id).is_some_and(|sum| sum.text > 2 && sum.text < 150);
        if !small || !class_has(said, id, CLASSES) || dom.name(id) == "body" {
            continue;
        }
        // The link in it is the name, and the rest words around it.
        let inner = dom.within(id).find(|at| {
            *at != id
                && (dom.name(*at) == "a" && dom.attribute(*at, "href").is_some() || class_has(said, *at, CLASSES))
                && dom.line(*at).chars().count() > 2
        });
        let line = dom.line(inner.unwrap_or(id));
        let found = names(cut(&line, said));
        if !found.is_empty() {
            let class = dom.attribute(id, "class").or_else(|| dom.attribute(id, "id")).unwrap_or_default();
            return Some((
                found,
                format!("{} element with class {}", dom.name(id), class.chars().take(100).collect::<String>()),
            ));
        }
    }
    // "By A B" in a line of its own.
    let lines = places(said).filter(|id| {
        super::dom::is_block(dom.name(*id)) && said.all.own.get(*id).is_some_and(|own| own.text > 4 && own.text < 120)
    });
    for id in lines.take(400) {
        let line = dom.line(id);
        let rest = bare(&line);
        let found = if rest.len() < line.trim().len() { names(cut(rest, said)) } else { Vec::new() };
        let is_person = |name: &String| {
            let words: Vec<&str> = name.split_whitespace().collect();
            words.len() <= 4
                && words
                    .iter()
                    .all(|word| word.chars().next().is_some_and(|c| !c.is_lowercase() && !c.is_ascii_digit()))
        };
        if !found.is_empty() && found.iter().all(is_person) {
            return Some((found, "byline in the page text".to_owned()));
        }
    }
    // "2006-2008 by A B", where a site says whose it is.
    said.all.order.iter().filter_map(|id| dom.text_of(*id)).filter(|text| text.len() < 200).find_map(|text| {
        let line = one_line(text);
        let (before, after) = line.split_once(" by ")?;
        let year = before.split_whitespace().next_back()?;
        let dated = year.len() >= 4 && year.bytes().all(|c| c.is_ascii_digit() || c == b'-');
        let named = (2..=3).contains(&after.split_whitespace().count());
        let found = if dated && named { names(after) } else { Vec::new() };
        (!found.is_empty()).then(|| (found, format!("page text: {line}")))
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
