//! The article's text in a page: where it is, and what in it is no part of it.

mod prune;

use prune::prune;

use super::dom::{Dom, Id, ROOT};
use super::hints::{Hint, is_caption};
use super::measure::Measures;
use super::phrases;

/// Where an article is in its page.
pub(super) struct Found {
    pub(super) root: Id,
    /// Paragraphs before it that belong to it.
    pub(super) lead: Vec<Id>,
    /// By node: whether it and all below it is left out.
    pub(super) out: Vec<bool>,
}

/// What is known of the article before its text is sought.
#[derive(Debug, Default)]
pub(super) struct Known<'a> {
    pub(super) titles: Vec<&'a str>,
    /// What the page gives as its summary: often how the text begins.
    pub(super) summaries: Vec<&'a str>,
}

#[allow(clippy::indexing_slicing, reason = "all vectors have an entry a node")]
pub(super) fn find(dom: &Dom, all: &mut Measures, known: &Known<'_>) -> Found {
    let body = dom.find("body").unwrap_or(ROOT);
    let begins = beginnings(dom, all, known);
    let aside = asides(dom, all, body);
    all.score(dom, &aside);
    let mut root = pick(dom, all, body);
    // Little text, and what begins as the summary elsewhere: there is the article.
    if let Some(first) = begins.first()
        && all.sums[root].score < 400.0
        && !begins.iter().any(|id| dom.ancestors(*id).any(|up| up == root))
    {
        root = dom.ancestors(*first).find(|up| may_hold(dom.name(*up))).unwrap_or(root);
    }
    let mut out = prune(dom, all, root, known, &begins, true);
    if left(dom, all, root, &out) * 3 < all.sums[root].text {
        out = prune(dom, all, root, known, &begins, false);
    }
    let lead = lead(dom, all, root, &aside, &begins);
    Found { root, lead, out }
}

impl Found {
    /// Where it was, in words.
    pub(super) fn told(&self, dom: &Dom) -> String {
        let name = dom.name(self.root);
        let of = ["itemprop", "id", "class"]
            .into_iter()
            .find_map(|key| Some((key, dom.attribute(self.root, key)?.trim())).filter(|(_, value)| !value.is_empty()));
        match of {
            Some((key, value)) => {
                format!("from the {name} element with {key} {}", value.chars().take(100).collect::<String>())
            }
            None => format!("from the {name} element"),
        }
    }
}

/// Blocks that begin as the page's summary does: they are of the article, whatever the elements around them are called.
#[allow(clippy::indexing_slicing, reason = "all vectors have an entry a node")]
fn beginnings(dom: &Dom, all: &mut Measures, known: &Known<'_>) -> Vec<Id> {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).take(40).collect::<String>();
    let summaries: Vec<String> =
        known.summaries.iter().map(|text| letters(text)).filter(|text| text.chars().count() >= 30).collect();
    if summaries.is_empty() {
        return Vec::new();
    }
    let blocks: Vec<Id> = all
        .order
        .iter()
        .copied()
        .filter(|id| all.own[*id].text >= 30 && !all.has_block[*id] && super::dom::is_block(dom.name(*id)))
        .collect();
    let found: Vec<Id> = blocks
        .into_iter()
        .filter(|id| {
            let start = letters(&dom.line(*id));
            !start.is_empty()
                && summaries.iter().any(|summary| {
                    start.starts_with(summary) || start.chars().count() >= 30 && summary.starts_with(&start)
                })
        })
        .take(4)
        .collect();
    for id in found.iter().copied() {
        let most = all.sums[id].text * 2;
        let around: Vec<Id> = dom.ancestors(id).take(3).collect();
        all.hints[id] = Hint::None;
        for up in around {
            if all.sums[up].text < most
                && matches!(all.hints[up], Hint::Furniture | Hint::Meta)
                && dom.name(up) != "aside"
                && dom.name(up) != "nav"
            {
                all.hints[up] = Hint::None;
            }
        }
    }
    found
}

