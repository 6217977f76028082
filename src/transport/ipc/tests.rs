//! Paths, names in the abstract namespace, and the files that sockets leave.

use std::path::Path;

use super::super::tests::{Directory, accept, bind, connect, options, pair, target};
use super::*;

fn path_of(endpoint: &str) -> &Path {
    Path::new(endpoint.strip_prefix("ipc://").unwrap())
}

#[test]
fn addresses_are_accepted_or_refused_as_libzmq_does() {
    let directory = Directory::new("ipc_addresses");
    let fill = |prefix: &str, length: usize| format!("{prefix}{}", "y".repeat(length - prefix.len()));
    let folder = format!("{}/", directory.0.display());
    let cases = [
        (fill(&folder, PATH_MAX), Ok(()), Ok(())),
        (fill(&folder, PATH_MAX + 1), Err(Error::NAMETOOLONG), Err(Error::NAMETOOLONG)),
        (fill(&folder, 5000), Err(Error::NAMETOOLONG), Err(Error::NAMETOOLONG)),
        ("@".to_owned(), Err(Error::INVAL), Err(Error::INVAL)),
        (format!("{folder}missing/x"), Err(Error::NOENT), Ok(())),
        (folder.clone(), Err(Error::ADDRINUSE), Ok(())),
        (format!("{folder}é ü"), Ok(()), Ok(())),
    ];
    for (address, bound, connected) in cases {
        let endpoint = format!("ipc://{address}");
        assert_eq!(bind(&endpoint, &options()).map(|_| ()), bound, "bind {address}");
        assert_eq!(target(&endpoint, &options()).map(|_| ()), connected, "connect {address}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn abstract_names_belong_to_one_listener_and_leave_nothing() {
    let name =
        |length: usize| format!("ipc://@{}", format!("{}-", std::process::id()).repeat(40)[..length - 1].to_owned());
    let longest = name(PATH_MAX);
    assert_eq!(bind(&name(PATH_MAX + 1), &options()).err(), Some(Error::NAMETOOLONG));
    assert_eq!(target(&name(PATH_MAX + 1), &options()).err(), Some(Error::NAMETOOLONG));
    let listener = bind(&longest, &options()).unwrap();
    assert_eq!(listener.endpoint(), longest);
    assert_eq!(bind(&longest, &options()).err(), Some(Error::ADDRINUSE));
    pair(&listener, &options());
    drop(listener);
    let refused = connect(&longest, &options()).unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    assert!(bind(&longest, &options()).is_ok());
}

#[test]
fn a_path_that_exists_is_taken_over_from_files_and_from_sockets() {
    let directory = Directory::new("ipc_override");
    let endpoint = directory.endpoint("socket");
    std::fs::write(path_of(&endpoint), "a file").unwrap();
    let first = bind(&endpoint, &options()).unwrap();
    let second = bind(&endpoint, &options()).unwrap();
    let client = connect(&endpoint, &options()).unwrap();
    assert!(first.accept(&options()).unwrap().is_none());
    let server = accept(&second, &options());
    assert_eq!(server.local_endpoint(), endpoint);
    assert_eq!(client.remote_endpoint(), endpoint);
}

#[test]
fn the_socket_file_stays_and_the_next_listener_takes_it() {
    let directory = Directory::new("ipc_stays");
    let endpoint = directory.endpoint("socket");
    drop(bind(&endpoint, &options()).unwrap());
    assert!(path_of(&endpoint).exists());
    let refused = connect(&endpoint, &options()).unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    let listener = bind(&endpoint, &options()).unwrap();
    pair(&listener, &options());
}

#[test]
fn a_temporary_path_is_new_each_time_and_goes_with_its_listener() {
    let first = bind("ipc://*", &options()).unwrap();
    let second = bind("ipc://*", &options()).unwrap();
    assert_ne!(first.endpoint(), second.endpoint());
    let path = path_of(first.endpoint()).to_owned();
    assert!(path.ends_with("socket"));
    assert!(path.exists());
    drop(first);
    assert!(!path.exists());
    assert!(!path.parent().unwrap().exists());
    pair(&second, &options());
}

#[test]
fn the_first_directory_that_exists_is_for_temporary_paths() {
    let directory = Directory::new("ipc_root");
    let environment = |set: &'static [&str]| {
        let path = directory.0.clone();
        temporary_root(move |name| match set.contains(&name) {
            true => Some(path.clone().into_os_string()),
            false => (name == "TMPDIR").then(|| OsString::from("/nonexistent")),
        })
    };
    assert_eq!(environment(&["TMPDIR"]), directory.0);
    assert_eq!(environment(&["TEMPDIR"]), directory.0);
    assert_eq!(environment(&["TMP"]), directory.0);
    assert_eq!(environment(&[]), Path::new(""));
}

#[test]
fn nobody_at_the_path_is_an_attempt_that_failed() {
    let directory = Directory::new("ipc_nobody");
    let missing = connect(&directory.endpoint("missing"), &options()).unwrap_err();
    assert_eq!(missing.kind(), io::ErrorKind::NotFound);
}

#[test]
fn a_listener_with_a_full_queue_is_an_attempt_that_failed() {
    let directory = Directory::new("ipc_backlog");
    let mut options = options();
    options.backlog = 0;
    let listener = bind(&directory.endpoint("socket"), &options).unwrap();
    let mut waiting = Vec::new();
    let full = loop {
        match connect(listener.endpoint(), &options) {
            Ok(stream) => waiting.push(stream),
            Err(error) => break error,
        }
        assert!(waiting.len() < 100, "the queue has no end");
    };
    assert_eq!(full.kind(), io::ErrorKind::WouldBlock);
    assert!(!waiting.is_empty());
    accept(&listener, &options);
    assert!(connect(listener.endpoint(), &options).is_ok());
}

#[test]
#[cfg(target_os = "linux")]
fn the_peer_is_told_by_its_user_group_and_process() {
    use std::os::unix::fs::MetadataExt;
    let listener = bind("ipc://*", &options()).unwrap();
    let (client, server) = pair(&listener, &options());
    let me = std::fs::metadata("/proc/self").unwrap();
    let expected = format!("localhost:{}:{}:{}", me.uid(), me.gid(), std::process::id());
    assert_eq!(server.peer_address(), Some(expected.clone()));
    assert_eq!(client.peer_address(), Some(expected));
}
