//! Programs compiled with libzmq's header and programs compiled with ours mean the same: every constant has the same
//! value, every struct the same layout, every function the same type.
//!
//! The names are taken from libzmq's own header, so that none can be forgotten.

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use support::{functions, root, run, scratch};

/// Where Debian's libzmq3-dev puts its header; scripts/setup installs it.
const REAL_INCLUDE: &str = "/usr/include";

/// What differs from the header of libzmq 4.3.4 on purpose: the lines as ours prints them.
const DELIBERATE: &[&str] = &[
    // The API is that of 4.3.5.
    "constant ZMQ_VERSION_PATCH 5",
    "constant ZMQ_VERSION 40305",
    // 4.3.4 had a mask of two bits here, which 4.3.5 corrected to one of its own.
    "constant ZMQ_RECONNECT_STOP_AFTER_DISCONNECT 4",
];

/// Functions that came after libzmq 4.3.4, with their types.
const LATER_FUNCTIONS: &[(&str, &str, &str)] = &[
    ("zmq_ppoll", "int", "(zmq_pollitem_t *, int, long, const sigset_t *)"),
    ("zmq_disconnect_peer", "int", "(void *, uint32_t)"),
];

/// What the C preprocessor makes of libzmq's header, drafts included.
fn preprocessed(flags: &[&str]) -> String {
    let header = Path::new(REAL_INCLUDE).join("zmq.h");
    assert!(header.exists(), "{} is missing: install libzmq3-dev, or run scripts/setup", header.display());
    run(Command::new("cc").args(["-E", "-DZMQ_BUILD_DRAFT_API"]).args(flags).arg(header))
}

/// The macros that libzmq's header defines, as lines of names.inc.
fn constants() -> Vec<String> {
    let own = std::fs::read_to_string(Path::new(REAL_INCLUDE).join("zmq.h")).expect("it was preprocessed");
    let defines = preprocessed(&["-dM"]);
    let names = own.lines().filter_map(|line| line.strip_prefix("#define ")?.split_whitespace().next());
    let names: BTreeSet<_> = names.filter(|name| !name.contains('(') && !name.starts_with("__")).collect();
    let value_of = |name: &str| {
        let mut defined = defines.lines().filter_map(|line| line.strip_prefix("#define ")?.strip_prefix(name));
        defined.find(|rest| rest.is_empty() || rest.starts_with(' ')).map(str::trim)
    };
    let entry = |name: &str| match value_of(name)? {
        "" => Some(format!("#ifdef {name}\nFLAG ({name})\n#endif\n")),
        text if text.starts_with('"') => Some(format!("TEXT ({name})\n")),
        _ => Some(format!("CONSTANT ({name})\n")),
    };
    names.into_iter().filter_map(entry).collect()
}

/// The functions that libzmq's header declares: name, type that they return, parameters.
fn prototypes() -> Vec<(String, String, String)> {
    const EXPORTED: &str = "__attribute__ ((visibility (\"default\")))";
    let text = preprocessed(&["-P"]).split_whitespace().collect::<Vec<_>>().join(" ");
    let declarations = text.split(';').filter_map(|statement| statement.split_once(EXPORTED));
    let parse = |(_, declaration): (&str, &str)| {
        let (head, parameters) = declaration.split_once('(').expect("only functions are exported");
        let name = head.trim().rsplit([' ', '*']).next().expect("a name before the parameters").to_owned();
        let returned = head.trim().strip_suffix(&name).expect("the name is its end").trim().to_owned();
        (name, returned, format!("({parameters}"))
    };
    declarations.map(parse).collect()
}

/// Compiles values.c with one header and returns what it prints, as a set of lines.
fn values(name: &str, include: &Path, names: &str) -> BTreeSet<String> {
    let directory = scratch(name);
    std::fs::write(directory.join("names.inc"), names).expect("a list of names");
    let program = directory.join("values");
    run(Command::new("cc")
        .args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-I"])
        .arg(&directory)
        .arg("-I")
        .arg(include)
        .arg(root().join("tests/abi/values.c"))
        .arg("-o")
        .arg(&program));
    run(&mut Command::new(program)).lines().map(str::to_owned).collect()
}

fn function_line((name, returned, parameters): &(String, String, String)) -> String {
    format!("FUNCTION ({name}, {returned}, {parameters})\n")
}

/// Whether a line is about something that differs on purpose.
fn is_deliberate(line: &str) -> bool {
    let about = |line: &str| line.split(' ').nth(1).map(str::to_owned);
    DELIBERATE.iter().any(|ours| about(ours) == about(line))
}

#[test]
fn what_libzmqs_header_says_ours_says_too() {
    let names = constants().concat() + &prototypes().iter().map(function_line).collect::<String>();
    let real = values("abi-real", Path::new(REAL_INCLUDE), &names);
    let ours = values("abi-ours", &root().join("include"), &names);
    let missing: Vec<_> = real.difference(&ours).filter(|line| !is_deliberate(line)).collect();
    assert!(missing.is_empty(), "libzmq's header says, and ours does not: {missing:#?}");
    for line in DELIBERATE {
        assert!(ours.contains(*line), "{line}");
    }
    assert!(!real.iter().chain(&ours).any(|line| line.ends_with(": 0")), "a type is not what its own header says");
    assert!(real.len() > 300, "the extraction lost names: {} are left", real.len());
}

#[test]
fn the_header_declares_every_function_of_the_api() {
    let later = LATER_FUNCTIONS
        .iter()
        .map(|&(name, returned, parameters)| (name.to_owned(), returned.to_owned(), parameters.to_owned()));
    let later: Vec<_> = later.collect();
    let declared: BTreeSet<_> = prototypes().into_iter().chain(later.clone()).map(|(name, ..)| name).collect();
    assert_eq!(declared, functions().into_iter().collect(), "libzmq's header and tests/abi/functions-*.txt");
    let printed = values("abi-later", &root().join("include"), &later.iter().map(function_line).collect::<String>());
    let types: Vec<_> = printed.iter().filter(|line| line.starts_with("function")).collect();
    assert_eq!(types.len(), LATER_FUNCTIONS.len());
    assert!(types.iter().all(|line| line.ends_with(": 1")), "{types:?}");
}

#[test]
fn every_struct_of_libzmqs_header_is_compared() {
    let text = preprocessed(&["-P"]);
    let names = text
        .split("typedef struct zmq_")
        .skip(1)
        .map(|rest| format!("zmq_{}", rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().expect("a name")));
    assert_eq!(names.collect::<Vec<_>>(), ["zmq_msg_t", "zmq_pollitem_t", "zmq_poller_event_t"]);
}
