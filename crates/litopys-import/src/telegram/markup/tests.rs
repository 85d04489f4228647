use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use serde_json::json;

use super::*;
use crate::telegram::message::Fields;

fn read(message: &Value) -> (Vec<Part>, Fields) {
    let fields = Fields::read(message.to_string().as_bytes()).unwrap();
    (parts(&fields), fields)
}

fn markdown(entities: Value) -> String {
    let (parts, fields) = read(&json!({ "text_entities": entities }));
    text(&parts, &fields)
}

#[test]
fn every_format_has_its_sign() {
    let entities = json!([
        {"type": "bold", "text": "Заява"},
        {"type": "plain", "text": "\nперший рядок, "},
        {"type": "italic", "text": "курсив"},
        {"type": "plain", "text": ", "},
        {"type": "underline", "text": "підкреслено"},
        {"type": "plain", "text": ", "},
        {"type": "strikethrough", "text": "закреслено"},
        {"type": "plain", "text": ", "},
        {"type": "spoiler", "text": "приховано"},
        {"type": "plain", "text": "\n\nдругий абзац: "},
        {"type": "code", "text": "a`b"},
        {"type": "plain", "text": " "},
        {"type": "link", "text": "https://example.org/a_b*c"},
        {"type": "plain", "text": " "},
        {"type": "link", "text": "example.org"},
        {"type": "plain", "text": " "},
        {"type": "text_link", "text": "тут", "href": "https://example.org/?a=1&copy=2"},
        {"type": "plain", "text": " "},
        {"type": "text_link", "text": "зле", "href": "javascript:alert(1)"},
        {"type": "plain", "text": " "},
        {"type": "mention", "text": "@some_one"},
        {"type": "plain", "text": " "},
        {"type": "mention_name", "text": "Оля", "user_id": 12345},
        {"type": "plain", "text": " "},
        {"type": "hashtag", "text": "#новини"},
        {"type": "plain", "text": " "},
        {"type": "cashtag", "text": "$UAH"},
        {"type": "bot_command", "text": "/start"},
        {"type": "email", "text": "a@example.org"},
        {"type": "phone", "text": "+380441234567"},
        {"type": "bank_card", "text": "4242 4242"},
        {"type": "custom_emoji", "text": "🔥", "document_id": "(File not included. Change data exporting settings to download.)"},
        {"type": "unknown", "text": "?"},
        {"type": "pre", "text": "fn main() {\n    ```\n}\n", "language": "rust"},
        {"type": "blockquote", "text": "цитата\nз двох рядків\n\n> і ще"},
        {"type": "plain", "text": "\nкінець"},
    ]);
    assert_eq!(
        markdown(entities),
        "\
**Заява**\\
перший рядок, *курсив*, <u>підкреслено</u>, <s>закреслено</s>, <tg-spoiler>приховано</tg-spoiler>

другий абзац: ``a`b`` <https://example.org/a_b*c> example.org [тут](<https://example.org/?a=1&amp;copy=2>) зле \
@some\\_one [Оля](<tg://user?id=12345>) #новини $UAH/starta@example.org+3804412345674242 4242🔥?

````rust
fn main() {
    ```
}
````

> цитата\\
> з двох рядків
>
> \\> і ще

кінець
"
    );
}

#[test]
fn old_exports_have_a_text_or_a_list() {
    for (given, expected) in [
        (json!({"text": "a_b"}), "a\\_b\n"),
        (json!({"text": ["a ", {"type": "bold", "text": "b"}, " c"]}), "a **b** c\n"),
        (json!({"text": "", "text_entities": []}), ""),
        (json!({}), ""),
    ] {
        let (parts, fields) = read(&given);
        assert_eq!(text(&parts, &fields), expected);
    }
}

#[test]
fn a_poll_is_its_question_and_answers() {
    let poll = json!({"poll": {"question": "Чи *так*?", "closed": false, "total_voters": 3, "answers": [
        {"text": "Так", "voters": 2, "chosen": false}, {"text": [{"type": "plain", "text": "Ні\n# ні"}], "voters": 1}]}});
    let (parts, fields) = read(&poll);
    assert_eq!(text(&parts, &fields), "Чи \\*так\\*?\n\n- Так\n- Ні # ні\n");
}

