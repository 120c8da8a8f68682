//! Watches a session for as long as the device lives, and opens another when it breaks.

use std::sync::Arc;
use std::time::Duration;

use p4runtime::v1::{self, stream_message_response};
use tokio::time::timeout;

use super::SwitchEvent;
use super::backoff::Backoff;
use super::connection::Client;
use super::session::{Opener, Session};
use super::shared::{NotUp, Shared};
use super::words::{is_from_switch, loss_words, status_words, stream_error_words};

/// How long a connection is silent before the switch is asked whether it is there, and how long it
/// has to answer.
///
/// It is asked by a call, and not by an HTTP/2 ping: servers made with gRPC's own library, as most
/// switches are, close connections that ping more often than every few minutes.
const SILENCE: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(10);

/// Keeps a session with the switch.
pub(super) async fn keep(opener: Opener, shared: Arc<Shared>, mut session: Session) {
    loop {
        let why = watch(&opener, &shared, &mut session).await;
        drop(session);
        session = reopen(&opener, &shared, why).await;
    }
}

/// Opens a session, however often it has to be tried. It need not be that of the primary.
async fn reopen(opener: &Opener, shared: &Shared, mut why: String) -> Session {
    let mut backoff = Backoff::new();
    loop {
        let retry_in = backoff.wait();
        let address = opener.config.address.clone();
        shared.set_down(NotUp::Lost { address, why, retry_in });
        pause(retry_in).await;
        why = match opener.open().await {
            Ok((session, Some(not_primary))) => {
                shared.set_down(NotUp::NotPrimary(not_primary));
                return session;
            }
            Ok((mut session, None)) => match opener.prepare(&mut session.client).await {
                Ok(prepared) => {
                    shared.set_up(session.client.clone(), prepared);
                    return session;
                }
                Err(error) => error.to_string(),
            },
            Err(error) => error.to_string(),
        };
    }
}

/// Follows what the switch says of itself until the session breaks: why it did.
async fn watch(opener: &Opener, shared: &Shared, session: &mut Session) -> String {
    let client = session.client.clone();
    let silence = falls_silent(client, opener.config.device_id, SILENCE, ANSWER);
    tokio::pin!(silence);
    loop {
        let message = tokio::select! {
            why = &mut silence => return why,
            message = session.responses.message() => message,
        };
        let update = match message {
            Ok(Some(v1::StreamMessageResponse { update })) => update,
            Ok(None) => return "the switch ended the stream".to_owned(),
            Err(status) if is_from_switch(&status) => {
                return format!("the switch ended the stream: {}", status_words(&status));
            }
            Err(status) => return loss_words(&status),
        };
        match update {
            Some(stream_message_response::Update::Arbitration(update)) => {
                match (opener.standing(&update), shared.is_up()) {
                    (Some(not_primary), _) => shared.set_down(NotUp::NotPrimary(not_primary)),
                    (None, true) => {}
                    // Who was primary meanwhile may have changed everything.
                    (None, false) => {
                        let election_id = opener.config.election_id;
                        (shared.report)(SwitchEvent::Primary { election_id });
                        match opener.prepare(&mut session.client).await {
                            Ok(prepared) => shared.set_up(session.client.clone(), prepared),
                            Err(error) => return error.to_string(),
                        }
                    }
                }
            }
            Some(stream_message_response::Update::Error(error)) => {
                (shared.report)(SwitchEvent::Complaint { words: stream_error_words(&error) });
            }
            // Packets and the like are not for us.
            _ => {}
        }
    }
}

/// Asks the switch now and then whether it is there, until it does not answer: how it did not.
async fn falls_silent(
    mut client: Client,
    device_id: u64,
    silence: Duration,
    answer: Duration,
) -> String {
    loop {
        pause(silence).await;
        let asked = client.capabilities(v1::CapabilitiesRequest { device_id });
        match timeout(answer, asked).await {
            Err(_) => return format!("the switch has not answered for {answer:?}"),
            Ok(Err(status)) if !is_from_switch(&status) => return loss_words(&status),
            Ok(_) => {}
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "nothing is waited for but the time")]
async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::super::SwitchAddress;
    use super::super::connection::dial;
    use super::*;

    const MOMENT: Duration = Duration::from_millis(1);

    /// How a switch falls silent that takes a connection and does this with it.
    fn silence_of(answer: Duration, act: impl FnOnce(std::os::unix::net::UnixStream)) -> String {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("switch.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let client = dial(&SwitchAddress::Unix(path)).await.unwrap();
            act(listener.accept().unwrap().0);
            falls_silent(client, 1, MOMENT, answer).await
        })
    }

    #[test]
    fn a_switch_that_takes_what_it_is_sent_and_never_answers_is_found_out() {
        let mut kept = None;
        let why = silence_of(MOMENT, |stream| kept = Some(stream));
        assert_eq!(why, "the switch has not answered for 1ms");
    }

    #[test]
    fn a_switch_that_closes_the_connection_is_found_out() {
        let why = silence_of(ANSWER, drop);
        assert!(!why.contains("has not answered"), "{why}");
    }
}
