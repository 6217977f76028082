//! The shared libraries as the loader and the linker see them, and what `make install` leaves behind.
//!
//! They are linked here by the script that `make` uses, from the static library that Cargo built for this test run.

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{functions, root, run, scratch};

/// What the shared libraries may need: the C library in its parts, the loader, and the unwinder.
const MAY_NEED: &[&str] =
    &["libc.so.", "libgcc_s.so.", "libm.so.", "libpthread.so.", "libdl.so.", "librt.so.", "ld-linux"];

/// What is exported beside libzmq's functions.
const OWN_FUNCTIONS: &[&str] = &["zmqrs_init21", "zmqrs_recv21", "zmqrs_send21", "zmqrs_version"];

/// A directory as `make` fills build/lib: the archive and the two shared libraries.
fn libraries(name: &str) -> PathBuf {
    let directory = scratch(name);
    let archive = directory.join("libzmqrs.a");
    let tests = std::env::current_exe().expect("the test's own path");
    let built = tests.with_file_name("libzmqrs.a");
    std::fs::copy(&built, &archive).unwrap_or_else(|error| panic!("{}: {error}", built.display()));
    run(Command::new(root().join("scripts/link-shared")).arg(&archive).arg(&directory));
    directory
}

/// The values of one key of the dynamic section, by objdump.
fn dynamic(library: &Path, key: &str) -> Vec<String> {
    let headers = run(Command::new("objdump").arg("-p").arg(library));
    let values = headers.lines().filter_map(|line| line.trim().strip_prefix(key));
    values.map(|value| value.trim().to_owned()).collect()
}

#[test]
fn both_libraries_have_their_soname_and_need_the_c_library_alone() {
    let directory = libraries("soname");
    for name in ["libzmqrs.so.0", "libzmq.so.5"] {
        let library = directory.join(name);
        assert_eq!(dynamic(&library, "SONAME"), [name]);
        let needed = dynamic(&library, "NEEDED");
        assert!(needed.iter().any(|needed| needed.starts_with("libc.so.")), "{needed:?}");
        for needed in needed {
            assert!(MAY_NEED.iter().any(|allowed| needed.starts_with(allowed)), "{name} needs {needed}");
        }
    }
}

#[test]
fn both_libraries_export_the_c_api_and_nothing_else() {
    let directory = libraries("exports");
    let expected: BTreeSet<String> =
        functions().into_iter().chain(OWN_FUNCTIONS.iter().map(|&name| name.to_owned())).collect();
    assert_eq!(expected.len(), 97 + OWN_FUNCTIONS.len());
    for name in ["libzmqrs.so.0", "libzmq.so.5"] {
        let listing = run(Command::new("nm").args(["-D", "--defined-only"]).arg(directory.join(name)));
        let words: Vec<Vec<_>> = listing.lines().map(|line| line.split_whitespace().collect()).collect();
        assert!(words.iter().all(|words| words[1] == "T"), "{name} exports something other than functions:\n{listing}");
        let exported: BTreeSet<String> = words.iter().map(|words| words[2].to_owned()).collect();
        assert_eq!(exported, expected, "{name}");
    }
}

/// Installs into a new root below `name`, and returns that root.
fn install(name: &str, dropin: bool) -> PathBuf {
    let place = scratch(name).join("root");
    if place.exists() {
        std::fs::remove_dir_all(&place).expect("the last run's files");
    }
    let mut command = installer(&libraries(name), &place);
    run(if dropin { command.arg("--dropin") } else { &mut command });
    place
}

fn installer(lib: &Path, place: &Path) -> Command {
    let mut command = Command::new(root().join("scripts/install"));
    command.arg("--lib").arg(lib).args(["--prefix", "/usr", "--destdir"]).arg(place);
    command
}

/// All files and links below a directory, by their names relative to it.
fn files(place: &Path) -> BTreeSet<String> {
    let listing = run(Command::new("find").arg(place).args(["!", "-type", "d", "-printf", "%P\\n"]));
    listing.lines().map(str::to_owned).collect()
}

