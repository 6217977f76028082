//! The options of a context: `zmq_ctx_set`, `zmq_ctx_get` and their draft forms for values of any size.

use std::collections::BTreeSet;

use super::ContextDefaults;
use super::row::exactly;
use crate::error::{Error, Result};

/// The most sockets that a context can be told to have.
pub const SOCKET_LIMIT: i32 = 65_535;
/// Size of `zmq_msg_t`.
const MSG_T_SIZE: i32 = 64;
const THREAD_NAME_PREFIX: i32 = 9;
const PREFIX_MAX: usize = 16;

/// The values of a context's options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextOptions {
    /// How many I/O threads to start; 0: inproc alone.
    pub io_threads: i32,
    /// How many sockets may be open at a time.
    pub max_sockets: i32,
    /// −1: the operating system's default.
    pub thread_priority: i32,
    /// −1: the operating system's default.
    pub thread_sched_policy: i32,
    /// Kept and reported; messages of any size are sent and received.
    pub max_msgsz: i32,
    /// The processors that background threads may use; empty: all.
    pub thread_affinity: BTreeSet<i32>,
    /// What the names of background threads begin with.
    pub thread_name_prefix: String,
    /// Whether received messages may share the memory that they were read into.
    pub zero_copy_recv: bool,
    /// The default of the sockets' `ZMQ_IPV6`.
    pub ipv6: bool,
    /// Whether termination waits for messages that are not sent yet, unless sockets say otherwise.
    pub blocky: bool,
}

type Setter = fn(&mut ContextOptions, i32) -> Result<()>;
type Getter = fn(&ContextOptions) -> Result<i32>;

/// One option of a context.
pub(super) struct ContextRow {
    pub number: i32,
    pub name: &'static str,
    /// The least value, and the setter.
    pub set: Option<(i32, Setter)>,
    pub get: Option<Getter>,
    pub note: &'static str,
}

/// Every option of a context, by number. `SOCKET_LIMIT` is read, and `THREAD_PRIORITY` set, under one number.
pub(super) const CONTEXT_TABLE: &[ContextRow] = &[
    row(1, "IO_THREADS", Some((0, |c, v| put(&mut c.io_threads, v))), Some(|c| Ok(c.io_threads)), ""),
    row(2, "MAX_SOCKETS", Some((1, |c, v| put(&mut c.max_sockets, v))), Some(|c| Ok(c.max_sockets)), ""),
    row(
        3,
        "THREAD_PRIORITY",
        Some((0, |c, v| put(&mut c.thread_priority, v))),
        Some(|_| Ok(SOCKET_LIMIT)),
        "reads SOCKET_LIMIT, which has the same number",
    ),
    row(
        4,
        "THREAD_SCHED_POLICY",
        Some((0, |c, v| put(&mut c.thread_sched_policy, v))),
        Some(|c| Some(c.thread_sched_policy).filter(|&policy| policy >= 0).ok_or(Error::INVAL)),
        "cannot be read before it was set",
    ),
    row(5, "MAX_MSGSZ", Some((0, |c, v| put(&mut c.max_msgsz, v))), Some(|c| Ok(c.max_msgsz)), "value only"),
    row(6, "MSG_T_SIZE", None, Some(|_| Ok(MSG_T_SIZE)), ""),
    row(7, "THREAD_AFFINITY_CPU_ADD", Some((0, add_cpu)), None, ""),
    row(8, "THREAD_AFFINITY_CPU_REMOVE", Some((0, remove_cpu)), None, "must have been added"),
    row(
        THREAD_NAME_PREFIX,
        "THREAD_NAME_PREFIX",
        Some((i32::MIN, |c, v| put(&mut c.thread_name_prefix, v.to_string()))),
        Some(|c| Ok(c.thread_name_prefix.parse().unwrap_or(0))),
        "as text 1 to 16 bytes; as number its decimal digits",
    ),
    row(
        10,
        "ZERO_COPY_RECV",
        Some((0, |c, v| put(&mut c.zero_copy_recv, v != 0))),
        Some(|c| Ok(c.zero_copy_recv.into())),
        "value only; received messages have memory of their own",
    ),
    row(42, "IPV6", Some((0, |c, v| put(&mut c.ipv6, v != 0))), Some(|c| Ok(c.ipv6.into())), ""),
    row(70, "BLOCKY", Some((0, |c, v| put(&mut c.blocky, v != 0))), Some(|c| Ok(c.blocky.into())), ""),
];

