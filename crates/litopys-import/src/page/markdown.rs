//! A page's article as CommonMark.

use url::Url;

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

    fn inline_children(&mut self, id: Id, deep: usize, run: &mut String) {
        let mut next = self.dom.node(id).first;
        while let Some(child) = next {
            next = self.dom.node(child).next;
            if !self.is_out(child) {
                self.inline(child, deep + 1, run);
            }
        }
    }

    fn inline(&mut self, id: Id, deep: usize, run: &mut String) {
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

    /// A figure with pictures: each of them, the caption with the first.
    fn figure(&mut self, id: Id, done: &mut Vec<String>) -> bool {
        let pictures: Vec<Id> = self.dom.within(id).filter(|at| self.dom.name(*at) == "img").collect();
        let has_more = self
            .dom
            .within(id)
            .any(|at| matches!(self.dom.name(at), "table" | "pre" | "blockquote" | "figure" if at != id));
        if has_more || pictures.is_empty() && self.all.sums[id].text > 400 {
            return false;
        }
        let caption = self.caption(id);
        let mut caption = Some(caption).filter(|caption| !caption.is_empty());
        for picture in pictures {
            let mut run = String::new();
            self.image(picture, caption.as_deref(), &mut run);
            if !run.is_empty() {
                caption = None;
                flush(&mut run, done);
            }
        }
        true
    }

    /// The text of a figure, or of what is called its caption.
    fn caption(&self, id: Id) -> String {
        self.dom.line(id).chars().take(1_000).collect()
    }

    /// Whether a block is a picture's caption: then it stands with the picture.
    fn is_caption(&self, id: Id) -> bool {
        if self.all.sums[id].text > 600 || self.dom.within(id).any(|at| self.dom.name(at) == "img") {
            return false;
        }
        is_caption(self.dom, id)
    }

    fn image(&mut self, id: Id, caption: Option<&str>, run: &mut String) {
        let size =
            |name| self.dom.attribute(id, name).and_then(|n| n.trim().trim_end_matches("px").parse::<u32>().ok());
        if size("width").is_some_and(|n| n < 32) || size("height").is_some_and(|n| n < 32) {
            return;
        }
        let set = |name| self.dom.attribute(id, name).and_then(largest);
        let sources = ["data-src", "data-lazy-src", "data-original", "data-url", "data-hi-res-src", "src"]
            .map(|name| self.dom.attribute(id, name));
        let found = sources
            .into_iter()
            .flatten()
            .chain(set("data-srcset"))
            .chain(set("srcset"))
            .map(str::trim)
            .find(|source| !source.is_empty() && !source.starts_with("data:") && !source.starts_with("about:"));
        let Some(source) = found.map(str::to_owned) else { return };
        let Some(target) = self.target(&source, true) else { return };
        let mut alt = String::new();
        write_text(self.dom.attribute(id, "alt").unwrap_or_default(), &mut alt);
        let alt: String = alt.trim().chars().take(500).collect();
        let near = if caption.is_none() { self.caption_near(id) } else { None };
        let title = caption.map(str::to_owned).or(near).map(|caption| {
            let mut title = String::new();
            write_text(&caption.replace('"', "\u{201d}"), &mut title);
            format!(" \"{}\"", title.trim())
        });
        run.push_str(&format!("![{}]({target}{})", alt.trim_end_matches('\\'), title.unwrap_or_default()));
    }

    /// The caption beside a picture, not in a figure: in the smallest of the elements around it that has one.
    fn caption_near(&self, id: Id) -> Option<String> {
        for up in self.dom.ancestors(id).take(4) {
            if self.all.sums[up].text > 1_200 || matches!(self.dom.name(up), "figure" | "body" | "article") {
                return None;
            }
            let found = self.dom.within(up).find(|at| {
                self.all.seen[*at]
                    && !self.dom.name(*at).is_empty()
                    && is_caption(self.dom, *at)
                    && self.all.sums[*at].text > 0
                    && self.all.sums[*at].text < 600
            });
            if let Some(found) = found {
                return Some(self.caption(found));
            }
        }
        None
    }

    /// A target as it is written: in full where it is known where the page was, never one that runs or holds anything.
    fn target(&mut self, href: &str, shown: bool) -> Option<String> {
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

/// Whether an element's name says that it is a caption.
pub(super) fn is_caption(dom: &Dom, id: Id) -> bool {
    if dom.name(id) == "figcaption" {
        return true;
    }
    let class = dom.attribute(id, "class").unwrap_or_default();
    let words = class.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        let word = word.to_ascii_lowercase();
        matches!(
            word.as_str(),
            "caption"
                | "figcaption"
                | "imagecaption"
                | "photocaption"
                | "legend"
                | "bildunterschrift"
                | "bildtext"
                | "cutline"
                | "piefoto"
                | "epigrafe"
                | "didascalia"
                | "captiontext"
                | "dida"
                | "bu"
        )
    });
    words && dom.name(id) != "body"
}

