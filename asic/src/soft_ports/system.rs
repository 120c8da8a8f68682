//! The system's interfaces: `AF_PACKET` sockets, see packet(7).

use super::Interface;
use super::link::{FrameBuffer, Links, PacketSocket, Received, TAG_BYTES};
use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;
use rustix::io::Errno;
use rustix::net::sockopt::set_socket_recv_buffer_size_force;
use rustix::net::{AddressFamily, SendFlags, SocketFlags, SocketType};
use std::fs;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};
use uapi::c;

/// The interfaces of the network namespace of the thread that asks.
pub(super) struct System;

/// A packet socket bound to one interface.
pub(super) struct Socket(OwnedFd);

/// How much may wait in a socket to be taken: room for some ten thousand short frames, or what
/// comes in at 10 Gbit/s in 5 ms.
const RECEIVE_QUEUE_BYTES: usize = 8 << 20;

/// The tag protocol of a VLAN tag of which the kernel does not tell it (IEEE 802.1Q).
const TAG_PROTOCOL: u16 = 0x8100;

/// The two MAC addresses in front of a VLAN tag.
const ADDRESSES_BYTES: usize = 12;

/// No frame is without an Ethernet header.
const HEADER_BYTES: usize = 14;

impl Links for System {
    type Socket = Socket;

    fn interfaces(&self) -> Result<Vec<Interface>, Errno> {
        let addresses = getifaddrs().map_err(|error| Errno::from_raw_os_error(error as i32))?;
        // Each interface has one address of the link layer, beside any number of others.
        let interfaces = addresses.filter_map(|entry| {
            let address = entry.address?;
            let link = address.as_link_addr()?;
            let index = u32::try_from(link.ifindex()).ok()?;
            Some(Interface {
                mtu: mtu(&entry.interface_name, index),
                name: entry.interface_name,
                index,
                mac: link.addr().unwrap_or_default(),
                up: entry.flags.contains(InterfaceFlags::IFF_UP),
                carrier: entry.flags.contains(InterfaceFlags::IFF_RUNNING),
            })
        });
        Ok(interfaces.collect())
    }

    fn open(&self, index: u32, threads: usize) -> Result<Vec<Socket>, Errno> {
        let mut group = None;
        let mut sockets = Vec::with_capacity(threads);
        for _ in 0..threads {
            let socket = Socket::open(index)?;
            if threads > 1 {
                group = Some(socket.share(group)?);
            }
            sockets.push(socket);
        }
        // Until all had joined the group, more than one may have received the same frame.
        let mut buffer = FrameBuffer::new();
        for socket in &sockets {
            socket.discard(&mut buffer)?;
        }
        Ok(sockets)
    }
}

