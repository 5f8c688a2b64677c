//! Holds the shape of the workspace: who may depend on whom, who may name what, and that the documents lead somewhere.
//!
//! Every rule reads the manifests and sources as text, so that it also holds for code that is not compiled here.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot read its own repository should stop"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each of our packages, its folder, and which of our packages it may name. Imports point left only.
const LAYERS: [(&str, &str, &[&str]); 9] = [
    ("firmograph-core", "crates/core", &[]),
    ("firmograph-gazetteer", "crates/gazetteer", &[]),
    ("firmograph-normalize", "crates/normalize", &["firmograph-core", "firmograph-gazetteer"]),
    ("firmograph-sources", "crates/sources", &["firmograph-core"]),
    ("firmograph-store", "crates/store", &["firmograph-core"]),
    (
        "firmograph",
        "",
        &["firmograph-core", "firmograph-normalize", "firmograph-sources", "firmograph-store"],
    ),
    ("firmograph-arrow", "crates/arrow", &["firmograph", "firmograph-core", "firmograph-normalize"]),
    ("firmograph-cli", "crates/cli", &["firmograph", "firmograph-core", "firmograph-normalize"]),
    (
        "firmograph-py",
        "crates/py",
        &["firmograph", "firmograph-arrow", "firmograph-core", "firmograph-normalize"],
    ),
];

/// Packages with one home: the name in a manifest or a source, and the only folder that may hold it.
const HOMES: [(&str, &str); 2] = [("sqlx", "crates/store"), ("pyo3", "crates/py")];

/// Crates without a clock: what happens in them depends on their arguments alone.
const TIMELESS: [&str; 4] =
    ["crates/core/src", "crates/normalize/src", "crates/sources/src", "crates/store/src"];

/// Dependencies so common that nobody asks why they are here.
const SELF_EXPLAINING: [&str; 2] = ["serde", "serde_json"];

/// Longest source file; one that must grow past it becomes two.
const MAX_LINES: usize = 500;

/// Folders that hold no source of ours.
const SKIPPED: [&str; 6] = ["target", ".git", "__pycache__", ".pytest_cache", ".mypy_cache", ".venv"];

#[test]
fn our_packages_depend_to_the_left_only() {
    let ours: BTreeSet<&str> = LAYERS.iter().map(|layer| layer.0).collect();
    let mut wrong = Vec::new();
    for (package, folder, allowed) in LAYERS {
        let path = root().join(folder).join("Cargo.toml");
        for name in dependencies(&path) {
            if ours.contains(name.as_str()) && name != package && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{package} depends on {name} ({})", shown(&path)));
            }
        }
    }
    refuse(
        &wrong,
        "imports point left only: {core, gazetteer} <- {sources, normalize, store} <- firmograph <- {cli, py}",
    );
}

#[test]
fn every_member_has_a_layer() {
    let known: BTreeSet<&str> = LAYERS.iter().map(|layer| layer.1).collect();
    let wrong: Vec<_> = fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| format!("crates/{}", entry.unwrap().file_name().to_str().unwrap()))
        .filter(|folder| root().join(folder).join("Cargo.toml").exists() && !known.contains(folder.as_str()))
        .collect();
    refuse(&wrong, "a new crate needs a row in LAYERS of tests/tidy.rs");
}

#[test]
fn sqlx_and_pyo3_stay_at_home() {
    let mut wrong = Vec::new();
    for (name, home) in HOMES {
        for (_, folder, _) in LAYERS {
            let path = root().join(folder).join("Cargo.toml");
            if folder != home && dependencies(&path).contains(name) {
                wrong.push(format!("{} depends on {name}", shown(&path)));
            }
        }
        for path in rust_sources() {
            if !shown(&path).starts_with(home) {
                wrong.extend(
                    code_lines(&path).filter(|line| has_word(&line.text, name)).map(|line| line.place),
                );
            }
        }
    }
    refuse(&wrong, "only crates/store names sqlx, and only crates/py names pyo3");
}

