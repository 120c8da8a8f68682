//! Groups of NAT mappings with generations: the pure core of dpd
