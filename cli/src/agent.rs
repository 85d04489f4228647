//! A key that an SSH agent holds (draft-ietf-sshm-ssh-agent): its raw ssh-ed25519 signatures are the ones that archives are signed with.

use std::io::{self, Read, Write};
use std::sync::{Mutex, PoisonError};

use litopys::key::SignError;
use litopys::{PublicKey, Signer};

use crate::failure::{Exit, Failure};

/// What a key argument that means an agent's key begins with.
const PREFIX: &str = "agent:";
/// No message of an agent is larger (OpenSSH's own limit).
const MESSAGE: usize = 256 << 10;
const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;
/// `ssh-ed25519` and the length of a key (RFC 8709), before the key's 32 bytes.
const BLOB: &[u8] = b"\0\0\0\x0bssh-ed25519\0\0\0\x20";

#[cfg(unix)]
type Stream = std::os::unix::net::UnixStream;
#[cfg(not(unix))]
type Stream = std::net::TcpStream;

/// A key that an agent holds.
pub(crate) struct AgentKey {
    public: PublicKey,
    stream: Mutex<Stream>,
}

impl AgentKey {
    /// The agent's key with this fingerprint, if the argument means one: `agent:SHA256:...`.
    pub(crate) fn find(argument: &str) -> Option<Result<Self, Failure>> {
        let wanted = argument.strip_prefix(PREFIX)?;
        Some(Self::connect(wanted))
    }

    fn connect(wanted: &str) -> Result<Self, Failure> {
        let failed = |error: io::Error| Failure::of(Exit::Unable, &error).at("the SSH agent");
        let mut stream = open()?;
        let answer = ask(&mut stream, &[REQUEST_IDENTITIES]).map_err(failed)?;
        let keys = identities(&answer).ok_or_else(|| failed(io::ErrorKind::InvalidData.into()))?;
        match keys.into_iter().find(|key| key.fingerprint().to_string() == wanted) {
            Some(public) => Ok(Self { public, stream: Mutex::new(stream) }),
            None => Err(Failure::new(Exit::Unable, format_args!("the SSH agent has no ed25519 key {wanted}"))
                .hint("`ssh-add -l` lists its keys; --key agent:SHA256:... names one")),
        }
    }
}

impl Signer for AgentKey {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        let device = |error: io::Error| SignError::Device(Box::new(error));
        let blob = [BLOB, self.public.as_bytes()].concat();
        let mut request = vec![SIGN_REQUEST];
        put(&mut request, &blob);
        put(&mut request, message);
        request.extend([0; 4]);
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = ask(&mut *stream, &request).map_err(device)?;
        signature(&answer).ok_or_else(|| device(io::Error::other("the SSH agent refused to sign")))
    }
}

#[cfg(unix)]
fn open() -> Result<Stream, Failure> {
    let path = std::env::var_os("SSH_AUTH_SOCK").filter(|path| !path.is_empty());
    let path = path.ok_or_else(|| Failure::new(Exit::Unable, "there is no SSH agent: SSH_AUTH_SOCK is not set"))?;
    Stream::connect(&path).map_err(|error| Failure::io(path.as_ref(), &error))
}

#[cfg(not(unix))]
fn open() -> Result<Stream, Failure> {
    Err(Failure::new(Exit::Unable, "keys of an agent can only be used on Unix").hint("--key FILE names a key file"))
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend(bytes);
}

fn take<'a>(from: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = from.split_first_chunk()?;
    let (bytes, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    *from = rest;
    Some(bytes)
}

fn ask(stream: &mut (impl Read + Write), request: &[u8]) -> io::Result<Vec<u8>> {
    let mut message = Vec::with_capacity(request.len() + 4);
    put(&mut message, request);
    stream.write_all(&message)?;
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if length > MESSAGE {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer)?;
    Ok(answer)
}

/// The ed25519 keys of an answer.
fn identities(answer: &[u8]) -> Option<Vec<PublicKey>> {
    let (kind, rest) = answer.split_first()?;
    let (count, mut rest) = rest.split_first_chunk()?;
    let mut keys = Vec::new();
    for _ in 0..u32::from_be_bytes(*count) {
        let (blob, _comment) = (take(&mut rest)?, take(&mut rest)?);
        keys.extend(blob.strip_prefix(BLOB).and_then(|key| PublicKey::from_bytes(key.try_into().ok()?).ok()));
    }
    (*kind == IDENTITIES).then_some(keys)
}

fn signature(answer: &[u8]) -> Option<[u8; 64]> {
    let mut rest = answer.strip_prefix(&[SIGN_RESPONSE])?;
    let mut signature = take(&mut rest)?;
    (take(&mut signature)? == b"ssh-ed25519").then_some(())?;
    take(&mut signature)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_to_the_byte_or_not_at_all() {
        let mut answer = vec![SIGN_RESPONSE];
        let mut inner = Vec::new();
        put(&mut inner, b"ssh-ed25519");
        put(&mut inner, &[7; 64]);
        put(&mut answer, &inner);
        assert_eq!(signature(&answer), Some([7; 64]));
        for cut in 0..answer.len() {
            assert_eq!(signature(&answer[..cut]), None, "{cut}");
        }
        let key =
            PublicKey::from_openssh("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDAViEdbEs3/jzB3fjteXPYrm0NIaS9jqoYQKbkwpjaY")
                .unwrap();
        let mut answer = vec![IDENTITIES, 0, 0, 0, 2];
        for blob in [&b"another sort of key"[..], &[BLOB, key.as_bytes()].concat()] {
            put(&mut answer, blob);
            put(&mut answer, b"comment");
        }
        assert_eq!(identities(&answer), Some(vec![key]));
        assert_eq!(identities(&answer[..answer.len() - 1]), None);
    }
}
