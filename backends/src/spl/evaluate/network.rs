//! Addresses and subnets.

use std::net::IpAddr;

/// True if the text is an address in the subnet, which is written with the length of its prefix.
pub(super) fn holds_address(network: &str, text: &str) -> bool {
    let Some((base, length)) = network.split_once('/') else { return false };
    let (Ok(base), Ok(address)) = (base.parse(), text.parse()) else { return false };
    let Ok(length) = length.parse::<u32>() else { return false };
    match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => {
            agree(u128::from(u32::from(base)), u128::from(u32::from(address)), 32, length)
        }
        (IpAddr::V6(base), IpAddr::V6(address)) => {
            agree(u128::from(base), u128::from(address), 128, length)
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

/// True if the first `length` of `width` bits are the same.
fn agree(left: u128, right: u128, width: u32, length: u32) -> bool {
    let Some(free) = width.checked_sub(length) else { return false };
    left.checked_shr(free) == right.checked_shr(free)
}
