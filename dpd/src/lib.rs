//! The daemon that owns the match-action tables of a P4 switch
