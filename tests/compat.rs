//! docs/compat.md lists exactly those functions that the library does not have yet.
//!
//! What is missing is marked in the code, by a call of `not_yet` that says what the function waits for. The list is
//! made from these marks: `ZMQRS_UPDATE=1 cargo test --test compat` writes it anew.

mod support;

use std::collections::BTreeMap;

use support::{assert_committed, functions, root};

const PAGE: &str = "docs/compat.md";
const BEGIN: &str = "<!-- generated from src/capi by tests/compat.rs: begin -->\n";
const END: &str = "<!-- generated: end -->\n";

/// The functions of a source file by their names: each from its first line to the brace that closes it.
fn bodies(source: &str) -> BTreeMap<&str, &str> {
    let mut bodies = BTreeMap::new();
    let mut rest = source;
    while let Some(start) = rest.find("fn ") {
        let (line_start, text) = (rest[..start].rfind('\n').map_or(0, |end| end + 1), &rest[start + 3..]);
        let at_top = !rest[line_start..start].starts_with([' ', '/']);
        if !at_top {
            rest = text;
            continue;
        }
        let name = text.split(|c: char| !c.is_alphanumeric() && c != '_').next().expect("a name");
        let end = text.find("\n}\n").unwrap_or(text.len());
        bodies.insert(name, &text[name.len()..end]);
        rest = &text[end..];
    }
    bodies
}

/// What a function waits for, by its own mark or that of a function of the same file which it calls.
fn waits_for<'a>(name: &str, bodies: &BTreeMap<&'a str, &'a str>) -> Option<&'a str> {
    // without the function itself, so that functions which call each other do not go round in circles
    let (body, mut bodies) = (bodies[name], bodies.clone());
    bodies.remove(name);
    if let Some((_, mark)) = body.split_once("not_yet") {
        let mark = mark.split_once('"').and_then(|(_, text)| text.split_once('"'));
        return Some(mark.expect("not_yet says what for").0);
    }
    bodies.keys().filter(|other| calls(body, other)).find_map(|other| waits_for(other, &bodies))
}

/// Whether a body has a call of a function by its plain name.
fn calls(body: &str, function: &str) -> bool {
    body.match_indices(function).any(|(at, _)| {
        let before = body[..at].chars().next_back();
        let after = &body[at + function.len()..];
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.')
            && (after.starts_with('(') || after.starts_with("::<"))
    })
}

/// The functions that are missing, by what they wait for.
fn missing() -> BTreeMap<String, Vec<String>> {
    let known = functions();
    let mut missing: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut seen = 0;
    for entry in std::fs::read_dir(root().join("src/capi")).expect("the C API") {
        let path = entry.expect("a file of the C API").path();
        let Ok(source) = std::fs::read_to_string(&path) else { continue };
        let bodies = bodies(source.split("#[cfg(test)]\nmod tests").next().expect("a file before its tests"));
        for name in bodies.keys().filter(|&&name| known.iter().any(|known| known == name)) {
            seen += 1;
            if let Some(reason) = waits_for(name, &bodies) {
                missing.entry(reason.to_owned()).or_default().push((*name).to_owned());
            }
        }
    }
    assert_eq!(seen, known.len(), "every function of the API is found in the source");
    missing.values_mut().for_each(|names| names.sort());
    missing
}

fn table() -> String {
    let missing = missing();
    if missing.is_empty() {
        return "None: the library has them all.\n".to_owned();
    }
    let row = |(reason, names): (&String, &Vec<String>)| format!("| {reason} | `{}` |\n", names.join("`, `"));
    "| waits for | functions |\n|---|---|\n".to_owned() + &missing.iter().map(row).collect::<String>()
}

#[test]
fn the_page_lists_what_is_missing() {
    let page = std::fs::read_to_string(root().join(PAGE)).expect(PAGE);
    let (before, rest) = page.split_once(BEGIN).expect("the place where the list begins");
    let (_, after) = rest.split_once(END).expect("the place where the list ends");
    assert_committed(PAGE, &format!("{before}{BEGIN}{}{END}{after}", table()));
}

#[test]
fn a_mark_is_found_through_the_functions_that_an_entry_shares() {
    let source = "fn shared() {\n    not_yet(\"the moon\")\n}\n\npub fn entry() {\n    call(|| shared())\n}\n\npub fn done() {\n    1\n}\n";
    let bodies = bodies(source);
    assert_eq!(bodies.keys().collect::<Vec<_>>(), [&"done", &"entry", &"shared"]);
    assert_eq!(waits_for("entry", &bodies), Some("the moon"));
    assert_eq!(waits_for("done", &bodies), None);
}