/// Sentences between the heading and the text, in elements of their own: what the article begins with.
#[allow(clippy::indexing_slicing, reason = "all vectors have an entry a node")]
fn lead(dom: &Dom, all: &Measures, root: Id, aside: &[bool], begins: &[Id]) -> Vec<Id> {
    let over: Vec<Id> = dom.ancestors(root).take(6).collect();
    let Some(top) = over.iter().copied().find(|up| dom.within(*up).any(|id| dom.name(id) == "h1" && all.seen[id]))
    else {
        return Vec::new();
    };
    if dom.within(root).any(|id| dom.name(id) == "h1" && all.seen[id]) {
        return Vec::new();
    }
    let mut lead = Vec::new();
    let mut begun = false;
    let mut walk = dom.within(top);
    while let Some(id) = walk.next() {
        if id == root {
            break;
        }
        if !all.seen[id]
            || aside[id]
            || matches!(dom.name(id), "figure" | "ul" | "ol" | "table" | "form" | "figcaption")
        {
            walk.pass(id);
            continue;
        }
        begun |= dom.name(id) == "h1";
        let own = all.own[id];
        let reads = begun
            && own.is_prose()
            && own.stops
            && own.link == 0
            && (40..700).contains(&own.text)
            && !all.has_block[id]
            && !is_caption(dom, id)
            && !phrases::is_aside(&dom.line(id));
        if reads || begins.contains(&id) {
            lead.push(id);
            walk.pass(id);
        }
    }
    if lead.len() > 3 { Vec::new() } else { lead }
}

/// By node: whether it is below an element that says it is something else, and can be believed. Where they would leave
/// next to nothing, only the elements that say so by their tag are.
#[allow(clippy::indexing_slicing, reason = "all vectors have an entry a node")]
fn asides(dom: &Dom, all: &Measures, body: Id) -> Vec<bool> {
    let total = all.sums[body].prose;
    let bodies = bodies(dom, all, total);
    let mut aside = vec![false; dom.len()];
    for by_name in [true, false] {
        let (mut kept, mut comments) = (0, 0);
        for id in all.order.iter().copied() {
            let above = dom.node(id).parent.is_some_and(|up| aside[up]);
            let prose = all.sums[id].prose;
            let tag = matches!(dom.name(id), "nav" | "footer" | "aside" | "menu" | "dialog");
            let said = match all.hints[id] {
                Hint::Banner => true,
                _ if bodies[id] => false,
                Hint::Furniture | Hint::Meta => (by_name || tag) && prose * 10 < total * 4,
                // Comments may well be longer than what they are about.
                Hint::Comments => total.saturating_sub(prose) > 250 || prose * 10 < total * 5,
                _ => false,
            };
            if said && !above && all.hints[id] == Hint::Comments {
                comments += prose;
            }
            aside[id] = above || said;
            if !aside[id] && all.own[id].is_prose() {
                kept += all.own[id].text;
            }
        }
        if kept * 10 > total.saturating_sub(comments) * 3 {
            break;
        }
    }
    aside
}

/// By node: whether it holds what says that it is the article's text, and much of the page's prose is there.
#[allow(clippy::indexing_slicing, reason = "all vectors have an entry a node")]
fn bodies(dom: &Dom, all: &Measures, total: u32) -> Vec<bool> {
    let mut bodies = vec![false; dom.len()];
    for id in all.order.iter().copied() {
        let sure = match all.hints[id] {
            Hint::Body(5..) => all.sums[id].prose * 10 > total,
            Hint::Body(3..) => all.sums[id].prose * 10 > total * 3,
            _ => false,
        };
        if sure && !bodies[id] {
            bodies[id] = true;
            for up in dom.ancestors(id) {
                if bodies[up] {
                    break;
                }
                bodies[up] = true;
            }
        }
    }
    bodies
}

