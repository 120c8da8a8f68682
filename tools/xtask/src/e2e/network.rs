//! The network: a client outside, the switch, and two sleds, joined by virtual cables.

use super::namespace::Namespace;
use anyhow::Result;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The external addresses of the service.
pub(crate) const EXTERNAL_V4: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 7);
pub(crate) const EXTERNAL_V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 7, 0, 0, 0, 0, 7);

/// Both.
pub(crate) const EXTERNAL: [IpAddr; 2] = [IpAddr::V4(EXTERNAL_V4), IpAddr::V6(EXTERNAL_V6)];

/// The client's own addresses.
pub(crate) const CLIENT_V4: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 2);
pub(crate) const CLIENT_V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 2);

/// The switch's address on the underlay.
pub(crate) const SWITCH_UNDERLAY: Ipv6Addr = Ipv6Addr::new(0xfd00, 0x1122, 0x3344, 1, 0, 0, 0, 1);

/// The virtual network of the service.
pub(crate) const VNI: u32 = 100;

/// A tunnelled packet of 1,500 bytes has to fit.
const UNDERLAY_MTU: u32 = 1600;

/// A port of the switch: its number, its interface in the switch's namespace, and what it faces.
pub(crate) struct Port {
    pub(crate) number: u16,
    pub(crate) interface: &'static str,
    pub(crate) mac: &'static str,
    pub(crate) role: &'static str,
}

pub(crate) static UPLINK: Port =
    Port { number: 1, interface: "uplink1", mac: "02:aa:00:00:00:01", role: "uplink" };

/// A sled: what the switch and the world know of it.
pub(crate) struct SledPlan {
    pub(crate) name: &'static str,
    pub(crate) port: Port,
    pub(crate) underlay: Ipv6Addr,
    pub(crate) underlay_mac: &'static str,
    pub(crate) inner_mac: [u8; 6],
}

pub(crate) static SLEDS: [SledPlan; 2] = [
    SledPlan {
        name: "sled1",
        port: Port { number: 2, interface: "rear2", mac: "02:aa:00:00:00:02", role: "rear" },
        underlay: Ipv6Addr::new(0xfd00, 0x1122, 0x3344, 0x101, 0, 0, 0, 1),
        underlay_mac: "02:bb:00:00:00:01",
        inner_mac: [0xa8, 0x40, 0x25, 0xff, 0, 1],
    },
    SledPlan {
        name: "sled2",
        port: Port { number: 3, interface: "rear3", mac: "02:aa:00:00:00:03", role: "rear" },
        underlay: Ipv6Addr::new(0xfd00, 0x1122, 0x3344, 0x102, 0, 0, 0, 1),
        underlay_mac: "02:bb:00:00:00:02",
        inner_mac: [0xa8, 0x40, 0x25, 0xff, 0, 2],
    },
];

/// All ports of the switch.
pub(crate) fn ports() -> impl Iterator<Item = &'static Port> {
    [&UPLINK].into_iter().chain(SLEDS.iter().map(|sled| &sled.port))
}

pub(crate) const CLIENT_MAC: &str = "02:cc:00:00:00:01";

/// The name of a sled's TAP device.
pub(crate) const TAP: &str = "external";

/// The four places.
pub(crate) struct Network {
    pub(crate) outside: Namespace,
    pub(crate) switch: Namespace,
    pub(crate) sleds: [Namespace; 2],
}

impl Network {
    /// Makes the places and joins them. Nobody there asks for addresses: the switch would not
    /// answer, and every packet that is dropped should be one that counts.
    pub(crate) async fn build() -> Result<Self> {
        let [first, second] = &SLEDS;
        let network = Self {
            outside: Namespace::new("outside")?,
            switch: Namespace::new("switch")?,
            sleds: [Namespace::new(first.name)?, Namespace::new(second.name)?],
        };
        network.join_uplink().await?;
        for (sled, place) in SLEDS.iter().zip(&network.sleds) {
            network.join(&sled.port, UNDERLAY_MTU, place, sled.underlay_mac).await?;
            place.ip(&format!("address add {}/64 dev cable nodad", sled.underlay))?;
            place.ip(&format!("route add {SWITCH_UNDERLAY} dev cable"))?;
            let mac = sled.port.mac;
            place.ip(&format!("neighbor add {SWITCH_UNDERLAY} lladdr {mac} dev cable"))?;
        }
        Ok(network)
    }

