//! The demo and the chores of this repository
