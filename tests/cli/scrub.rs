//! What differs from run to run, in names that don't: ids, keys, URNs, the folder. The same one has the same name throughout a session.

use std::path::Path;

/// The names given so far.
#[derive(Default)]
pub(crate) struct Scrubber {
    seen: Vec<(&'static str, String)>,
}

fn is_hex(c: u8) -> bool {
    matches!(c, b'0'..=b'9' | b'a'..=b'f')
}

fn is_base64(c: u8) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/' | b'=')
}

impl Scrubber {
    pub(crate) fn scrub(&mut self, text: &str, dir: &Path) -> String {
        let text = text.replace(&dir.display().to_string(), "[dir]");
        let (mut out, mut rest) = (String::new(), text.as_str());
        while !rest.is_empty() {
            let step = self.step(rest, out.bytes().next_back());
            let (name, length) = step.unwrap_or_else(|| {
                let c = rest.chars().next().unwrap();
                (c.to_string(), c.len_utf8())
            });
            out.push_str(&name);
            rest = &rest[length..];
        }
        out
    }

    /// What stands at the beginning of `rest`, if it has a name, and its length.
    fn step(&mut self, rest: &str, before: Option<u8>) -> Option<(String, usize)> {
        let run = |from: usize, is: fn(u8) -> bool| rest.bytes().skip(from).take_while(|c| is(*c)).count();
        if rest.starts_with("urn:uuid:") && run(9, |c| is_hex(c) || c == b'-') == 36 {
            return Some((self.name("article", &rest[..17]), 45));
        }
        if rest.starts_with("urn:uuid:") && run(9, |c| is_hex(c) || c == b'-') == 8 {
            return Some((self.name("article", &rest[..17]).replace("]", "…]"), 17));
        }
        if rest.starts_with("SHA256:") && run(7, is_base64) == 43 {
            return Some((self.name("key", &rest[..50]), 50));
        }
        if rest.starts_with("ssh-ed25519 ") && run(12, is_base64) == 68 {
            return Some((self.name("public", &rest[..80]), 80));
        }
        // Digests of files are the same in every run, those of manifests aren't.
        if rest.starts_with("manifest sha256:") && run(16, is_hex) == 64 {
            return Some((format!("manifest {}", self.name("manifest", &rest[16..80])), 80));
        }
        let digest = rest.starts_with("sha256:").then(|| run(7, is_hex));
        if digest == Some(64) {
            return Some((rest[..71].to_owned(), 71));
        }
        if before.is_some_and(|c| c.is_ascii_alphanumeric()) {
            return None;
        }
        let grouped = |at: usize| run(at, is_hex) == 8;
        if (0..4).all(|nth| grouped(9 * nth)) {
            return Some((self.name("half", &rest[..35]), 35));
        }
        match run(0, is_hex) {
            64 => Some((self.name("id", &rest[..64]), 64)),
            16 => {
                let whole = self.seen.iter().filter(|(kind, _)| *kind == "id").map(|(_, id)| id.clone());
                let whole = whole.into_iter().find(|id| id.starts_with(&rest[..16]));
                Some((whole.map_or("[short]".into(), |id| self.name("id", &id).replace("id", "short")), 16))
            }
            12 => Some((self.name("statement", &rest[..12]), 12)),
            _ => None,
        }
    }

    fn name(&mut self, kind: &'static str, what: &str) -> String {
        let of_kind: Vec<_> = self.seen.iter().filter(|(k, _)| *k == kind).map(|(_, what)| what).collect();
        let nth = of_kind.iter().position(|seen| *seen == what);
        let nth = nth.unwrap_or(of_kind.len());
        if nth == of_kind.len() {
            self.seen.push((kind, what.to_owned()));
        }
        format!("[{kind} {}]", nth + 1)
    }
}
