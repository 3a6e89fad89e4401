//! INFO server, threads, cpu, cluster.

use super::{Page, Row, view::View};
use crate::version::{REDIS_VERSION, VERSION};
use std::time::Duration;

/// What doesn't change, and what the process is like.
pub(super) const ROWS: &[Row] = &[
    ("redis_version", |_| REDIS_VERSION.into()),
    ("server_name", |_| "redstart".into()),
    ("redstart_version", |_| VERSION.into()),
    ("redis_git_sha1", |_| "00000000".into()),
    ("redis_git_dirty", |_| "0".into()),
    ("redis_build_id", |_| "0".into()),
    ("redis_mode", |view| if view.config.cluster_enabled { "cluster" } else { "standalone" }.into()),
    ("os", |view| view.facts().os.clone()),
    ("arch_bits", |_| usize::BITS.to_string()),
    ("multiplexing_api", |view| view.facts().sockets.into()),
    ("process_id", |view| view.facts().pid.to_string()),
    ("process_supervised", |view| view.config.supervised.name().into()),
    ("run_id", |view| view.engine.run_id.clone()),
    ("tcp_port", |view| view.config.port.to_string()),
    ("server_time_usec", |view| view.now.us.to_string()),
    ("uptime_in_seconds", |view| view.uptime_s().to_string()),
    ("uptime_in_days", |view| (view.uptime_s() / 86_400).to_string()),
    ("hz", |view| view.config.hz.to_string()),
    ("configured_hz", |view| view.config.hz.to_string()),
    ("lru_clock", |view| ((view.now.ms() / 1000) & 0xff_ffff).to_string()),
    ("executable", |view| view.facts().executable.clone()),
    ("config_file", |view| view.facts().config_file.clone()),
    ("io_threads_active", |view| u8::from(view.engine.workers.len() > 1).to_string()),
];

/// One line for each kind of socket.
pub(super) fn listeners(view: &View<'_, '_>, page: &mut Page) {
    let config = &view.config;
    let mut lines = Vec::new();
    if config.port > 0 {
        let bind = |bind: &config::BindAddress| {
            format!("bind={}{}", if bind.optional { "-" } else { "" }, bind.host)
        };
        let binds: Vec<String> = config.bind.0.iter().map(bind).collect();
        lines.push(format!("name=tcp,{},port={}", binds.join(","), config.port));
    }
    if !config.unixsocket.is_empty() {
        lines.push(format!("name=unix,bind={}", config.unixsocket));
    }
    for (at, line) in lines.iter().enumerate() {
        page.row(&format!("listener{at}"), line);
    }
}

/// One line for each worker.
pub(super) fn threads(view: &View<'_, '_>, page: &mut Page) {
    let clients = view.engine.clients.all();
    for (index, worker) in view.engine.workers.iter().enumerate() {
        let served = clients.iter().filter(|client| client.worker == index).count();
        let (reads, writes) = (worker.stats.reads.get(), worker.stats.writes.get());
        page.row(&format!("io_thread_{index}"), &format!("clients={served},reads={reads},writes={writes}"));
    }
}

fn seconds(us: u64) -> String {
    format!("{:.6}", Duration::from_micros(us).as_secs_f64())
}

/// Processor time. No work is done in children, and no thread is the main one.
pub(super) const CPU_ROWS: &[Row] = &[
    ("used_cpu_sys", |view| seconds(view.facts().cpu_us.0)),
    ("used_cpu_user", |view| seconds(view.facts().cpu_us.1)),
    ("used_cpu_sys_children", |_| seconds(0)),
    ("used_cpu_user_children", |_| seconds(0)),
];

/// Whether this is a node of a cluster.
pub(super) const CLUSTER_ROWS: &[Row] =
    &[("cluster_enabled", |view| u8::from(view.config.cluster_enabled).to_string())];
