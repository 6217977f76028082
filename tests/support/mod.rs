//! What the tests of the header, the ABI and the packaging share.

#![allow(dead_code, reason = "each test uses some of it")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the source tree.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Compares a committed file with what it is generated to be; with ZMQRS_UPDATE in the environment, writes it.
pub fn assert_committed(path: &str, generated: &str) {
    let file = root().join(path);
    if std::env::var_os("ZMQRS_UPDATE").is_some() {
        std::fs::write(&file, generated).unwrap_or_else(|error| panic!("{path}: {error}"));
        return;
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{path}: {error}"));
    let differs = committed.lines().zip(generated.lines()).position(|(old, new)| old != new);
    let line = differs.unwrap_or_else(|| committed.lines().count().min(generated.lines().count()));
    assert!(
        committed == generated,
        "{path} differs from what it is generated from, first in line {}; ZMQRS_UPDATE=1 writes it anew",
        line + 1
    );
}

/// A directory for what one test makes, under Cargo's own.
pub fn scratch(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&directory).expect("a directory for the test");
    directory
}

/// Runs a command and returns what it printed; a failure shows everything it said.
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

/// The functions of libzmq that the library has: the stable ones and the drafts.
pub fn functions() -> Vec<String> {
    let lists = ["tests/abi/functions-stable.txt", "tests/abi/functions-draft.txt"];
    let read =
        |list: &str| std::fs::read_to_string(root().join(list)).unwrap_or_else(|error| panic!("{list}: {error}"));
    lists.map(read).concat().lines().map(str::to_owned).collect()
}
