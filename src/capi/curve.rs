//! zmq_z85_encode(3), zmq_z85_decode(3), zmq_curve_keypair(3), zmq_curve_public(3): keys and their text.

use std::ffi::{c_char, c_int, c_void};

use crate::error::{Error, Result};
use crate::util::z85;

use super::boundary::{bytes, call, not_yet, string};

/// Writes `size` bytes as Z85 text to `dest`, which has room for `size` * 5 / 4 characters and a NUL.
///
/// Returns `dest`, or NULL. Errors: EINVAL (`size` is not a multiple of 4), EFAULT (NULL).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_z85_encode(dest: *mut c_char, data: *const u8, size: usize) -> *mut c_char {
    call(|| {
        if !size.is_multiple_of(4) {
            return Err(Error::INVAL);
        }
        // SAFETY: the caller's bytes.
        let mut text = z85::encode(unsafe { bytes(data.cast::<c_void>(), size) }?).ok_or(Error::INVAL)?;
        text.push(0);
        // SAFETY: the caller vouches for this room at `dest`.
        unsafe { copy_out(&text, dest.cast()) }?;
        Ok(dest)
    })
}

/// Writes the bytes that a Z85 text stands for to `dest`, which has room for its length * 4 / 5.
///
/// Returns `dest`, or NULL. Errors: EINVAL (the length is 0 or not a multiple of 5, or the text is not Z85), EFAULT
/// (NULL).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_z85_decode(dest: *mut u8, text: *const c_char) -> *mut u8 {
    call(|| {
        // SAFETY: the caller's string.
        let text = unsafe { string(text, Error::FAULT) }?.to_bytes();
        let data = z85::decode(text).filter(|data| !data.is_empty()).ok_or(Error::INVAL)?;
        // SAFETY: the caller vouches for this room at `dest`.
        unsafe { copy_out(&data, dest) }?;
        Ok(dest)
    })
}

/// Copies to the caller's memory; EFAULT if that is NULL.
///
/// # Safety
/// `dest` is NULL or has room for `data`, and does not overlap it.
unsafe fn copy_out(data: &[u8], dest: *mut u8) -> Result<()> {
    if dest.is_null() {
        return Err(Error::FAULT);
    }
    // SAFETY: not NULL, and the caller vouches for the rest.
    unsafe { dest.copy_from_nonoverlapping(data.as_ptr(), data.len()) };
    Ok(())
}

/// Makes a new pair of keys for CURVE, each as 40 characters of Z85 and a NUL.
///
/// Returns 0, or -1. Errors: ENOTSUP (CURVE is not built in), EFAULT (NULL).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_curve_keypair(public_key: *mut c_char, secret_key: *mut c_char) -> c_int {
    call(|| match public_key.is_null() || secret_key.is_null() {
        true => Err(Error::FAULT),
        false => not_yet::<()>("the mechanism CURVE"),
    })
}

/// Computes the public key that belongs to a secret one, both in Z85.
///
/// Returns 0, or -1. Errors: ENOTSUP (CURVE is not built in), EINVAL (not a key), EFAULT (NULL).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_curve_public(public_key: *mut c_char, secret_key: *const c_char) -> c_int {
    call(|| match public_key.is_null() || secret_key.is_null() {
        true => Err(Error::FAULT),
        false => not_yet::<()>("the mechanism CURVE"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_bytes_go_both_ways() {
        let bytes: [u8; 8] = [0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B];
        let mut text: [c_char; 12] = [1; 12];
        let mut back = [0u8; 8];
        // SAFETY: the places have the room that the functions ask for.
        unsafe {
            assert_eq!(zmq_z85_encode(text.as_mut_ptr(), bytes.as_ptr(), 8), text.as_mut_ptr());
            assert_eq!(zmq_z85_decode(back.as_mut_ptr(), text.as_ptr()), back.as_mut_ptr());
        }
        assert_eq!(text.map(|c| c as u8), *b"HelloWorld\0\x01");
        assert_eq!(back, bytes);
    }

    #[test]
    fn what_is_malformed_is_einval() {
        let mut room = [0u8; 16];
        // SAFETY: as above.
        unsafe {
            assert!(zmq_z85_encode(room.as_mut_ptr().cast(), [0; 4].as_ptr(), 3).is_null());
            assert_eq!(Error::last_os(), Error::INVAL);
            for text in [c"", c"abcd", c"#####"] {
                assert!(zmq_z85_decode(room.as_mut_ptr(), text.as_ptr()).is_null());
                assert_eq!(Error::last_os(), Error::INVAL);
            }
        }
    }
}
