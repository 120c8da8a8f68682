//! The way of a packet through the switch.

use std::sync::atomic::Ordering;

use asic::soft_ports::{Forwarder, PortSender};
use p4::{Runner, Verdict};
use p4runtime::v1;
use slog::warn;

use crate::SoftSwitch;
use crate::outbox::Full;
use crate::packet_io::TooShort;
use crate::pipeline::Pipeline;
use crate::switch::Shared;

/// What a thread keeps from packet to packet.
#[derive(Default)]
pub struct PacketRun {
    /// The program's room, once there was a program.
    runner: Option<Runner>,
}

impl SoftSwitch {
    /// Sends what leaves because of a controller's packet out of these ports from now on.
    pub fn send_by(&self, ports: PortSender) {
        self.shared.ports.store(Some(ports.into()));
    }
}

impl Forwarder for SoftSwitch {
    type Run = PacketRun;

    fn run(&self) -> PacketRun {
        PacketRun::default()
    }

    fn forward(
        &self,
        run: &mut PacketRun,
        port: u16,
        frame: &[u8],
        emit: &mut dyn FnMut(u16, &[u8]),
    ) {
        self.shared.process(run, port, frame, emit);
    }
}

impl Shared {
    /// Runs a packet that came in by a port, and hands what leaves to `emit`. What goes to the
    /// controllers goes to them and nowhere else. None if there is no program that could run it.
    pub(crate) fn process(
        &self,
        run: &mut PacketRun,
        port: u16,
        frame: &[u8],
        emit: &mut dyn FnMut(u16, &[u8]),
    ) -> Option<Verdict> {
        self.with_program(run, |pipeline, runner| {
            pipeline.switch.process(runner, port, frame, &mut |to, frame| {
                if to == self.config.cpu_port {
                    self.packet_in(pipeline, frame);
                } else {
                    emit(to, frame);
                }
            })
        })
    }

    /// Does something with the program of this moment and room to run it in. None if there is no
    /// program; a packet was lost then.
    pub(crate) fn with_program<R>(
        &self,
        run: &mut PacketRun,
        perform: impl FnOnce(&Pipeline, &mut Runner) -> R,
    ) -> Option<R> {
        let pipeline = self.pipeline.load();
        let Some(pipeline) = pipeline.as_ref() else {
            self.losses.no_pipeline.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        let runner = run.runner.get_or_insert_with(|| pipeline.switch.runner());
        Some(perform(pipeline, runner))
    }

    /// Sends a packet to all primary controllers.
    pub(crate) fn packet_in(&self, pipeline: &Pipeline, packet: &[u8]) {
        let packet = match pipeline.packet_headers.packet_in(packet) {
            Ok(packet) => packet,
            Err(TooShort { header_bytes }) => {
                let before = self.losses.packet_in_too_short.fetch_add(1, Ordering::Relaxed);
                let bytes = packet.len();
                if before == 0 {
                    warn!(self.log, "a packet for the controllers is shorter than its header; more \
                        of them are only counted";
                        "bytes" => bytes, "header_bytes" => header_bytes);
                }
                return;
            }
        };
        let primaries = self.controllers.primaries();
        if primaries.is_empty() {
            self.losses.no_primary.fetch_add(1, Ordering::Relaxed);
        }
        let update = v1::stream_message_response::Update::Packet(packet);
        let message = v1::StreamMessageResponse { update: Some(update) };
        for primary in primaries.iter() {
            if let Err(Full) = primary.put(message.clone()) {
                self.losses.slow_controller.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Sends a packet out of a port, if there is such a port.
    pub(crate) fn send(&self, port: u16, frame: &[u8]) {
        let ports = self.ports.load();
        let is_sent = ports.as_ref().is_some_and(|ports| ports.send(port, frame));
        if !is_sent {
            self.losses.no_port.fetch_add(1, Ordering::Relaxed);
        }
    }
}