const INSTALLED: &[&str] = &[
    "usr/include/zmq.h",
    "usr/include/zmq_utils.h",
    "usr/lib/libzmqrs.a",
    "usr/lib/libzmqrs.so",
    "usr/lib/libzmqrs.so.0",
    concat!("usr/lib/libzmqrs.so.", env!("CARGO_PKG_VERSION")),
    "usr/lib/pkgconfig/zmqrs.pc",
];

const INSTALLED_AS_DROPIN: &[&str] =
    &["usr/lib/libzmq.a", "usr/lib/libzmq.so", "usr/lib/libzmq.so.5", "usr/lib/pkgconfig/libzmq.pc"];

/// How a program gets at the library.
#[derive(Clone, Copy, PartialEq)]
enum Linking {
    Shared,
    Static,
}

/// Compiles tests/abi/installed.c with what pkg-config says of `package`, and runs it. Linked statically, it must do
/// without the installed libraries.
fn compile_and_run(place: &Path, package: &str, linking: Linking) -> String {
    let words = run(Command::new("pkg-config")
        .args(["--cflags", "--libs"])
        .args((linking == Linking::Static).then_some("--static"))
        .arg(package)
        .env("PKG_CONFIG_PATH", place.join("usr/lib/pkgconfig"))
        .env("PKG_CONFIG_SYSROOT_DIR", place)
        .env("PKG_CONFIG_ALLOW_SYSTEM_CFLAGS", "1")
        .env("PKG_CONFIG_ALLOW_SYSTEM_LIBS", "1"));
    let words = match linking {
        Linking::Shared => words,
        Linking::Static => words.replace("-lzmqrs", "-l:libzmqrs.a"),
    };
    let program = place.join(format!("program-{package}-{}", linking as u8));
    run(Command::new("cc")
        .arg(root().join("tests/abi/installed.c"))
        .arg("-o")
        .arg(&program)
        .args(words.split_whitespace()));
    let mut program = Command::new(program);
    run(match linking {
        Linking::Shared => program.env("LD_LIBRARY_PATH", place.join("usr/lib")),
        Linking::Static => &mut program,
    })
}

#[test]
fn what_is_installed_can_be_compiled_with_and_run() {
    let place = install("install", false);
    assert_eq!(files(&place), INSTALLED.iter().map(|&file| file.to_owned()).collect());
    let expected = concat!("4.3.5 zmqrs ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(compile_and_run(&place, "zmqrs", Linking::Shared), expected);
    assert_eq!(compile_and_run(&place, "zmqrs", Linking::Static), expected);
}

#[test]
fn as_a_drop_in_it_answers_to_the_name_of_libzmq_too() {
    let place = install("dropin", true);
    assert_eq!(files(&place), INSTALLED.iter().chain(INSTALLED_AS_DROPIN).map(|&file| file.to_owned()).collect());
    assert_eq!(
        compile_and_run(&place, "libzmq", Linking::Shared),
        concat!("4.3.5 zmqrs ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn uninstalling_removes_what_was_installed_and_nothing_else() {
    let place = install("uninstall", true);
    let other = place.join("usr/lib/libother.so");
    std::fs::write(&other, "").expect("a file of someone else");
    run(installer(&scratch("uninstall"), &place).arg("--uninstall"));
    assert_eq!(files(&place), ["usr/lib/libother.so".to_owned()].into());
}

#[test]
fn uninstalling_leaves_a_libzmq_of_another_origin() {
    let place = install("uninstall-other", false);
    for file in ["usr/lib/libzmq.so.5", "usr/lib/pkgconfig/libzmq.pc"] {
        std::fs::write(place.join(file), "Name: libzmq\n").expect("another libzmq");
    }
    std::fs::write(place.join("usr/include/zmq.h"), "/* another one */\n").expect("another header");
    run(installer(&scratch("uninstall-other"), &place).arg("--uninstall"));
    let left = ["usr/include/zmq.h", "usr/lib/libzmq.so.5", "usr/lib/pkgconfig/libzmq.pc"];
    assert_eq!(files(&place), left.map(str::to_owned).into());
}
