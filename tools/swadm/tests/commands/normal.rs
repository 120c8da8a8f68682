//! What differs from run to run, made the same.

use std::net::SocketAddr;

/// Replaces times, request ids and the daemon's port. Times and request ids keep their width, so
/// that columns stay aligned.
pub(crate) fn normal(text: &str, daemon: SocketAddr) -> String {
    let text = text.replace(&daemon.to_string(), &format!("{}:PORT", daemon.ip()));
    let text = without_fractions(&text);
    let text = replace(&text, "0000-00-00T00:00:00Z", "YYYY-MM-DDThh:mm:ssZ");
    replace(&text, "ffffffff-ffff-ffff-ffff-ffffffffffff", "rrrrrrrr-eeee-qqqq-uuuu-eeeeeeeeeest")
}

/// Replaces each text of this shape, in which `0` is any decimal digit and `f` any hex digit.
fn replace(text: &str, shape: &str, with: &str) -> String {
    let mut replaced = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let matches = |(is, shape): (char, char)| match shape {
            '0' => is.is_ascii_digit(),
            'f' => is.is_ascii_hexdigit(),
            shape => is == shape,
        };
        let (taken, put) = match rest.get(..shape.len()) {
            Some(head) if head.chars().zip(shape.chars()).all(matches) => (shape.len(), with),
            _ => (next.len_utf8(), &rest[..next.len_utf8()]),
        };
        replaced.push_str(put);
        rest = &rest[taken..];
    }
    replaced
}

/// Cuts the fractions of seconds, which have as many digits as they need, from times in JSON.
fn without_fractions(text: &str) -> String {
    let shape = "T00:00:00.";
    let marked = replace(text, shape, "T00:00:00\u{1}");
    // The times are gone in any case; what counts is that each has the same shape.
    let mut parts = marked.split('\u{1}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.trim_start_matches(|c: char| c.is_ascii_digit()))
}

#[test]
fn what_differs_becomes_the_same() {
    let daemon = "127.0.0.1:40123".parse().unwrap();
    let text = "é 2026-08-01T12:34:56Z 2026-08-01T12:34:56.789Z \
                1b4e28ba-2fa1-11d2-883f-0016d3cca427 http://127.0.0.1:40123/ 0-16383 2026-08";
    assert_eq!(
        normal(text, daemon),
        "é YYYY-MM-DDThh:mm:ssZ YYYY-MM-DDThh:mm:ssZ \
         rrrrrrrr-eeee-qqqq-uuuu-eeeeeeeeeest http://127.0.0.1:PORT/ 0-16383 2026-08"
    );
}
