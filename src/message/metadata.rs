//! Properties of a connection that its messages carry: what `zmq_msg_gets` answers from.

use std::ffi::CStr;
use std::sync::Arc;

/// Bytes that the properties of most connections fit into.
const TYPICAL: usize = 64;

/// Name-value pairs of one connection, shared by all messages that came over it.
#[derive(Debug, Default)]
pub struct Metadata {
    /// `[name length: 1][name][value][0]`, repeated: one allocation, as every connection has such a list.
    pairs: Vec<u8>,
    /// The descriptor of the connection (`ZMQ_SRCFD`), if it has one.
    pub source_fd: Option<i32>,
}

impl Metadata {
    /// No properties yet, for a connection with this descriptor.
    pub fn of_connection(fd: i32) -> Metadata {
        Metadata { pairs: Vec::with_capacity(TYPICAL), source_fd: Some(fd) }
    }

    /// Adds a property whose name has at most 255 bytes, as it has on the wire; one with a longer name is passed over.
    /// A value ends at its first zero byte, since the C API returns it as a string. The first of two properties of
    /// one name wins.
    pub fn insert(&mut self, name: &[u8], value: &[u8]) {
        let Ok(length) = u8::try_from(name.len()) else { return };
        if self.get(name).is_some() {
            return;
        }
        let end = value.iter().position(|&byte| byte == 0).unwrap_or(value.len());
        self.pairs.push(length);
        self.pairs.extend_from_slice(name);
        self.pairs.extend_from_slice(&value[..end]);
        self.pairs.push(0);
    }

    /// The value of a property; names are case-sensitive.
    pub fn get(&self, name: &[u8]) -> Option<&CStr> {
        let mut rest = &self.pairs[..];
        loop {
            let (length, behind) = rest.split_first()?;
            let (key, behind) = behind.split_at_checked(usize::from(*length))?;
            let value = CStr::from_bytes_until_nul(behind).ok()?;
            if key == name {
                return Some(value);
            }
            rest = &behind[value.to_bytes_with_nul().len()..];
        }
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