    /// Joins the client and the switch.
    pub(crate) async fn join_uplink(&self) -> Result<()> {
        self.join(&UPLINK, 1500, &self.outside, CLIENT_MAC).await?;
        self.settle_client()
    }

    /// Takes the cable between the client and the switch away, with both its ends.
    pub(crate) fn cut_uplink(&self) -> Result<()> {
        self.switch.ip(&format!("link delete {}", UPLINK.interface))
    }

    /// A cable between a port of the switch and a place. Hardware would fill checksums in and cut
    /// large packets to size; between virtual interfaces nobody does, so that the kernel has to.
    async fn join(&self, port: &Port, mtu: u32, place: &Namespace, mac: &str) -> Result<()> {
        let Port { interface, mac: port_mac, .. } = port;
        let far = place.name();
        self.switch.ip(&format!(
            "link add {interface} address {port_mac} mtu {mtu} type veth \
             peer name cable address {mac} mtu {mtu} netns {far}"
        ))?;
        // The switch's kernel is to have no part in this.
        self.switch.set(format!("net/ipv6/conf/{interface}/disable_ipv6"), "1").await?;
        self.switch.ip(&format!("link set {interface} arp off up"))?;
        silence(place, "cable").await?;
        place.ip("link set cable up")?;
        for (place, interface) in [(&self.switch, *interface), (place, "cable")] {
            place.run(&format!(
                "ethtool -K {interface} tx off rx off sg off tso off gso off gro off \
                 txvlan off rxvlan off"
            ))?;
        }
        Ok(())
    }

    fn settle_client(&self) -> Result<()> {
        let (v4, v6) = gateway();
        let mac = UPLINK.mac;
        for command in [
            format!("address add {CLIENT_V4}/30 dev cable"),
            format!("address add {CLIENT_V6}/64 dev cable nodad"),
            format!("neighbor add {v4} lladdr {mac} dev cable"),
            format!("neighbor add {v6} lladdr {mac} dev cable"),
            format!("route add default via {v4}"),
            format!("-6 route add default via {v6}"),
        ] {
            self.outside.ip(&command)?;
        }
        Ok(())
    }

    /// Gives a sled's TAP device, once it is there, the addresses of the service, and sends what
    /// comes from them through it.
    pub(crate) async fn settle_tap(sled: &SledPlan, place: &Namespace) -> Result<()> {
        silence(place, TAP).await?;
        let [a, b, c, d, e, f] = sled.inner_mac;
        let mac = format!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}");
        // Whoever the gateway is: the switch goes by the addresses inside.
        let (v4, v6, gateway_mac) = ("169.254.0.1", "fe80::1", "02:dd:00:00:00:01");
        for command in [
            format!("link set {TAP} address {mac} mtu 1500 up"),
            format!("address add {EXTERNAL_V4}/32 dev {TAP}"),
            format!("address add {EXTERNAL_V6}/128 dev {TAP} nodad"),
            format!("neighbor add {v4} lladdr {gateway_mac} dev {TAP}"),
            format!("neighbor add {v6} lladdr {gateway_mac} dev {TAP}"),
            format!("route add default via {v4} dev {TAP} onlink"),
            format!("-6 route add default via {v6} dev {TAP} onlink"),
        ] {
            place.ip(&command)?;
        }
        Ok(())
    }
}

/// The client's gateway, which is the switch.
fn gateway() -> (Ipv4Addr, Ipv6Addr) {
    (Ipv4Addr::new(198, 51, 100, 1), Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 1))
}

/// Keeps the kernel from saying anything of its own by an interface.
async fn silence(place: &Namespace, interface: &str) -> Result<()> {
    for setting in ["accept_ra", "router_solicitations", "dad_transmits"] {
        place.set(format!("net/ipv6/conf/{interface}/{setting}"), "0").await?;
    }
    place.ip(&format!("link set {interface} addrgenmode none multicast off"))
}
