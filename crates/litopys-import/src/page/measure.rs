//! How much text each element of a page holds, and of what sort.

use super::dom::{Data, Dom, Id, ROOT, is_block, is_unseen};
use super::hints::{Hint, hint};

/// What an element and all below it hold. Texts are counted in letters; those of scripts without spaces between words
/// twice, since they say more.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    pub(super) text: u32,
    /// Of it, in links.
    pub(super) link: u32,
    pub(super) links: u32,
    /// Of it, in blocks that read as sentences.
    pub(super) prose: u32,
    /// Blocks that read as sentences.
    pub(super) paragraphs: u32,
    pub(super) score: f32,
}

/// A page's measures, by node.
pub(super) struct Measures {
    /// The nodes that are seen, in the order of the page.
    pub(super) order: Vec<Id>,
    pub(super) seen: Vec<bool>,
    pub(super) sums: Vec<Sum>,
    /// The text whose nearest block this is.
    pub(super) own: Vec<Own>,
    pub(super) hints: Vec<Hint>,
    /// Whether a block is below it.
    pub(super) has_block: Vec<bool>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Own {
    pub(super) text: u32,
    pub(super) link: u32,
    pub(super) links: u32,
    pub(super) ends: u32,
    pub(super) commas: u32,
    pub(super) stops: bool,
}

impl Own {
    const fn plain(self) -> u32 {
        self.text.saturating_sub(self.link)
    }

    /// Whether it reads as sentences.
    pub(super) fn is_prose(self) -> bool {
        let plain = self.plain();
        if self.link * 10 > self.text * 6 {
            return false;
        }
        plain >= 140 || (plain >= 50 && (self.ends > 0 || self.commas > 1)) || (plain >= 25 && self.stops)
    }
}

#[allow(clippy::indexing_slicing, reason = "all vectors have an entry a node")]
impl Measures {
    /// Measures a page; `seen` without what it hides.
    pub(super) fn of(dom: &Dom, seen: bool) -> Self {
        let count = dom.len();
        let mut all = Self {
            order: Vec::new(),
            seen: vec![false; count],
            sums: vec![Sum::default(); count],
            own: vec![Own::default(); count],
            hints: vec![Hint::None; count],
            has_block: vec![false; count],
        };
        all.look(dom, seen);
        all.add_up(dom);
        all
    }

    fn look(&mut self, dom: &Dom, seen: bool) {
        let body = dom.find("body").unwrap_or(ROOT);
        // For each node its block and the link around it.
        let mut block = vec![body; dom.len()];
        let mut in_link = vec![false; dom.len()];
        let mut walk = dom.within(body);
        while let Some(id) = walk.next() {
            let parent = dom.node(id).parent.unwrap_or(body);
            (block[id], in_link[id]) = (block[parent], in_link[parent]);
            match &dom.node(id).data {
                Data::Other => continue,
                Data::Element { .. } => {
                    let name = dom.name(id);
                    if id != body && (is_unseen(name) || seen && is_hidden(dom, id)) {
                        walk.pass(id);
                        continue;
                    }
                    if is_block(name) {
                        block[id] = id;
                        let mut above = dom.node(id).parent;
                        while let Some(up) = above.filter(|up| !self.has_block[*up]) {
                            self.has_block[up] = true;
                            above = dom.node(up).parent;
                        }
                    }
                    if name == "a" && dom.attribute(id, "href").is_some() {
                        in_link[id] = true;
                        self.own[block[id]].links += 1;
                    }
                    self.hints[id] = hint(dom, id);
                }
                Data::Text(text) => {
                    let own = &mut self.own[block[id]];
                    let length = count(text, own);
                    own.text += length;
                    if in_link[id] {
                        own.link += length;
                    }
                }
            }
            self.seen[id] = true;
            self.order.push(id);
        }
    }

