//! A generator of numbers that are the same on every run and machine: SplitMix64 (Steele, Lea, Flood, 2014).

/// A stream of numbers that follows from its seed.
pub(crate) struct Prng(u64);

impl Prng {
    /// The stream numbered `index` of those that belong to `seed`.
    pub(crate) fn new(seed: u64, index: u64) -> Self {
        let mut prng = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ index);
        prng.0 = prng.next();
        prng
    }

    /// The next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is small: the bias of the remainder does no harm here.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// A number of `from..=to`.
    pub(crate) fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to - from + 1)
    }

    /// An index into something of this length.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or_default()
    }

    /// Fills `buffer` with noise.
    pub(crate) fn fill(&mut self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_published_one() {
        // The first outputs of SplitMix64 for the seed 1234567, as its reference implementation prints them.
        let mut prng = Prng(1_234_567);
        assert_eq!([prng.next(), prng.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }
}
