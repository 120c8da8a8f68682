//! The daemon's core under faults and crashes, step by step and by seed.
