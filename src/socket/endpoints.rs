//! The endpoints of a socket: bind, connect and their opposites.

use super::mailbox::PipeName;
use super::pattern::Origin;
use super::{Socket, end_session};
use crate::connection::{Listening, Session, Setup};
use crate::error::{Error, Result};
use crate::options::{Options, SocketType};
use crate::transport::{self, Endpoint, Scheme};
use std::sync::Arc;
use std::time::Duration;

/// What stands behind an endpoint.
enum Kind {
    /// A listener, which came from this transport.
    Listening(Arc<Listening>, &'static dyn transport::Transport),
    /// A name of inproc that the socket has bound.
    Name,
    /// A connection, or the attempts to have one.
    Session(Arc<Session>),
    /// A pipe to another socket of the context.
    Pipe(PipeName),
}

impl Kind {
    fn is_bound(&self) -> bool {
        matches!(self, Kind::Listening(..) | Kind::Name)
    }
}

struct Entry {
    /// For a bound endpoint as `ZMQ_LAST_ENDPOINT` tells it, for a connecting one as it was given.
    text: String,
    kind: Kind,
}

/// The endpoints of one socket.
#[derive(Default)]
pub(super) struct Endpoints {
    entries: Vec<Entry>,
    last: String,
}

impl Endpoints {
    /// What `ZMQ_LAST_ENDPOINT` tells.
    pub fn last(&self) -> &str {
        &self.last
    }

    fn add(&mut self, text: &str, kind: Kind) {
        self.last = text.to_owned();
        self.entries.push(Entry { text: text.to_owned(), kind });
    }

    /// A pipe is gone: between sockets of one context that ends the connection.
    pub fn forget_pipe(&mut self, name: PipeName) {
        self.entries.retain(|entry| !matches!(entry.kind, Kind::Pipe(other) if other == name));
    }

