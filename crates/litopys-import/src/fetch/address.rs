//! Which addresses are of this machine or its network: a page out there must not lead into them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is none of the public Internet (RFC 6890, and what embeds such an IPv4 address).
pub(super) fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_local_v4(address),
        IpAddr::V6(address) => is_local_v6(address),
    }
}

fn is_local_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || matches!((a, b, c), (0 | 240..=255, _, _) | (100, 64..=127, _) | (192, 0, 0) | (198, 18..=19, _))
}

fn is_local_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, _, _, _, g, h] = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_local_v4(Ipv4Addr::new(a, b, c, d))
    };
    match a {
        // ::/16 has ::, ::1, and IPv4 addresses mapped and compatible.
        0 => address.to_ipv4().is_none_or(is_local_v4),
        // NAT64, 6to4.
        0x64 if b == 0xff9b => embedded(g, h),
        0x2002 => embedded(b, c),
        _ => matches!(a & 0xfe00, 0xfc00) || matches!(a & 0xffc0, 0xfe80 | 0xfec0) || a >= 0xff00,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_behind_the_door_are_known() {
        for local in [
            "127.0.0.1",
            "127.9.9.9",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "::7f00:1",
        ] {
            assert!(is_local(local.parse().unwrap()), "{local}");
        }
        for public in [
            "93.184.216.34",
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "2606:2800::1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ] {
            assert!(!is_local(public.parse().unwrap()), "{public}");
        }
    }
}
