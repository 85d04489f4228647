//! Secret keys in files: made, found, read.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use litopys::key::{KeyError, SecretText, SignError};
use litopys::{PublicKey, SecretKey, Signer};

use super::{Home, paths_in, private_dir, write_private};
use crate::agent::AgentKey;
use crate::clock;
use crate::failure::{Exit, Failure};
use crate::ui::{self, escape};

/// The daily key's name in the key folder.
pub(crate) const DAILY: &str = "default";
/// The recovery key's.
pub(crate) const RECOVERY: &str = "recovery";
/// No key file is larger.
const KEY_FILE: u64 = 65_536;

/// A key to sign with.
pub(crate) enum Key {
    /// Read from a file.
    File(Box<SecretKey>),
    /// Held by an agent.
    Agent(AgentKey),
}

impl Signer for Key {
    fn public_key(&self) -> &PublicKey {
        match self {
            Self::File(key) => key.public_key(),
            Self::Agent(key) => key.public_key(),
        }
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        match self {
            Self::File(key) => key.sign(message),
            Self::Agent(key) => key.sign(message),
        }
    }

    fn computes_here(&self) -> bool {
        match self {
            Self::File(key) => key.computes_here(),
            Self::Agent(key) => key.computes_here(),
        }
    }
}

/// A key in the key folder.
pub(crate) struct StoredKey {
    /// Its name there.
    pub(crate) name: String,
    /// Its public half.
    pub(crate) key: PublicKey,
    /// The secret's file, if it is there and not kept elsewhere.
    pub(crate) secret: Option<PathBuf>,
}

impl Home {
    /// The file of a key: a bare name is one in the key folder, unless there is such a file here.
    pub(crate) fn key_path(&self, key: &Path) -> PathBuf {
        if key.to_str().is_some_and(|key| key == "-" || key.starts_with("agent:")) {
            return key.to_owned();
        }
        let bare = key.components().count() == 1 && key.file_name().is_some_and(|name| name == key.as_os_str());
        if bare && !key.is_file() { self.keys_dir().join(key) } else { key.to_owned() }
    }

    /// A key of the key folder by its name.
    pub(crate) fn named(&self, name: &str) -> PathBuf {
        self.keys_dir().join(name)
    }

    /// A key to sign with: from a file, or an agent's.
    pub(crate) fn read_key(&self, key: &Path) -> Result<Key, Failure> {
        if let Some(found) = key.to_str().and_then(AgentKey::find) {
            return found.map(Key::Agent);
        }
        let path = self.key_path(key);
        let in_file = key.as_os_str() != "-";
        let text = if in_file { SecretText::from(read_key_text(&path)?) } else { read_stdin()? };
        let key = unlock(&text, &path)?;
        if in_file {
            warn_of_others(&path);
        }
        Ok(Key::File(Box::new(key)))
    }

    /// Makes a key where there is none, with its public half beside it as `<path>.pub`.
    pub(crate) fn new_key(&self, path: &Path, comment: &str) -> Result<SecretKey, Failure> {
        self.new_key_with(path, comment, None)
    }

    /// The same, protected with a passphrase if there is one.
    pub(crate) fn new_key_with(
        &self,
        path: &Path,
        comment: &str,
        passphrase: Option<&SecretText>,
    ) -> Result<SecretKey, Failure> {
        let public = public_path(path);
        if let Some(there) = [path, &public].into_iter().find(|path| path.symlink_metadata().is_ok()) {
            return Err(Failure::new(Exit::False, format_args!("{}: is there already", there.display()))
                .hint("a key is never overwritten: name another file"));
        }
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
            private_dir(folder)?;
        }
        let key = SecretKey::generate(&mut clock::random);
        let key = key.ok_or_else(|| Failure::new(Exit::Unable, "no random bytes to be had"))?;
        let text = match passphrase {
            Some(passphrase) => key.to_encrypted_pem(comment, passphrase, clock::random_bytes()?),
            None => key.to_openssh_pem(comment),
        };
        let text = text.map_err(|error| Failure::of(Exit::Unable, &error))?;
        write_private(path, text.as_str().as_bytes(), false)?;
        write_private(&public, format!("{}\n", key.public_key().to_openssh(comment)).as_bytes(), false)?;
        Ok(key)
    }

    /// The keys of the key folder, by name.
    pub(crate) fn keys(&self) -> Result<Vec<StoredKey>, Failure> {
        let mut names: Vec<String> = paths_in(&self.keys_dir())?
            .iter()
            .filter_map(|path| path.file_name()?.to_str())
            .filter(|name| !name.starts_with('.'))
            .map(|name| name.strip_suffix(".pub").unwrap_or(name).to_owned())
            .collect();
        names.sort_unstable();
        names.dedup();
        // What is no key is nobody's business here.
        Ok(names.into_iter().filter_map(|name| self.stored(name)).collect())
    }

    fn stored(&self, name: String) -> Option<StoredKey> {
        let path = self.named(&name);
        let secret = path.is_file().then_some(path.clone());
        let public = || PublicKey::from_openssh(&read_text(&public_path(&path)).ok()?).ok();
        let private = || {
            let text = SecretText::from(read_text(secret.as_deref()?).ok()?);
            Some(SecretKey::from_pem(text.as_str()).ok()?.public_key().clone())
        };
        let key = public().or_else(private)?;
        Some(StoredKey { name, key, secret })
    }
}

