//! Sets what Cargo cannot say in its manifest: a marker for the draft API.

fn main() {
    // What libzmq calls drafts is always built. The marker is what the header generator turns into
    // `#if defined(ZMQ_BUILD_DRAFT_API)`.
    println!("cargo::rustc-cfg=zmq_draft");
    println!("cargo::rustc-check-cfg=cfg(zmq_draft)");
    println!("cargo::rerun-if-changed=build.rs");
}
