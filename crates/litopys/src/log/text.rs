//! Proofs as text: inclusion as C2SP tlog-proof, consistency as C2SP tlog-witness's request for a cosignature.
//!
//! Both end with the checkpoint whose root they lead to, byte for byte.

use std::fmt::Write;
use std::str;

use base64ct::{Base64, Encoding};

use super::TreeHash;
use super::proof::{ConsistencyProof, InclusionProof};
use crate::limits;

/// The first line of a tlog-proof.
const MAGIC: &str = "c2sp.org/tlog-proof@v1";
/// The longest path: a consistency proof in a log of 2^32 statements has 33 hashes.
const PATH: usize = 40;

/// Why bytes are no proof (E016). Lines are numbered from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofTextError {
    /// Larger than any proof.
    #[error("the proof has more than {} bytes", limits::PROOF)]
    TooLarge,
    /// Not a head, hashes, an empty line and a checkpoint, in UTF-8.
    #[error("the proof is not a head, hashes, an empty line and a checkpoint")]
    Form,
    /// The first line is another one: no proof of this sort.
    #[error("line 1 is not that of a proof of this sort")]
    Magic,
    /// There are extra data, which nobody vouches for.
    #[error("line 2 holds extra data, which no proof of an archive has")]
    Extra,
    /// A line is not the index or size that should stand there, in decimal without leading zeros.
    #[error("line {line} of the proof is not an index or size")]
    Number {
        /// Which line.
        line: usize,
    },
    /// A line is not a hash in canonical base64.
    #[error("line {line} of the proof is not a hash")]
    Hash {
        /// Which line.
        line: usize,
    },
    /// More hashes than any log asks for.
    #[error("the proof has more than {PATH} hashes")]
    TooLong,
}

/// An inclusion proof with the checkpoint that it leads to: C2SP tlog-proof, without extra data. As received, it proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// The proof.
    pub proof: InclusionProof,
    /// The checkpoint's bytes.
    pub checkpoint: Vec<u8>,
}

/// A consistency proof between two sizes, with the newer checkpoint: the body of tlog-witness's `add-checkpoint`. As received, it proves
/// nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsistencyText {
    /// The older log's size.
    pub older: u64,
    /// The proof.
    pub proof: ConsistencyProof,
    /// The newer checkpoint's bytes.
    pub checkpoint: Vec<u8>,
}

impl TlogProof {
    /// Reads a proof, which has exactly one form.
    ///
    /// # Errors
    /// [`ProofTextError`] with the first thing that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofTextError> {
        let (head, checkpoint) = split(bytes)?;
        let mut lines = head.split('\n');
        if lines.next() != Some(MAGIC) {
            return Err(ProofTextError::Magic);
        }
        let second = lines.next().ok_or(ProofTextError::Number { line: 2 })?;
        if second.starts_with("extra ") {
            return Err(ProofTextError::Extra);
        }
        let index = number(second, "index ").ok_or(ProofTextError::Number { line: 2 })?;
        let path = hashes(lines, 3)?;
        Ok(Self { proof: InclusionProof { index, path }, checkpoint: checkpoint.into() })
    }

    /// The proof as text.
    pub fn to_text(&self) -> Vec<u8> {
        join(format!("{MAGIC}\nindex {}\n", self.proof.index), &self.proof.path, &self.checkpoint)
    }
}

impl ConsistencyText {
    /// Reads a proof, which has exactly one form.
    ///
    /// # Errors
    /// [`ProofTextError`] with the first thing that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofTextError> {
        let (head, checkpoint) = split(bytes)?;
        let mut lines = head.split('\n');
        let older = lines.next().and_then(|line| number(line, "old ")).ok_or(ProofTextError::Number { line: 1 })?;
        let path = hashes(lines, 2)?;
        Ok(Self { older, proof: ConsistencyProof { path }, checkpoint: checkpoint.into() })
    }

    /// The proof as text.
    pub fn to_text(&self) -> Vec<u8> {
        join(format!("old {}\n", self.older), &self.proof.path, &self.checkpoint)
    }
}

/// The lines before the empty one, and what is behind it.
fn split(bytes: &[u8]) -> Result<(&str, &[u8]), ProofTextError> {
    if bytes.len() as u64 > limits::PROOF {
        return Err(ProofTextError::TooLarge);
    }
    let text = str::from_utf8(bytes).map_err(|_| ProofTextError::Form)?;
    let (head, checkpoint) = text.split_once("\n\n").ok_or(ProofTextError::Form)?;
    Ok((head, checkpoint.as_bytes()))
}

pub(crate) fn number(line: &str, label: &str) -> Option<u64> {
    let digits = line.strip_prefix(label)?;
    // One spelling each: a number that doesn't print the same has a sign or zeros in front.
    digits.parse::<u64>().ok().filter(|n| n.to_string() == digits)
}