/// Whether an element may be all that an article is in.
fn may_hold(name: &str) -> bool {
    matches!(
        name,
        "body"
            | "div"
            | "section"
            | "article"
            | "main"
            | "td"
            | "tr"
            | "tbody"
            | "table"
            | "form"
            | "center"
            | "span"
            | "fieldset"
            | "font"
            | "details"
            | "html"
            | "b"
            | "strong"
            | "em"
            | "i"
            | "a"
            | "dd"
            | "dl"
            | "blockquote"
    ) || name.contains('-')
}

/// The element that holds the article and little else.
#[allow(clippy::indexing_slicing, reason = "all vectors have an entry a node")]
fn pick(dom: &Dom, all: &Measures, body: Id) -> Id {
    let score = |id: Id| all.sums[id].score;
    let candidates = || {
        all.order
            .iter()
            .copied()
            .filter(|id| may_hold(dom.name(*id)) && (all.has_block[*id] || super::dom::is_block(dom.name(*id))))
    };
    let best = candidates().fold(body, |best, id| if score(id) >= score(best) { id } else { best });
    let most = score(best);
    // A name that says it is the text is believed where most of what counts is in it.
    let mut named: Option<(u8, Id)> = None;
    let mut only = None;
    for id in candidates() {
        let Hint::Body(level) = all.hints[id] else { continue };
        let share = match level {
            5.. => 0.45,
            3 => 0.55,
            2 => 0.75,
            _ => 0.85,
        };
        if level >= 3 && all.sums[id].text > 200 {
            only = Some(id).filter(|_| only.is_none());
        }
        if score(id) > 100.0
            && score(id) >= share * most
            && named.is_none_or(|(other, old)| level > other || level == other && score(id) >= score(old))
        {
            named = Some((level, id));
        }
    }
    let mut root = named.map_or(best, |(_, id)| id);
    if let Some((level @ 3.., id)) = named
        && score(id) < 0.8 * most
    {
        root = parts(dom, all, id, level).filter(|whole| score(*whole) >= 0.75 * most).unwrap_or(id);
    }
    if let Some(only) = only.filter(|_| named.is_none() && most < 300.0) {
        return only;
    }
    // Down to where it branches.
    loop {
        let next = dom
            .children(root)
            .filter(|id| {
                all.seen[*id] && may_hold(dom.name(*id)) && (super::dom::is_block(dom.name(*id)) || all.has_block[*id])
            })
            .find(|id| score(*id) >= 0.9 * score(root) && all.sums[*id].paragraphs > 1);
        match next {
            Some(next) if score(root) > 0.0 => root = next,
            _ => return root,
        }
    }
}

/// What holds all parts of an article whose text is in several elements of one name.
#[allow(clippy::indexing_slicing, reason = "all vectors have an entry a node")]
fn parts(dom: &Dom, all: &Measures, first: Id, level: u8) -> Option<Id> {
    let class = dom.attribute(first, "class")?;
    let mut above: Vec<Id> = dom.ancestors(first).collect();
    let mut found = false;
    for id in all.order.iter().copied() {
        if id != first
            && all.hints[id] == Hint::Body(level)
            && dom.attribute(id, "class") == Some(class)
            && all.sums[id].score > 40.0
        {
            let over: Vec<Id> = dom.ancestors(id).collect();
            if over.contains(&first) {
                continue;
            }
            above.retain(|id| over.contains(id));
            found = true;
        }
    }
    above.first().copied().filter(|_| found)
}

/// How much prose is left.
#[allow(clippy::indexing_slicing, reason = "all vectors have an entry a node")]
fn left(dom: &Dom, all: &Measures, root: Id, out: &[bool]) -> u32 {
    let mut prose = 0;
    let mut walk = dom.within(root);
    while let Some(id) = walk.next() {
        if out[id] || !all.seen[id] {
            walk.pass(id);
        } else {
            prose += all.own[id].text;
        }
    }
    prose
}
