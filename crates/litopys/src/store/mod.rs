//! Where an archive's static files are: a folder, a bundle, memory. Drivers around the heart, which does no I/O.

#[cfg(feature = "fs")]
pub mod folder;
pub mod memory;
pub mod zip;

use std::io::{self, Read};

use crate::layout::{Member, TimeName};

/// The bytes of a bundle's `mimetype`.
pub const MIMETYPE: &[u8] = b"application/vnd.litopys+zip";
/// The bytes of a bundle's `README.txt`, which tell a stranger what it is.
pub const README: &[u8] = include_bytes!("bundle-readme.txt");
/// The bytes of an extract's `mimetype`, which tell it from a bundle.
pub const EXTRACT_MIMETYPE: &[u8] = b"application/vnd.litopys.extract+zip";
/// The bytes of an extract's `README.txt`.
pub const EXTRACT_README: &[u8] = include_bytes!("extract-readme.txt");

/// What sort of place a store is. It decides what a file that belongs to nothing is: a leftover in a folder, a fault in a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreKind {
    /// A place that grows: leftovers of an interrupted writer are no fault.
    Folder,
    /// A bundle: what the checkpoint doesn't call for may not be there.
    Bundle,
    /// An extract: single statements, each with a proof that it is in the log.
    Extract,
}

/// Why a file of the archive couldn't be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no such file.
    #[error("{0} is missing")]
    Missing(Member),
    /// It is larger than anything that may stand there.
    #[error("{member} is larger than {limit} bytes")]
    TooLarge {
        /// Which file.
        member: Member,
        /// What it may have.
        limit: u64,
    },
    /// Its CRC-32 in the bundle is not that of its bytes.
    #[error("{0} does not have the CRC-32 that the bundle gives")]
    Crc(Member),
    /// It couldn't be read.
    #[error("{member} can't be read")]
    Io {
        /// Which file.
        member: Member,
        /// Why.
        source: io::Error,
    },
}

/// A name found in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A file of the layout.
    Member(Member),
    /// A name that is none of the layout's (lossy, for a report).
    Unknown(String),
    /// A file of the layout out of its order in a bundle.
    Misplaced(Member),
}

/// Reads an archive's static files. Shared by threads.
pub trait Store: Send + Sync {
    /// What sort of place this is.
    fn kind(&self) -> StoreKind;

    /// Those members that are the same in every bundle or extract, but not in this one (E005).
    fn fixed_faults(&self) -> &[Member] {
        &[]
    }

    /// A file's size in bytes.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is none; [`StoreError::Io`].
    fn size(&self, member: Member) -> Result<u64, StoreError>;

    /// A file's bytes as a stream.
    ///
    /// A bundle's stream ends in an [`io::Error`] of kind `InvalidData` that holds a [`StoreError::Crc`] where the CRC-32 is wrong.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is none; [`StoreError::Io`].
    fn open(&self, member: Member) -> Result<Box<dyn Read + Send + '_>, StoreError>;

    /// A whole file of at most `limit` bytes.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::TooLarge`], [`StoreError::Crc`], [`StoreError::Io`].
    fn read(&self, member: Member, limit: u64) -> Result<Vec<u8>, StoreError> {
        let size = self.size(member)?;
        let too_large = || StoreError::TooLarge { member, limit };
        if size > limit {
            return Err(too_large());
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).map_err(|_| too_large())?);
        // One byte more than allowed, in case the file grew since.
        let read = self.open(member)?.take(limit + 1).read_to_end(&mut bytes);
        read.map_err(|source| StoreError::of_read(member, source))?;
        if bytes.len() as u64 > limit { Err(too_large()) } else { Ok(bytes) }
    }

    /// Visits every name in the store, known or not, in the store's order.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    fn scan(&self, visit: &mut dyn FnMut(Found)) -> Result<(), StoreError>;

    /// Visits the files below `time/`, in any order: [`Store::scan`], where there is no shorter way.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    fn scan_times(&self, visit: &mut dyn FnMut(TimeName)) -> Result<(), StoreError> {
        self.scan(&mut |found| {
            if let Found::Member(Member::Time(name)) | Found::Misplaced(Member::Time(name)) = found {
                visit(name);
            }
        })
    }
}

/// Whatever leads to a store is one: what a program holds its store by can be shared, boxed or lent.
macro_rules! store_by {
    ($($pointer:ty),*) => {
        $(impl<S: Store + ?Sized> Store for $pointer {
            fn kind(&self) -> StoreKind {
                (**self).kind()
            }

            fn fixed_faults(&self) -> &[Member] {
                (**self).fixed_faults()
            }

            fn size(&self, member: Member) -> Result<u64, StoreError> {
                (**self).size(member)
            }

            fn open(&self, member: Member) -> Result<Box<dyn Read + Send + '_>, StoreError> {
                (**self).open(member)
            }

            fn read(&self, member: Member, limit: u64) -> Result<Vec<u8>, StoreError> {
                (**self).read(member, limit)
            }

            fn scan(&self, visit: &mut dyn FnMut(Found)) -> Result<(), StoreError> {
                (**self).scan(visit)
            }

            fn scan_times(&self, visit: &mut dyn FnMut(TimeName)) -> Result<(), StoreError> {
                (**self).scan_times(visit)
            }
        })*
    };
}

store_by!(&S, Box<S>, std::sync::Arc<S>);

impl StoreError {
    /// The error behind a failed read of a stream that [`Store::open`] gave.
    pub fn of_read(member: Member, source: io::Error) -> Self {
        let is_crc = source.get_ref().and_then(|e| e.downcast_ref::<Self>()).is_some_and(|e| matches!(e, Self::Crc(_)));
        if is_crc { Self::Crc(member) } else { Self::Io { member, source } }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// A store of one file, which says that it has `said` bytes and has `has`; and how many of them were asked for.
    struct Lying {
        said: u64,
        has: u64,
        given: AtomicU64,
    }

    struct Counted<'a>(io::Take<io::Repeat>, &'a AtomicU64);

    impl Read for Counted<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let read = self.0.read(buffer)?;
            self.1.fetch_add(read as u64, Ordering::Relaxed);
            Ok(read)
        }
    }

    impl Store for Lying {
        fn kind(&self) -> StoreKind {
            StoreKind::Folder
        }

        fn size(&self, _: Member) -> Result<u64, StoreError> {
            Ok(self.said)
        }

        fn open(&self, _: Member) -> Result<Box<dyn Read + Send + '_>, StoreError> {
            Ok(Box::new(Counted(io::repeat(7).take(self.has), &self.given)))
        }

        fn scan(&self, _: &mut dyn FnMut(Found)) -> Result<(), StoreError> {
            Ok(())
        }
    }

    #[test]
    fn no_more_is_read_than_may_be_whatever_the_size_is_said_to_be() {
        let read = |said, has| {
            let store = Lying { said, has, given: AtomicU64::new(0) };
            let read = store.read(Member::Checkpoint, 9);
            (read, store.given.into_inner())
        };
        assert!(matches!(read(9, 9), (Ok(bytes), 9) if bytes == [7; 9]));
        // Nothing is reserved for it, or read of it.
        assert!(matches!(read(u64::MAX, 10), (Err(StoreError::TooLarge { limit: 9, .. }), 0)));
        // It grew since.
        assert!(matches!(read(9, 1 << 20), (Err(StoreError::TooLarge { limit: 9, .. }), 10)));
    }
}
