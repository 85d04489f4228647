//! A tree of elements and text in one arena: nodes are numbers, nothing points back, nothing recurses to be freed.

use html5ever::{Attribute, QualName};

/// A node's number.
pub(super) type Id = usize;

/// The document, which holds everything.
pub(super) const ROOT: Id = 0;

#[derive(Debug)]
pub(super) enum Data {
    /// The document, comments and processing instructions.
    Other,
    Element {
        name: QualName,
        attributes: Vec<Attribute>,
    },
    Text(String),
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) data: Data,
    pub(super) parent: Option<Id>,
    pub(super) previous: Option<Id>,
    pub(super) next: Option<Id>,
    pub(super) first: Option<Id>,
    pub(super) last: Option<Id>,
}

/// The nodes of a page; `ROOT` is always there.
#[derive(Debug)]
pub(super) struct Dom {
    nodes: Vec<Node>,
}

impl Dom {
    pub(super) fn new() -> Self {
        let mut dom = Self { nodes: Vec::new() };
        dom.add(Data::Other);
        dom
    }

    pub(super) const fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn add(&mut self, data: Data) -> Id {
        self.nodes.push(Node { data, parent: None, previous: None, next: None, first: None, last: None });
        self.nodes.len() - 1
    }

    #[allow(clippy::indexing_slicing, reason = "an Id is only made by add, and nodes are never taken away")]
    pub(super) fn node(&self, id: Id) -> &Node {
        &self.nodes[id]
    }

    #[allow(clippy::indexing_slicing, reason = "as node")]
    pub(super) fn node_mut(&mut self, id: Id) -> &mut Node {
        &mut self.nodes[id]
    }

    pub(super) fn append(&mut self, parent: Id, child: Id) {
        self.detach(child);
        let last = self.node(parent).last;
        let node = self.node_mut(child);
        (node.parent, node.previous) = (Some(parent), last);
        match last {
            Some(last) => self.node_mut(last).next = Some(child),
            None => self.node_mut(parent).first = Some(child),
        }
        self.node_mut(parent).last = Some(child);
    }

    pub(super) fn insert_before(&mut self, sibling: Id, child: Id) {
        self.detach(child);
        let Some(parent) = self.node(sibling).parent else { return };
        let previous = self.node(sibling).previous;
        let node = self.node_mut(child);
        (node.parent, node.previous, node.next) = (Some(parent), previous, Some(sibling));
        match previous {
            Some(previous) => self.node_mut(previous).next = Some(child),
            None => self.node_mut(parent).first = Some(child),
        }
        self.node_mut(sibling).previous = Some(child);
    }

    /// Takes a node and all below it out of the tree.
    pub(super) fn detach(&mut self, id: Id) {
        let node = self.node_mut(id);
        let (parent, previous, next) = (node.parent.take(), node.previous.take(), node.next.take());
        let Some(parent) = parent else { return };
        match previous {
            Some(previous) => self.node_mut(previous).next = next,
            None => self.node_mut(parent).first = next,
        }
        match next {
            Some(next) => self.node_mut(next).previous = previous,
            None => self.node_mut(parent).last = previous,
        }
    }

    pub(super) fn children(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        std::iter::successors(self.node(id).first, |id| self.node(*id).next)
    }

    /// A node's parent, the parent's, and so on.
    pub(super) fn ancestors(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        std::iter::successors(self.node(id).parent, |id| self.node(*id).parent)
    }

    /// A node and all below it, in the order of the page.
    pub(super) fn within(&self, top: Id) -> Within<'_> {
        Within { dom: self, top, next: Some(top) }
    }

    /// An element's name, in lower case; empty for what is no element.
    pub(super) fn name(&self, id: Id) -> &str {
        match &self.node(id).data {
            Data::Element { name, .. } => &name.local,
            _ => "",
        }
    }

    pub(super) fn attribute(&self, id: Id, wanted: &str) -> Option<&str> {
        let Data::Element { attributes, .. } = &self.node(id).data else { return None };
        attributes.iter().find(|attribute| &*attribute.name.local == wanted).map(|attribute| &*attribute.value)
    }

    pub(super) fn text_of(&self, id: Id) -> Option<&str> {
        if let Data::Text(text) = &self.node(id).data { Some(text) } else { None }
    }

    /// All text below a node, white space as it is in one line.
    pub(super) fn line(&self, top: Id) -> String {
        let mut line = String::new();
        let mut walk = self.within(top);
        while let Some(id) = walk.next() {
            if is_unseen(self.name(id)) && id != top {
                walk.pass(id);
            } else if let Some(text) = self.text_of(id) {
                line.push_str(text);
            } else if is_block(self.name(id)) || self.name(id) == "br" {
                line.push(' ');
            }
        }
        one_line(&line)
    }

    /// The first element with this name, in the order of the page.
    pub(super) fn find(&self, name: &str) -> Option<Id> {
        self.within(ROOT).find(|id| self.name(*id) == name)
    }
}

/// See [`Dom::within`].
pub(super) struct Within<'a> {
    dom: &'a Dom,
    top: Id,
    next: Option<Id>,
}

impl Within<'_> {
    fn after(&self, mut id: Id) -> Option<Id> {
        while id != self.top {
            let node = self.dom.node(id);
            if node.next.is_some() {
                return node.next;
            }
            id = node.parent?;
        }
        None
    }

    /// Passes over what is below this node, the one that came last.
    pub(super) fn pass(&mut self, id: Id) {
        self.next = self.after(id);
    }
}

impl Iterator for Within<'_> {
    type Item = Id;

    fn next(&mut self) -> Option<Id> {
        let id = self.next?;
        self.next = self.dom.node(id).first.or_else(|| self.after(id));
        Some(id)
    }
}

/// Text with white space as single spaces between words, without control characters.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(256));
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().filter(|c| !c.is_control()));
    }
    line
}

/// Elements whose content no reader sees as text.
pub(super) fn is_unseen(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "noscript"
            | "template"
            | "svg"
            | "math"
            | "iframe"
            | "object"
            | "embed"
            | "head"
            | "title"
            | "meta"
            | "link"
            | "button"
            | "select"
            | "option"
            | "textarea"
            | "input"
            | "datalist"
            | "canvas"
            | "audio"
            | "video"
            | "dialog"
            | "map"
            | "area"
            | "noframes"
            | "rp"
    )
}

/// Elements that stand in lines of their own.
pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "html"
            | "body"
            | "address"
            | "article"
            | "aside"
            | "blockquote"
            | "center"
            | "dd"
            | "details"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "hr"
            | "li"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "table"
            | "caption"
            | "thead"
            | "tbody"
            | "tfoot"
            | "tr"
            | "td"
            | "th"
            | "ul"
            | "xmp"
            | "listing"
            | "plaintext"
            | "frameset"
            | "frame"
            | "colgroup"
            | "col"
    )
}
