//! The rule that REQ holds its peers to: a reply begins with the empty delimiter, which the number of a request may
//! precede. A peer that sends anything else has broken the protocol, and its connection is closed when that comes,
//! whatever the application is doing.

use crate::message::Msg;

/// Where in a reply the next frame stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ReplyCheck {
    #[default]
    Start,
    Delimiter,
    Body,
}

impl ReplyCheck {
    /// Whether the next frame is what may come here.
    pub fn accepts(&mut self, frame: &Msg) -> bool {
        let (length, more) = (frame.len(), frame.more());
        let next = match self {
            ReplyCheck::Start if more && length == 0 => ReplyCheck::Body,
            ReplyCheck::Start if more && length == 4 => ReplyCheck::Delimiter,
            ReplyCheck::Delimiter if more && length == 0 => ReplyCheck::Body,
            // A probe: an empty message, which is no reply and is passed over.
            ReplyCheck::Start if length == 0 => ReplyCheck::Start,
            ReplyCheck::Body if more => ReplyCheck::Body,
            ReplyCheck::Body => ReplyCheck::Start,
            ReplyCheck::Start | ReplyCheck::Delimiter => return false,
        };
        *self = next;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(frames: &[&[u8]]) -> bool {
        let mut check = ReplyCheck::default();
        frames.iter().enumerate().all(|(index, body)| {
            let mut frame = Msg::copy_of(body).unwrap();
            frame.set_more(index + 1 < frames.len());
            check.accepts(&frame)
        })
    }

    #[test]
    fn replies_have_a_delimiter() {
        assert!(accepts(&[b"", b"body"]));
        assert!(accepts(&[b"", b"two", b"parts"]));
        assert!(accepts(&[b"1234", b"", b"body"]));
        assert!(accepts(&[b""]));
        assert!(!accepts(&[b"body"]));
        assert!(!accepts(&[b"no", b"delimiter"]));
        assert!(!accepts(&[b"1234", b"no delimiter"]));
    }
}
