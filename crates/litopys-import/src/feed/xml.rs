//! A feed in XML as elements, with the place of each: a reader that goes on where a strict one stops.

use std::collections::HashMap;
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::limits;

/// An element.
#[derive(Debug, Clone, Default)]
pub(super) struct Element {
    /// Its name: plain for those of the feed's own format, with one of [`PREFIXES`] for those of others.
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    /// All text in it, but for that of its elements.
    pub(super) text: String,
    pub(super) children: Vec<Element>,
    /// From its `<` to behind its `>`.
    pub(super) range: Range<usize>,
    /// Between its tags.
    pub(super) inner: Range<usize>,
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// Its elements of this name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of its first element of this name that has some.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        let texts = self.children.iter().filter(|child| child.name == name).map(|child| child.text.trim());
        texts.into_iter().find(|text| !text.is_empty())
    }
}

/// What prefixes stand for, whichever a feed uses.
const PREFIXES: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "http://www.w3.org/2005/Atom",
            "http://purl.org/atom/ns#",
            "http://purl.org/rss/1.0/",
            "http://my.netscape.com/rdf/simple/0.9/",
            "http://channel.netscape.com/rdf/simple/0.9/",
            "http://backend.userland.com/rss2",
            "http://backend.userland.com/RSS2",
            "http://blogs.law.harvard.edu/tech/rss",
        ],
    ),
    ("content", &["http://purl.org/rss/1.0/modules/content/"]),
    ("dc", &["http://purl.org/dc/elements/1.1/", "http://purl.org/dc/elements/1.0/"]),
    ("dcterms", &["http://purl.org/dc/terms/"]),
    ("feedburner", &["http://rssnamespace.org/feedburner/ext/1.0"]),
    ("itunes", &["http://www.itunes.com/dtds/podcast-1.0.dtd"]),
    ("media", &["http://search.yahoo.com/mrss/", "http://search.yahoo.com/mrss"]),
    ("rdf", &["http://www.w3.org/1999/02/22-rdf-syntax-ns#"]),
    ("xml", &["http://www.w3.org/XML/1998/namespace"]),
];

/// Which prefix stands for what in a feed. Those that it doesn't declare stand for what they do in others.
#[derive(Debug, Clone, Default)]
struct Names {
    declared: HashMap<String, String>,
    /// Whether the feed's root is an Atom one: then elements with Atom's prefix are its own.
    atom: bool,
}

impl Names {
    fn declare(&mut self, attributes: &[(String, String)]) {
        for (key, value) in attributes {
            let Some(prefix) = key.strip_prefix("xmlns:") else { continue };
            if self.declared.len() < limits::FEED_PREFIXES {
                let known = PREFIXES.iter().find(|(_, all)| all.contains(&value.trim())).map(|(known, _)| *known);
                self.declared.insert(prefix.to_owned(), known.unwrap_or(prefix).to_owned());
            }
        }
    }

    fn name(&self, name: &str) -> String {
        let Some((prefix, local)) = name.split_once(':') else { return name.to_owned() };
        let known = self.declared.get(prefix).map_or(prefix, String::as_str);
        // An RSS feed uses elements of Atom beside its own of the same name.
        match known {
            "" if self.atom || prefix != "atom" && !prefix.starts_with("a10") => local.to_owned(),
            "" => format!("atom:{local}"),
            known => format!("{known}:{local}"),
        }
    }
}

/// A feed: what it says of itself, and its items.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// The root's local name.
    pub(super) root: String,
    /// The channel, without its items.
    pub(super) channel: Element,
    pub(super) items: Vec<Element>,
    /// Where it is not XML, and went on.
    pub(super) fault: Option<(usize, String)>,
    /// Whether items were left out, since there are too many.
    pub(super) cut: bool,
}

/// Whether an element holds markup that is text to us: it is kept as it is.
fn is_markup(element: &Element) -> bool {
    element.attribute("type") == Some("xhtml")
        || element.attribute("mode") == Some("xml")
        || element.name == "xhtml:body"
        || element.name == "body"
}

/// Reads a feed.
pub(super) fn read(text: &str) -> Read {
    let mut read = Read::default();
    let mut names = Names::default();
    let (mut at, mut faults) = (0, 0);
    // After what can't be read, the next item may.
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let mut stack: Vec<Element> = Vec::new();
        let Some((place, fault)) = events(rest, at, &mut stack, &mut names, &mut read) else { break };
        if read.fault.is_none() {
            read.fault = Some((place, fault));
        }
        let next = text.get(place + 1..).and_then(|rest| {
            ["<item", "<entry"].iter().filter_map(|start| rest.find(start)).min().map(|found| place + 1 + found)
        });
        match next {
            Some(next) if next > at && faults < limits::FEED_FAULTS => (at, faults) = (next, faults + 1),
            _ => break,
        }
    }
    read
}

