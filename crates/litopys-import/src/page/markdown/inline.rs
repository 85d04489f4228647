//! What stands in a line: emphasis, code, links.

use url::Url;

use super::text::{BREAK, longest_run, space, write_text};
use super::{ELEMENTS, Writer};
use crate::page::dom::{Id, is_block};

impl Writer<'_> {
    pub(super) fn inline_children(&mut self, id: Id, deep: usize, run: &mut String) {
        let mut next = self.dom.node(id).first;
        while let Some(child) = next {
            next = self.dom.node(child).next;
            if !self.is_out(child) {
                self.inline(child, deep + 1, run);
            }
        }
    }

    pub(super) fn inline(&mut self, id: Id, deep: usize, run: &mut String) {
        if let Some(text) = self.dom.text_of(id) {
            write_text(text, run);
            return;
        }
        if deep > ELEMENTS {
            write_text(&self.dom.line(id), run);
            return;
        }
        let name = self.dom.name(id);
        match name {
            "" => {}
            "br" => {
                while run.ends_with(' ') {
                    run.pop();
                }
                run.push(BREAK);
            }
            "img" => self.image(id, None, run),
            "b" | "strong" => self.marked(id, deep, "**", run),
            "i" | "em" | "cite" | "dfn" | "var" => self.marked(id, deep, "*", run),
            "code" | "tt" | "kbd" | "samp" => {
                let line = self.dom.line(id);
                if !line.is_empty() {
                    let fence = "`".repeat(1 + longest_run(&line, '`'));
                    let space = if line.starts_with('`') || line.ends_with('`') { " " } else { "" };
                    run.push_str(&format!("{fence}{space}{line}{space}{fence}"));
                }
            }
            "a" => self.link(id, deep, run),
            "rt" => {
                // Ruby: how the characters before it are read.
                let line = self.dom.line(id);
                if !line.is_empty() {
                    write_text(&format!("({line})"), run);
                }
            }
            "q" => {
                run.push('"');
                self.inline_children(id, deep, run);
                run.push('"');
            }
            name if is_block(name) => {
                space(run);
                self.inline_children(id, deep, run);
                space(run);
            }
            _ => self.inline_children(id, deep, run),
        }
    }

    /// Emphasis, where CommonMark's rules let it be told as such.
    fn marked(&mut self, id: Id, deep: usize, mark: &str, run: &mut String) {
        let mut inner = String::new();
        self.inline_children(id, deep, &mut inner);
        let text = inner.trim_matches(|c: char| c.is_whitespace() || c == BREAK);
        let before = run.chars().next_back();
        let (first, last) = (text.chars().next(), text.chars().next_back());
        let lead = inner.starts_with(|c: char| c.is_whitespace() || c == BREAK);
        let opens = lead || before.is_none_or(|c| !c.is_alphanumeric() && c != '*') && first.is_some();
        let closes = last.is_some_and(char::is_alphanumeric) || inner.ends_with(' ') || self.ends_word(id);
        if text.is_empty() || text.contains(BREAK) || text.contains('*') || !opens || !closes || run.ends_with('*') {
            run.push_str(&inner);
            return;
        }
        let begin = inner.len() - inner.trim_start_matches(|c: char| c.is_whitespace() || c == BREAK).len();
        for c in inner.get(..begin).unwrap_or_default().chars() {
            if c == BREAK { run.push(c) } else { space(run) }
        }
        run.push_str(mark);
        run.push_str(text);
        run.push_str(mark);
        run.push_str(inner.get(begin + text.len()..).unwrap_or_default());
        if last.is_some_and(|c| !c.is_alphanumeric()) && !self.ends_word(id) {
            space(run);
        }
    }

    /// Whether what follows an element begins with neither letter nor digit.
    fn ends_word(&self, id: Id) -> bool {
        let next = self.dom.node(id).next.and_then(|next| self.dom.text_of(next));
        next.is_none_or(|text| !text.starts_with(char::is_alphanumeric))
    }

    fn link(&mut self, id: Id, deep: usize, run: &mut String) {
        let mut inner = String::new();
        self.inline_children(id, deep, &mut inner);
        let text = inner.trim_matches(|c: char| c.is_whitespace() || c == BREAK).to_owned();
        let target = self.dom.attribute(id, "href").and_then(|href| self.target(href, false));
        match target {
            Some(target) if !text.is_empty() && !text.contains("](") && !text.contains(BREAK) => {
                if inner.starts_with(' ') {
                    space(run);
                }
                run.push_str(&format!("[{text}]({target})"));
                if inner.ends_with(' ') {
                    space(run);
                }
            }
            _ => run.push_str(&inner),
        }
    }

    /// A target as it is written: in full where it is known where the page was, never one that runs or holds anything.
    pub(super) fn target(&mut self, href: &str, shown: bool) -> Option<String> {
        let href: String = href.trim().chars().filter(|c| !c.is_control()).collect();
        if href.is_empty() || href.starts_with('#') || href.len() > 4_096 {
            return None;
        }
        let full = Url::parse(&href).ok();
        // What a file shows by a path is beside it; what it links so is so only where it is not known where it was.
        let beside = full.is_none() && self.base.local && (shown || self.base.url.is_none());
        let resolved = match self.base.url.filter(|_| !beside) {
            Some(base) => base.join(&href).ok(),
            None => full,
        };
        if let Some(url) = resolved.as_ref().filter(|_| shown) {
            self.pictures.push(url.to_string());
        }
        let target = match resolved {
            Some(url) if matches!(url.scheme(), "http" | "https") || url.scheme() == "mailto" && !shown => {
                url.to_string()
            }
            Some(_) => return None,
            None if href.contains(':') => return None,
            None => {
                if !href.starts_with(['/', '\\', '?']) {
                    self.targets.push(href.clone());
                }
                href
            }
        };
        let plain = !target.contains(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>'));
        if plain {
            return Some(target);
        }
        Some(
            target
                .replace(' ', "%20")
                .replace('(', "%28")
                .replace(')', "%29")
                .replace('<', "%3C")
                .replace('>', "%3E")
                .replace(char::is_whitespace, ""),
        )
    }
}
