//! Receiving one message after the other in the same place: its block is used again, so that no other memory is needed.
//!
//! A block of the smallest kind is kept for a short frame, too, where one follows a longer one. Such a frame is as good as
//! an inline one: zero behind its content, and no copy of it shares the block.

use super::content::Content;
use super::{Large, Msg, Role, batch};

impl Msg {
    /// Makes this a frame with a copy of `body`, empty if there is no memory for it. What it knows of its connection
    /// stays.
    #[inline]
    pub fn refill(&mut self, body: &[u8], more: bool) {
        self.routing_id = 0;
        self.flags = u8::from(more);
        self.role = Role::Data as u8;
        let is_short = body.len() <= Msg::INLINE_MAX;
        if let Some(block) = self.own_block(body.len()) {
            if is_short {
                // SAFETY: even the smallest block has room for so many bytes, and is for self to write.
                unsafe { block.data.write_bytes(0, Msg::INLINE_MAX) };
            }
            self.body.large = block;
            return batch::copy_cut(body, self.data_mut());
        }
        self.release_content();
        if is_short {
            let mut inline = [0; Msg::INLINE_MAX];
            batch::copy_cut(body, &mut inline);
            self.body.inline = inline;
            self.inline_len = body.len() as u8;
        } else {
            self.fill_new_block(body);
        }
    }

    /// A block that it alone refers to, if there is one of the kind that so many bytes would get: with that length.
    #[inline]
    fn own_block(&self, len: usize) -> Option<Large> {
        if self.is_inline() {
            return None;
        }
        // SAFETY: the tag says which field of the union is valid; owner is null or a Content that self refers to.
        let owner = unsafe { self.body.large.owner };
        // SAFETY: as above.
        unsafe { Content::reuse(owner, len) }.map(|data| Large { data, len, owner })
    }

    /// The same for an inline frame, whose content needs a block.
    #[inline]
    fn fill_new_block(&mut self, body: &[u8]) {
        self.inline_len = 0;
        match Content::allocate(body.len()) {
            Ok(content) => {
                self.set_content(content);
                batch::copy_cut(body, self.data_mut());
            }
            Err(_) => self.body.inline = [0; Msg::INLINE_MAX],
        }
    }

    /// Whether it is as good as inline: a short content in the struct, or in a block of its own that was kept.
    #[inline]
    pub fn is_short(&self) -> bool {
        // SAFETY: the tag says which field of the union is valid; owner is null or a Content that self refers to.
        self.is_inline()
            || self.len() <= Msg::INLINE_MAX && unsafe { Content::is_reusable(self.body.large.owner, Msg::INLINE_MAX) }
    }
}
