//! Measures a dpd daemon from outside
