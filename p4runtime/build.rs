//! Compiles the protocol definitions, without protoc.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use prost::Message as _;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=proto");
    let files = protox::compile(["p4/v1/p4runtime.proto"], ["proto"])?;
    let descriptors = PathBuf::from(env::var("OUT_DIR")?).join("descriptors.bin");
    fs::write(descriptors, files.encode_to_vec())?;
    // Maps in the order of their keys: a message has one encoding, which can be hashed and compared.
    tonic_prost_build::configure().btree_map(".").compile_fds(files)?;
    Ok(())
}
