//! `zmq.h` serves every standard of C and C++, without a warning, for programs of both generations, and beside the
//! headers that build on it: Debian's czmq.h and zmq.hpp.

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{root, run, scratch};

const C_STANDARDS: &[&str] = &["89", "90", "99", "11", "17", "2x"];
const CXX_STANDARDS: &[&str] = &["98", "03", "11", "14", "17", "20", "2b"];
const PROGRAMS: &[&str] = &["style21.c", "style4.c", "mixed.c"];

const STRICT: &[&str] = &["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"];

fn program(name: &str) -> PathBuf {
    root().join("tests/abi").join(name)
}

fn compiler(name: &str) -> Command {
    let mut command = Command::new(name);
    command.arg("-I").arg(root().join("include"));
    command
}

/// Compiles all programs for one standard with both compilers, with the drafts and without.
fn compiles(compilers: [&str; 2], dialects: [&str; 2], standards: &[&str], language: &str, programs: &[&str]) {
    for (compiler_name, dialect) in
        compilers.iter().flat_map(|name| dialects.iter().map(move |dialect| (name, dialect)))
    {
        for standard in standards {
            for drafts in [None, Some("-DZMQ_BUILD_DRAFT_API")] {
                run(compiler(compiler_name)
                    .arg(format!("-std={dialect}{standard}"))
                    .args(STRICT)
                    .args(drafts)
                    .args(["-x", language])
                    .args(programs.iter().map(|name| program(name))));
            }
        }
    }
}

#[test]
fn every_standard_of_c_compiles_it_without_a_warning() {
    compiles(["gcc", "clang"], ["c", "gnu"], C_STANDARDS, "c", PROGRAMS);
}

#[test]
fn every_standard_of_cxx_compiles_it_without_a_warning() {
    compiles(["g++", "clang++"], ["c++", "gnu++"], CXX_STANDARDS, "c++", PROGRAMS);
    compiles(["g++", "clang++"], ["c++", "gnu++"], CXX_STANDARDS, "c++", &["address.cpp"]);
}

/// The functions of the library that a compiled program calls.
fn calls(compiler_name: &str, language: &str, source: &str) -> BTreeSet<String> {
    let object = scratch("compile").join(format!("{source}-{compiler_name}.o"));
    run(compiler(compiler_name).args(["-x", language, "-c"]).arg(program(source)).arg("-o").arg(&object));
    let listing = run(Command::new("nm").arg("-u").arg(object));
    let names = listing.lines().filter_map(|line| line.split_whitespace().last());
    names.filter(|name| name.starts_with("zmq")).map(str::to_owned).collect()
}

const COMPILERS: [(&str, &str); 4] = [("gcc", "c"), ("clang", "c"), ("g++", "c++"), ("clang++", "c++")];

#[test]
fn calls_of_2_1_go_to_the_functions_of_2_1() {
    for (name, language) in COMPILERS {
        let called = calls(name, language, "style21.c");
        for expected in ["zmqrs_send21", "zmqrs_recv21", "zmqrs_init21", "zmq_device"] {
            assert!(called.contains(expected), "{name}: {called:?}");
        }
        for other in ["zmq_send", "zmq_recv", "zmq_init"] {
            assert!(!called.contains(other), "{name}: {called:?}");
        }
    }
}

#[test]
fn calls_of_4_x_go_to_the_functions_of_4_x() {
    for (name, language) in COMPILERS {
        let called = calls(name, language, "style4.c");
        assert!(called.contains("zmq_send") && called.contains("zmq_recv"), "{name}: {called:?}");
        assert!(!called.iter().any(|function| function.starts_with("zmqrs")), "{name}: {called:?}");
    }
}

#[test]
fn both_generations_can_be_called_in_one_file() {
    for (name, language) in COMPILERS {
        let called = calls(name, language, "mixed.c");
        for expected in ["zmqrs_send21", "zmqrs_recv21", "zmqrs_init21", "zmq_send", "zmq_recv"] {
            assert!(called.contains(expected), "{name}: {called:?}");
        }
        assert!(!called.contains("zmq_init"), "{name}: {called:?}");
    }
}

/// A directory with copies of a package's headers, which then find our zmq.h beside them as if it were installed there.
/// (Not links: gcc would follow them.)
fn beside(package: &str) -> PathBuf {
    let directory = scratch("compile").join(package);
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir(&directory).expect("a directory of its own");
    let listing = run(Command::new("dpkg").args(["-L", package]));
    let headers = listing.lines().map(Path::new).filter(|file| file.parent() == Some(Path::new("/usr/include")));
    let ours = ["zmq.h", "zmq_utils.h"].map(|name| root().join("include").join(name));
    for header in headers.map(Path::to_owned).chain(ours) {
        let copy = directory.join(header.file_name().expect("a header has a name"));
        std::fs::copy(&header, copy).expect("a copy of a header");
    }
    directory
}

/// Compiles a program of a few lines that includes `headers`. Ours may give no warning; for those of others it is of
/// no consequence what they give.
fn compiles_beside(package: &str, compiler_name: &str, flags: &[&str], headers: &[&str]) {
    let directory = beside(package);
    let source = directory.join(format!("program-{compiler_name}-{}.c", headers.len()));
    let includes: String = headers.iter().map(|header| format!("#include <{header}>\n")).collect();
    let check = "#if ZMQ_VERSION_PATCH != 5 || !defined ZMQ_UPSTREAM\n#error not our zmq.h\n#endif\n";
    let body =
        "int main (void) { zmq_msg_t m; zmq_msg_init (&m); zmq_send (0, &m, 0); return zmq_send (0, 0, 0, 0); }\n";
    std::fs::write(&source, includes + check + body).expect("a program");
    run(compiler(compiler_name).args(STRICT).args(flags).arg("-isystem").arg(directory).arg(source));
}

#[test]
fn it_compiles_together_with_czmq() {
    for (name, flags) in
        [("gcc", &[][..]), ("clang", &[]), ("gcc", &["-DZMQ_BUILD_DRAFT_API"]), ("gcc", &["-std=gnu99"])]
    {
        compiles_beside("libczmq-dev", name, flags, &["czmq.h"]);
        compiles_beside("libczmq-dev", name, flags, &["zmq.h", "czmq.h"]);
        compiles_beside("libczmq-dev", name, flags, &["czmq.h", "zmq.h", "zmq_utils.h"]);
    }
}

#[test]
fn it_compiles_together_with_cppzmq() {
    for name in ["g++", "clang++"] {
        for standard in ["-std=c++11", "-std=c++17", "-std=c++20"] {
            for drafts in [&["-x", "c++", standard][..], &["-x", "c++", standard, "-DZMQ_BUILD_DRAFT_API"]] {
                compiles_beside("cppzmq-dev", name, drafts, &["zmq.hpp", "zmq_addon.hpp"]);
            }
        }
    }
}
