//! What a row of the option table says, and how a value passes through it.
//!
//! The rules of `zmq_setsockopt` and `zmq_getsockopt` that hold for every option of a kind are here, once; what is
//! particular to an option is in its row.

use super::{Applied, Live, Options, SocketState, SocketType};
use crate::error::{Error, Result};

/// Reads an option as a number.
pub(super) type GetInt = fn(&Options) -> i32;
/// Stores a number that the row found valid.
pub(super) type SetInt = fn(&mut Options, i32);

/// One option.
pub struct Row {
    /// The number in `zmq.h`.
    pub number: i32,
    /// The name in `zmq.h`, without `ZMQ_`.
    pub name: &'static str,
    /// What its values are.
    pub(super) kind: Kind,
    /// The 8-byte form that the value has in the 2.1 generation of the API, where that means something else than
    /// the same number, or can be set.
    pub(super) wide: Option<Wide>,
    /// The socket types that can set it; reading is not restricted, unless `restricted_read` says so.
    pub(super) types: Types,
    pub(super) restricted_read: bool,
    pub(super) applied: Applied,
    pub(super) status: Status,
    /// For the generated documentation.
    pub(super) note: &'static str,
}

/// What the values of an option are, and where they live.
pub(super) enum Kind {
    /// A C `int`; a missing setter or getter means that it cannot be set or read.
    Int { valid: (i32, i32), set: Option<SetInt>, get: Option<GetInt> },
    /// A 64-bit number.
    Long { signed: bool, set: fn(&mut Options, i64), get: fn(&Options) -> i64 },
    /// Bytes, or text, which is read with a final zero.
    Bytes(Bytes),
    /// An `int` that is computed when read, into a buffer of any size from 4.
    Computed(Source),
    /// The last endpoint, which the socket knows.
    LastEndpoint,
    /// Not a value but an action on the pattern's state, possible when the options allow.
    Action { allowed: fn(&Options) -> bool },
    /// Belongs to a feature that is not built in: cannot be set.
    Absent(Reads),
}

/// A string of bytes and its limits.
pub(super) struct Bytes {
    pub sizes: (usize, usize),
    /// Whether a null pointer with length 0 clears the value.
    pub null_clears: bool,
    pub text: bool,
    pub set: fn(&mut Options, &[u8]) -> Result<()>,
    pub get: Option<fn(&Options) -> &[u8]>,
}

/// Where a computed number comes from.
pub(super) enum Source {
    Socket(Live),
    Options(GetInt),
}

/// What can be read of an option that cannot be set.
pub(super) enum Reads {
    Nothing,
    Int(i32),
    EmptyText,
}

/// The 8-byte form of the 2.1 generation.
#[derive(Clone, Copy)]
pub(super) struct Wide {
    pub set: fn(&mut Options, i64) -> Result<()>,
    pub get: fn(&Options) -> i64,
}

/// How far an option is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// It does what it says.
    InForce,
    /// The value is kept and reported; no built-in transport asks for it.
    ValueOnly,
    /// Refused, since the feature is not built in.
    NotBuiltIn,
}

/// A set of socket types.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Types(u32);

impl Types {
    pub const ALL: Types = Types(u32::MAX);

    pub const fn of(types: &[SocketType]) -> Types {
        let mut set = 0;
        let mut index = 0;
        while index < types.len() {
            set |= 1 << types[index] as u32;
            index += 1;
        }
        Types(set)
    }

    pub fn has(self, socket_type: SocketType) -> bool {
        self.0 & (1 << socket_type as u32) != 0
    }
}

impl Row {
    const fn new(number: i32, name: &'static str, kind: Kind) -> Row {
        Row {
            number,
            name,
            kind,
            wide: None,
            types: Types::ALL,
            restricted_read: false,
            applied: Applied::Stored,
            status: Status::InForce,
            note: "",
        }
    }

    /// An `int` within bounds, which can be set and read.
    pub(super) const fn int(number: i32, name: &'static str, valid: (i32, i32), set: SetInt, get: GetInt) -> Row {
        Row::new(number, name, Kind::Int { valid, set: Some(set), get: Some(get) })
    }

    /// An `int` that can only be set.
    pub(super) const fn write_only(number: i32, name: &'static str, valid: (i32, i32), set: SetInt) -> Row {
        Row::new(number, name, Kind::Int { valid, set: Some(set), get: None })
    }

    /// An `int` that can only be read.
    pub(super) const fn read_only(number: i32, name: &'static str, get: GetInt) -> Row {
        Row::new(number, name, Kind::Int { valid: (0, 0), set: None, get: Some(get) })
    }

    pub(super) const fn long(
        number: i32,
        name: &'static str,
        signed: bool,
        set: fn(&mut Options, i64),
        get: fn(&Options) -> i64,
    ) -> Row {
        Row::new(number, name, Kind::Long { signed, set, get })
    }

    pub(super) const fn bytes(number: i32, name: &'static str, bytes: Bytes) -> Row {
        Row::new(number, name, Kind::Bytes(bytes))
    }

    pub(super) const fn computed(number: i32, name: &'static str, source: Source) -> Row {
        Row::new(number, name, Kind::Computed(source))
    }

    pub(super) const fn last_endpoint(number: i32, name: &'static str) -> Row {
        Row::new(number, name, Kind::LastEndpoint)
    }

    pub(super) const fn action(number: i32, name: &'static str, allowed: fn(&Options) -> bool) -> Row {
        Row { applied: Applied::Pattern, ..Row::new(number, name, Kind::Action { allowed }) }
    }