#[test]
fn only_the_faces_print() {
    let mut wrong = Vec::new();
    for path in rust_sources() {
        let name = shown(&path);
        let face = name.starts_with("crates/cli/")
            || ["tests/", "examples/", "benches/"]
                .iter()
                .any(|part| name.starts_with(part) || name.contains(&format!("/{part}")))
            || name.ends_with("build.rs");
        if !face {
            wrong.extend(
                library_lines(&path)
                    .filter(|line| {
                        ["println!", "eprintln!", "print!", "eprint!"]
                            .iter()
                            .any(|call| line.text.contains(call))
                    })
                    .map(|line| line.place),
            );
        }
    }
    refuse(&wrong, "a library gives values and leaves talking to crates/cli");
}

#[test]
fn the_libraries_read_no_clock() {
    let mut wrong = Vec::new();
    for folder in TIMELESS {
        for path in files_under(&root().join(folder)).into_iter().filter(|path| is(path, "rs")) {
            wrong.extend(
                library_lines(&path)
                    .filter(|line| {
                        ["SystemTime::now", "Timestamp::now", "Zoned::now", "Instant::now"]
                            .iter()
                            .any(|call| line.text.contains(call))
                    })
                    .map(|line| line.place),
            );
        }
    }
    refuse(&wrong, "time is an argument in core, normalize, sources and store");
}

#[test]
fn no_file_is_too_long() {
    let wrong: Vec<_> = our_files()
        .into_iter()
        .filter(|path| is(path, "rs") || is(path, "py") || is(path, "pyi"))
        // It says what one compiled module has, whose stub cannot be two.
        .filter(|path| !path.ends_with("firmograph/_firmograph.pyi"))
        .filter_map(|path| {
            let lines = read(&path).lines().count();
            (lines > MAX_LINES).then(|| format!("{} has {lines} lines", shown(&path)))
        })
        .collect();
    refuse(&wrong, "a file holds one idea in at most 500 lines; split these");
}

#[test]
fn every_dependency_says_why() {
    let manifest = read(&root().join("Cargo.toml"));
    let mut wrong = Vec::new();
    for (number, line) in section(&manifest, "[workspace.dependencies]") {
        let Some((name, rest)) = line.split_once('=') else { continue };
        let name = name.trim();
        let reason = rest.rsplit_once('#').is_some_and(|(_, reason)| reason.trim().len() > 3);
        if !(reason || name.starts_with("firmograph") || SELF_EXPLAINING.contains(&name)) {
            wrong.push(format!("Cargo.toml:{number}: {name}"));
        }
    }
    refuse(&wrong, "each line of [workspace.dependencies] ends with half a line of reason");
}

#[test]
fn members_take_versions_from_the_workspace() {
    let mut wrong = Vec::new();
    for (package, folder, _) in LAYERS {
        let manifest = read(&root().join(folder).join("Cargo.toml"));
        for heading in ["[dependencies]", "[dev-dependencies]", "[build-dependencies]"] {
            for (number, line) in section(&manifest, heading) {
                if line.contains('=') && !line.starts_with('#') && !line.contains("workspace = true") {
                    wrong.push(format!("{package}, line {number}: {line}"));
                }
            }
        }
    }
    refuse(&wrong, "versions live in [workspace.dependencies]; members write `name.workspace = true`");
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut wrong = Vec::new();
    for path in our_files().into_iter().filter(|path| is(path, "md")) {
        for (number, target) in links(&read(&path)) {
            let file = target.split('#').next().unwrap();
            if file.is_empty() || file.contains("://") || file.starts_with("mailto:") {
                continue;
            }
            if !path.parent().unwrap().join(file).exists() {
                wrong.push(format!("{}:{number}: {target}", shown(&path)));
            }
        }
    }
    refuse(&wrong, "these links name files that do not exist");
}

#[test]
fn nothing_names_one_machine() {
    // Spelt in pieces, so that this file does not find itself.
    let places = [
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/wo", "rk/"),
        concat!("/Us", "ers/"),
        concat!("C:\\Us", "ers"),
    ];
    let mut wrong = Vec::new();
    for path in our_files() {
        let text_file = ["rs", "py", "pyi", "toml", "md", "sql", "sh", "txt", ""]
            .iter()
            .any(|extension| is(&path, extension));
        let Ok(text) = fs::read_to_string(&path) else { continue };
        if !text_file {
            continue;
        }
        for (index, line) in text.lines().enumerate() {
            // A path inside a URL, such as example.com/home/, is nobody's disk.
            let found = places.iter().any(|place| {
                line.match_indices(place).any(|(at, _)| {
                    !line[..at].ends_with(|before: char| before.is_alphanumeric() || "./-_}".contains(before))
                })
            });
            if found {
                wrong.push(format!("{}:{}: {}", shown(&path), index + 1, line.trim()));
            }
        }
    }
    refuse(&wrong, "paths of one machine do not belong into the repository");
}

