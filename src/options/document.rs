//! The list of all options as a page for the reader, made from the tables so that it cannot be wrong.

use std::fmt::Write;

use super::context::{CONTEXT_TABLE, ContextRow};
use super::row::{Bytes, Kind, Reads, Row, Source, Status};
use super::{ContextDefaults, ContextOptions, Options, SocketType, TABLE};

const TYPES: [SocketType; 11] = [
    SocketType::Pair,
    SocketType::Pub,
    SocketType::Sub,
    SocketType::Req,
    SocketType::Rep,
    SocketType::Dealer,
    SocketType::Router,
    SocketType::Pull,
    SocketType::Push,
    SocketType::Xpub,
    SocketType::Xsub,
];

const HEAD: &str = "\
# Options

Generated from the tables in `src/options/`; a test fails when this page is out of date.

## Socket options

*Status*: **in force**: the option does what its man page says. **value only**: the value is checked, kept and
reported, and no transport that is built in asks for it. **not built in**: setting it fails with `EINVAL`, as in a
libzmq that was built without the feature; where reading harms nobody, it reads as if never set.

The size of a number must be that of its C type. In addition any `int` can be read into 8 bytes, and the options of
the 2.1 generation can be set with 8 bytes where the column *2.1* says so.

| Option | # | C type | Access | Default | Valid | Set on | 2.1 | Status | Remarks |
|---|---|---|---|---|---|---|---|---|---|
";

const CONTEXT_HEAD: &str = "
## Context options

| Option | # | Access | Default | Valid | Remarks |
|---|---|---|---|---|---|
";

/// The page, in Markdown.
pub fn document() -> String {
    let mut page = HEAD.to_owned();
    for row in TABLE {
        line(&mut page, &socket_row(row));
    }
    page.push_str(CONTEXT_HEAD);
    for row in CONTEXT_TABLE {
        line(&mut page, &context_row(row));
    }
    page
}

fn line(page: &mut String, cells: &[String]) {
    // writing to a String does not fail
    let _ = writeln!(page, "| {} |", cells.join(" | "));
}

fn socket_row(row: &Row) -> [String; 10] {
    [
        format!("`ZMQ_{}`", row.name),
        row.number.to_string(),
        c_type(&row.kind).to_owned(),
        access(row),
        default(row),
        valid(&row.kind),
        types(row),
        if row.wide.is_some() { "8 bytes" } else { "" }.to_owned(),
        match row.status {
            Status::InForce => "in force",
            Status::ValueOnly => "value only",
            Status::NotBuiltIn => "not built in",
        }
        .to_owned(),
        row.note.to_owned(),
    ]
}

fn c_type(kind: &Kind) -> &'static str {
    match kind {
        Kind::Int { .. } | Kind::Computed(_) | Kind::Absent(Reads::Int(_)) => "int",
        Kind::Long { signed: true, .. } => "int64_t",
        Kind::Long { signed: false, .. } => "uint64_t",
        Kind::Bytes(Bytes { text: false, .. }) | Kind::Action { .. } => "bytes",
        Kind::Bytes(Bytes { text: true, .. }) | Kind::LastEndpoint | Kind::Absent(Reads::EmptyText) => "text",
        Kind::Absent(Reads::Nothing) => "",
    }
}

fn access(row: &Row) -> String {
    let (set, get) = match &row.kind {
        Kind::Int { set, get, .. } => (set.is_some(), get.is_some()),
        Kind::Long { .. } => (true, true),
        Kind::Bytes(bytes) => (true, bytes.get.is_some()),
        Kind::Computed(_) | Kind::LastEndpoint => (false, true),
        Kind::Action { .. } => (true, false),
        Kind::Absent(reads) => (false, !matches!(reads, Reads::Nothing)),
    };
    access_text(set, get).to_owned()
}

fn access_text(set: bool, get: bool) -> &'static str {
    match (set, get) {
        (true, true) => "set, get",
        (true, false) => "set",
        (false, true) => "get",
        (false, false) => "",
    }
}

fn default(row: &Row) -> String {
    let options = Options::new(SocketType::Dealer, &ContextDefaults::default());
    match &row.kind {
        Kind::Int { set: Some(_), get: Some(get), .. } => get(&options).to_string(),
        Kind::Long { get, .. } => get(&options).to_string(),
        Kind::Bytes(_) => "empty".to_owned(),
        Kind::Computed(Source::Options(get)) => get(&options).to_string(),
        Kind::Int { set: Some(_), get: None, .. } => "0".to_owned(),
        _ => String::new(),
    }
}

fn valid(kind: &Kind) -> String {
    match kind {
        Kind::Int { set: None, .. } => String::new(),
        Kind::Int { valid, .. } => range(*valid),
        Kind::Bytes(Bytes { sizes: (low, usize::MAX), .. }) => format!("at least {low} bytes"),
        Kind::Bytes(Bytes { sizes: (low, high), .. }) => format!("{low} to {high} bytes"),
        Kind::Long { .. } | Kind::Action { .. } => "any".to_owned(),
        _ => String::new(),
    }
}

fn range(valid: (i32, i32)) -> String {
    match valid {
        (i32::MIN, i32::MAX) => "any".to_owned(),
        (low, i32::MAX) => format!("at least {low}"),
        (low, high) => format!("{low} to {high}"),
    }
}

fn types(row: &Row) -> String {
    let settable = access(row).starts_with("set");
    let names: Vec<String> = TYPES
        .into_iter()
        .filter(|&socket_type| row.types.has(socket_type))
        .map(|socket_type| format!("{socket_type:?}").to_uppercase())
        .collect();
    match names.len() {
        _ if !settable => String::new(),
        length if length == TYPES.len() => "all".to_owned(),
        _ => names.join(", "),
    }
}

fn context_row(row: &ContextRow) -> [String; 6] {
    let options = ContextOptions::default();
    [
        format!("`ZMQ_{}`", row.name),
        row.number.to_string(),
        access_text(row.set.is_some(), row.get.is_some()).to_owned(),
        row.get.and_then(|get| get(&options).ok()).map(|value| value.to_string()).unwrap_or_default(),
        row.set.map(|(low, _)| range((low, i32::MAX))).unwrap_or_default(),
        row.note.to_owned(),
    ]
}