    pub(super) const fn absent(number: i32, name: &'static str, reads: Reads) -> Row {
        Row { status: Status::NotBuiltIn, ..Row::new(number, name, Kind::Absent(reads)) }
    }

    pub(super) const fn only(self, types: &[SocketType]) -> Row {
        Row { types: Types::of(types), ..self }
    }

    pub(super) const fn restrict_read(self) -> Row {
        Row { restricted_read: true, ..self }
    }

    /// The attached pipes take it at once.
    pub(super) const fn reaches_pipes(self) -> Row {
        Row { applied: Applied::Pipes, ..self }
    }

    /// Waits that begin from now on take it.
    pub(super) const fn reaches_waits(self) -> Row {
        Row { applied: Applied::Waits, ..self }
    }

    pub(super) const fn value_only(self) -> Row {
        Row { status: Status::ValueOnly, ..self }
    }

    pub(super) const fn with_wide(self, set: fn(&mut Options, i64) -> Result<()>, get: fn(&Options) -> i64) -> Row {
        Row { wide: Some(Wide { set, get }), ..self }
    }

    pub(super) const fn note(self, note: &'static str) -> Row {
        Row { note, ..self }
    }
}

impl Row {
    /// Checks a value and stores it.
    pub(super) fn set(&self, options: &mut Options, value: Option<&[u8]>) -> Result<Applied> {
        if !self.types.has(options.socket_type) {
            return Err(Error::INVAL);
        }
        if let (Some(wide), Some(Ok(value))) = (self.wide, value.map(<[u8; 8]>::try_from)) {
            (wide.set)(options, i64::from_ne_bytes(value))?;
            return Ok(self.applied);
        }
        match &self.kind {
            Kind::Int { valid: (low, high), set: Some(set), .. } => {
                let value = i32::from_ne_bytes(exactly(value)?);
                if value < *low || value > *high {
                    return Err(Error::INVAL);
                }
                set(options, value);
            }
            Kind::Long { set, .. } => set(options, i64::from_ne_bytes(exactly(value)?)),
            Kind::Bytes(bytes) => bytes.store(options, value)?,
            Kind::Action { allowed } if allowed(options) => {}
            _ => return Err(Error::INVAL),
        }
        Ok(self.applied)
    }

    /// Writes the value to `out`; returns its size.
    pub(super) fn get(&self, options: &Options, state: &mut dyn SocketState, out: &mut [u8]) -> Result<usize> {
        if self.restricted_read && !self.types.has(options.socket_type) {
            return Err(Error::INVAL);
        }
        if let (Some(wide), 8) = (self.wide, out.len()) {
            return write(out, &(wide.get)(options).to_ne_bytes());
        }
        match &self.kind {
            Kind::Int { get: Some(get), .. } => write_int(out, get(options)),
            Kind::Long { get, .. } if out.len() == 8 => write(out, &get(options).to_ne_bytes()),
            Kind::Bytes(Bytes { get: Some(get), text, .. }) if *text => write_text(out, get(options)),
            Kind::Bytes(Bytes { get: Some(get), .. }) => write(out, get(options)),
            Kind::Computed(_) if out.len() < 4 => Err(Error::INVAL),
            Kind::Computed(source) => {
                let value = match source {
                    Source::Socket(which) => state.value(*which)?,
                    Source::Options(get) => get(options),
                };
                // 8 bytes are an int64_t of the 2.1 generation; any other size is room for an int
                match out.len() {
                    8 => write_int(out, value),
                    _ => write(out, &value.to_ne_bytes()),
                }
            }
            Kind::LastEndpoint => write_text(out, state.last_endpoint().as_bytes()),
            Kind::Absent(Reads::Int(value)) => write_int(out, *value),
            Kind::Absent(Reads::EmptyText) => write_text(out, b""),
            _ => Err(Error::INVAL),
        }
    }
}

impl Bytes {
    fn store(&self, options: &mut Options, value: Option<&[u8]>) -> Result<()> {
        match value {
            None if self.null_clears => (self.set)(options, b""),
            Some(value) if (self.sizes.0..=self.sizes.1).contains(&value.len()) => (self.set)(options, value),
            _ => Err(Error::INVAL),
        }
    }
}

/// A value of exactly the size that its type has.
pub(super) fn exactly<const N: usize>(value: Option<&[u8]>) -> Result<[u8; N]> {
    value.and_then(|value| value.try_into().ok()).ok_or(Error::INVAL)
}

/// An `int` into its 4 bytes, or into the 8 of an `int64_t` or `uint64_t`.
fn write_int(out: &mut [u8], value: i32) -> Result<usize> {
    match out.len() {
        4 => write(out, &value.to_ne_bytes()),
        8 => write(out, &i64::from(value).to_ne_bytes()),
        _ => Err(Error::INVAL),
    }
}

fn write_text(out: &mut [u8], text: &[u8]) -> Result<usize> {
    if out.len() <= text.len() {
        return Err(Error::INVAL);
    }
    // the zero at the end is part of the value, and written with the rest
    write(out, text).map(|size| size + 1)
}

/// What is left of the buffer is zero, so that a routing id can be read as a C string, and an `int` as any larger one.
fn write(out: &mut [u8], bytes: &[u8]) -> Result<usize> {
    let (value, rest) = out.split_at_mut_checked(bytes.len()).ok_or(Error::INVAL)?;
    value.copy_from_slice(bytes);
    rest.fill(0);
    Ok(bytes.len())
}