/// A line break within a paragraph, while it is put together.
const BREAK: char = '\n';

fn space(run: &mut String) {
    if !run.is_empty() && !run.ends_with([' ', BREAK]) {
        run.push(' ');
    }
}

/// Text, with what CommonMark would take for markup escaped and white space as single spaces.
fn write_text(text: &str, run: &mut String) {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // Hyphens and marks that only help to break lines.
            '\u{ad}' | '\u{200b}' | '\u{feff}' | '\u{2060}' => {}
            c if c.is_whitespace() => space(run),
            c if c.is_control() => {}
            '\\' | '`' | '*' | '[' | ']' | '<' => {
                run.push('\\');
                run.push(c);
            }
            '_' if !(run.ends_with(char::is_alphanumeric) && chars.peek().is_some_and(|c| c.is_alphanumeric())) => {
                run.push_str("\\_")
            }
            '&' if chars.peek().is_some_and(|c| c.is_ascii_alphanumeric() || *c == '#') => run.push_str("\\&"),
            '~' if chars.peek() == Some(&'~') => run.push_str("\\~"),
            c => run.push(c),
        }
    }
}

/// Ends a run of text: paragraphs where two breaks part them.
fn flush(run: &mut String, done: &mut Vec<String>) {
    let text = std::mem::take(run);
    let mut lines: Vec<String> = Vec::new();
    let mut paragraph = |lines: &mut Vec<String>| {
        if !lines.is_empty() {
            done.push(lines.join("\\\n"));
            lines.clear();
        }
    };
    for line in text.split(BREAK) {
        let line = line.trim();
        if line.is_empty() {
            paragraph(&mut lines);
        } else {
            lines.push(guarded(line));
        }
    }
    paragraph(&mut lines);
}

/// A line whose start is no block's.
fn guarded(line: &str) -> String {
    let bytes = line.as_bytes();
    let digits = bytes.iter().take_while(|c| c.is_ascii_digit()).count();
    let number = (1..=9).contains(&digits)
        && matches!(bytes.get(digits), Some(b'.' | b')'))
        && matches!(bytes.get(digits + 1), None | Some(b' '));
    if number {
        return format!("{}\\{}", line.get(..digits).unwrap_or_default(), line.get(digits..).unwrap_or_default());
    }
    let marker = matches!(
        bytes,
        [b'-' | b'+', b' ', ..]
            | [b'-' | b'+']
            | [b'#', ..]
            | [b'>', ..]
            | [b'=', ..]
            | [b'-', b'-', ..]
            | [b'~', b'~', ..]
            | [b'|', ..]
    );
    if marker { format!("\\{line}") } else { line.to_owned() }
}

/// A text without markup, as CommonMark that says the same.
pub(super) fn plain(text: &str) -> String {
    let mut done = Vec::new();
    for line in text.lines() {
        let mut run = String::new();
        write_text(line, &mut run);
        flush(&mut run, &mut done);
    }
    done.join("\n\n") + "\n"
}

fn prefixed(text: &str, first: &str, rest: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            out.push('\n');
        }
        let prefix = if at == 0 { first } else { rest };
        if line.is_empty() {
            out.push_str(prefix.trim_end())
        } else {
            out.push_str(prefix)
        }
        out.push_str(line);
    }
    out
}

fn longest_run(text: &str, c: char) -> usize {
    text.split(|other| other != c).map(str::len).max().unwrap_or_default()
}

/// The last source of a `srcset`, which is the largest by custom.
fn largest(set: &str) -> Option<&str> {
    set.split(", ").filter_map(|part| part.split_whitespace().next()).last()
}
