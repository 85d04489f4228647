//! Changes in DER, with every length above them made right.
#![allow(unreachable_pub, dead_code, reason = "shared by tests that use a part of it")]

/// Where the content of the item at `at` begins and ends.
fn content(der: &[u8], at: usize) -> (usize, usize) {
    let short = usize::from(der[at + 1]);
    let Some(more) = short.checked_sub(0x80) else { return (at + 2, at + 2 + short) };
    let begin = at + 2 + more;
    let length = der[at + 2..begin].iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    (begin, begin + length)
}

/// Where an item is: the outermost, and the numbers from 0 that lead to it, each within the item before.
pub fn item(der: &[u8], path: &[usize]) -> usize {
    path.iter().fold(0, |at, nth| (0..*nth).fold(content(der, at).0, |at, _| content(der, at).1))
}

/// The bytes of the item at `at`.
pub fn bytes(der: &[u8], at: usize) -> &[u8] {
    &der[at..content(der, at).1]
}

/// With `extra` behind all that is in the item at `at`.
pub fn append(der: &[u8], at: usize, extra: &[u8]) -> Vec<u8> {
    let (mut out, mut from) = (Vec::new(), 0);
    while from < der.len() {
        let (begin, end) = content(der, from);
        let inner = match &der[begin..end] {
            inner if from == at => [inner, extra].concat(),
            inner if (begin..end).contains(&at) => append(inner, at - begin, extra),
            inner => inner.to_vec(),
        };
        let length = u16::try_from(inner.len()).unwrap_or(u16::MAX).to_be_bytes();
        out.push(der[from]);
        match length {
            [0, short @ ..0x80] => out.push(short),
            [0, one] => out.extend([0x81, one]),
            two => out.extend([&[0x82], &two[..]].concat()),
        }
        out.extend(inner);
        from = end;
    }
    out
}