/// Reads up to the end, or up to what can't be read: where, and why.
fn events(
    text: &str,
    offset: usize,
    stack: &mut Vec<Element>,
    names: &mut Names,
    read: &mut Read,
) -> Option<(usize, String)> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    // How deep we are in elements that are not kept one by one.
    let mut deeper = 0_usize;
    loop {
        let before = position(reader.buffer_position());
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                finish(stack, offset + before, read);
                return Some((offset + position(reader.error_position()), error.to_string()));
            }
        };
        let after = offset + position(reader.buffer_position());
        match event {
            Event::Start(_) if deeper > 0 => deeper += 1,
            Event::Start(start) => {
                let element = open(&start, offset + before, after, stack.is_empty(), names, read);
                if stack.len() == limits::FEED_DEPTH || stack.last().is_some_and(is_markup) {
                    deeper = 1;
                } else {
                    stack.push(element);
                }
            }
            Event::Empty(_) if deeper > 0 => {}
            Event::Empty(start) => {
                let element = open(&start, offset + before, after, stack.is_empty(), names, read);
                close(element, stack, read);
            }
            Event::End(_) if deeper > 0 => deeper -= 1,
            Event::End(end) => {
                // An end without its start closes nothing; one that leaves others open closes those too.
                let name = names.name(end.name().into_inner());
                if let Some(depth) = stack.iter().rposition(|element| element.name == name) {
                    while stack.len() > depth {
                        let Some(mut element) = stack.pop() else { break };
                        element.inner.end = (offset + before).max(element.inner.start);
                        element.range.end = after;
                        close(element, stack, read);
                    }
                }
            }
            Event::Text(text) if deeper == 0 => push(stack, &text.xml10_content()),
            Event::CData(text) if deeper == 0 => push(stack, &text.xml10_content()),
            Event::GeneralRef(reference) if deeper == 0 => {
                let name = reference.xml10_content();
                let known = match reference.resolve_char_ref() {
                    Ok(Some(c)) => Some(c.to_string()),
                    _ => quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned),
                };
                // Entities of the document's own are never looked up: they stay as they are written.
                push(stack, &known.unwrap_or_else(|| format!("&{name};")));
            }
            Event::Eof => {
                let open = stack.iter().any(|element| is_item(&element.name));
                finish(stack, after, read);
                return open.then(|| (after, "it ends in the middle of an item".to_owned()));
            }
            _ => {}
        }
    }
}

fn position(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn is_item(name: &str) -> bool {
    matches!(name, "item" | "entry")
}

fn open(
    start: &BytesStart<'_>,
    from: usize,
    to: usize,
    outermost: bool,
    names: &mut Names,
    read: &mut Read,
) -> Element {
    let mut attributes = Vec::new();
    for attribute in start.html_attributes().with_checks(false).flatten().take(limits::FEED_ATTRIBUTES) {
        let value = attribute.value.as_ref();
        let value = quick_xml::escape::unescape(value).map_or_else(|_| value.to_owned(), |text| text.into_owned());
        attributes.push((attribute.key.into_inner().to_owned(), value));
    }
    names.declare(&attributes);
    let name = start.name();
    let name = name.into_inner();
    if outermost && read.root.is_empty() {
        let local = name.rsplit(':').next().unwrap_or(name);
        names.atom = matches!(local, "feed" | "entry");
        local.clone_into(&mut read.root);
        read.channel.attributes.clone_from(&attributes);
    }
    Element { name: names.name(name), attributes, range: from..to, inner: to..to, ..Element::default() }
}

/// Puts an element where it belongs: an item among the items, what is in the channel into it, other things into theirs.
fn close(element: Element, stack: &mut [Element], read: &mut Read) {
    let below_channel = stack
        .iter()
        .all(|above| matches!(above.name.as_str(), "rss" | "rdf:RDF" | "RDF" | "channel" | "feed" | "items"));
    if is_item(&element.name) && below_channel {
        if read.items.len() < limits::FEED_ITEMS {
            read.items.push(element);
        } else {
            read.cut = true;
        }
    } else if matches!(element.name.as_str(), "channel" | "feed") && below_channel {
        read.channel.attributes.extend(element.attributes);
    } else if below_channel {
        if read.channel.children.len() < limits::FEED_CHANNEL {
            read.channel.children.push(element);
        }
    } else if let Some(above) = stack.last_mut() {
        above.children.push(element);
    }
}

/// Closes what is open where the text ends.
fn finish(stack: &mut Vec<Element>, end: usize, read: &mut Read) {
    while let Some(mut element) = stack.pop() {
        (element.range.end, element.inner.end) = (end, end.max(element.inner.start));
        close(element, stack, read);
    }
}

fn push(stack: &mut [Element], text: &str) {
    if let Some(element) = stack.last_mut() {
        element.text.push_str(text);
    }
}