/// The key of a file's text; its passphrase is asked for on the terminal, if it has one.
fn unlock(text: &SecretText, path: &Path) -> Result<SecretKey, Failure> {
    let error = match SecretKey::from_pem(text.as_str()) {
        Ok(key) => return Ok(key),
        Err(error) => error,
    };
    let failure = |error: &KeyError| Failure::of(Exit::Unable, error).at(path.display());
    if error != KeyError::Encrypted {
        let hint = "ed25519 keys in OpenSSH's format and PKCS#8 are read; `litopys key new` makes one";
        return Err(failure(&error).hint(hint));
    }
    let asked = ui::ask_secret(&format!("passphrase of {}", escape::line(&path.to_string_lossy())));
    match asked.map_err(|error| Failure::io(path, &error))? {
        Some(passphrase) => SecretKey::from_encrypted_pem(text.as_str(), &passphrase).map_err(|error| failure(&error)),
        None => Err(failure(&error)
            .hint("its passphrase is asked for on a terminal, and there is none")
            .hint("an SSH agent can hold it: ssh-add it, and name it by --key agent:SHA256:...")),
    }
}

/// A key's text on standard input.
fn read_stdin() -> Result<SecretText, Failure> {
    let (mut text, path) = (String::new(), Path::new("standard input"));
    let read = io::stdin().lock().take(KEY_FILE + 1).read_to_string(&mut text);
    let text = SecretText::from(text);
    match read {
        Ok(read) if read as u64 <= KEY_FILE => Ok(text),
        Ok(_) => Err(Failure::new(Exit::Unable, "standard input holds more than a key")),
        Err(error) => Err(Failure::io(path, &error)),
    }
}

/// Warns of a secret key that others may read, as ssh does. It is read all the same: on some sticks every file is everybody's.
#[cfg(unix)]
fn warn_of_others(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).map_or(0, |meta| meta.permissions().mode());
    if mode & 0o077 != 0 {
        let path = escape::line(&path.to_string_lossy()).to_string();
        ui::caution(format_args!(
            "{path}: others on this machine may read this secret key (mode {:04o}): chmod 600",
            mode & 0o7777
        ));
    }
}

#[cfg(not(unix))]
fn warn_of_others(_: &Path) {}

/// Reads a public key: a file of one, a secret key's file, or a line `ssh-ed25519 AAAA...`.
pub(crate) fn public_key(home: &Home, text: &str) -> Result<PublicKey, Failure> {
    let bad = |error: KeyError, place: &dyn std::fmt::Display| {
        Failure::of(Exit::Unable, &error).at(place).hint("a key is `ssh-ed25519 AAAA...`, or a file that holds one")
    };
    if text.starts_with("ssh-") {
        return PublicKey::from_openssh(text).map_err(|error| bad(error, &"the key"));
    }
    if text.starts_with("SHA256:") {
        return Err(Failure::new(Exit::Unable, format_args!("{text}: the fingerprint of a key, and not the key"))
            .hint("a key is `ssh-ed25519 AAAA...`, or a file that holds one")
            .hint(
                "`litopys signers ARCHIVE --json` prints the keys of an archive, each with its fingerprint to compare",
            ));
    }
    let path = home.key_path(Path::new(text));
    let public = public_path(&path);
    let path = if !path.exists() && public.exists() { public.clone() } else { path };
    let text = SecretText::from(read_key_text(&path)?);
    if text.as_str().contains("PRIVATE KEY-----") {
        return match SecretKey::from_pem(text.as_str()) {
            Ok(key) => Ok(key.public_key().clone()),
            // No passphrase is asked for what is public.
            Err(KeyError::Encrypted) if public.exists() => {
                PublicKey::from_openssh(&read_text(&public)?).map_err(|error| bad(error, &public.display()))
            }
            Err(error) => Err(bad(error, &path.display())),
        };
    }
    PublicKey::from_openssh(text.as_str()).map_err(|error| bad(error, &path.display()))
}

fn read_key_text(path: &Path) -> Result<String, Failure> {
    read_text(path).map_err(|failure| match path.exists() {
        true => failure,
        false => failure.hint(
            "`litopys key list` lists your keys, `litopys key new` makes one; a key elsewhere is named by its file",
        ),
    })
}

/// The file of a key's public half.
pub(crate) fn public_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    name.into()
}

/// The text of a small file.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    let io = |error: io::Error| Failure::io(path, &error);
    let meta = fs::metadata(path).map_err(io)?;
    if !meta.is_file() || meta.len() > KEY_FILE {
        return Err(Failure::new(Exit::Unable, format_args!("{}: not a small file of text", path.display())));
    }
    fs::read_to_string(path).map_err(io)
}
