//! Dates as they stand in the text of a page.

use litopys::Edtf;

use super::byline::{class_has, element, places};
use super::dom::Id;
use super::said::Said;
use super::when;

/// When the page was published by its own text: `time` elements, what is called a date, the lines before the text, the
/// path of its URL.
pub(super) fn date(said: &Said<'_>) -> Option<(Edtf, String)> {
    let dom = said.dom;
    let times: Vec<Id> = places(said).filter(|id| dom.name(*id) == "time").take(64).collect();
    let is_update = |id: Id| class_has(said, id, &["updated", "modified"]) && !class_has(said, id, &["published"]);
    let ordered = times
        .iter()
        .copied()
        .filter(|id| {
            dom.attribute(*id, "pubdate").is_some() || class_has(said, *id, &["published", "entry-date", "pubdate"])
        })
        .chain(times.iter().copied().filter(|id| !is_update(*id)));
    for id in ordered {
        if is_listed(said, id) {
            continue;
        }
        if let Some(date) = dom.attribute(id, "datetime").and_then(|value| when::of_value(value, &said.language)) {
            return Some((date, "datetime attribute of time".to_owned()));
        }
        if let Some((raw, date)) = when::in_text(&dom.line(id), &said.language) {
            return Some((date, format!("time element: {raw}")));
        }
    }
    let abbr = places(said)
        .find(|id| matches!(dom.name(*id), "abbr" | "span") && class_has(said, *id, &["published", "dtstart"]));
    if let Some(date) =
        abbr.and_then(|id| dom.attribute(id, "title")).and_then(|value| when::of_value(value, &said.language))
    {
        return Some((date, "title attribute of class published".to_owned()));
    }
    const CLASSES: &[&str] = &[
        "date",
        "published",
        "pubdate",
        "datum",
        "fecha",
        "data",
        "time",
        "timestamp",
        "postdate",
        "entry-date",
        "post-date",
        "dateline",
        "posted",
        "created",
        "meta",
        "postmetadata",
        "byline",
        "info",
        "submitted",
        "postmeta",
        "entrydate",
        "articledate",
        "publishdate",
        "articleinfo",
        "postinfo",
    ];
    for id in places(said) {
        let small = said.all.sums.get(id).is_some_and(|sum| sum.text > 5 && sum.text < 250);
        if small
            && class_has(said, id, CLASSES)
            && !is_listed(said, id)
            && let Some((raw, date)) = when::in_text(&dom.line(id), &said.language)
        {
            return Some((date, format!("{}: {raw}", element(said, id))));
        }
    }
    of_url(said).or_else(|| of_lines(said))
}

/// Whether an element is one of several of its sort in a list: dates of other articles.
fn is_listed(said: &Said<'_>, id: Id) -> bool {
    said.dom.ancestors(id).take(6).any(|up| {
        matches!(said.dom.name(up), "li" | "footer")
            && said.dom.ancestors(up).take(2).any(|list| said.all.sums.get(list).is_some_and(|sum| sum.links > 3))
    })
}

/// `/2014/05/18/`: the site's own order of articles.
fn of_url(said: &Said<'_>) -> Option<(Edtf, String)> {
    let parts: Vec<&str> = said.url?.path_segments()?.collect();
    let number = |text: &str, length: usize| text.len() == length && text.bytes().all(|c| c.is_ascii_digit());
    let dated =
        parts.windows(3).find(|part| matches!(part, [y, m, d] if number(y, 4) && number(m, 2) && number(d, 2)))?;
    let text = dated.join("-");
    let year: u32 = dated.first()?.parse().ok()?;
    let date = text.parse().ok().filter(|_| (1990..=2100).contains(&year))?;
    Some((date, format!("path of the URL: {}", dated.join("/"))))
}

/// The first short line with a date, before the text has begun.
fn of_lines(said: &Said<'_>) -> Option<(Edtf, String)> {
    let dom = said.dom;
    let mut prose = 0;
    for id in places(said) {
        let Some(own) = said.all.own.get(id) else { continue };
        if own.is_prose() {
            prose += own.text;
        }
        if prose > 600 {
            return None;
        }
        if own.text < 6 || own.text > 160 || !super::dom::is_block(dom.name(id)) || is_listed(said, id) {
            continue;
        }
        if let Some((raw, date)) = when::in_text(&dom.line(id), &said.language) {
            return Some((date, format!("page text: {raw}")));
        }
    }
    None
}
