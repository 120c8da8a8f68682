//! Match-action tables, the writes that change them and the devices that hold them
