//! `allowed_signers` files of OpenSSH (ssh-keygen(1), ALLOWED SIGNERS): whom to trust, and who an archive's signers are.

use litopys::authority::{Authority, Standing};
use litopys::{PublicKey, Utc};

use crate::failure::{Exit, Failure};

/// What keys of archives are for, in the words of `ssh-keygen -Y`.
pub(crate) const NAMESPACE: &str = "litopys";

/// The key of a line, if the line allows it here and now. Every option is honoured or refused.
pub(crate) fn key(line: &str, now: &Utc) -> Result<Option<PublicKey>, Failure> {
    let bad = |what: &str| Failure::new(Exit::Unable, what);
    let (_, rest) = word(line).ok_or_else(|| bad("is no line of allowed signers: no principals"))?;
    let (first, _) = word(rest).ok_or_else(|| bad("is no line of allowed signers: no key"))?;
    let (options, key) = if is_key_type(first) { ("", rest) } else { word(rest).unwrap_or(("", "")) };
    if !key.starts_with("ssh-ed25519 ") {
        return Err(bad("names no ed25519 key").hint("archives are signed with ed25519 keys: ssh-ed25519 AAAA..."));
    }
    let mut allowed = true;
    for option in split(options, ',').into_iter().filter(|option| !option.is_empty()) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        allowed &= match name.to_ascii_lowercase().as_str() {
            "namespaces" => is_matched(NAMESPACE, value),
            "valid-after" => now.to_unix() >= moment(value)?,
            "valid-before" => now.to_unix() < moment(value)?,
            "cert-authority" => return Err(bad("names an authority for certificates, of which none are read here")),
            _ => return Err(bad("has an option that is not known here")),
        };
    }
    let key = PublicKey::from_openssh(key).map_err(|error| Failure::of(Exit::Unable, &error))?;
    Ok(allowed.then_some(key))
}

fn is_key_type(word: &str) -> bool {
    ["ssh-", "ecdsa-", "sk-"].iter().any(|prefix| word.starts_with(prefix))
}

/// The first word, in which quotes keep white space together, and what comes after it.
fn word(text: &str) -> Option<(&str, &str)> {
    let (text, mut quoted) = (text.trim_start(), false);
    let end = text.find(|c: char| {
        quoted ^= c == '"';
        c.is_ascii_whitespace() && !quoted
    });
    let (word, rest) = text.split_at(end.unwrap_or(text.len()));
    (!word.is_empty()).then(|| (word, rest.trim_start()))
}

/// The parts between separators that are not in quotes.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    text.split(|c: char| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
    .collect()
}

/// Whether a pattern-list (ssh_config(5)) matches: one pattern does, and none that is negated.
fn is_matched(name: &str, patterns: &str) -> bool {
    let mut found = false;
    for pattern in patterns.split(',') {
        match pattern.strip_prefix('!') {
            Some(pattern) if fits(name.as_bytes(), pattern.as_bytes()) => return false,
            Some(_) => {}
            None => found |= fits(name.as_bytes(), pattern.as_bytes()),
        }
    }
    found
}

/// `*` is any text and `?` any character. One table a pattern: no pattern takes long.
fn fits(name: &[u8], pattern: &[u8]) -> bool {
    let mut reached = vec![false; name.len() + 1];
    reached[0] = true;
    for p in pattern {
        let mut next = vec![false; name.len() + 1];
        let mut before = false;
        for (at, slot) in next.iter_mut().enumerate() {
            let here = reached.get(at).copied().unwrap_or_default();
            *slot = match p {
                b'*' => here || before,
                _ => at.checked_sub(1).is_some_and(|last| {
                    reached.get(last).copied().unwrap_or_default()
                        && name.get(last).is_some_and(|c| *p == b'?' || c == p)
                }),
            };
            before = *slot;
        }
        reached = next;
    }
    reached.last().copied().unwrap_or_default()
}

