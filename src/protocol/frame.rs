//! Frames on the wire: headers of both framings, and a reader that survives being fed in pieces.
//!
//! ```text
//! version 1:   [length + 1: 1][flags: 1][body]     or  [0xff][length + 1: 8][flags: 1][body]
//! version 2+:  [flags: 1][length: 1][body]         or  [flags: 1][length: 8][body]
//! ```

use super::error::ProtocolError;
use super::greeting::Version;
pub(super) use crate::message::batch::{LONG, MORE};
use crate::message::{Growing, Msg};

/// The frame is a command. Bits above this one are reserved and ignored.
pub(super) const COMMAND: u8 = 0x04;

/// The longest header: version 1, long.
const HEADER_MAX: usize = 10;
/// First byte of a long header of version 1.
const LONG_V1: u8 = 0xff;

/// Appends the header of a frame of `len` bytes. `flags` may have [`MORE`] and, in version 3, [`COMMAND`].
#[inline]
pub(super) fn write_header(version: Version, flags: u8, len: usize, out: &mut Vec<u8>) {
    match (version, u8::try_from(len)) {
        (Version::V1_0, _) => write_header_v1(flags, len, out),
        (_, Ok(len)) => out.extend_from_slice(&[flags, len]),
        (_, Err(_)) => {
            let mut header = [0; 9];
            header[0] = flags | LONG;
            header[1..].copy_from_slice(&(len as u64).to_be_bytes());
            out.extend_from_slice(&header);
        }
    }
}

fn write_header_v1(flags: u8, len: usize, out: &mut Vec<u8>) {
    let counted = len as u64 + 1;
    match u8::try_from(counted) {
        Ok(counted) if counted != LONG_V1 => out.push(counted),
        _ => {
            out.push(LONG_V1);
            out.extend_from_slice(&counted.to_be_bytes());
        }
    }
    out.push(flags & MORE);
}

/// Larger bodies are not gathered in batches when they arrive: each is a content of its own.
const SMALL_BODY: usize = 2048;

/// One frame as it came.
pub(super) struct Frame {
    /// [`MORE`] and [`COMMAND`]; other bits may be anything.
    pub(super) flags: u8,
    pub(super) body: Msg,
}

/// A frame that is all there, and what follows it.
pub(super) struct Whole<'a> {
    pub(super) flags: u8,
    pub(super) body: &'a [u8],
    pub(super) rest: &'a [u8],
}

/// Takes frames out of a stream of bytes. Between frames it holds nothing; within a frame, the part that came.
pub(super) struct FrameReader {
    max: u64,
    /// A body of which a part came.
    body: Option<Growing>,
    /// A header of which a part came.
    header: [u8; HEADER_MAX],
    header_len: u8,
    /// Flags of the frame that `body` belongs to.
    flags: u8,
    version: Version,
    /// Whether the short cuts may be used at all, which they may not in version 1.
    short_cut: bool,
    /// Frames with a one-byte length below this may take the short cut. It is 0 within a frame and where there is no
    /// short cut, so that one comparison tells all.
    short_limit: u16,
}

impl FrameReader {
    /// A reader at the start of a frame that refuses bodies of more than `max` bytes. `short_cut` says whether
    /// [`FrameReader::short`] and [`FrameReader::long`] are used.
    pub(super) fn new(version: Version, max: Option<u64>, short_cut: bool) -> FrameReader {
        let mut reader = FrameReader {
            // A length with the top bit set is impossible in any case.
            max: max.unwrap_or(u64::MAX).min(i64::MAX as u64),
            body: None,
            header: [0; HEADER_MAX],
            header_len: 0,
            flags: 0,
            version,
            short_cut: short_cut && version != Version::V1_0,
            short_limit: 0,
        };
        reader.set_between_frames();
        reader
    }

    pub(super) fn version(&self) -> Version {
        self.version
    }

