//! The content of a frame that is small enough to be held, decoded in one step: without the buffers in which a stream keeps its window.

/// So much content is held, in bytes: about what the files of a tile of long articles have.
pub(super) const HELD: u64 = 4 << 20;

/// A frame's content, of which some may have been given out.
pub(super) struct Whole {
    content: Vec<u8>,
    at: usize,
}

impl Whole {
    pub(super) const fn new(content: Vec<u8>) -> Self {
        Self { content, at: 0 }
    }

    /// Fills `out` with the next bytes, as far as they go.
    pub(super) fn read(&mut self, out: &mut [u8]) -> usize {
        let rest = self.content.get(self.at..).unwrap_or_default();
        let taken = rest.len().min(out.len());
        out[..taken].copy_from_slice(&rest[..taken]);
        self.at += taken;
        taken
    }

    /// Passes over so many of the next bytes, as far as they go.
    pub(super) fn skip(&mut self, length: usize) -> usize {
        let taken = length.min(self.content.len() - self.at);
        self.at += taken;
        taken
    }
}

#[cfg(feature = "zstd")]
pub(super) use by_libzstd::decode;

#[cfg(feature = "zstd")]
mod by_libzstd {
    use std::cell::RefCell;

    use zstd::zstd_safe::DCtx;

    use super::Whole;

    /// What a thread keeps from frame to frame: memory that is asked for anew has to be cleared first.
    #[derive(Default)]
    struct Spare {
        decoder: Option<DCtx<'static>>,
        contents: Vec<Vec<u8>>,
    }

    /// Manifests and files are read side by side.
    const AT_ONCE: usize = 2;

    thread_local! {
        static SPARE: RefCell<Spare> = RefCell::default();
    }

    /// Decodes a frame that has `size` bytes of content by its header. Nothing if it doesn't.
    pub(in super::super) fn decode(frame: &[u8], size: usize) -> Option<Vec<u8>> {
        SPARE.with_borrow_mut(|spare| {
            let decoder = match &mut spare.decoder {
                Some(decoder) => decoder,
                none => none.insert(DCtx::try_create()?),
            };
            let mut content = spare.contents.pop().unwrap_or_default();
            content.clear();
            content.reserve_exact(size);
            let decoded = decoder.decompress(&mut content, frame);
            (decoded == Ok(size)).then_some(content)
        })
    }

    impl Drop for Whole {
        fn drop(&mut self) {
            let content = std::mem::take(&mut self.content);
            // A thread that ends keeps nothing.
            let _ = SPARE.try_with(|spare| {
                let mut spare = spare.borrow_mut();
                if spare.contents.len() < AT_ONCE {
                    spare.contents.push(content);
                }
            });
        }
    }
}