/// `YYYYMMDD[HHMM[SS]]Z` in seconds since 1970. Without a Z it would be the local time of wherever this runs.
fn moment(text: &str) -> Result<u64, Failure> {
    let bad = || {
        Failure::new(Exit::Unable, format_args!("\"{text}\" is no time that is read here"))
            .hint("YYYYMMDDZ, YYYYMMDDHHMMZ or YYYYMMDDHHMMSSZ: without the Z it would be local time")
    };
    let digits = text.strip_suffix('Z').or_else(|| text.strip_suffix('z')).ok_or_else(bad)?;
    let digits = match digits.len() {
        8 => format!("{digits}000000"),
        12 => format!("{digits}00"),
        14 => digits.to_owned(),
        _ => return Err(bad()),
    };
    let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or_default();
    let (day, time) = ((part(0..4), part(4..6), part(6..8)), (part(8..10), part(10..12), part(12..14)));
    let utc = format!("{}-{}-{}T{}:{}:{}Z", day.0, day.1, day.2, time.0, time.1, time.2);
    utc.parse::<Utc>().map(|utc| utc.to_unix()).map_err(|_| bad())
}

/// The keys that may sign something in an archive, a line a key.
pub(crate) fn lines(authority: &Authority) -> Vec<String> {
    let active = authority.holders().iter().filter(|holder| holder.standing == Standing::Active);
    active
        .map(|holder| {
            let roles: Vec<_> = holder.roles.iter().map(|role| role.as_str()).collect();
            let key = holder.key.to_openssh(&roles.join(","));
            format!("{} namespaces=\"{NAMESPACE}\" {key}", principal(&holder.name))
        })
        .collect()
}

/// A name as a principal: no character of it means anything to a pattern-list.
fn principal(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || "@._+-".contains(c) { c } else { '_' };
    let name: String = name.chars().map(plain).collect();
    if name.is_empty() { "_".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDAViEdbEs3/jzB3fjteXPYrm0NIaS9jqoYQKbkwpjaY";

    fn read(line: &str) -> Result<bool, Exit> {
        let now = "2026-11-28T08:00:00Z".parse().unwrap_or_else(|_| panic!());
        key(line, &now).map(|key| key.is_some()).map_err(|failure| failure.exit())
    }

    #[test]
    fn options_are_honoured_or_refused() {
        for (options, allowed) in [
            ("", Ok(true)),
            ("namespaces=\"litopys\"", Ok(true)),
            ("namespaces=\"git,lito*\"", Ok(true)),
            ("namespaces=\"*,!litopys\"", Ok(false)),
            ("namespaces=\"git\"", Ok(false)),
            ("valid-after=\"20261128Z\"", Ok(true)),
            ("valid-after=\"202611280801Z\"", Ok(false)),
            ("valid-before=\"20261128080000Z\",namespaces=\"litopys\"", Ok(false)),
            ("valid-before=\"20261128080001Z\"", Ok(true)),
            ("valid-before=\"20270101\"", Err(Exit::Unable)),
            ("valid-before=\"20271301Z\"", Err(Exit::Unable)),
            ("cert-authority", Err(Exit::Unable)),
            ("namespaces=\"litopys\",cert-authority", Err(Exit::Unable)),
            ("no-touch-required", Err(Exit::Unable)),
        ] {
            assert_eq!(read(&format!("ann@example.org {options} {KEY} a comment")), allowed, "{options}");
        }
        assert_eq!(read(&format!("\"Ann B\" {KEY}")), Ok(true));
        for line in ["", "ann", "ann ssh-rsa AAAA", "ann ecdsa-sha2-nistp256 AAAA", "ann ssh-ed25519 AAAA", KEY] {
            assert_eq!(read(line), Err(Exit::Unable), "{line}");
        }
    }

    #[test]
    fn patterns_match_as_those_of_ssh() {
        for (pattern, fits) in
            [("litopys", true), ("l*s", true), ("?itopy?", true), ("*", true), ("li", false), ("", false)]
        {
            assert_eq!(is_matched("litopys", pattern), fits, "{pattern}");
        }
        assert!(!is_matched("litopys", &"*a".repeat(2_000)));
    }

    #[test]
    fn names_mean_nothing_to_a_pattern_list() {
        assert_eq!(principal("Ann, *!\"# \u{202e}Олена"), "Ann________Олена");
        assert_eq!(principal(""), "_");
    }
}
