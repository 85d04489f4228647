//! The CBOR profile once more, the long way round: decode leniently, encode anew by RFC 8949 section 4.2.1, compare.

use ciborium::Value;

/// Whether these bytes are one item of the profile of format.md, section 3, and nothing more.
pub fn is_profile(bytes: &[u8], integer_keys: bool) -> bool {
    let mut rest = bytes;
    let Ok(value) = ciborium::from_reader::<Value, _>(&mut rest) else { return false };
    let mut again = Vec::new();
    rest.is_empty() && encode(&value, integer_keys, 0, &mut again).is_some() && again == bytes
}

fn head(major: u8, value: u64, out: &mut Vec<u8>) {
    let bytes = value.to_be_bytes();
    let (short, length) = match value {
        0..=23 => (bytes[7], 0),
        24..=0xff => (24, 1),
        0x100..=0xffff => (25, 2),
        0x1_0000..=0xffff_ffff => (26, 4),
        _ => (27, 8),
    };
    out.push(major << 5 | short);
    out.extend_from_slice(&bytes[8 - length..]);
}

/// Encodes what the profile allows; `None` for anything else.
fn encode(value: &Value, integer_keys: bool, depth: u32, out: &mut Vec<u8>) -> Option<()> {
    const LARGEST: i128 = (1 << 53) - 1;
    match value {
        Value::Integer(integer) => match i128::from(*integer) {
            n @ 0..=LARGEST => head(0, u64::try_from(n).ok()?, out),
            n if integer_keys && (-LARGEST - 1..0).contains(&n) => head(1, u64::try_from(-1 - n).ok()?, out),
            _ => return None,
        },
        Value::Bytes(bytes) if !bytes.is_empty() => {
            head(2, bytes.len() as u64, out);
            out.extend_from_slice(bytes);
        }
        Value::Text(text) if !text.is_empty() => {
            head(3, text.len() as u64, out);
            out.extend_from_slice(text.as_bytes());
        }
        Value::Array(items) if !items.is_empty() && depth < 8 => {
            head(4, items.len() as u64, out);
            for item in items {
                encode(item, integer_keys, depth + 1, out)?;
            }
        }
        Value::Map(entries) if !entries.is_empty() && depth < 8 => {
            let mut sorted = Vec::new();
            for (key, value) in entries {
                let allowed = match key {
                    Value::Text(_) => !integer_keys,
                    Value::Integer(_) => integer_keys,
                    _ => false,
                };
                let mut encoded = Vec::new();
                encode(key, integer_keys, depth + 1, &mut encoded).filter(|()| allowed)?;
                sorted.push((encoded, value));
            }
            sorted.sort_by(|a, b| a.0.cmp(&b.0));
            if sorted.windows(2).any(|pair| pair[0].0 == pair[1].0) {
                return None;
            }
            head(5, sorted.len() as u64, out);
            for (key, value) in sorted {
                out.extend_from_slice(&key);
                encode(value, integer_keys, depth + 1, out)?;
            }
        }
        _ => return None,
    }
    Some(())
}
