//! What pages say around their articles, in many languages.

/// How a line begins that leads to something else, or is no part of an article.
const ASIDE: &[&str] = &[
    // English
    "advertisement", "read more", "read also", "read next", "see also", "also read", "related:", "related article", "related stor", "related post", "related news", "related topic", "related link", "related content", "related coverage",
    "share this", "share on", "share via", "share:", "recommended", "sponsored", "story continues", "article continues", "continue reading", "sign up", "click here to", "follow us", "follow @", "subscribe", "most read", "most popular",
    "trending", "more from", "more on this", "more about", "more stories", "you may also", "you might also", "don't miss", "up next", "watch:", "watch now", "listen to this", "filed under", "posted in", "tagged", "tags:", "print this", "email this",
    "download our app", "get the app", "join our", "like us on", "all rights reserved", "skip to", "show comments", "view comments", "leave a comment", "leave a reply", "post a comment", "add a comment", "load comments", "back to top", "this article was originally published on", "loading", "please enable", "like this:", "scroll to continue", "copy link", "share article", "previous post", "next post", "previous article", "next article", "view all", "write to ", "read the full", "read full", "suggested for you", "what to read next", "sharen mit", "like loading", "click to share", "report this ad", "report an error", "minutes to read", "min read", "support us", "donate", "this post was", "about the author",
    // German
    "anzeige", "werbung", "lesen sie auch", "lesen sie mehr", "mehr zum thema", "mehr dazu", "auch interessant", "weiterlesen", "das könnte sie", "das könnte dich", "passend zum thema", "zum thema", "teilen mit", "teilen:", "gefällt mir", "beitrag teilen", "artikel teilen", "diesen artikel", "kommentar schreiben", "kommentieren", "schreibe einen kommentar", "hinterlasse", "ähnliche beiträge", "ähnliche artikel", "verwandte", "schlagwörter", "schlagworte", "kategorie", "nach oben", "drucken", "veröffentlicht in", "veröffentlicht unter", "dieser beitrag wurde", "dieser eintrag wurde", "weitere artikel", "weitere beiträge", "weitere informationen", "weitere themen", "newsletter", "abonnieren", "folgen sie uns", "teile dies", "jetzt teilen", "share", "tweet", "facebook", "twitter", "whatsapp", "zurück zu",
    // French, Spanish, Portuguese, Italian
    "à lire aussi", "a lire aussi", "lire aussi", "lire la suite", "lire également", "à lire également", "publicité", "partager", "voir aussi", "sur le même sujet", "suivez-nous", "abonnez-vous", "articles similaires", "pour aller plus loin", "laisser un commentaire",
    "lea también", "lea además", "leé también", "te puede interesar", "le puede interesar", "también te puede", "publicidad", "compartir", "leer más", "ver también", "noticias relacionadas", "artículos relacionados", "síguenos", "suscríbete", "mirá también", "te recomendamos", "más información", "deja un comentario",
    "leia também", "leia mais", "veja também", "publicidade", "compartilhe", "compartilhar", "saiba mais", "assine", "continua após a publicidade", "leia a seguir", "relacionadas",
    "leggi anche", "pubblicità", "condividi", "leggi tutto", "potrebbe interessarti", "articoli correlati",
    // Russian, Ukrainian, Belarusian, Bulgarian
    "читайте также", "читать также", "читайте далее", "читать далее", "читайте ещё", "реклама", "подписывайтесь", "подпишитесь", "подписаться", "поделиться", "смотрите также", "материалы по теме", "материал по теме", "по теме", "ещё по теме", "еще по теме", "ранее по теме", "другие новости", "главные новости", "похожие", "комментарии", "оставить комментарий", "теги", "метки", "нашли ошибку", "следите за", "больше новостей",
    "читайте також", "читати також", "читайте далі", "читати далі", "читайте ще", "підписуйтесь", "підпишіться", "підписатися", "поділитися", "поширити", "дивіться також", "матеріали по темі", "матеріали за темою", "за темою", "інші новини", "схожі", "коментарі", "мітки", "якщо ви знайшли помилку", "якщо ви помітили", "слідкуйте за", "більше новин", "також читайте", "також дивіться", "хвилин читання", "чытайце таксама", "вижте още", "прочетете още", "споделете",
    // Polish, Czech, Slovak, Slovene, Croatian, Romanian, Hungarian, Dutch, Scandinavian, Finnish, Turkish, Greek
    "czytaj też", "czytaj także", "czytaj również", "czytaj więcej", "zobacz też", "zobacz także", "zobacz również", "reklama", "udostępnij", "przeczytaj też", "przeczytaj także", "polecamy", "čtěte také", "čtěte více", "přečtěte si", "sdílet", "související", "čítajte", "prečítajte si", "preberite", "pročitajte", "pročitaj", "čitajte", "podijeli",
    "citește și", "citeste si", "citiți și", "vezi și", "distribuie", "olvassa el", "kapcsolódó", "hirdetés", "megosztás", "lees ook", "lees meer", "advertentie", "delen", "läs också", "läs mer", "annons", "dela", "les også", "læs også", "lue myös", "mainos", "jaa", "ilgili haber", "paylaş", "bunlar da ilginizi", "διαβάστε επίσης", "διαβάστε ακόμα", "κοινοποίηση", "διαφήμιση",
    // Chinese, Japanese, Korean
    "相关阅读", "相关新闻", "相關新聞", "相關閱讀", "相关文章", "相關文章", "相关链接", "推荐阅读", "推薦閱讀", "延伸阅读", "延伸閱讀", "责任编辑", "責任編輯", "分享到", "分享至", "更多精彩", "更多新闻", "广告", "廣告", "扫一扫", "扫码", "关注我们", "热门", "精彩推荐", "上一篇", "下一篇", "打印本", "我要评论", "网友评论", "发表评论", "编辑推荐", "猜你喜欢", "版权声明", "点击进入", "举报",
    "関連記事", "関連リンク", "関連ニュース", "関連キーワード", "あわせて読みたい", "あわせて読む", "おすすめ記事", "おすすめの記事", "続きを読む", "シェア", "人気記事", "こちらもおすすめ", "最新記事", "この記事をシェア", "この記事を共有", "前の記事", "次の記事", "コメント", "ランキング", "スポンサー",
    "관련기사", "관련 기사", "관련뉴스", "추천 기사", "이 기사를 공유", "공유하기", "인기기사", "많이 본",
    // Arabic, Persian, Hebrew, Hindi, Vietnamese, Indonesian, Thai
    "اقرأ أيضا", "اقرأ أيضاً", "إقرأ أيضا", "اقرأ المزيد", "إعلان", "شارك", "مواضيع ذات صلة", "مواضيع متعلقة", "أخبار ذات صلة", "اخبار ذات صلة", "المزيد من", "المزيد حول", "تابعنا", "قد يهمك", "شاهد أيضا", "طالع أيضا", "مقالات ذات صلة", "للمزيد", "بیشتر بخوانید", "مطالب مرتبط", "اخبار مرتبط", "همرسانی", "קראו גם", "קרא עוד", "עוד בנושא", "כתבות נוספות", "यह भी पढ़ें", "ये भी पढ़ें", "और पढ़ें", "xem thêm", "đọc thêm", "tin liên quan", "chia sẻ", "baca juga", "baca selengkapnya", "lihat juga", "bagikan", "อ่านเพิ่มเติม", "ข่าวที่เกี่ยวข้อง",
];

