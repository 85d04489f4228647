//! Lines that belong to a web page and not to its article, as they stand in text copied from a browser.
//!
//! Whole lines only, and only those whose every word is known: a sentence that happens to mention a donation stays.

/// Words of a reading time, by language; each of its words must be one of these, and one a number.
#[rustfmt::skip]
const UNITS: &[&str] = &[
    "min", "mins", "minute", "minutes", "minuten", "minuto", "minutos", "minuti", "minut", "minuta", "minuty", "мин",
    "минута", "минуты", "минут", "хв", "хвилина", "хвилини", "хвилин", "دقيقة", "دقائق", "دقیقه", "dakika", "dk", "分钟",
    "分鐘", "分",
];
#[rustfmt::skip]
const READ: &[&str] = &[
    "read", "reading", "чтения", "чтение", "читать", "читання", "читати", "lesezeit", "lesedauer", "lesen", "lecture",
    "lire", "lectura", "lettura", "leitura", "leer", "leestijd", "czytania", "قراءة", "القراءة", "للقراءة", "مطالعه",
    "okuma", "阅读时间", "阅读", "閱讀時間", "閱讀",
];
#[rustfmt::skip]
const FILLERS: &[&str] = &[
    "to", "time", "estimated", "est", "about", "approx", "of", "de", "di", "da", "du", "en", "à", "pour", "zum", "ca",
    "время", "на", "для", "час", "часу", "temps", "durée", "tiempo", "tempo", "czas", "مدة", "وقت", "زمن", "süresi",
    "约", "約",
];

/// Whether a line is a reading time: "2 minutes to read", "Время чтения: 5 минут".
pub(super) fn is_reading_time(line: &str) -> bool {
    if line.len() > 100 {
        return false;
    }
    let (mut number, mut unit, mut read) = (0, 0, 0);
    for word in words(&line.to_lowercase()) {
        if word.chars().all(char::is_numeric) {
            number += 1;
        } else if UNITS.contains(&word) {
            unit += 1;
        } else if READ.contains(&word) {
            read += 1;
        } else if !FILLERS.contains(&word) {
            return false;
        }
    }
    (1..=2).contains(&number) && unit == 1 && (1..=2).contains(&read)
}

/// Runs of letters, and runs of digits.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).flat_map(|word| {
        // "5分钟" is a number and a unit.
        let cut = word.find(|c: char| !c.is_numeric()).filter(|at| *at > 0).unwrap_or(word.len());
        let (number, rest) = word.split_at(cut);
        [number, rest].into_iter().filter(|part| !part.is_empty())
    })
}

/// Buttons and links before an article, as whole lines.
#[rustfmt::skip]
const HEAD: &[&str] = &[
    "skip to content", "skip to main content", "advertisement", "share", "share this article", "print", "listen",
    "sign in", "log in", "subscribe", "donate", "перейти к содержанию", "перейти к содержимому", "реклама",
    "поделиться", "печать", "слушать", "войти", "подписаться", "перейти до вмісту", "поділитися", "поширити", "друк",
    "слухати", "увійти", "підписатися", "підтримати", "zum inhalt springen", "anzeige", "werbung", "teilen", "drucken",
    "anmelden", "abonnieren", "aller au contenu", "publicité", "partager", "imprimer", "se connecter", "s’abonner",
    "s'abonner", "saltar al contenido", "publicidad", "compartir", "imprimir", "suscríbete", "przejdź do treści",
    "udostępnij", "drukuj", "تخطي إلى المحتوى", "إعلان", "شارك", "مشاركة", "طباعة", "اشترك",
];

/// Buttons and links after an article, as whole lines.
#[rustfmt::skip]
const TAIL: &[&str] = &[
    "source", "share", "share this", "share this article", "share on facebook", "share on twitter", "share on x",
    "tweet", "print", "email", "comments", "leave a comment", "read more", "read also", "back to top", "advertisement",
    "subscribe", "related", "related articles", "follow us", "donate", "источник", "поделиться", "печать",
    "комментарии", "читайте также", "читать далее", "реклама", "наверх", "джерело", "поділитися", "поширити", "друк",
    "коментарі", "читайте також", "читати далі", "нагору", "quelle", "teilen", "drucken", "kommentare", "anzeige",
    "werbung", "nach oben", "weiterlesen", "partager", "imprimer", "commentaires", "publicité", "haut de page",
    "lire aussi", "lire la suite", "fuente", "compartir", "imprimir", "comentarios", "publicidad", "źródło",
    "udostępnij", "drukuj", "komentarze", "المصدر", "شارك", "مشاركة", "طباعة", "تعليقات", "إعلان", "اقرأ أيضا",
    "اقرأ المزيد",
];

/// Calls to act with which a banner ends, of which no sentence is made.
#[rustfmt::skip]
const CALLS: &[&str] = &[
    "donate here", "donate now", "donate today", "make a donation", "support us", "support our work", "subscribe here",
    "subscribe now", "subscribe today", "sign up here", "sign up now", "sign up today", "join us now",
    "become a member", "пожертвовать", "поддержать нас", "поддержите нас", "подпишитесь", "підтримати нас",
    "підтримайте нас", "задонатити", "пожертвувати", "підпишіться", "jetzt spenden", "hier spenden", "jetzt abonnieren",
    "je fais un don", "faites un don", "faire un don", "abonnez-vous", "dona ahora", "haz una donación", "suscríbete",
    "wesprzyj nas", "wspieraj nas", "تبرع الآن", "تبرع هنا", "اشترك الآن", "ادعمنا",
];

fn core(line: &str) -> String {
    line.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

pub(super) fn is_head(line: &str) -> bool {
    line.len() <= 100 && HEAD.contains(&core(line).as_str())
}

pub(super) fn is_tail(line: &str) -> bool {
    line.len() <= 100 && TAIL.contains(&core(line).as_str())
}

/// Whether a line ends in a call to act. That alone doesn't make it a banner: a headline may too.
pub(super) fn is_call(line: &str) -> bool {
    let line = core(line);
    let before = |rest: &str| rest.chars().next_back().is_none_or(|c| !c.is_alphanumeric());
    line.len() <= 300 && CALLS.iter().any(|call| line.strip_suffix(call).is_some_and(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_times_are_told_in_many_languages() {
        for line in [
            "2 minutes to read",
            "5 min read",
            "Reading time: 3 min.",
            "Estimated reading time: 4 minutes",
            "Время чтения: 5 минут",
            "3 мин. чтения",
            "Час читання: 2 хв",
            "4 хв читання",
            "Lesezeit: 3 Minuten",
            "3 Min. Lesezeit",
            "Temps de lecture : 4 min",
            "4 min de lecture",
            "5 min de lectura",
            "مدة القراءة: ٣ دقائق",
            "دقيقة للقراءة 2",
            "阅读时间：5分钟",
        ] {
            assert!(is_reading_time(line), "{line}");
        }
        for line in [
            "It took him 2 minutes to read the verdict",
            "2 minutes",
            "Minutes of the reading",
            "2025",
            "",
            "A reading of 2 poems",
            "Read 5 books a minute",
        ] {
            assert!(!is_reading_time(line), "{line}");
        }
    }

    #[test]
    fn whole_lines_only() {
        assert!(is_tail("Source") && is_tail("Source:") && is_tail("Джерело") && is_head("↗ Share"));
        assert!(!is_tail("Source: Interfax") && !is_tail("https://example.org") && !is_head("Share prices fall"));
        assert!(is_call("Support the Archive 🇺🇦 Donate here") && is_call("Jetzt spenden!"));
        assert!(!is_call("Why I donate") && !is_call("Neusupport us"));
    }
}
