//! Names of 2.x, for programs that were written for it.

use std::ffi::c_int;

use super::base::{ZMQ_DEALER, ZMQ_DONTWAIT, ZMQ_PULL, ZMQ_PUSH, ZMQ_ROUTER};
use super::options::ZMQ_ROUTING_ID;

/// Name of ZMQ_DEALER in 2.x.
pub const ZMQ_XREQ: c_int = ZMQ_DEALER;
/// Name of ZMQ_ROUTER in 2.x.
pub const ZMQ_XREP: c_int = ZMQ_ROUTER;
/// Name of ZMQ_PULL in 2.0.
pub const ZMQ_UPSTREAM: c_int = ZMQ_PULL;
/// Name of ZMQ_PUSH in 2.0.
pub const ZMQ_DOWNSTREAM: c_int = ZMQ_PUSH;
/// Name of ZMQ_ROUTING_ID before 4.2.
pub const ZMQ_IDENTITY: c_int = ZMQ_ROUTING_ID;
/// Name of ZMQ_DONTWAIT in 2.x.
pub const ZMQ_NOBLOCK: c_int = ZMQ_DONTWAIT;

/// Socket option of 2.x, uint64_t or int: sets ZMQ_SNDHWM and ZMQ_RCVHWM.
pub const ZMQ_HWM: c_int = 1;
/// Socket option of 2.x, int64_t: bytes of disk for messages past the high-water mark. Taken, and without effect.
pub const ZMQ_SWAP: c_int = 3;
/// Socket option of 2.x, int64_t: whether multicast comes back to its sender. Taken, and without effect.
pub const ZMQ_MCAST_LOOP: c_int = 10;
/// Socket option of 2.x, int64_t: ZMQ_RECOVERY_IVL in milliseconds, where that of 2.x is in seconds.
pub const ZMQ_RECOVERY_IVL_MSEC: c_int = 20;

/// Units of zmq_poll()'s time-out in a millisecond.
pub const ZMQ_POLL_MSEC: c_int = 1;

/// Largest message that 2.x kept inside zmq_msg_t, in bytes. For programs that size by it; no limit here.
pub const ZMQ_MAX_VSM_SIZE: c_int = 30;
/// Kind of content in 2.x: the mark between envelope and body.
pub const ZMQ_DELIMITER: c_int = 31;
/// Kind of content in 2.x: a message that is kept inside zmq_msg_t.
pub const ZMQ_VSM: c_int = 32;
/// Message flag of 2.x: more frames follow. zmq_msg_more() tells.
pub const ZMQ_MSG_MORE: c_int = 1;
/// Message flag of 2.x: the content is shared. zmq_msg_get() tells, by ZMQ_SHARED.
pub const ZMQ_MSG_SHARED: c_int = 128;
/// The message flags of 2.x together.
pub const ZMQ_MSG_MASK: c_int = 129;

/// Type of device for zmq_device(): a pipeline's middle.
pub const ZMQ_STREAMER: c_int = 1;
/// Type of device for zmq_device(): between publishers and subscribers.
pub const ZMQ_FORWARDER: c_int = 2;
/// Type of device for zmq_device(): between requests and replies.
pub const ZMQ_QUEUE: c_int = 3;
