//! Command line for dpd
