use litopys::Role;

use super::*;

fn strings(targets: &[&str]) -> Vec<String> {
    targets.iter().map(|&t| t.to_owned()).collect()
}

#[test]
fn targets_become_names() {
    for (target, name) in [
        ("a.png", "a.png"),
        ("a%20b.png?w=1#c", "a b.png"),
        ("%2e%2e/%2E%2E/.ssh/id", "../../.ssh/id"),
        ("100%.png", "100%.png"),
        ("%ff", "%ff"),
        ("#top", ""),
    ] {
        assert_eq!(local_name(target), name);
    }
    assert!(has_scheme("ftp://x") && has_scheme("web+x:y"));
    assert!(!has_scheme("file:///etc/passwd") && !has_scheme("C:/x") && !has_scheme("a/b:c") && !has_scheme("a.png"));
}

#[test]
fn only_files_below_the_folder_come_along() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("posts");
    fs::create_dir_all(folder.join("img")).unwrap();
    fs::create_dir_all(folder.join(".git")).unwrap();
    fs::create_dir_all(dir.path().join(".ssh")).unwrap();
    for name in ["img/a b.png", "img/Big.JPG", "doc.pdf", "other.md", ".git/config", "../.ssh/id_ed25519", "../up.png"]
    {
        let size = if name.contains("Big") { 70_000 } else { 3 };
        fs::write(folder.join(name), vec![b'x'; size]).unwrap();
    }
    let targets = strings(&[
        "img/a%20b.png",
        "./img/../img/a b.png",
        "img/Big.JPG",
        "doc.pdf#page=2",
        "other.md",
        "../up.png",
        "../.ssh/id_ed25519",
        "..%2f.ssh/id_ed25519",
        "/etc/passwd",
        "file:///etc/passwd",
        ".git/config",
        "img/none.png",
        "img/",
        "ftp://example.org/x.png",
    ]);
    let got = attach(&Folder::new(&folder), &targets, &mut Paths::with_text());
    let files: Vec<_> = got.files.iter().map(|f| (f.path.as_str(), f.role, f.media_type.as_str())).collect();
    assert_eq!(
        files,
        [
            ("img/a b.png", Role::Media, "image/png"),
            ("img/Big.JPG", Role::Media, "image/jpeg"),
            ("doc.pdf", Role::Attachment, "application/pdf"),
        ]
    );
    assert!(matches!(got.files[1].content, Content::File(_)) && got.held == 6);
    let reasons: Vec<_> = got
        .warnings
        .iter()
        .map(|w| if let Warning::Links { reason, count, .. } = w { (*reason, *count) } else { panic!() })
        .collect();
    assert_eq!(
        reasons,
        [
            (Refusal::Absolute, 2),
            (Refusal::Outside, 2),
            (Refusal::Hidden, 1),
            (Refusal::Missing, 1),
            (Refusal::Special, 1)
        ]
    );
}

#[test]
fn ten_thousand_files_come_along_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let names: Vec<_> = (0..limits::LINKED_FILES + 5).map(|n| format!("{n}.png")).collect();
    for name in &names {
        fs::write(dir.path().join(name), name).unwrap();
    }
    let got = attach(&Folder::new(dir.path()), &names, &mut Paths::with_text());
    assert_eq!((got.files.len(), got.linked.len()), (limits::LINKED_FILES, limits::LINKED_FILES));
    let [Warning::Links { reason: Refusal::TooMany, count: 5, first }] = got.warnings.as_slice() else { panic!() };
    assert_eq!(first, "10000.png");
}
