//! A page's article as CommonMark.

mod inline;
mod picture;
mod text;

pub(super) use text::plain;

use text::{BREAK, flush, longest_run, prefixed};

use super::Base;
use super::dom::{Dom, Id, is_block, is_unseen};
use super::extract::Found;
use super::measure::Measures;

/// How deep lists and quotes are written as such; what is deeper is written as if it weren't.
const DEPTH: usize = 12;
/// How deep elements are followed; deeper ones are their text alone.
const ELEMENTS: usize = 450;

pub(super) struct Writer<'a> {
    pub(super) dom: &'a Dom,
    pub(super) all: &'a Measures,
    pub(super) out: &'a [bool],
    pub(super) base: Base<'a>,
    /// Targets of links and pictures that are not of the web.
    pub(super) targets: Vec<String>,
    /// URLs of pictures.
    pub(super) pictures: Vec<String>,
}

#[allow(clippy::indexing_slicing, reason = "all vectors have an entry a node")]
impl Writer<'_> {
    pub(super) fn article(&mut self, found: &Found) -> String {
        let mut blocks = Vec::new();
        for id in &found.lead {
            blocks.append(&mut self.blocks(*id, 0, 0));
        }
        let body = self.blocks(found.root, 0, 0);
        blocks.retain(|lead| !body.contains(lead));
        blocks.extend(body);
        let mut text = blocks.join("\n\n");
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }

    fn is_out(&self, id: Id) -> bool {
        self.out[id] || is_unseen(self.dom.name(id)) || (!self.dom.name(id).is_empty() && !self.all.seen[id])
    }

    /// The blocks below an element.
    fn blocks(&mut self, id: Id, deep: usize, nested: usize) -> Vec<String> {
        let mut done = Vec::new();
        let mut run = String::new();
        let mut next = self.dom.node(id).first;
        while let Some(child) = next {
            next = self.dom.node(child).next;
            if self.is_out(child) {
                if self.all.has_block[id] && !self.dom.name(child).is_empty() && is_block(self.dom.name(child)) {
                    flush(&mut run, &mut done);
                }
                continue;
            }
            let name = self.dom.name(child);
            if name.is_empty() || !(is_block(name) || self.all.has_block[child]) || deep >= ELEMENTS {
                self.inline(child, deep + 1, &mut run);
                continue;
            }
            flush(&mut run, &mut done);
            self.block(child, deep + 1, nested, &mut done);
        }
        flush(&mut run, &mut done);
        done
    }

    fn block(&mut self, id: Id, deep: usize, nested: usize, done: &mut Vec<String>) {
        let name = self.dom.name(id);
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let mut run = String::new();
                self.inline_children(id, deep, &mut run);
                let line = run.replace(BREAK, " ");
                let line = line.trim();
                if !line.is_empty() {
                    let level = name.as_bytes().get(1).map_or(2, |c| usize::from(c - b'0')).max(2);
                    let line = line.strip_suffix('#').map_or_else(|| line.to_owned(), |rest| format!("{rest}\\#"));
                    done.push(format!("{} {line}", "#".repeat(level)));
                }
            }
            "pre" | "listing" | "xmp" => self.code_block(id, done),
            "hr" => {
                if done.last().is_some_and(|last| last != "***") {
                    done.push("***".to_owned());
                }
            }
            "blockquote" if nested < DEPTH => {
                let inner = self.blocks(id, deep, nested + 1).join("\n\n");
                if !inner.is_empty() {
                    done.push(prefixed(&inner, "> ", "> "));
                }
            }
            "ul" | "ol" | "menu" | "dir" if nested < DEPTH => self.list(id, deep, nested + 1, done),
            "figure" if self.figure(id, done) => {}
            _ if self.is_caption(id) => {}
            "table" => self.table(id, deep, nested, done),
            _ => {
                let mut inner = self.blocks(id, deep, nested);
                done.append(&mut inner);
            }
        }
    }

    fn list(&mut self, id: Id, deep: usize, nested: usize, done: &mut Vec<String>) {
        let ordered = self.dom.name(id) == "ol";
        let mut number =
            self.dom.attribute(id, "start").and_then(|n| n.trim().parse::<u32>().ok()).unwrap_or(1).min(999_999);
        let mut items = Vec::new();
        let mut loose = false;
        let children: Vec<Id> = self.dom.children(id).filter(|child| !self.is_out(*child)).collect();
        for child in children {
            let name = self.dom.name(child);
            let blocks = if name == "li" {
                self.blocks(child, deep + 1, nested)
            } else if name.is_empty() {
                let mut run = String::new();
                self.inline(child, deep + 1, &mut run);
                let mut blocks = Vec::new();
                flush(&mut run, &mut blocks);
                blocks
            } else {
                // A list right in a list, and whatever else should be in an item.
                let mut blocks = Vec::new();
                self.block(child, deep + 1, nested, &mut blocks);
                blocks
            };
            if blocks.is_empty() {
                continue;
            }
            let tight = blocks.iter().skip(1).all(|block| block.starts_with("- ") || block.starts_with("1. "));
            loose |= !tight;
            let marker = if ordered { format!("{number}. ") } else { "- ".to_owned() };
            number += 1;
            let indent = " ".repeat(marker.len());
            items.push(prefixed(&blocks.join(if tight { "\n" } else { "\n\n" }), &marker, &indent));
        }
        if !items.is_empty() {
            // Two lists in a row would be one.
            if done.last().is_some_and(|last| last.starts_with("- ") && !ordered || last.starts_with("1. ") && ordered)
            {
                done.push("<!-- -->".to_owned());
            }
            done.push(items.join(if loose { "\n\n" } else { "\n" }));
        }
    }

    fn code_block(&mut self, id: Id, done: &mut Vec<String>) {
        let mut code = String::new();
        let mut walk = self.dom.within(id);
        while let Some(at) = walk.next() {
            if is_unseen(self.dom.name(at)) {
                walk.pass(at);
            } else if let Some(text) = self.dom.text_of(at) {
                code.push_str(text);
            } else if self.dom.name(at) == "br" {
                code.push('\n');
            }
        }
        let code: String =
            code.replace("\r\n", "\n").chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_control()).collect();
        let code = code.trim_end().trim_start_matches('\n');
        if !code.trim().is_empty() {
            let fence = "`".repeat(3.max(1 + longest_run(code, '`')));
            done.push(format!("{fence}\n{code}\n{fence}"));
        }
    }

    /// A table of data as one; a table that only lays out a page as what is in it.
    fn table(&mut self, id: Id, deep: usize, nested: usize, done: &mut Vec<String>) {
        let Some(rows) = self.rows(id) else {
            let mut inner = self.blocks(id, deep, nested);
            done.append(&mut inner);
            return;
        };
        let width = rows.iter().map(Vec::len).max().unwrap_or_default();
        let mut lines = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let mut line = "|".to_owned();
            for column in 0..width {
                let mut cell = String::new();
                if let Some(id) = row.get(column) {
                    self.inline_children(*id, deep, &mut cell);
                }
                line.push_str(&format!(" {} |", cell.replace(BREAK, " ").trim().replace('|', "\\|")));
            }
            lines.push(line);
            if at == 0 {
                lines.push(format!("|{}", "---|".repeat(width)));
            }
        }
        if lines.iter().any(|line| line.chars().any(char::is_alphanumeric)) {
            if let Some(caption) =
                self.dom.children(id).find(|child| self.dom.name(*child) == "caption" && !self.is_out(*child))
            {
                let mut run = String::new();
                self.inline_children(caption, deep, &mut run);
                flush(&mut run, done);
            }
            done.push(lines.join("\n"));
        }
    }

    /// The cells of a table of data.
    fn rows(&self, id: Id) -> Option<Vec<Vec<Id>>> {
        let (mut rows, mut cells) = (Vec::<Vec<Id>>::new(), 0_usize);
        let mut walk = self.dom.within(id);
        while let Some(at) = walk.next() {
            if at != id && (self.is_out(at)) {
                walk.pass(at);
                continue;
            }
            match self.dom.name(at) {
                "table" if at != id => return None,
                "tr" => rows.push(Vec::new()),
                "td" | "th" => {
                    if self.all.has_block[at] && self.all.sums[at].text > 200 || self.all.sums[at].text > 600 {
                        return None;
                    }
                    let block = self.dom.within(at).any(|b| {
                        matches!(self.dom.name(b), "ul" | "ol" | "h1" | "h2" | "h3" | "pre" | "blockquote" | "figure")
                    });
                    if block {
                        return None;
                    }
                    rows.last_mut()?.push(at);
                    cells += 1;
                }
                _ => {}
            }
        }
        rows.retain(|row| !row.is_empty());
        let width = rows.iter().map(Vec::len).max()?;
        (rows.len() > 1 && (2..=64).contains(&width) && cells * 2 > rows.len() * width).then_some(rows)
    }
}
