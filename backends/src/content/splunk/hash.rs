//! A small hash whose values never change.

/// FNV-1a with 64 bits (<http://www.isthe.com/chongo/tech/comp/fnv/>), its bits mixed once more, so that
/// also the lowest of them depend on every character.
pub(super) fn hash(text: &str) -> u64 {
    let fnv = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mixed = (fnv ^ (fnv >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed ^ (mixed >> 33)
}

/// A UUID that follows from a text (RFC 9562, version 8).
pub(super) fn uuid(text: &str) -> String {
    let (high, low) = (hash(text), hash(&format!("{text}\n")));
    let high = (high & !0xf000) | 0x8000;
    let low = (low & !(0b11 << 62)) | (0b10 << 62);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_follows_from_its_text() {
        let first = uuid("Sysmon EventID 7");
        assert_eq!(first, uuid("Sysmon EventID 7"));
        assert_ne!(first, uuid("Sysmon EventID 8"));
        let parts: Vec<usize> = first.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert!(first.as_bytes()[14] == b'8' && b"89ab".contains(&first.as_bytes()[19]), "{first}");
    }

    #[test]
    fn minutes_are_spread() {
        let mut minutes = [0; 60];
        for number in 0..6000 {
            minutes[usize::try_from(hash(&format!("rule {number}")) % 60).unwrap()] += 1;
        }
        assert!(minutes.iter().all(|it| (60..150).contains(it)), "{minutes:?}");
    }
}
