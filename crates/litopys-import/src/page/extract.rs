//! The article's text in a page: where it is, and what in it is no part of it.

use super::dom::{Dom, Id, ROOT};
use super::hints::Hint;
use super::measure::Measures;
use super::phrases;

/// Where an article is in its page.
pub(super) struct Found {
    pub(super) root: Id,
    /// By node: whether it and all below it is left out.
    pub(super) out: Vec<bool>,
}

/// What is known of the article before its text is sought.
#[derive(Debug, Default)]
pub(super) struct Known<'a> {
    pub(super) titles: Vec<&'a str>,
}

#[allow(clippy::indexing_slicing, reason = "all vectors have an entry a node")]
pub(super) fn find(dom: &Dom, all: &mut Measures, known: &Known<'_>) -> Found {
    let body = dom.find("body").unwrap_or(ROOT);
    let aside = asides(dom, all, body);
    all.score(dom, &aside);
    let root = pick(dom, all, body);
    let mut out = prune(dom, all, root, known, true);
    if left(dom, all, root, &out) * 3 < all.sums[root].prose {
        out = prune(dom, all, root, known, false);
    }
    Found { root, out }
}

/// By node: whether it is below an element that says it is something else, and can be believed.
#[allow(clippy::indexing_slicing, reason = "all vectors have an entry a node")]
fn asides(dom: &Dom, all: &Measures, body: Id) -> Vec<bool> {
    let total = all.sums[body].prose;
    let mut aside = vec![false; dom.len()];
    for id in all.order.iter().copied() {
        let above = dom.node(id).parent.is_some_and(|up| aside[up]);
        let said = match all.hints[id] {
            Hint::Furniture | Hint::Meta => all.sums[id].prose * 10 < total * 4,
            // Comments may well be longer than what they are about.
            Hint::Comments => total - all.sums[id].prose.min(total) > 250 || all.sums[id].prose * 10 < total * 5,
            _ => false,
        };
        aside[id] = above || said;
    }
    aside
}

/// The element that holds the article and little else.
#[allow(clippy::indexing_slicing, reason = "all vectors have an entry a node")]
fn pick(dom: &Dom, all: &Measures, body: Id) -> Id {
    let score = |id: Id| all.sums[id].score;
    let candidates = || {
        all.order.iter().copied().filter(|id| {
            !dom.name(*id).is_empty() && (*id == body || super::dom::is_block(dom.name(*id)) || all.has_block[*id])
        })
    };
    let best = candidates().fold(body, |best, id| if score(id) >= score(best) { id } else { best });
    let most = score(best);
    // A name that says it is the text is believed where most of what counts is in it.
    let mut named: Option<(u8, Id)> = None;
    for id in candidates() {
        let Hint::Body(level) = all.hints[id] else { continue };
        let share = match level {
            5.. => 0.4,
            3 => 0.55,
            2 => 0.75,
            _ => 0.85,
        };
        if score(id) > 100.0
            && score(id) >= share * most
            && named.is_none_or(|(other, old)| level > other || level == other && score(id) >= score(old))
        {
            named = Some((level, id));
        }
    }
    let mut root = named.map_or(best, |(_, id)| id);
    // Down to where it branches.
    loop {
        let next = dom
            .children(root)
            .filter(|id| all.seen[*id] && (super::dom::is_block(dom.name(*id)) || all.has_block[*id]))
            .find(|id| score(*id) >= 0.9 * score(root) && all.sums[*id].paragraphs > 1);
        match next {
            Some(next) if score(root) > 0.0 => root = next,
            _ => return root,
        }
    }
}

/// How much prose is left.
#[allow(clippy::indexing_slicing, reason = "all vectors have an entry a node")]
fn left(dom: &Dom, all: &Measures, root: Id, out: &[bool]) -> u32 {
    let mut prose = 0;
    let mut walk = dom.within(root);
    while let Some(id) = walk.next() {
        if out[id] || !all.seen[id] {
            walk.pass(id);
        } else if all.own[id].is_prose() {
            prose += all.own[id].text;
        }
    }
    prose
}