    fn set_between_frames(&mut self) {
        self.header_len = 0;
        self.short_limit = if self.short_cut { self.max.min(255) as u16 + 1 } else { 0 };
    }

    /// The shortest cut, for a frame that fits into a message itself and has so many bytes behind its header, its own
    /// or others: flags, these bytes, and how many are its own.
    #[inline]
    pub(super) fn tiny<'a>(&self, input: &'a [u8]) -> Option<(u8, &'a [u8; Msg::INLINE_MAX], u8)> {
        let [flags, len, ..] = *input.first_chunk::<{ Msg::INLINE_MAX + 2 }>()?;
        let fits = usize::from(len) <= Msg::INLINE_MAX && u16::from(len) < self.short_limit;
        if !fits || flags & (LONG | COMMAND) != 0 {
            return None;
        }
        Some((flags, input[2..].first_chunk()?, len))
    }

    /// The short cut: a message frame with a short header if it is all there, at the start of a frame, and no larger
    /// than allowed. Anything else is left to [`FrameReader::next`].
    #[inline]
    pub(super) fn short<'a>(&self, input: &'a [u8]) -> Option<Whole<'a>> {
        let [flags, len, rest @ ..] = input else { return None };
        if flags & (LONG | COMMAND) != 0 || u16::from(*len) >= self.short_limit {
            return None;
        }
        let (body, rest) = rest.split_at_checked(usize::from(*len))?;
        Some(Whole { flags: *flags, body, rest })
    }

    /// The same for a command.
    #[inline]
    pub(super) fn short_command<'a>(&self, input: &'a [u8]) -> Option<Whole<'a>> {
        let [flags, len, rest @ ..] = input else { return None };
        if flags & (LONG | COMMAND) != COMMAND || u16::from(*len) >= self.short_limit {
            return None;
        }
        let (body, rest) = rest.split_at_checked(usize::from(*len))?;
        Some(Whole { flags: *flags, body, rest })
    }

    /// The same for a long header.
    #[inline]
    pub(super) fn long<'a>(&self, input: &'a [u8]) -> Option<Whole<'a>> {
        let ([flags, len @ ..], rest) = input.split_first_chunk::<9>()?;
        let len = u64::from_be_bytes(*len);
        if flags & (LONG | COMMAND) != LONG || self.short_limit == 0 || len > self.max {
            return None;
        }
        let (body, rest) = rest.split_at_checked(usize::try_from(len).ok()?)?;
        Some(Whole { flags: *flags, body, rest })
    }

    /// How many bytes at the start of `input` are whole messages of small frames, at most `most` of them, and how many
    /// messages that is. None within a frame, and where there is no short cut.
    pub(super) fn whole_messages(&self, input: &[u8], most: usize) -> (usize, u32) {
        let (mut at, mut end, mut messages) = (0, 0, 0);
        while messages < most {
            let Some(size) = self.small_frame(&input[at..]) else { break };
            let more = input[at] & MORE != 0;
            at += size;
            if !more {
                end = at;
                messages += 1;
            }
        }
        (end, messages as u32)
    }

    /// The size of the frame at the start of `input`, header and all, if it is a small one of a message and all there.
    #[inline]
    fn small_frame(&self, input: &[u8]) -> Option<usize> {
        let [flags, len, ..] = *input else { return None };
        let size = if flags & (LONG | COMMAND) == 0 && u16::from(len) < self.short_limit {
            2 + usize::from(len)
        } else {
            let long = if flags & (LONG | COMMAND) == LONG { self.long(input)? } else { return None };
            if long.body.len() > SMALL_BODY {
                return None;
            }
            9 + long.body.len()
        };
        (size <= input.len()).then_some(size)
    }

    /// Takes the next frame out of `input`. `None`: all of `input` was taken and more is needed.
    pub(super) fn next(&mut self, input: &mut &[u8]) -> Result<Option<Frame>, ProtocolError> {
        if self.body.is_none() {
            let Some((flags, len)) = self.next_header(input)? else { return Ok(None) };
            if let Some((body, rest)) = input.split_at_checked(len) {
                let body = Msg::copy_of(body)?;
                *input = rest;
                self.set_between_frames();
                return Ok(Some(Frame { flags, body }));
            }
            self.flags = flags;
            self.body = Some(Growing::new(len)?);
        }
        let Some(body) = &mut self.body else { return Ok(None) };
        let taken = body.extend(input)?;
        *input = &input[taken..];
        if body.missing() > 0 {
            return Ok(None);
        }
        self.finish_body()
    }

    fn finish_body(&mut self) -> Result<Option<Frame>, ProtocolError> {
        let Some(body) = self.body.take() else { return Ok(None) };
        self.set_between_frames();
        let mut body = body.finish();
        if body.len() <= Msg::INLINE_MAX {
            // Small content lives inside the message, however it came.
            body = Msg::copy_of(body.data())?;
        }
        Ok(Some(Frame { flags: self.flags, body }))
    }

    /// Flags and length of the next body, once its header is complete; afterwards the caller is within a frame.
    fn next_header(&mut self, input: &mut &[u8]) -> Result<Option<(u8, usize)>, ProtocolError> {
        let header = match input.first_chunk() {
            Some(whole) if self.header_len == 0 => {
                let header = parse_header(self.version, whole)?;
                *input = &input[header.size..];
                header
            }
            _ => {
                if !self.collect_header(input) {
                    return Ok(None);
                }
                parse_header(self.version, &self.header)?
            }
        };
        self.short_limit = 0;
        if header.len > self.max {
            return Err(ProtocolError::FrameTooLarge);
        }
        let len = usize::try_from(header.len).map_err(|_| ProtocolError::FrameTooLarge)?;
        Ok(Some((header.flags, len)))
    }

    /// Adds to the header that came in part; false if it is still not all there.
    fn collect_header(&mut self, input: &mut &[u8]) -> bool {
        while self.header_len == 0 || usize::from(self.header_len) < header_size(self.version, self.header[0]) {
            let Some((byte, rest)) = input.split_first() else { return false };
            self.short_limit = 0;
            self.header[usize::from(self.header_len)] = *byte;
            self.header_len += 1;
            *input = rest;
        }
        true
    }

    /// The body under way, if it has at least `min` bytes, and some of them are still to come.
    #[inline]
    pub(super) fn large_body(&mut self, min: usize) -> Option<&mut Growing> {
        self.body.as_mut().filter(|body| body.total() >= min && body.missing() > 0)
    }
}