    fn add_up(&mut self, dom: &Dom) {
        for id in self.order.iter().rev().copied() {
            let own = self.own[id];
            let sum = &mut self.sums[id];
            sum.text += own.text;
            sum.link += own.link;
            sum.links += own.links;
            if own.is_prose() {
                sum.prose += own.plain();
                sum.paragraphs += 1;
            }
            let sum = *sum;
            if let Some(up) = dom.node(id).parent {
                let above = &mut self.sums[up];
                above.text += sum.text;
                above.link += sum.link;
                above.links += sum.links;
                above.prose += sum.prose;
                above.paragraphs += sum.paragraphs;
            }
        }
    }

    /// Scores each element: prose counts for it, links against it; prose where the page says that it is something else
    /// counts against it, too.
    pub(super) fn score(&mut self, dom: &Dom, aside: &[bool]) {
        for sum in &mut self.sums {
            sum.score = 0.0;
        }
        for id in self.order.iter().rev().copied() {
            let own = self.own[id];
            let name = dom.name(id);
            #[allow(clippy::cast_precision_loss, reason = "a score")]
            let (plain, link) = (own.plain() as f32, own.link as f32);
            let value = if own.text == 0 {
                0.0
            } else if aside[id] {
                if own.is_prose() { -0.4 * plain.min(400.0) } else { -0.4 * (link + 0.2 * plain).min(100.0) }
            } else if own.is_prose() {
                let factor = if name == "li" || name == "td" { 0.7 } else { 1.0 };
                factor * (plain - 0.3 * link)
            } else if link > 0.5 * (plain + link) {
                -(0.6 * link + 4.0).min(60.0)
            } else if matches!(
                name,
                "h2" | "h3" | "h4" | "h5" | "h6" | "li" | "td" | "dd" | "dt" | "figcaption" | "pre" | "th"
            ) {
                0.0
            } else {
                -3.0
            };
            self.sums[id].score += value;
            let score = self.sums[id].score;
            if let Some(up) = dom.node(id).parent {
                self.sums[up].score += score;
            }
        }
    }
}

/// Whether a page hides an element from its readers.
fn is_hidden(dom: &Dom, id: Id) -> bool {
    if dom.attribute(id, "hidden").is_some() || dom.attribute(id, "aria-hidden") == Some("true") {
        return true;
    }
    let Some(style) = dom.attribute(id, "style") else { return false };
    let style: String =
        style.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_lowercase()).take(2_000).collect();
    style.contains("display:none") || style.contains("visibility:hidden")
}

/// Counts a text's letters, and notes what marks sentences.
fn count(text: &str, own: &mut Own) -> u32 {
    let mut length = 0_u32;
    let mut last = ' ';
    let mut seen = false;
    for c in text.chars() {
        if c.is_whitespace() {
            if last != ' ' {
                length = length.saturating_add(1);
            }
            own.ends += u32::from(matches!(last, '.' | '!' | '?' | '…' | '؟' | '۔' | '।' | ':'));
            last = ' ';
            continue;
        }
        seen = true;
        match c {
            ',' | '、' | '，' | '،' | ';' | '；' => own.commas += 1,
            '。' | '！' | '？' => own.ends += 1,
            _ => {}
        }
        length = length.saturating_add(if is_dense(c) { 3 } else { 1 });
        last = c;
    }
    if seen {
        let end = text.trim_end().chars().next_back().unwrap_or(' ');
        let end = if matches!(end, '"' | '”' | '»' | '’' | ')' | '“' | '\'' | '」' | '）') {
            text.trim_end().chars().rev().nth(1).unwrap_or(end)
        } else {
            end
        };
        own.stops = matches!(end, '.' | '!' | '?' | '…' | '。' | '！' | '？' | '؟' | '۔' | '।' | '」' | ':');
    }
    length
}

/// Han, kana: scripts without spaces. Hangul has spaces, but short words.
fn is_dense(c: char) -> bool {
    matches!(u32::from(c), 0x3040..=0x30ff | 0x3400..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff | 0xac00..=0xd7a3 | 0x0e00..=0x0eff)
}