#[test]
fn a_headline_is_a_first_line_all_in_bold() {
    let title = |entities: Value| headline(&read(&json!({ "text_entities": entities })).0);
    let bold = |text: &str| json!({"type": "bold", "text": text});
    let plain = |text: &str| json!({"type": "plain", "text": text});
    assert_eq!(title(json!([bold("Заява "), bold("уряду"), plain("\nТекст")])).as_deref(), Some("Заява уряду"));
    assert_eq!(title(json!([bold("Заява\nТекст")])).as_deref(), Some("Заява"));
    for none in [
        json!([bold("Заява")]),
        json!([bold("Заява"), plain("\n ")]),
        json!([bold("Заява"), plain(" тут\nТекст")]),
        json!([plain("Заява\n"), bold("Текст")]),
        json!([plain("\n"), bold("Заява"), plain("\nТекст")]),
        json!([bold(&"ж".repeat(301)), plain("\nТекст")]),
    ] {
        assert_eq!(title(none.clone()), None, "{none}");
    }
}

/// What a reader of the Markdown sees, without white space, and whether anything in it is a block of a sort that no part asked for.
fn seen(markdown: &str) -> (String, bool) {
    let (mut text, mut odd) = (String::new(), false);
    for event in Parser::new(markdown) {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::InlineHtml(tag) => {
                odd |= ![
                    "<u>",
                    "</u>",
                    "<s>",
                    "</s>",
                    "<tg-spoiler>",
                    "</tg-spoiler>",
                    "<strong>",
                    "</strong>",
                    "<em>",
                    "</em>",
                ]
                .contains(&&*tag);
            }
            Event::Start(Tag::Paragraph | Tag::Strong | Tag::Emphasis | Tag::Link { .. })
            | Event::End(TagEnd::Paragraph | TagEnd::Strong | TagEnd::Emphasis | TagEnd::Link)
            | Event::HardBreak => {}
            Event::Start(Tag::CodeBlock(_) | Tag::BlockQuote(_))
            | Event::End(TagEnd::CodeBlock | TagEnd::BlockQuote(_)) => {}
            _ => odd = true,
        }
    }
    (text.chars().filter(|c| !c.is_whitespace()).collect(), odd)
}

/// A generator of numbers, the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

#[test]
fn any_text_is_read_as_the_text_that_it_is() {
    const PIECES: [&str; 45] = [
        "a",
        "слово",
        "كلمة",
        "🔥",
        " ",
        "  ",
        "    ",
        "\t",
        "\n",
        "\n\n",
        "*",
        "**",
        "_",
        "`",
        "```",
        "~~~",
        "#",
        "# ",
        "- ",
        "+ ",
        "1. ",
        "12) ",
        "> ",
        ">",
        "---",
        "===",
        "***",
        "|a|b|\n|-|-|",
        "[a](b)",
        "[a]: b",
        "![",
        "<b>",
        "</div>",
        "<!--",
        "&amp;",
        "&#42;",
        "\\",
        "\\\n",
        "https://example.org/a_b",
        ":",
        "«",
        "»",
        ".",
        "\u{a0}",
        "(",
    ];
    const TYPES: [&str; 12] = [
        "plain",
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "code",
        "pre",
        "blockquote",
        "link",
        "text_link",
        "hashtag",
    ];
    let mut numbers = Numbers(7);
    for _ in 0..20_000 {
        let parts = 1 + numbers.below(5);
        let mut entities = Vec::new();
        let mut expected = String::new();
        for _ in 0..parts {
            let text: String = (0..=numbers.below(6)).map(|_| PIECES[numbers.below(PIECES.len())]).collect();
            expected.extend(text.chars().filter(|c| !c.is_whitespace()));
            entities
                .push(json!({"type": TYPES[numbers.below(TYPES.len())], "text": text, "href": "https://example.org/"}));
        }
        let entities = Value::Array(entities);
        let markdown = markdown(entities.clone());
        assert_eq!(seen(&markdown), (expected, false), "{entities}\n{markdown}");
    }
}
