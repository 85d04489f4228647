//! Pages that are no articles, whatever they were asked for.

use std::fmt;

use super::dom::{Dom, ROOT};

/// Why a page seems to be no article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotAnArticle {
    /// The server answered with a status other than 200.
    Status(u16),
    /// It asks for a proof of being no robot.
    Challenge,
    /// It says that there is no such page.
    NotFound,
    /// It asks to pay, to log in or to agree to something, and has next to no text beside.
    Wall,
    /// It has no text at all.
    Empty,
}

impl fmt::Display for NotAnArticle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "was answered with status {status}"),
            Self::Challenge => f.write_str("is a bot challenge, not an article"),
            Self::NotFound => f.write_str("says that there is no such page"),
            Self::Wall => f.write_str("shows a wall (payment, login or consent) instead of an article"),
            Self::Empty => f.write_str("has no text"),
        }
    }
}

/// Below this much text a page may be a wall or an error; above it an article may well be about one.
const STUB: usize = 600;
/// And below this much it is what it says it is.
const SHORT: usize = 350;

const CHALLENGES: &[&str] = &[
    "just a moment...",
    "attention required! | cloudflare",
    "checking your browser",
    "verify you are human",
    "are you a robot",
    "access denied",
    "ddos-guard",
    "please verify you are a human",
    "security check",
    "pardon our interruption",
    "one more step",
    "human verification",
    "bot verification",
    "request unsuccessful. incapsula",
];
/// Elements that only such pages have.
const CHALLENGE_IDS: &[&str] = &[
    "cf-challenge",
    "challenge-form",
    "cf-wrapper",
    "px-captcha",
    "challenge-running",
    "cf-error-details",
    "challenge-error-text",
];
const NOT_FOUND: &[&str] = &[
    "404",
    "page not found",
    "not found",
    "error 404",
    "seite nicht gefunden",
    "page introuvable",
    "página no encontrada",
    "página não encontrada",
    "pagina non trovata",
    "страница не найдена",
    "сторінку не знайдено",
    "сторінка не знайдена",
    "nie znaleziono strony",
    "strona nie znaleziona",
    "stránka nenalezena",
    "sayfa bulunamadı",
    "页面不存在",
    "找不到页面",
    "找不到網頁",
    "ページが見つかりません",
    "お探しのページは見つかりませんでした",
    "페이지를 찾을 수 없습니다",
    "الصفحة غير موجودة",
    "pagina niet gevonden",
    "sidan hittades inte",
    "siden blev ikke fundet",
    "sivua ei löytynyt",
    "this page doesn't exist",
    "page no longer exists",
];
const WALLS: &[&str] = &[
    "subscribe to continue",
    "subscribe to read",
    "to continue reading",
    "subscribers only",
    "already a subscriber",
    "create a free account to",
    "log in to continue",
    "sign in to continue",
    "log in to read",
    "enable javascript and cookies",
    "enable cookies",
    "we value your privacy",
    "your consent",
    "weiter mit werbung",
    "jetzt abonnieren",
    "nur für abonnenten",
    "réservé aux abonnés",
    "réservé à nos abonnés",
    "solo para suscriptores",
    "exclusivo para assinantes",
    "только для подписчиков",
    "лише для передплатників",
    "tylko dla prenumeratorów",
    "会員限定",
    "この記事は有料会員限定",
    "本文为付费",
    "please turn javascript on",
    "you need to enable javascript",
    "before you continue",
];

/// Why a page seems to be no article, if it does.
pub(super) fn judge(status: Option<u16>, title: Option<&str>, dom: &Dom, text: &str) -> Option<NotAnArticle> {
    if let Some(status) = status.filter(|status| *status != 200) {
        return Some(NotAnArticle::Status(status));
    }
    let page_title = dom.find("title").map(|id| dom.line(id).to_lowercase()).unwrap_or_default();
    let title = title.unwrap_or_default().to_lowercase();
    let letters = text
        .chars()
        .filter(|c| c.is_alphanumeric())
        .map(|c| if c.is_ascii() || u32::from(c) < 0x2e80 { 1 } else { 3 })
        .sum::<usize>();
    if letters >= STUB {
        return None;
    }
    let in_title = |words: &[&str]| words.iter().any(|word| page_title.starts_with(word) || title.starts_with(word));
    let ids = || {
        dom.within(ROOT).any(|id| {
            ["id", "class"]
                .into_iter()
                .filter_map(|name| dom.attribute(id, name))
                .any(|value| CHALLENGE_IDS.iter().any(|known| value.contains(known)))
        })
    };
    if in_title(CHALLENGES) || letters < 300 && ids() {
        return Some(NotAnArticle::Challenge);
    }
    if letters >= SHORT {
        return None;
    }
    let heading = dom.find("h1").map(|id| dom.line(id).to_lowercase()).unwrap_or_default();
    let missing = |line: &str| {
        NOT_FOUND.iter().any(|word| {
            line == *word
                || line.starts_with(word)
                    && !line[word.len()..].starts_with(char::is_alphanumeric)
                    && line.chars().count() < word.chars().count() + 40
        })
    };
    let parts =
        |line: &str| line.split(['|', '-', '–', '—', ':', '•', '»']).any(|part| NOT_FOUND.contains(&part.trim()));
    if missing(&page_title) || missing(&heading) || parts(&page_title) || parts(&heading) {
        return Some(NotAnArticle::NotFound);
    }
    if letters == 0 {
        return Some(NotAnArticle::Empty);
    }
    let lower = text.to_lowercase();
    (WALLS.iter().any(|word| lower.contains(word))).then_some(NotAnArticle::Wall)
}
