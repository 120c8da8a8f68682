//! Scratch.
fn main() {
    for path in std::env::args().skip(1) {
        let start = std::time::Instant::now();
        let r = p4::ParsedProgram::load(&path, &[]).and_then(|p| p.check());
        match r {
            Ok(p) => println!(
                "OK {path} {:?} tables {} actions {} vars {}",
                start.elapsed(),
                p.tables.len(),
                p.actions.len(),
                p.variables.len()
            ),
            Err(e) => println!("FAIL {path}\n{e}\n"),
        }
    }
}