#[allow(clippy::indexing_slicing, reason = "all vectors have an entry a node")]
fn prune(dom: &Dom, all: &Measures, root: Id, known: &Known<'_>, strict: bool) -> Vec<bool> {
    let mut out = vec![false; dom.len()];
    let total = all.sums[root].prose.max(1);
    let mut walk = dom.within(root);
    let mut begun = 0;
    while let Some(id) = walk.next() {
        if id == root {
            continue;
        }
        if !all.seen[id] {
            out[id] = dom.text_of(id).is_none();
            walk.pass(id);
            continue;
        }
        let name = dom.name(id);
        if name.is_empty() {
            continue;
        }
        let sum = all.sums[id];
        let drop = is_dropped(dom, all, id, total, strict) || is_title(dom, all, id, known, begun);
        if drop {
            out[id] = true;
            walk.pass(id);
            continue;
        }
        if sum.text > 0 && !all.has_block[id] && super::dom::is_block(name) {
            if all.own[id].is_prose() {
                begun += sum.text;
            }
            // After the heading of comments or related articles nothing of the article comes, if enough came before.
            let line = dom.line(id);
            if sum.text < 80 && phrases::is_end(&line) && begun * 10 > total * 5 {
                cut_after(dom, root, id, &mut out);
                break;
            }
            if phrases::is_aside(&line) && (sum.text < 60 || sum.link * 2 > sum.text || !all.own[id].stops) {
                out[id] = true;
            }
        }
    }
    trim(dom, all, root, &mut out);
    out
}

#[allow(clippy::indexing_slicing, reason = "all vectors have an entry a node")]
fn is_dropped(dom: &Dom, all: &Measures, id: Id, total: u32, strict: bool) -> bool {
    let (name, sum) = (dom.name(id), all.sums[id]);
    let share = f64::from(sum.prose) / f64::from(total);
    if !strict {
        return matches!(name, "nav" | "form") && share < 0.3;
    }
    if matches!(name, "form" | "nav" | "footer" | "menu") && share < 0.3 {
        let in_quote = dom.ancestors(id).take(3).any(|up| dom.name(up) == "blockquote");
        return !in_quote;
    }
    match all.hints[id] {
        Hint::Furniture if share < 0.3 && !holds_picture(dom, all, id) => return true,
        Hint::Comments if share < 0.6 => return true,
        Hint::Meta if share < 0.15 && sum.text < 400 => return true,
        _ => {}
    }
    if matches!(
        name,
        "ul" | "ol" | "div" | "section" | "table" | "p" | "li" | "h2" | "h3" | "h4" | "h5" | "dl" | "span"
    ) && sum.text > 0
        && sum.link > 0
    {
        let density = f64::from(sum.link) / f64::from(sum.text);
        if matches!(name, "p" | "li" | "span") {
            return false;
        }
        return match name {
            "ul" | "ol" => density > 0.75 && sum.links > 1 && share < 0.2,
            _ => density > 0.6 && sum.links > 1 && share < 0.2 && sum.prose < 200,
        };
    }
    false
}

/// A picture with its caption is of the article, whatever it is called.
fn holds_picture(dom: &Dom, _all: &Measures, id: Id) -> bool {
    dom.name(id) == "figure" || dom.name(id) == "figcaption"
}

/// Whether a heading before the text is the title once more.
#[allow(clippy::indexing_slicing, reason = "all vectors have an entry a node")]
fn is_title(dom: &Dom, all: &Measures, id: Id, known: &Known<'_>, begun: u32) -> bool {
    let name = dom.name(id);
    if name == "h1" && begun < 400 {
        return true;
    }
    if begun > 0 || all.sums[id].text > 400 || all.has_block[id] || !super::dom::is_block(name) {
        return false;
    }
    let line = dom.line(id);
    !line.is_empty() && known.titles.iter().any(|title| **title == line)
}

/// Leaves out all that comes after a node, and the node.
#[allow(clippy::indexing_slicing, reason = "all vectors have an entry a node")]
fn cut_after(dom: &Dom, root: Id, id: Id, out: &mut [bool]) {
    out[id] = true;
    let mut at = id;
    while at != root {
        let mut next = dom.node(at).next;
        while let Some(id) = next {
            out[id] = true;
            next = dom.node(id).next;
        }
        let Some(up) = dom.node(at).parent else { return };
        at = up;
    }
}

/// Leaves out what is short and linked before the first sentence and after the last.
#[allow(clippy::indexing_slicing, reason = "all vectors have an entry a node")]
fn trim(dom: &Dom, all: &Measures, root: Id, out: &mut [bool]) {
    let mut blocks = Vec::new();
    let mut walk = dom.within(root);
    while let Some(id) = walk.next() {
        if out[id] || !all.seen[id] {
            walk.pass(id);
        } else if all.own[id].text > 0 && !all.has_block[id] {
            blocks.push(id);
        }
    }
    let is_edge = |id: Id| {
        let own = all.own[id];
        !own.is_prose() && own.text < 60 && own.link * 2 > own.text
    };
    for id in blocks.iter().copied().take_while(|id| is_edge(*id)) {
        out[id] = true;
    }
    for id in blocks.iter().rev().copied().take_while(|id| is_edge(*id)) {
        out[id] = true;
    }
}
