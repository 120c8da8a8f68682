//! Scratch.
fn main() {
    for path in std::env::args().skip(1) {
        let prog = match p4::Program::load(&path, &[]) {
            Ok(p) => std::sync::Arc::new(p),
            Err(e) => {
                println!("LOADFAIL {path}\n{e}\n");
                continue;
            }
        };
        let stf = path.replace(".p4", ".stf");
        let text = std::fs::read_to_string(&stf).unwrap_or_default();
        match p4::stf::run(&prog, &stf, &text, &mut |_| ()) {
            Ok(()) => println!("PASS {path}"),
            Err(e) => println!("FAIL {path}\n{e}\n"),
        }
    }
}
