//! The switch's side.

use std::io::{self, ErrorKind};
use std::path::Path;

use asic::Traced;
use p4::{Trace, Verdict};
use slog::debug;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::{JoinHandle, JoinSet};

use super::protocol::{HEADER_BYTES, Header, encode_answer, encode_refusal};
use crate::SoftSwitch;
use crate::accept::next_connection;
use crate::forwarder::PacketRun;
use crate::switch::Shared;
use crate::unix_socket::SocketFile;

/// A place where packets can come in.
pub struct PacketListener {
    switch: SoftSwitch,
    listener: UnixListener,
    file: SocketFile,
}

/// Takes packets until it is dropped; the socket's file goes then.
pub struct PacketService {
    task: JoinHandle<()>,
    _file: SocketFile,
}

impl PacketListener {
    /// Listens at the path. This has to be called in a runtime.
    ///
    /// # Errors
    ///
    /// If somebody listens there already, or the system refuses.
    pub fn bind(switch: SoftSwitch, path: &Path) -> io::Result<PacketListener> {
        let (listener, file) = SocketFile::listen(path)?;
        let listener = UnixListener::from_std(listener)?;
        Ok(PacketListener { switch, listener, file })
    }

    /// Takes packets from all who connect. This has to be called in a runtime.
    pub fn serve(self) -> PacketService {
        let PacketListener { switch, listener, file } = self;
        PacketService { task: tokio::spawn(accept(switch, listener)), _file: file }
    }
}

impl Drop for PacketService {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(switch: SoftSwitch, listener: UnixListener) {
    // Those who are connected go with the one who accepts.
    let mut clients = JoinSet::new();
    loop {
        tokio::select! {
            socket = next_connection(&switch.shared.log, || listener.accept()) => {
                clients.spawn(serve(switch.clone(), socket));
            }
            Some(_) = clients.join_next(), if !clients.is_empty() => {}
        }
    }
}

async fn serve(switch: SoftSwitch, socket: UnixStream) {
    if let Err(error) = answer_all(&switch, socket).await {
        debug!(switch.shared.log, "a client of the packet socket is gone"; "error" => %error);
    }
}

/// Answers until the client has no more requests, or one that is none.
async fn answer_all(switch: &SoftSwitch, socket: UnixStream) -> io::Result<()> {
    let mut socket = BufReader::new(socket);
    let mut run = PacketRun::default();
    let (mut header, mut frame, mut answer) = ([0; HEADER_BYTES], Vec::new(), Vec::new());
    loop {
        match socket.read_exact(&mut header).await {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            other => other?,
        };
        let Header { is_traced, port, length } = match Header::decode(header) {
            Ok(header) => header,
            Err(reason) => {
                answer.clear();
                encode_refusal(&reason, &mut answer);
                return socket.get_mut().write_all(&answer).await;
            }
        };
        frame.resize(length.into(), 0);
        socket.read_exact(&mut frame).await?;
        answer.clear();
        encode_answer(&switch.shared.answer(&mut run, port, &frame, is_traced), &mut answer);
        socket.get_mut().write_all(&answer).await?;
        tokio::task::consume_budget().await;
    }
}

impl Shared {
    /// Lets a frame come in by a port, and tells what leaves because of it.
    fn answer(&self, run: &mut PacketRun, port: u16, frame: &[u8], is_traced: bool) -> Traced {
        let (mut outputs, mut steps) = (Vec::new(), Vec::new());
        let verdict = self.with_program(run, |pipeline, runner| {
            let switch = &pipeline.switch;
            let mut emit = |to: u16, frame: &[u8]| {
                if to == self.config.cpu_port {
                    self.packet_in(pipeline, frame);
                }
                outputs.push((to, frame.to_vec()));
            };
            if !is_traced {
                return switch.process(runner, port, frame, &mut emit);
            }
            let Trace { events, verdict } = switch.process_traced(runner, port, frame, &mut emit);
            steps = events.iter().map(ToString::to_string).collect();
            verdict
        });
        let dropped = match verdict {
            None => Some("the switch has no forwarding pipeline yet".to_owned()),
            Some(Verdict::Dropped(reason)) => Some(reason.to_string()),
            Some(Verdict::Sent(_)) => None,
        };
        Traced { outputs, dropped, steps }
    }
}
