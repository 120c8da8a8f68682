//! End-to-end tests of dpd: the daemon in process, requests in, table rows out
