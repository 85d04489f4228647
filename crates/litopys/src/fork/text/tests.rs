use super::*;
use crate::key::SecretKey;
use crate::log::TreeHead;

/// A state with as many statements as this, none of which is one.
fn state(size: u64, statements: usize) -> String {
    let head = TreeHead::new(size, TreeHash::from_bytes([7; 32])).unwrap();
    let key = SecretKey::from_seed(&[1; 32]);
    let checkpoint = SignedCheckpoint::sign(&"test.example/a".parse().unwrap(), head, &key).unwrap();
    let statements = (0..statements).map(|index| format!("\nstatement {index} AAAA\n"));
    String::from_utf8(checkpoint.bytes().to_vec()).unwrap() + &statements.collect::<String>()
}

#[test]
fn a_fault_is_told_by_its_block() {
    let block = |block| StateTextError::Block { block };
    let parse = |text: String| SignedState::parse(text.as_bytes()).map(|state| state.to_text());
    assert_eq!(parse(state(1, 2)), Ok(state(1, 2)));
    assert_eq!(parse(state(1, 0)), Err(block(3)));
    assert_eq!(parse(state(1, 1) + "\nmore\n"), Err(block(4)));
    assert_eq!(parse(state(1, 2) + "\nstatement 1 AAAA\n"), Err(block(5)));
    assert_eq!(parse(state(1, 1).replace("AAAA", "AAA")), Err(block(3)));
    let parse = |text: String| ForkProof::parse(text.as_bytes()).map(|proof| proof.to_text());
    let states = format!("{MAGIC}\n\n{}\n{}", state(1, 1), state(2, 1));
    let root = Base64::encode_string(&[1; 32]);
    assert_eq!(parse(format!("{states}\ngrowth\n{root}\n")), Ok(format!("{states}\ngrowth\n{root}\n")));
    assert_eq!(parse(format!("{states}\ngrowth\n{root}\n\nmore\n")), Err(block(9)));
    // The root is not left out.
    assert_eq!(parse(format!("{states}\ngrowth\n")), Err(block(8)));
    assert_eq!(parse(states), Err(StateTextError::Order));
    assert_eq!(parse(format!("{MAGIC}\n\n{}\n{}", state(1, 1), state(2, 0))), Err(block(7)));
}

#[test]
fn no_more_is_read_than_a_fork_proof_may_have() {
    let largest = vec![b'a'; usize::try_from(limits::FORK_PROOF).unwrap()];
    let larger = [&largest[..], b"a"].concat();
    assert_eq!(SignedState::parse(&largest), Err(StateTextError::Form));
    assert_eq!(SignedState::parse(&larger), Err(StateTextError::TooLarge));
    assert_eq!(ForkProof::parse(&largest), Err(StateTextError::Form));
    assert_eq!(ForkProof::parse(&larger), Err(StateTextError::TooLarge));
}
