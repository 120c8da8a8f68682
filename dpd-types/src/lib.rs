//! What crosses the wire between dpd and its clients
