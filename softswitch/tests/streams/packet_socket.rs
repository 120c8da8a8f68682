//! Packets by the socket for tests and tools.

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::thread;

use rstest::rstest;
use softswitch::{Losses, PacketSocket, PacketSocketError};

use crate::common::{Bed, Wire, within};
use crate::packets::{PACKET_IO, PLAIN};

/// Does something that waits, without holding up the switch.
async fn blocking<T: Send + 'static>(perform: impl FnOnce() -> T + Send + 'static) -> T {
    within(tokio::task::spawn_blocking(perform)).await.unwrap()
}

#[tokio::test]
async fn each_frame_has_its_answer() {
    let bed = Bed::with_program(PACKET_IO).await;
    let wire = Wire::new(&bed);
    let path = wire.path.clone();
    blocking(move || {
        let mut socket = PacketSocket::connect(path).unwrap();
        // What goes to the controllers is told with the header in front.
        let sent = socket.send(3, &[1, 2]).unwrap();
        assert_eq!(sent.outputs, [(510, vec![0x01, 0xff, 0, 0, 0, 0, 1, 2])]);
        assert_eq!((sent.dropped, sent.steps.len()), (None, 0));
        // By the controllers' port the header is to be there.
        let sent = socket.send(510, &[0x03, 0x80, 0, 0, 0, 9]).unwrap();
        assert_eq!(sent.outputs, [(7, vec![9])]);
        let traced = socket.trace(510, &[0xff, 0x80, 0, 0, 0]).unwrap();
        assert_eq!(traced.outputs, []);
        assert_eq!(traced.dropped.as_deref(), Some("sent to the drop port"));
        assert_eq!(traced.steps.first().map(String::as_str), Some("received 5 bytes on port 510"));
        assert_eq!(traced.steps.last().map(String::as_str), Some("dropped: sent to the drop port"));
        let sent = socket.send(600, &[1]).unwrap();
        assert_eq!(sent.dropped.as_deref(), Some("there is no port 600: the last is 511"));
        assert_eq!(socket.send(1, &[]).unwrap().dropped, None);
        assert_eq!(socket.send(1, &[1; 65_535]).unwrap().outputs[0].1.len(), 65_541);
        let error = socket.send(1, &[1; 65_536]).unwrap_err();
        assert!(matches!(error, PacketSocketError::TooLong { bytes: 65_536 }), "{error}");
        // And it goes on.
        assert_eq!(socket.send(3, &[1, 2]).unwrap().outputs.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn without_a_pipeline_frames_are_dropped_with_the_reason() {
    let bed = Bed::new().await;
    let wire = Wire::new(&bed);
    let path = wire.path.clone();
    let traced =
        blocking(move || PacketSocket::connect(path).unwrap().trace(1, &[1]).unwrap()).await;
    assert_eq!(traced.dropped.as_deref(), Some("the switch has no forwarding pipeline yet"));
    assert_eq!((traced.outputs.len(), traced.steps.len()), (0, 0));
    assert_eq!(bed.switch.losses(), Losses { no_pipeline: 1, ..Losses::default() });
}

#[rstest]
#[case::flags(&[2, 0, 0, 0, 0], "there are no flags 0x02; bit 0 asks for the trace")]
#[case::text(b"GET / HTTP/1.1\r\n", "there are no flags 0x47")]
#[tokio::test]
async fn what_is_no_request_is_told_and_ends_the_connection(
    #[case] request: &'static [u8],
    #[case] about: &'static str,
) {
    let bed = Bed::with_program(PLAIN).await;
    let wire = Wire::new(&bed);
    let path = wire.path.clone();
    blocking(move || {
        let mut socket = UnixStream::connect(&path).unwrap();
        socket.write_all(request).unwrap();
        let mut answer = Vec::new();
        // What it left unread may break the connection after the answer.
        let _ = socket.read_to_end(&mut answer);
        assert_eq!(answer[0], 1);
        let (length, text) = answer[1..].split_at(4);
        assert_eq!(text.len(), u32::from_be_bytes(length.try_into().unwrap()) as usize);
        let text = String::from_utf8_lossy(text);
        assert!(text.contains(about), "{text}");
        // Others notice nothing.
        assert_eq!(PacketSocket::connect(&path).unwrap().send(1, &[1]).unwrap().outputs.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_request_that_breaks_off_ends_the_connection() {
    let bed = Bed::with_program(PLAIN).await;
    let wire = Wire::new(&bed);
    let path = wire.path.clone();
    blocking(move || {
        for request in [&[0, 0, 1][..], &[0, 0, 1, 0xff, 0xff, 1, 2, 3]] {
            let mut socket = UnixStream::connect(&path).unwrap();
            socket.write_all(request).unwrap();
            socket.shutdown(Shutdown::Write).unwrap();
            let mut answer = Vec::new();
            socket.read_to_end(&mut answer).unwrap();
            assert_eq!(answer, []);
        }
    })
    .await;
    assert_eq!(bed.switch.losses(), Losses::default());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_clients_have_their_own_answers_in_order() {
    let bed = Bed::with_program(PLAIN).await;
    let wire = Wire::new(&bed);
    let path = wire.path.clone();
    blocking(move || {
        // One that sends and reads nothing holds nobody up.
        let mut deaf = UnixStream::connect(&path).unwrap();
        deaf.set_nonblocking(true).unwrap();
        let request = [&[0, 0, 1, 0x40, 0][..], &[7; 0x4000]].concat();
        while deaf.write(&request).is_ok_and(|written| written == request.len()) {}
        thread::scope(|scope| {
            for client in 0..8_u8 {
                let path = &path;
                scope.spawn(move || {
                    let mut socket = PacketSocket::connect(path).unwrap();
                    for number in 0..100_u8 {
                        let sent = socket.send(client.into(), &[client, number]).unwrap();
                        assert_eq!(sent.outputs, [(510, vec![client, number])]);
                    }
                });
            }
        });
    })
    .await;
}

#[tokio::test]
async fn the_connections_end_with_the_service() {
    let bed = Bed::with_program(PLAIN).await;
    let wire = Wire::new(&bed);
    let path = wire.path.clone();
    let mut socket = blocking(move || PacketSocket::connect(path).unwrap()).await;
    let path = wire.path.clone();
    drop(wire);
    assert!(!path.exists());
    let error = blocking(move || {
        loop {
            if let Err(error) = socket.send(1, &[1]) {
                return error;
            }
        }
    })
    .await;
    assert!(matches!(error, PacketSocketError::Broken(_)), "{error}");
}