/// Headings of readers' comments, and of what follows an article.
const END: &[&str] = &[
    "comments", "leave a reply", "leave a comment", "post a comment", "add comment", "responses", "related", "related articles", "related posts", "related stories", "you may also like", "more stories", "read next", "trackbacks", "recommended", "more from", "most popular", "most read", "share this", "share this:", "like this:", "discussion", "join the conversation", "similar posts", "post navigation", "beitragsnavigation", "post a comment", "recent posts", "about the author", "related links", "related content", "further reading links", "more news", "top stories",
    "kommentare", "kommentar schreiben", "schreibe einen kommentar", "kommentar hinterlassen", "hinterlasse eine antwort", "antworten", "ähnliche beiträge", "ähnliche artikel", "das könnte sie auch interessieren", "mehr zum thema", "weitere artikel", "weitere beiträge", "teilen mit:", "gefällt mir:", "verwandte artikel", "verwandte themen", "verwandte beiträge", "über den autor", "neueste beiträge", "navigation", "teile diesen beitrag", "pingbacks", "das könnte dich auch interessieren", "teilen", "share", "sharing is caring",
    "commentaires", "articles similaires", "laisser un commentaire", "sur le même sujet", "comentarios", "deja un comentario", "artículos relacionados", "noticias relacionadas", "comentários", "leia também", "veja também", "commenti", "leggi anche", "articoli correlati", "reacties", "lees ook",
    "комментарии", "материалы по теме", "читайте также", "похожие статьи", "похожие новости", "добавить комментарий", "оставить комментарий", "другие новости", "коментарі", "читайте також", "схожі статті", "схожі новини", "додати коментар", "інші новини", "матеріали за темою", "komentarze", "zobacz także", "czytaj także", "komentáře", "související články", "comentarii", "kommentarer", "yorumlar", "σχόλια",
    "相关阅读", "相关新闻", "相關新聞", "相关文章", "相關文章", "网友评论", "评论", "評論", "発表评论", "推荐阅读", "延伸閱讀", "延伸阅读", "関連記事", "コメント", "関連リンク", "関連ニュース", "おすすめ記事", "人気記事", "あわせて読みたい", "最新記事", "관련기사", "관련 기사", "댓글",
    "التعليقات", "تعليقات", "مواضيع ذات صلة", "مقالات ذات صلة", "اقرأ أيضا", "اقرأ أيضاً", "أخبار ذات صلة", "نظرات", "مطالب مرتبط", "תגובות", "bình luận", "tin liên quan", "komentar", "baca juga",
];

/// Whether a short line leads away from the article.
pub(super) fn is_aside(line: &str) -> bool {
    let line = tidy(line);
    let length = line.chars().count();
    length > 0 && length <= 160 && ASIDE.iter().any(|start| {
        line.strip_prefix(start).is_some_and(|rest| {
            // A word, not the start of one; and the longer the line, the surer it must be.
            let ends = !start.ends_with(char::is_alphanumeric) || !rest.starts_with(|c: char| c.is_alphabetic()) || !start.is_ascii();
            let room = if start.chars().count() >= 9 || !start.is_ascii() { 110 } else { 24 };
            ends && rest.chars().count() <= room
        })
    })
}

/// Whether a line is the heading of comments or of related articles.
pub(super) fn is_end(line: &str) -> bool {
    let line = tidy(line);
    if line.len() > 100 { return false; }
    // "3 comments", "Comments (12)"
    let bare = line.trim_matches(|c: char| c.is_ascii_digit() || c.is_whitespace() || matches!(c, '(' | ')' | ':' | '…' | '.' | '!' | '：'));
    END.contains(&bare) || END.contains(&line.as_str())
}

fn tidy(line: &str) -> String {
    let line = line.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '@');
    line.chars().take(200).collect::<String>().to_lowercase().trim().to_owned()
}