pub(crate) fn hashes<'a>(lines: impl Iterator<Item = &'a str>, first: usize) -> Result<Vec<TreeHash>, ProofTextError> {
    let mut path = Vec::new();
    for (line, text) in (first..).zip(lines) {
        if path.len() == PATH {
            return Err(ProofTextError::TooLong);
        }
        let hash = Base64::decode_vec(text).ok().and_then(|hash| hash.try_into().ok());
        path.push(TreeHash::from_bytes(hash.ok_or(ProofTextError::Hash { line })?));
    }
    Ok(path)
}

pub(crate) fn write_path(text: &mut String, path: &[TreeHash]) {
    for hash in path {
        // A String takes all that is written to it.
        let _ = writeln!(text, "{}", Base64::encode_string(hash.as_bytes()));
    }
}

fn join(mut text: String, path: &[TreeHash], checkpoint: &[u8]) -> Vec<u8> {
    write_path(&mut text, path);
    text.push('\n');
    let mut bytes = text.into_bytes();
    bytes.extend(checkpoint);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str =
        "example.org/log\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\u{2014} example.org/log AAAAAAA=\n";

    fn hash(byte: u8) -> TreeHash {
        TreeHash::from_bytes([byte; 32])
    }

    #[test]
    fn a_proof_is_the_text_of_tlog_proof() {
        let proof =
            TlogProof { proof: InclusionProof { index: 2, path: vec![hash(1), hash(2)] }, checkpoint: NOTE.into() };
        let text = proof.to_text();
        let expected = format!(
            "c2sp.org/tlog-proof@v1\nindex 2\n{}\n{}\n\n{NOTE}",
            Base64::encode_string(&[1; 32]),
            Base64::encode_string(&[2; 32])
        );
        assert_eq!(String::from_utf8(text.clone()).unwrap(), expected);
        assert_eq!(TlogProof::parse(&text), Ok(proof));
        let alone = TlogProof { proof: InclusionProof { index: 0, path: Vec::new() }, checkpoint: NOTE.into() };
        assert_eq!(alone.to_text(), format!("c2sp.org/tlog-proof@v1\nindex 0\n\n{NOTE}").into_bytes());
        assert_eq!(TlogProof::parse(&alone.to_text()), Ok(alone));
    }

    #[test]
    fn a_consistency_proof_is_the_request_of_tlog_witness() {
        let proof =
            ConsistencyText { older: 2, proof: ConsistencyProof { path: vec![hash(1)] }, checkpoint: NOTE.into() };
        let text = proof.to_text();
        assert_eq!(text, format!("old 2\n{}\n\n{NOTE}", Base64::encode_string(&[1; 32])).into_bytes());
        assert_eq!(ConsistencyText::parse(&text), Ok(proof));
    }

    #[test]
    fn only_one_spelling_is_read() {
        let parse = |head: &str| TlogProof::parse(format!("{head}\n\n{NOTE}").as_bytes()).map(|_| ());
        let hash = Base64::encode_string(&[1; 32]);
        let magic = MAGIC;
        assert_eq!(parse(&format!("{magic}\nindex 2\n{hash}")), Ok(()));
        for (head, error) in [
            ("c2sp.org/tlog-proof@v2\nindex 2".to_owned(), ProofTextError::Magic),
            (magic.to_owned(), ProofTextError::Number { line: 2 }),
            (format!("{magic}\nextra AAAA\nindex 2"), ProofTextError::Extra),
            (format!("{magic}\nindex 02"), ProofTextError::Number { line: 2 }),
            (format!("{magic}\nindex +2"), ProofTextError::Number { line: 2 }),
            (format!("{magic}\nindex 2 "), ProofTextError::Number { line: 2 }),
            (format!("{magic}\nindex 2\n{hash}\r"), ProofTextError::Hash { line: 3 }),
            (format!("{magic}\nindex 2\n{}", &hash[..40]), ProofTextError::Hash { line: 3 }),
            (format!("{magic}\nindex 2\n{}B=", &hash[..42]), ProofTextError::Hash { line: 3 }),
            (format!("{magic}\nindex 2{}", format!("\n{hash}").repeat(PATH + 1)), ProofTextError::TooLong),
        ] {
            assert_eq!(parse(&head), Err(error), "{head}");
        }
        assert_eq!(TlogProof::parse(format!("{magic}\nindex 2\n").as_bytes()), Err(ProofTextError::Form));
        assert_eq!(TlogProof::parse(b"\xff\n\n"), Err(ProofTextError::Form));
        assert_eq!(TlogProof::parse(&vec![b'a'; 1 << 20]), Err(ProofTextError::TooLarge));
    }
}
