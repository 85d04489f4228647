//! HTML to a tree, as browsers parse it, with bounds on what a hostile page can make of it.

use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};
use std::fmt;

use html5ever::buffer_queue::BufferQueue;
use html5ever::interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{Attribute, LocalName, Namespace, QualName};

use super::dom::{Data, Dom, Id, ROOT};
use crate::limits;

/// A page's tree, and whether it is all of it.
pub(super) struct Parsed {
    pub(super) dom: Dom,
    /// Whether the page was cut: too many nodes, or attributes of one element.
    pub(super) cut: bool,
}

/// Parses a page; `scripting` as browsers that run scripts, so that `noscript` is no part of it.
pub(super) fn parse(text: &str, scripting: bool) -> Parsed {
    let whole = text.len();
    let text = text.get(..sane(text)).unwrap_or_default();
    let sink = Sink { dom: RefCell::new(Dom::new()), depth: Cell::new(0), depths: RefCell::new(vec![0]) };
    let options = TreeBuilderOpts { scripting_enabled: scripting, ..TreeBuilderOpts::default() };
    let guard = Guard { builder: TreeBuilder::new(sink, options), cut: Cell::new(false) };
    let tokenizer = Tokenizer::new(guard, TokenizerOpts::default());
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(text));
    // The tokenizer stops after each script, so that it could be run.
    while !queue.is_empty() {
        let _ = tokenizer.feed(&queue);
    }
    tokenizer.end();
    let Guard { builder, cut } = tokenizer.sink;
    Parsed { dom: builder.sink.dom.into_inner(), cut: cut.get() || text.len() < whole }
}

/// How much of a page has no element with more than [`PAGE_ATTRIBUTES`](limits::PAGE_ATTRIBUTES): the tokenizer compares each
/// attribute with all before it.
fn sane(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'<', bytes.get(at..).unwrap_or_default()) {
        let start = at + found;
        let rest = bytes.get(start + 1..).unwrap_or_default();
        at = start + 1;
        if !rest.first().is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        let (mut quote, mut count, mut after) = (None, 0_usize, None);
        for (i, c) in rest.iter().enumerate() {
            match (quote, c) {
                (None, b'>') => {
                    after = Some(i);
                    break;
                }
                (None, b'"' | b'\'') => quote = Some(*c),
                (Some(open), c) if open == *c => (quote, count) = (None, count + 1),
                (None, b' ' | b'\n' | b'\t' | b'\r' | b'/' | 0x0c) => count += 1,
                _ => {}
            }
            if count > limits::PAGE_ATTRIBUTES {
                return start;
            }
        }
        // Without an end, no tag comes after it either.
        let Some(after) = after else { return bytes.len() };
        at += after;
        for raw in ["script", "style", "textarea", "title"] {
            if rest.get(..raw.len()).is_some_and(|name| name.eq_ignore_ascii_case(raw.as_bytes())) {
                let rest = bytes.get(at..).unwrap_or_default();
                let close = memchr::memmem::find_iter(rest, b"</").find(|i| {
                    rest.get(i + 2..i + 2 + raw.len()).is_some_and(|n| n.eq_ignore_ascii_case(raw.as_bytes()))
                });
                at += close.unwrap_or(rest.len());
                break;
            }
        }
    }
    bytes.len()
}

/// Stands between tokenizer and tree builder: past the depth of [`PAGE_DEPTH`](limits::PAGE_DEPTH) no more elements open,
/// past [`PAGE_NODES`](limits::PAGE_NODES) nothing is taken.
struct Guard {
    builder: TreeBuilder<Id, Sink>,
    cut: Cell<bool>,
}

