//! Articles out of a vocabulary whose words are as unevenly common as those of a language are (Zipf), and edits of them.

use std::collections::BTreeSet;

use super::prng::Prng;

const SYLLABLES: [&str; 24] = [
    "an", "bel", "co", "der", "en", "fa", "gor", "hi", "ist", "ju", "kra", "lo", "mun", "ni", "os", "pel", "qua", "ri",
    "sto", "ta", "ul", "vi", "wen", "zy",
];
const WORDS: usize = 8000;
const BYTES: u64 = 3000;

/// The words, and how common each is.
pub(crate) struct Vocabulary {
    words: Vec<String>,
    /// Sums of the weights up to each word: what a random number is looked up in.
    sums: Vec<u64>,
}

/// The text of an article: a head, and paragraphs of sentences.
pub(crate) struct Article {
    head: String,
    paragraphs: Vec<Vec<String>>,
}

impl Vocabulary {
    /// The vocabulary of every workload.
    pub(crate) fn new() -> Self {
        let mut prng = Prng::new(0, 0);
        let (mut words, mut seen) = (Vec::with_capacity(WORDS), BTreeSet::new());
        while words.len() < WORDS {
            let syllables = [1, 2, 2, 2, 3, 3, 4][prng.index(7)];
            let word: String = (0..syllables).map(|_| SYLLABLES[prng.index(SYLLABLES.len())]).collect();
            if seen.insert(word.clone()) {
                words.push(word);
            }
        }
        let weights = (0..WORDS as u64).map(|rank| 1_000_000_000 / (rank + 10));
        let sums = weights.scan(0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        });
        Self { words, sums: sums.collect() }
    }

    fn word(&self, prng: &mut Prng) -> &str {
        let point = prng.below(self.sums[WORDS - 1]);
        &self.words[self.sums.partition_point(|&sum| sum <= point)]
    }

    fn sentence(&self, prng: &mut Prng) -> String {
        let words: Vec<_> = (0..prng.between(7, 22)).map(|_| self.word(prng)).collect();
        let mut sentence = words.join(" ");
        capitalize(&mut sentence);
        sentence.push(['.', '.', '.', '.', '.', '?', '!'][prng.index(7)]);
        sentence
    }

    /// Article `number` of the workload with this seed, about 3 KB long.
    pub(crate) fn article(&self, prng: &mut Prng, number: u64) -> Article {
        let mut title: Vec<_> = (0..6).map(|_| self.word(prng).to_owned()).collect();
        title.iter_mut().for_each(|word| capitalize(word));
        let (title, author) = (title.join(" "), number % 64);
        let head = format!("# {title}\n\n*Article {number:06}, by author {author:02}*\n\n");
        let goal = prng.between(BYTES - 400, BYTES + 400);
        let (mut paragraphs, mut length) = (Vec::new(), head.len() as u64);
        while length < goal {
            let sentences: Vec<_> = (0..prng.between(3, 6)).map(|_| self.sentence(prng)).collect();
            length += sentences.iter().map(|sentence| sentence.len() as u64 + 1).sum::<u64>() + 1;
            paragraphs.push(sentences);
        }
        Article { head, paragraphs }
    }

    /// Edits the article in one to three places: a word replaced, a sentence added or removed. The text always changes.
    pub(crate) fn edit(&self, prng: &mut Prng, article: &mut Article) {
        let before = article.render();
        for _ in 0..prng.between(1, 3) {
            self.edit_once(prng, article);
        }
        while article.render() == before {
            self.edit_once(prng, article);
        }
    }

    fn edit_once(&self, prng: &mut Prng, article: &mut Article) {
        let count = article.paragraphs.len();
        let paragraph = &mut article.paragraphs[prng.index(count)];
        let place = prng.index(paragraph.len());
        match prng.below(10) {
            0..=4 => {
                let mut words: Vec<_> = paragraph[place].split(' ').collect();
                let word = prng.index(words.len());
                words[word] = self.word(prng);
                paragraph[place] = words.join(" ");
            }
            5..=7 => paragraph.insert(place, self.sentence(prng)),
            _ if paragraph.len() > 1 => drop(paragraph.remove(place)),
            _ => paragraph[place] = self.sentence(prng),
        }
    }
}

impl Article {
    /// The article as Markdown.
    pub(crate) fn render(&self) -> String {
        let paragraphs: Vec<_> = self.paragraphs.iter().map(|sentences| sentences.join(" ")).collect();
        format!("{}{}\n", self.head, paragraphs.join("\n\n"))
    }
}

fn capitalize(text: &mut str) {
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_are_the_same_on_every_run_and_change_when_edited() {
        let vocabulary = Vocabulary::new();
        let (mut prng, mut again) = (Prng::new(1, 7), Prng::new(1, 7));
        let mut article = vocabulary.article(&mut prng, 7);
        let first = article.render();
        assert_eq!(first, Vocabulary::new().article(&mut again, 7).render());
        assert!((2500..5000).contains(&first.len()), "{}", first.len());
        vocabulary.edit(&mut prng, &mut article);
        assert_ne!(first, article.render());
        let other = vocabulary.article(&mut Prng::new(1, 8), 8).render();
        assert_ne!(first, other);
    }
}