    /// The socket closes.
    pub fn close(&mut self, linger: Option<Duration>) {
        for entry in self.entries.drain(..) {
            match entry.kind {
                Kind::Listening(listening, _) => {
                    listening.stop();
                    listening.terminate_handshakes();
                }
                Kind::Session(session) => {
                    session.let_go();
                    end_session(&session, linger);
                }
                Kind::Name | Kind::Pipe(_) => {}
            }
        }
    }
}

/// Types for which a second connect to the same endpoint is ignored.
fn connects_once(socket_type: SocketType) -> bool {
    matches!(socket_type, SocketType::Dealer | SocketType::Sub | SocketType::Pub | SocketType::Req)
}

impl Socket {
    fn parse<'a>(&mut self, endpoint: &'a [u8]) -> Result<Endpoint<'a>> {
        self.enter()?;
        let endpoint = transport::parse(endpoint)?;
        endpoint.check(self.options.socket_type)?;
        Ok(endpoint)
    }

    /// What sessions of this socket are made from, with the options as they are now.
    fn setup(&mut self) -> Result<Setup> {
        Ok(Setup {
            io: self.context.choose_io(self.options.affinity)?,
            options: self.share_options(),
            plug: self.mailbox.clone(),
            guard: self.guard.clone(),
            acquaintances: self.context.acquaintances.clone(),
        })
    }

    /// The options as they are now, in a copy that endpoints share which are made while no option is set. What a
    /// connect uses up (`connect_routing_id`) is for the pattern, and no session reads it.
    fn share_options(&mut self) -> Arc<Options> {
        self.shared_options.get_or_insert_with(|| Arc::new(self.options.clone())).clone()
    }

    /// Binds (`zmq_bind`).
    ///
    /// # Errors
    /// As `zmq_bind`.
    pub fn bind(&mut self, endpoint: &[u8]) -> Result<()> {
        let endpoint = self.parse(endpoint)?;
        match endpoint.scheme {
            Scheme::Inproc => {
                self.context.inproc.bind(endpoint.address, &self.mailbox, &self.options)?;
                self.endpoints.add(endpoint.text, Kind::Name);
                self.process();
            }
            Scheme::Stream(transport) => {
                let setup = self.setup()?;
                let listener = transport.bind(endpoint.address, &self.options)?;
                let text = listener.endpoint().to_owned();
                let listening = Listening::start(setup, listener)?;
                self.endpoints.add(&text, Kind::Listening(listening, transport));
            }
        }
        Ok(())
    }

    /// Connects (`zmq_connect`).
    ///
    /// # Errors
    /// As `zmq_connect`.
    pub fn connect(&mut self, endpoint: &[u8]) -> Result<()> {
        let endpoint = self.parse(endpoint)?;
        match endpoint.scheme {
            Scheme::Inproc => {
                let attachment = self.context.inproc.connect(endpoint.address, &self.mailbox, &self.options);
                let name = self.pipes.add(attachment);
                self.endpoints.add(endpoint.text, Kind::Pipe(name));
                self.attach(name, Origin::Connected);
            }
            Scheme::Stream(transport) => {
                // An endpoint that was given up after an error of the protocol can be tried again.
                let known = |entry: &Entry| {
                    let over = matches!(&entry.kind, Kind::Session(session) if session.is_over());
                    !entry.kind.is_bound() && !over && entry.text == endpoint.text
                };
                if connects_once(self.options.socket_type) && self.endpoints.entries.iter().any(known) {
                    return Ok(());
                }
                let target = transport.target(endpoint.address, &self.options)?;
                let setup = self.setup()?;
                let (session, attachment) = Session::connect(setup, target);
                self.endpoints.add(endpoint.text, Kind::Session(session));
                if let Some(attachment) = attachment {
                    let name = self.pipes.add(attachment);
                    self.attach(name, Origin::Connected);
                }
            }
        }
        self.options.connect_routing_id = None;
        Ok(())
    }

    /// Unbinds (`zmq_unbind`): peers that came through the endpoint are let go.
    ///
    /// # Errors
    /// As `zmq_unbind`.
    pub fn unbind(&mut self, endpoint: &[u8]) -> Result<()> {
        let endpoint = self.parse(endpoint)?;
        let entries = &mut self.endpoints.entries;
        let index = entries.iter().position(|entry| match &entry.kind {
            Kind::Name => entry.text == endpoint.text,
            Kind::Listening(_, transport) => transport.same_bound(&entry.text, endpoint.text, &self.options),
            Kind::Session(_) | Kind::Pipe(_) => false,
        });
        let entry = entries.remove(index.ok_or(Error::NOENT)?);
        match entry.kind {
            Kind::Listening(listening, _) => {
                self.pipes.push();
                listening.stop();
                listening.terminate_sessions();
            }
            _ => {
                self.context.inproc.unbind(endpoint.address, &self.mailbox);
            }
        }
        Ok(())
    }

    /// Disconnects (`zmq_disconnect`): all connections made with this endpoint, what is queued for them lingering.
    ///
    /// # Errors
    /// As `zmq_disconnect`.
    pub fn disconnect(&mut self, endpoint: &[u8]) -> Result<()> {
        let endpoint = self.parse(endpoint)?;
        let wanted = |entry: &mut Entry| !entry.kind.is_bound() && entry.text == endpoint.text;
        let entries: Vec<Entry> = self.endpoints.entries.extract_if(.., wanted).collect();
        if entries.is_empty() {
            return Err(Error::NOENT);
        }
        self.pipes.push();
        for entry in entries {
            match entry.kind {
                Kind::Session(session) => {
                    session.abandon();
                    match self.pipes.of_session(&session) {
                        Some(name) => self.detach(name),
                        // No pipe, no one to tell the session.
                        None => session.terminate(),
                    }
                    session.let_go();
                    end_session(&session, self.options.linger);
                }
                Kind::Pipe(name) => self.detach(name),
                Kind::Listening(..) | Kind::Name => {}
            }
        }
        Ok(())
    }
}
