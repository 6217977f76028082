//! `include/zmq.h` is what the generator makes of `src/capi`.
//!
//! After a change there, `ZMQRS_UPDATE=1 cargo test --test header` (or `make header`) writes it anew.

mod support;

use support::{assert_committed, root};

/// The one gate that the generator puts around each draft, with nothing between its end and the next beginning.
const GATE: &str = "#if defined(ZMQ_BUILD_DRAFT_API)\n";

fn generate() -> String {
    let config = cbindgen::Config::from_file(root().join("cbindgen.toml")).expect("cbindgen.toml");
    let bindings = cbindgen::Builder::new()
        .with_config(config)
        .with_src(root().join("src/capi/mod.rs"))
        .generate()
        .expect("the C API can be said in C");
    let mut header = Vec::new();
    bindings.write(&mut header);
    tidy(&String::from_utf8(header).expect("UTF-8"))
}

/// Makes the text as a person would have written it: one draft gate around neighbours, comments of one line on one
/// line, constants without blank lines between them, no trailing blanks.
fn tidy(header: &str) -> String {
    let header = header.replace(&format!("#endif\n\n{GATE}"), "\n").replace("_fn * ", "_fn *");
    let lines: Vec<_> = header.lines().map(str::trim_end).collect();
    let mut tidied: Vec<String> = Vec::new();
    let mut rest = &lines[..];
    while let [line, after @ ..] = rest {
        let end = after.iter().position(|line| line.trim() == "*/").unwrap_or(0);
        let constant_before = tidied.last().is_some_and(|last| last.starts_with("#define "));
        rest = after;
        if line.trim() == "/*" && end > 0 && !after[0].starts_with(" *") {
            tidied.extend(comment(line, &after[..end]));
            rest = &after[end + 1..];
        } else if !(line.is_empty() && constant_before && after.first() == Some(&"/*")) {
            tidied.push((*line).to_owned());
        }
    }
    tidied.join("\n") + "\n"
}

/// A comment in the form `/* text */`, indented like its opening line.
fn comment(opening: &str, text: &[&str]) -> Vec<String> {
    let indent = opening.strip_suffix("/*").expect("a comment opens so");
    let last = text.len() - 1;
    let line = |(number, text): (usize, &&str)| {
        let start = if number == 0 { "/* " } else { "   " };
        let end = if number == last { " */" } else { "" };
        format!("{indent}{start}{}{end}", text.trim()).trim_end().to_owned()
    };
    text.iter().enumerate().map(line).collect()
}

#[test]
fn the_header_is_what_the_source_says() {
    assert_committed("include/zmq.h", &generate());
}

#[test]
fn the_header_has_no_comment_that_c89_lacks() {
    for (number, line) in generate().lines().enumerate() {
        assert!(!line.trim_start().starts_with("//"), "line {}: {line}", number + 1);
    }
}