const fn row(
    number: i32,
    name: &'static str,
    set: Option<(i32, Setter)>,
    get: Option<Getter>,
    note: &'static str,
) -> ContextRow {
    ContextRow { number, name, set, get, note }
}

fn put<T>(place: &mut T, value: T) -> Result<()> {
    *place = value;
    Ok(())
}

fn add_cpu(context: &mut ContextOptions, cpu: i32) -> Result<()> {
    context.thread_affinity.insert(cpu);
    Ok(())
}

fn remove_cpu(context: &mut ContextOptions, cpu: i32) -> Result<()> {
    if context.thread_affinity.remove(&cpu) { Ok(()) } else { Err(Error::INVAL) }
}

impl Default for ContextOptions {
    fn default() -> Self {
        ContextOptions {
            io_threads: 1,
            max_sockets: 1023,
            thread_priority: -1,
            thread_sched_policy: -1,
            max_msgsz: i32::MAX,
            thread_affinity: BTreeSet::new(),
            thread_name_prefix: String::new(),
            zero_copy_recv: true,
            ipv6: false,
            blocky: true,
        }
    }
}

impl ContextOptions {
    /// What new sockets start with.
    pub fn defaults(&self) -> ContextDefaults {
        ContextDefaults { ipv6: self.ipv6, blocky: self.blocky }
    }

    /// `zmq_ctx_set`.
    ///
    /// # Errors
    /// `EINVAL`: the option is unknown or cannot be set, or the value is out of range.
    pub fn set_int(&mut self, option: i32, value: i32) -> Result<()> {
        let (low, set) = find(option)?.set.ok_or(Error::INVAL)?;
        if value < low {
            return Err(Error::INVAL);
        }
        set(self, value)
    }

    /// `zmq_ctx_get`.
    ///
    /// # Errors
    /// `EINVAL`: the option is unknown or cannot be read.
    pub fn get_int(&self, option: i32) -> Result<i32> {
        find(option)?.get.ok_or(Error::INVAL)?(self)
    }

    /// `zmq_ctx_set_ext`. `value` is `None` for a null pointer.
    ///
    /// # Errors
    /// As [`ContextOptions::set_int`]; `EINVAL` too if the value has not the size of an `int`, or a text is empty or
    /// longer than 16 bytes.
    pub fn set(&mut self, option: i32, value: Option<&[u8]>) -> Result<()> {
        if option != THREAD_NAME_PREFIX {
            return self.set_int(option, i32::from_ne_bytes(exactly(value)?));
        }
        let prefix = value.filter(|value| (1..=PREFIX_MAX).contains(&value.len())).ok_or(Error::INVAL)?;
        self.thread_name_prefix = std::str::from_utf8(prefix).map_err(|_| Error::INVAL)?.to_owned();
        Ok(())
    }

    /// `zmq_ctx_get_ext`: writes the value to `out`, whose size is the one that the caller gave. Returns what the
    /// caller's size becomes.
    ///
    /// # Errors
    /// As [`ContextOptions::get_int`]; `EINVAL` too if `out` is not of an `int`'s size, or too small for a text.
    pub fn get(&self, option: i32, out: &mut [u8]) -> Result<usize> {
        if option == THREAD_NAME_PREFIX {
            let prefix = self.thread_name_prefix.as_bytes();
            if out.len() <= prefix.len() {
                return Err(Error::INVAL);
            }
            // the whole buffer counts as the value: what follows the text is zero
            out.fill(0);
            out[..prefix.len()].copy_from_slice(prefix);
        } else {
            let out: &mut [u8; 4] = (&mut *out).try_into().map_err(|_| Error::INVAL)?;
            *out = self.get_int(option)?.to_ne_bytes();
        }
        Ok(out.len())
    }
}

fn find(option: i32) -> Result<&'static ContextRow> {
    CONTEXT_TABLE.iter().find(|row| row.number == option).ok_or(Error::INVAL)
}