impl Socket {
    fn open(index: u32) -> Result<Self, Errno> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        // Without a protocol it receives nothing until it is bound to its interface.
        let socket = rustix::net::socket_with(AddressFamily::PACKET, SocketType::RAW, flags, None)?;
        let socket = Self(socket);
        // Bigger queues are a privilege, and without it the system's are to do.
        let _ = set_socket_recv_buffer_size_force(&socket.0, RECEIVE_QUEUE_BYTES);
        let on: c::c_int = 1;
        // What leaves by the interface does not come in by it.
        socket.set(c::PACKET_IGNORE_OUTGOING, &on)?;
        // The kernel tells the VLAN tag, and what is missing in a frame, beside the frame.
        socket.set(c::PACKET_AUXDATA, &on)?;
        let index = c::c_int::try_from(index).map_err(|_| Errno::NODEV)?;
        let mut address: c::sockaddr_ll = uapi::pod_zeroed();
        address.sll_family = c::AF_PACKET as u16;
        address.sll_protocol = (c::ETH_P_ALL as u16).to_be();
        address.sll_ifindex = index;
        uapi::bind(socket.0.as_raw_fd(), &address).map_err(errno)?;
        let everything = c::packet_mreq {
            mr_ifindex: index,
            mr_type: c::PACKET_MR_PROMISC as u16,
            mr_alen: 0,
            mr_address: [0; 8],
        };
        socket.set(c::PACKET_ADD_MEMBERSHIP, &everything)?;
        Ok(socket)
    }

    /// Joins a group of sockets, or founds one, over which the kernel spreads frames by flow.
    fn share(&self, group: Option<u32>) -> Result<u32, Errno> {
        // Of the group, the sockets' own wish not to see what leaves does not count.
        let mut how = c::PACKET_FANOUT_HASH | c::PACKET_FANOUT_FLAG_IGNORE_OUTGOING;
        if group.is_none() {
            how |= c::PACKET_FANOUT_FLAG_UNIQUEID;
        }
        let argument = how << 16 | group.unwrap_or(0);
        self.set(c::PACKET_FANOUT, &argument)?;
        let mut joined: u32 = 0;
        uapi::getsockopt(self.0.as_raw_fd(), c::SOL_PACKET, c::PACKET_FANOUT, &mut joined)
            .map_err(errno)?;
        Ok(joined & 0xffff)
    }

    fn discard(&self, buffer: &mut FrameBuffer) -> Result<(), Errno> {
        const GREATEST_WAITING: usize = 65_536;
        for _ in 0..GREATEST_WAITING {
            if self.receive(buffer)? == Received::Nothing {
                break;
            }
        }
        Ok(())
    }

    fn set<T>(&self, option: c::c_int, value: &T) -> Result<(), Errno> {
        uapi::setsockopt(self.0.as_raw_fd(), c::SOL_PACKET, option, value).map_err(errno)
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl PacketSocket for Socket {
    fn receive(&self, buffer: &mut FrameBuffer) -> Result<Received, Errno> {
        let mut control = [0_u8; uapi::cmsg_space(size_of::<c::tpacket_auxdata>())];
        let (length, flags, auxiliary) = {
            let mut space = [&mut buffer.0[TAG_BYTES..]];
            let mut message = uapi::MsghdrMut {
                iov: &mut space[..],
                control: Some(&mut control[..]),
                name: uapi::sockaddr_none_mut(),
                flags: 0,
            };
            let (read, control) =
                match uapi::recvmsg(self.0.as_raw_fd(), &mut message, c::MSG_DONTWAIT) {
                    Ok((read, _, control)) => (read.len(), control),
                    Err(error) => match errno(error) {
                        Errno::AGAIN | Errno::INTR => return Ok(Received::Nothing),
                        error => return Err(error),
                    },
                };
            (read, message.flags, Auxiliary::read(control))
        };
        if flags & c::MSG_TRUNC != 0 {
            return Ok(Received::TooLong);
        }
        let end = TAG_BYTES + length;
        let start = match auxiliary.tag {
            Some(tag) if length >= HEADER_BYTES => {
                buffer.0.copy_within(TAG_BYTES..TAG_BYTES + ADDRESSES_BYTES, 0);
                buffer.0[ADDRESSES_BYTES..ADDRESSES_BYTES + TAG_BYTES].copy_from_slice(&tag);
                0
            }
            _ => TAG_BYTES,
        };
        Ok(Received::Frame { start, end, checksum_missing: auxiliary.checksum_missing })
    }

    fn send(&self, frame: &[u8]) -> Result<(), Errno> {
        loop {
            match rustix::net::send(&self.0, frame, SendFlags::DONTWAIT) {
                Ok(_) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn take_dropped(&self) -> u64 {
        // Frames given to the socket, and how many of them were dropped.
        let mut statistics = [0_u32; 2];
        let fd = self.0.as_raw_fd();
        match uapi::getsockopt(fd, c::SOL_PACKET, c::PACKET_STATISTICS, &mut statistics) {
            Ok(_) => statistics[1].into(),
            Err(_) => 0,
        }
    }
}

/// What the kernel tells beside a frame.
#[derive(Default)]
struct Auxiliary {
    tag: Option<[u8; TAG_BYTES]>,
    checksum_missing: bool,
}

impl Auxiliary {
    fn read(mut control: &[u8]) -> Self {
        while let Ok((_, header, data)) = uapi::cmsg_read(&mut control) {
            if (header.cmsg_level, header.cmsg_type) == (c::SOL_PACKET, c::PACKET_AUXDATA) {
                return Self::parse(data).unwrap_or_default();
            }
        }
        Self::default()
    }

    /// Of `struct tpacket_auxdata` in linux/if_packet.h: the status first, the tag last.
    fn parse(data: &[u8]) -> Option<Self> {
        let status = u32::from_ne_bytes(*data.first_chunk()?);
        let control = u16::from_ne_bytes(*data.get(16..)?.first_chunk()?);
        let protocol = u16::from_ne_bytes(*data.get(18..)?.first_chunk()?);
        let tag = (status & c::TP_STATUS_VLAN_VALID != 0).then(|| {
            let known = status & c::TP_STATUS_VLAN_TPID_VALID != 0;
            let [p0, p1] = if known { protocol } else { TAG_PROTOCOL }.to_be_bytes();
            let [c0, c1] = control.to_be_bytes();
            [p0, p1, c0, c1]
        });
        Some(Self { tag, checksum_missing: status & c::TP_STATUS_CSUMNOTREADY != 0 })
    }
}

fn errno(error: uapi::Errno) -> Errno {
    Errno::from_raw_os_error(error.0)
}

/// The MTU from sysfs, if what is mounted there shows the interface of this name and number.
fn mtu(name: &str, index: u32) -> Option<u32> {
    let read = |what: &str| -> Option<u32> {
        fs::read_to_string(format!("/sys/class/net/{name}/{what}")).ok()?.trim().parse().ok()
    };
    (read("ifindex")? == index).then(|| read("mtu"))?
}