/// What a complete header says.
struct Header {
    size: usize,
    flags: u8,
    len: u64,
}

/// Length of a header that starts with this byte.
fn header_size(version: Version, first: u8) -> usize {
    match version {
        Version::V1_0 if first == LONG_V1 => 10,
        Version::V1_0 => 2,
        _ if first & LONG != 0 => 9,
        _ => 2,
    }
}

/// Reads a header, which is complete; what follows it is not looked at.
fn parse_header(version: Version, bytes: &[u8; HEADER_MAX]) -> Result<Header, ProtocolError> {
    let [first, second, ..] = *bytes;
    let size = header_size(version, first);
    let long = |at: usize| bytes[at..at + 8].iter().fold(0, |len, byte| len << 8 | u64::from(*byte));
    let (flags, len) = match (version, size) {
        (Version::V1_0, 2) => (second & MORE, u64::from(first).checked_sub(1)),
        (Version::V1_0, _) => (bytes[9] & MORE, long(1).checked_sub(1)),
        (_, 2) => (first, Some(u64::from(second))),
        _ => (first, Some(long(1))),
    };
    // Version 1 counts the flags; no version has lengths with the top bit set.
    let len = len.filter(|len| *len <= i64::MAX as u64).ok_or(ProtocolError::BadLength)?;
    Ok(Header { size, flags, len })
}
