//! Properties of a connection that its messages carry: what `zmq_msg_gets` answers from.

use std::ffi::{CStr, CString};
use std::sync::Arc;

/// Name-value pairs of one connection, shared by all messages that came over it.
#[derive(Debug, Default)]
pub struct Metadata {
    pairs: Vec<(Vec<u8>, CString)>,
    /// The descriptor of the connection (`ZMQ_SRCFD`), if it has one.
    pub source_fd: Option<i32>,
}

impl Metadata {
    /// No properties yet, for a connection with this descriptor.
    pub fn of_connection(fd: i32) -> Metadata {
        Metadata { pairs: Vec::new(), source_fd: Some(fd) }
    }

    /// Adds a property. A value ends at its first zero byte, since the C API returns it as a string. The first of
    /// two properties of one name wins.
    pub fn insert(&mut self, name: &[u8], value: &[u8]) {
        let end = value.iter().position(|&byte| byte == 0).unwrap_or(value.len());
        if let (None, Ok(value)) = (self.get(name), CString::new(&value[..end])) {
            self.pairs.push((name.to_vec(), value));
        }
    }

    /// The value of a property; names are case-sensitive.
    pub fn get(&self, name: &[u8]) -> Option<&CStr> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_c_str())
    }

    /// One more reference to what `Arc::into_raw` gave; null is allowed.
    #[inline]
    pub(super) fn add_reference(raw: *const Metadata) {
        if !raw.is_null() {
            // SAFETY: only Msg calls this, with a pointer from Arc::into_raw whose reference it holds.
            unsafe { Arc::increment_strong_count(raw) };
        }
    }

    /// Gives up one reference; null is allowed.
    #[inline]
    pub(super) fn release(raw: *const Metadata) {
        if !raw.is_null() {
            // SAFETY: only Msg calls this, with a pointer from Arc::into_raw whose reference it gives up.
            unsafe { Arc::decrement_strong_count(raw) };
        }
    }
}
