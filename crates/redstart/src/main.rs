//! The `redstart` binary.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    host::signals::install().expect("signal handlers can be installed");
    match redstart::start(&arguments) {
        Ok(server) => {
            server.log(engine::Level::Notice, "Server initialized");
            server.log(engine::Level::Notice, "Ready to accept connections tcp");
            server.wait();
        }
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    }
}
