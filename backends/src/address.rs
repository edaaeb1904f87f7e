//! Addresses as Elasticsearch keeps them: all in the form of IPv6.

use std::net::{IpAddr, Ipv6Addr};

/// Where addresses of IPv4 are in IPv6.
const MAPPED: Ipv6Addr = Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0);
const MAPPED_LENGTH: u8 = 96;

/// What is lost of a network around all addresses of IPv4.
pub(crate) const AROUND: &str =
    "Elasticsearch keeps addresses of IPv4 as addresses of IPv6, which are in this network";
/// Why a network inside of them is refused.
pub(crate) const INSIDE: &str =
    "Elasticsearch does not tell the two notations of an address of IPv4 apart";

/// How a network stands to the addresses of IPv4 in the form of IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mapped {
    /// It holds none of them, or is a network of IPv4 itself.
    Apart,
    /// It holds all of them and more.
    Around,
    /// It holds nothing else.
    Inside,
}

/// How a network stands to the addresses of IPv4 in the form of IPv6.
pub(crate) fn mapped(base: IpAddr, length: u8) -> Mapped {
    let IpAddr::V6(base) = base else { return Mapped::Apart };
    let free = 128 - u32::from(length.min(MAPPED_LENGTH));
    // A shift by all bits leaves none, as a network of length 0 does.
    if base.to_bits().checked_shr(free) != MAPPED.to_bits().checked_shr(free) {
        Mapped::Apart
    } else if length < MAPPED_LENGTH {
        Mapped::Around
    } else {
        Mapped::Inside
    }
}
