//! Z85 (RFC 32): four bytes as five printable characters, for keys in texts and configuration files.

/// The character of each value from 0 to 84.
const CHARACTERS: &[u8; 85] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/// The value of each character; [`NO_VALUE`] for those that are not in the alphabet.
const VALUES: [u8; 256] = values();

const NO_VALUE: u8 = u8::MAX;

const fn values() -> [u8; 256] {
    let mut values = [NO_VALUE; 256];
    let mut value = 0;
    while value < CHARACTERS.len() {
        values[CHARACTERS[value] as usize] = value as u8;
        value += 1;
    }
    values
}

/// The text of some bytes, or `None` unless their number is a multiple of four.
pub fn encode(data: &[u8]) -> Option<Vec<u8>> {
    let (groups, rest) = data.as_chunks();
    rest.is_empty().then(|| groups.iter().flat_map(|group| digits(u32::from_be_bytes(*group))).collect())
}

/// A number as five digits to the base of 85, the highest first.
fn digits(number: u32) -> [u8; 5] {
    let mut rest = number;
    let mut text = [0; 5];
    for place in text.iter_mut().rev() {
        *place = CHARACTERS[(rest % 85) as usize];
        rest /= 85;
    }
    text
}

/// The bytes that a text stands for.
///
/// `None` unless its length is a multiple of five, its characters are all of the alphabet, and each five of them fit
/// into four bytes.
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let (groups, rest) = text.as_chunks();
    if !rest.is_empty() {
        return None;
    }
    let mut data = Vec::with_capacity(groups.len() * 4);
    for group in groups {
        data.extend(number(group)?.to_be_bytes());
    }
    Some(data)
}

/// The number that five characters stand for.
fn number(group: &[u8; 5]) -> Option<u32> {
    group.iter().try_fold(0u32, |number, &character| match VALUES[usize::from(character)] {
        NO_VALUE => None,
        value => number.checked_mul(85)?.checked_add(u32::from(value)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: [u8; 8] = [0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B];

    #[test]
    fn the_test_vector_of_the_rfc() {
        assert_eq!(encode(&BYTES).as_deref(), Some(&b"HelloWorld"[..]));
        assert_eq!(decode(b"HelloWorld").as_deref(), Some(&BYTES[..]));
    }

    #[test]
    fn each_number_comes_back() {
        for number in [0, 1, 84, 85, 85 * 85, 0x7FFF_FFFF, 0x8000_0000, u32::MAX] {
            let bytes = number.to_be_bytes();
            let text = encode(&bytes).expect("four bytes");
            assert_eq!(decode(&text).as_deref(), Some(&bytes[..]), "{number}");
        }
    }

    #[test]
    fn the_largest_group_is_the_limit() {
        assert_eq!(encode(&[0xFF; 4]).as_deref(), Some(&b"%nSc0"[..]));
        assert_eq!(decode(b"%nSc1"), None);
        assert_eq!(decode(b"#####"), None);
    }

    #[test]
    fn what_is_malformed_is_refused() {
        assert_eq!(encode(&BYTES[..7]), None);
        for text in [&b"Hell"[..], b"HelloWorl", b"Hell\"", b"Hell~", b"Hell ", b"Hell\xff", b"Hel,o"] {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }

    #[test]
    fn nothing_is_nothing() {
        assert_eq!(encode(&[]), Some(vec![]));
        assert_eq!(decode(&[]), Some(vec![]));
    }
}
