//! What decides where frames go.

/// Decides where frames go. All threads share it, so what changes in it, such as tables, must be
/// readable without waiting.
pub trait Forwarder: Send + Sync + 'static {
    /// What one thread keeps from frame to frame, such as space to work in.
    type Run;

    /// Space for one more thread.
    fn run(&self) -> Self::Run;

    /// Takes a frame that came in by a port, and emits what leaves: a port each and a whole frame.
    fn forward(
        &self,
        run: &mut Self::Run,
        port: u16,
        frame: &[u8],
        emit: &mut dyn FnMut(u16, &[u8]),
    );
}