#[test]
fn every_script_can_be_run() {
    let mut wrong = Vec::new();
    for folder in ["scripts", ".ci"] {
        for path in files_under(&root().join(folder)) {
            let first = read(&path).lines().next().unwrap_or_default().to_owned();
            if first.starts_with("#!") && !executable(&path) {
                wrong.push(shown(&path));
            }
        }
    }
    refuse(&wrong, "these begin with #! and are not executable (chmod +x)");
}

#[cfg(unix)]
fn executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn executable(_: &Path) -> bool {
    true
}

/// One line of code, with where it stands.
struct Line {
    text: String,
    place: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Fails with every finding on a line of its own.
#[track_caller]
fn refuse(wrong: &[String], rule: &str) {
    assert!(wrong.is_empty(), "{rule}:\n  {}", wrong.join("\n  "));
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The path below the root, with `/` on every system.
fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_str().unwrap().replace('\\', "/")
}

fn is(path: &Path, extension: &str) -> bool {
    path.extension().map_or("", |found| found.to_str().unwrap_or("")) == extension
}

fn our_files() -> Vec<PathBuf> {
    files_under(root())
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let entry = entry.unwrap();
            if SKIPPED.iter().any(|skipped| entry.file_name() == *skipped) {
                continue;
            }
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path())
            } else {
                found.push(entry.path())
            }
        }
    }
    found.sort();
    found
}

/// Our Rust files, but for this one, which has to name what it looks for.
fn rust_sources() -> Vec<PathBuf> {
    our_files().into_iter().filter(|path| is(path, "rs") && shown(path) != "tests/tidy.rs").collect()
}

/// The lines that are not comments.
fn code_lines(path: &Path) -> impl Iterator<Item = Line> {
    let name = shown(path);
    let lines: Vec<String> = read(path).lines().map(str::to_owned).collect();
    lines
        .into_iter()
        .enumerate()
        .filter(|(_, text)| !text.trim_start().starts_with("//"))
        .map(move |(index, text)| Line { place: format!("{name}:{}: {}", index + 1, text.trim()), text })
}

/// The code lines before the unit tests, which stand last in a file.
fn library_lines(path: &Path) -> impl Iterator<Item = Line> {
    code_lines(path).take_while(|line| line.text.trim() != "mod tests {")
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|at: char| !(at.is_alphanumeric() || at == '_')).any(|found| found == word)
}

/// The lines of a manifest below `heading`, with their numbers, up to the next heading.
fn section<'a>(manifest: &'a str, heading: &str) -> Vec<(usize, &'a str)> {
    manifest
        .lines()
        .enumerate()
        .skip_while(|(_, line)| line.trim() != heading)
        .skip(1)
        .take_while(|(_, line)| !line.starts_with('['))
        .map(|(index, line)| (index + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty())
        .collect()
}

/// The names of all dependencies of a member, for building, testing and any target.
fn dependencies(manifest: &Path) -> BTreeSet<String> {
    let text = read(manifest);
    let mut names = BTreeSet::new();
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            let heading = line.trim_matches(['[', ']']);
            inside = heading.ends_with("dependencies") && !heading.starts_with("workspace");
            if let Some((_, name)) =
                heading.rsplit_once("dependencies.").filter(|_| !heading.starts_with("workspace"))
            {
                names.insert(name.to_owned());
            }
        } else if let Some((name, _)) = line.split_once('=').filter(|_| inside && !line.starts_with('#')) {
            names.insert(name.trim().trim_matches('"').split('.').next().unwrap().to_owned());
        }
    }
    names
}

/// The targets of the inline links of a Markdown text, outside code, with their line numbers.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join(" ");
        for part in prose.split("](").skip(1) {
            if let Some((target, _)) = part.split_once(')') {
                found.push((index + 1, target.split_whitespace().next().unwrap_or_default().to_owned()));
            }
        }
    }
    found
}
