//! What of an article's element is no part of the article.

use super::Known;
use crate::page::dom::{Dom, Id, is_block};
use crate::page::hints::Hint;
use crate::page::measure::Measures;
use crate::page::phrases;

#[allow(clippy::indexing_slicing, reason = "all vectors have an entry a node")]
pub(super) fn prune(dom: &Dom, all: &Measures, root: Id, known: &Known<'_>, begins: &[Id], strict: bool) -> Vec<bool> {
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
        if name.is_empty() || begins.contains(&id) {
            continue;
        }
        let sum = all.sums[id];
        let drop = is_dropped(dom, all, id, total, strict) || is_title(dom, all, id, known, begun);
        if drop {
            out[id] = true;
            walk.pass(id);
            continue;
        }
        if sum.text > 0 && !all.has_block[id] && is_block(name) {
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
        Hint::Furniture if share < 0.3 && !holds_picture(dom, id) => return true,
        Hint::Banner => return true,
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
        if matches!(name, "li" | "span") {
            return false;
        }
        if matches!(name, "p") {
            return density > 0.9 && sum.text > 25 && !all.own[id].stops && !in_list_of_links(dom, id);
        }
        return match name {
            "ul" | "ol" => density > 0.75 && sum.links > 1 && share < 0.2,
            _ => density > 0.6 && sum.links > 1 && share < 0.2 && sum.prose < 200,
        };
    }
    false
}

fn in_list_of_links(dom: &Dom, id: Id) -> bool {
    dom.ancestors(id).take(3).any(|up| matches!(dom.name(up), "li" | "blockquote" | "td" | "dd"))
}

/// A picture with its caption is of the article, whatever it is called.
fn holds_picture(dom: &Dom, id: Id) -> bool {
    dom.name(id) == "figure" || dom.name(id) == "figcaption"
}

/// Whether a heading before the text is the title once more.
#[allow(clippy::indexing_slicing, reason = "all vectors have an entry a node")]
fn is_title(dom: &Dom, all: &Measures, id: Id, known: &Known<'_>, begun: u32) -> bool {
    let name = dom.name(id);
    if name == "h1" && begun < 400 {
        return true;
    }
    if begun > 0 || all.sums[id].text > 400 || all.has_block[id] || !is_block(name) {
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
    // A heading with nothing below it is of what was left out.
    let named = |id: Id| {
        let class = dom.attribute(id, "class").unwrap_or_default();
        all.own[id].text < 60
            && class
                .split(|c: char| !c.is_ascii_alphanumeric())
                .any(|word| matches!(word, "header" | "heading" | "title"))
    };
    let is_end = |id: Id| is_edge(id) || named(id) || matches!(dom.name(id), "h1" | "h2" | "h3" | "h4" | "h5" | "h6");
    for id in blocks.iter().rev().copied().take_while(|id| is_end(*id)) {
        out[id] = true;
    }
}
