//! What each socket type promises, shown on pipes whose other ends the tests hold.

mod lanes;
mod pair;
mod pipeline;
mod pub_sub;
mod req_rep;
mod rig;
mod router;
mod xpub;
mod xsub;