impl TokenSink for Guard {
    type Handle = Id;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Id> {
        let sink = &self.builder.sink;
        if !matches!(token, Token::EOFToken) && sink.dom.borrow().len() > limits::PAGE_NODES {
            self.cut.set(true);
            return TokenSinkResult::Continue;
        }
        match token {
            Token::ParseError(_) | Token::CommentToken(_) => TokenSinkResult::Continue,
            Token::TagToken(Tag { kind: TagKind::StartTag, .. }) if sink.depth.get() >= limits::PAGE_DEPTH => {
                TokenSinkResult::Continue
            }
            token => self.builder.process_token(token, line),
        }
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

struct Sink {
    dom: RefCell<Dom>,
    /// How deep the element is that is open.
    depth: Cell<usize>,
    depths: RefCell<Vec<usize>>,
}

impl Sink {
    fn depth_of(&self, id: Id) -> usize {
        self.depths.borrow().get(id).copied().unwrap_or_default()
    }

    fn add(&self, data: Data) -> Id {
        let id = self.dom.borrow_mut().add(data);
        self.depths.borrow_mut().resize(id + 1, 0);
        id
    }

    fn place(&self, child: Id, parent: Option<Id>) {
        let depth = parent.map_or(0, |parent| self.depth_of(parent) + 1);
        if let Some(slot) = self.depths.borrow_mut().get_mut(child) {
            *slot = depth;
        }
        self.depth.set(depth);
    }

    /// Adds text to a text node that ends where it goes, or makes one.
    fn text(&self, neighbour: Option<Id>, text: &str) -> Option<Id> {
        if let Some(neighbour) = neighbour
            && let Data::Text(before) = &mut self.dom.borrow_mut().node_mut(neighbour).data
        {
            before.push_str(text);
            return None;
        }
        Some(self.add(Data::Text(text.to_owned())))
    }
}

struct Name<'a>(Ref<'a, QualName>);

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl ElemName for Name<'_> {
    fn ns(&self) -> &Namespace {
        &self.0.ns
    }

    fn local_name(&self) -> &LocalName {
        &self.0.local
    }
}

impl TreeSink for Sink {
    type Handle = Id;
    type Output = Self;
    type ElemName<'a> = Name<'a>;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Id {
        ROOT
    }

    fn elem_name<'a>(&'a self, target: &'a Id) -> Name<'a> {
        const NONE: &QualName = &QualName { prefix: None, ns: html5ever::ns!(), local: html5ever::local_name!("") };
        Name(Ref::map(self.dom.borrow(), |dom| match &dom.node(*target).data {
            Data::Element { name, .. } => name,
            _ => NONE,
        }))
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _: ElementFlags) -> Id {
        self.add(Data::Element { name, attributes })
    }

    fn create_comment(&self, _: StrTendril) -> Id {
        self.add(Data::Other)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Id {
        self.add(Data::Other)
    }

    fn append(&self, parent: &Id, child: NodeOrText<Id>) {
        let child = match child {
            NodeOrText::AppendNode(child) => {
                self.place(child, Some(*parent));
                child
            }
            NodeOrText::AppendText(text) => {
                self.depth.set(self.depth_of(*parent));
                let last = self.dom.borrow().node(*parent).last;
                let Some(child) = self.text(last, &text) else { return };
                child
            }
        };
        self.dom.borrow_mut().append(*parent, child);
    }

    fn append_based_on_parent_node(&self, element: &Id, previous: &Id, child: NodeOrText<Id>) {
        let has_parent = self.dom.borrow().node(*element).parent.is_some();
        if has_parent { self.append_before_sibling(element, child) } else { self.append(previous, child) }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn pop(&self, node: &Id) {
        self.depth.set(self.depth_of(*node).saturating_sub(1));
    }

    /// What is in a template is no part of the page, but may well be read like it: pages keep their images there.
    fn get_template_contents(&self, target: &Id) -> Id {
        *target
    }

    fn same_node(&self, x: &Id, y: &Id) -> bool {
        x == y
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Id, new: NodeOrText<Id>) {
        let new = match new {
            NodeOrText::AppendNode(child) => {
                let parent = self.dom.borrow().node(*sibling).parent;
                self.place(child, parent);
                child
            }
            NodeOrText::AppendText(text) => {
                let previous = self.dom.borrow().node(*sibling).previous;
                let Some(new) = self.text(previous, &text) else { return };
                new
            }
        };
        self.dom.borrow_mut().insert_before(*sibling, new);
    }

    fn add_attrs_if_missing(&self, target: &Id, attributes: Vec<Attribute>) {
        let mut dom = self.dom.borrow_mut();
        let Data::Element { attributes: there, .. } = &mut dom.node_mut(*target).data else { return };
        for attribute in attributes {
            let room = there.len() < limits::PAGE_ATTRIBUTES;
            if room && !there.iter().any(|other| other.name == attribute.name) {
                there.push(attribute);
            }
        }
    }

    fn remove_from_parent(&self, target: &Id) {
        self.dom.borrow_mut().detach(*target);
    }

    fn reparent_children(&self, node: &Id, new_parent: &Id) {
        let mut dom = self.dom.borrow_mut();
        while let Some(child) = dom.node(*node).first {
            dom.append(*new_parent, child);
        }
    }
}
