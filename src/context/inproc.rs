//! The names of inproc: which socket is bound to which, and who connected before anyone was.
//!
//! Two sockets of one context are joined by the same pipes as a socket and a connection, with one limit that is the
//! sum of the sender's and the receiver's high-water marks.

use super::lock;
use crate::connection::Attachment;
use crate::error::{Error, Result};
use crate::message::{Msg, Role};
use crate::options::Options;
use crate::pipe::{Bell, Limit, Reader, Writer, pipe};
use crate::socket::{Command, Mailbox};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// What a bound socket lets others know.
struct Binding {
    mailbox: Arc<Mailbox>,
    options: Options,
}

/// The far ends of a connection that waits for someone to bind.
struct Waiting {
    attachment: Attachment,
    connector: Arc<Mailbox>,
}

impl Waiting {
    /// Whether the connector has disconnected, and left nothing but its introduction.
    fn is_abandoned(&mut self) -> bool {
        let Attachment { writer, reader, .. } = &mut self.attachment;
        if !writer.reader_gone() {
            return false;
        }
        while reader.read_role(Role::RoutingId).is_some() {}
        reader.ended()
    }
}

#[derive(Default)]
struct Names {
    bound: HashMap<String, Binding>,
    waiting: HashMap<String, Vec<Waiting>>,
}

/// The names of one context.
#[derive(Default)]
pub struct Registry(Mutex<Names>);

/// The frame that tells the other socket who this one is, ahead of all messages.
fn introduction(options: &Options) -> Msg {
    let mut msg = Msg::copy_of(&options.routing_id).unwrap_or_default();
    msg.set_role(Role::RoutingId);
    msg
}

fn introduce(writer: &mut Writer, options: &Options) {
    writer.write_beyond(introduction(options));
    writer.flush();
}

impl Registry {
    /// Binds a name, and hands over the connections that wait for it.
    ///
    /// # Errors
    /// `EADDRINUSE`.
    pub fn bind(&self, name: &str, mailbox: &Arc<Mailbox>, options: &Options) -> Result<()> {
        let mut names = lock(&self.0);
        if names.bound.contains_key(name) {
            return Err(Error::ADDRINUSE);
        }
        names.bound.insert(name.to_owned(), Binding { mailbox: mailbox.clone(), options: options.clone() });
        let waiting = names.waiting.remove(name).unwrap_or_default();
        drop(names);
        for Waiting { mut attachment, connector } in waiting {
            if connector.is_closed() && attachment.reader.ended() {
                continue;
            }
            attachment.reader.set_limit(options.rcvhwm);
            attachment.writer.set_limit(options.sndhwm);
            introduce(&mut attachment.writer, options);
            mailbox.push(Command::Attach(Box::new(attachment), false));
        }
        Ok(())
    }

    /// Whether the socket has bound the name; frees it if so.
    pub fn unbind(&self, name: &str, mailbox: &Arc<Mailbox>) -> bool {
        let mut names = lock(&self.0);
        let bound = names.bound.get(name).is_some_and(|binding| Arc::ptr_eq(&binding.mailbox, mailbox));
        if bound {
            names.bound.remove(name);
        }
        bound
    }

    /// Connects to a name that is bound, or will be. Returns the connecting socket's ends.
    pub fn connect(&self, name: &str, mailbox: &Arc<Mailbox>, options: &Options) -> Attachment {
        let mut names = lock(&self.0);
        let bound = names.bound.get(name);
        let (far_send, far_receive) = match bound {
            Some(binding) => (Some(binding.options.sndhwm), Some(binding.options.rcvhwm)),
            None => (None, None),
        };
        let conflate = options.conflates() || bound.is_some_and(|binding| binding.options.conflates());
        let (near, far) = (Bell::default(), Bell::default());
        let there = Limit { send: Some(options.sndhwm), receive: far_receive };
        let back = Limit { send: far_send, receive: Some(options.rcvhwm) };
        let (mut writer, far_reader): (Writer, Reader) = pipe(there, conflate, far.clone(), near.clone());
        let (mut far_writer, reader) = pipe(back, conflate, near.clone(), far.clone());
        introduce(&mut writer, options);
        let attachment = Attachment { writer, reader, bell: near, session: None };
        match bound {
            Some(binding) => {
                introduce(&mut far_writer, &binding.options);
                let far = Attachment { writer: far_writer, reader: far_reader, bell: far, session: None };
                binding.mailbox.push(Command::Attach(Box::new(far), false));
            }
            None => {
                let far = Attachment { writer: far_writer, reader: far_reader, bell: far, session: None };
                let waiting = Waiting { attachment: far, connector: mailbox.clone() };
                let list = names.waiting.entry(name.to_owned()).or_default();
                if list.len() == list.capacity() {
                    // Those that were disconnected without having sent anything.
                    list.retain_mut(|waiting| !waiting.is_abandoned());
                }
                list.push(waiting);
            }
        }
        attachment
    }

    /// How many connections wait for somebody to bind.
    #[cfg(test)]
    fn waiting(&self) -> usize {
        lock(&self.0).waiting.values().map(Vec::len).sum()
    }

    /// The socket is closed: frees its names and forgets its connections that still wait.
    pub fn forget(&self, mailbox: &Arc<Mailbox>) {
        let mut names = lock(&self.0);
        names.bound.retain(|_, binding| !Arc::ptr_eq(&binding.mailbox, mailbox));
        let mut gone = Vec::new();
        for list in names.waiting.values_mut() {
            gone.extend(list.extract_if(.., |waiting| Arc::ptr_eq(&waiting.connector, mailbox)));
        }
        names.waiting.retain(|_, list| !list.is_empty());
        drop(names);
        drop(gone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::{ContextDefaults, SocketType};

    #[test]
    fn connections_that_were_taken_back_do_not_pile_up() {
        let registry = Registry::default();
        let mailbox = Arc::new(Mailbox::default());
        let defaults = ContextDefaults { ipv6: false, blocky: true };
        let options = Options::new(SocketType::Dealer, &defaults);
        let kept = registry.connect("nobody", &mailbox, &options);
        for _ in 0..1000 {
            drop(registry.connect("nobody", &mailbox, &options));
        }
        assert!(registry.waiting() < 10);
        registry.bind("nobody", &mailbox, &options).unwrap();
        assert!(!kept.writer.reader_gone());
    }
}
