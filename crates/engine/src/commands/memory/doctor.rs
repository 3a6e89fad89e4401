//! MEMORY DOCTOR: signs of trouble, and what to do about them.

use crate::commands::info::View;

/// Below this nothing can be said.
const TOO_LITTLE_BYTES: u64 = 5 << 20;
/// A peak this much above what is in use leaves its traces, in percent.
const HIGH_PEAK_PERCENT: u64 = 150;
/// Resident memory this much above what is in use is worth a look, in percent...
const HIGH_RESIDENT_PERCENT: u64 = 140;
/// ... if it is at least this much in bytes.
const HIGH_RESIDENT_BYTES: u64 = 10 << 20;
/// More than this per client, on average, means slow readers or huge requests.
const LARGE_CLIENT_BYTES: u64 = 200 << 10;

/// What the doctor looks at.
pub(super) struct Signs {
    pub(super) used_bytes: u64,
    pub(super) peak_bytes: u64,
    pub(super) resident_bytes: u64,
    pub(super) clients: u64,
    pub(super) client_bytes: u64,
}

impl Signs {
    pub(super) fn of(view: &View<'_, '_>) -> Signs {
        Signs {
            used_bytes: view.memory().used_bytes(),
            peak_bytes: view.peak_bytes(),
            resident_bytes: view.facts().resident_bytes,
            clients: view.clients().clients,
            client_bytes: view.clients().bytes,
        }
    }
}

/// The report.
pub(super) fn report(signs: &Signs) -> String {
    if signs.used_bytes < TOO_LITTLE_BYTES {
        return "Too little memory is in use to say anything about it.\n".into();
    }
    let findings = findings(signs);
    if findings.is_empty() {
        return "Nothing unusual about the use of memory.\n".into();
    }
    findings.iter().map(|finding| format!("* {finding}\n")).collect()
}

fn findings(signs: &Signs) -> Vec<String> {
    let mut findings = Vec::new();
    let percent_of_used = |bytes: u64| bytes.saturating_mul(100) / signs.used_bytes;
    let after_peak = percent_of_used(signs.peak_bytes) >= HIGH_PEAK_PERCENT;
    if after_peak {
        findings.push(format!(
            "Peak: {} bytes were in use once, {} are now. What stays resident after a peak is used again for new data; \
             MEMORY PURGE gives it back earlier.",
            signs.peak_bytes, signs.used_bytes
        ));
    }
    let unused_bytes = signs.resident_bytes.saturating_sub(signs.used_bytes);
    if !after_peak
        && percent_of_used(signs.resident_bytes) >= HIGH_RESIDENT_PERCENT
        && unused_bytes >= HIGH_RESIDENT_BYTES
    {
        findings.push(format!(
            "Fragmentation: {unused_bytes} bytes are resident but not in use. Values that change their size often leave \
             gaps; try MEMORY PURGE, and compare with MEMORY MALLOC-STATS."
        ));
    }
    if signs.client_bytes / signs.clients.max(1) > LARGE_CLIENT_BYTES {
        findings.push(format!(
            "Clients: {} clients hold {} bytes in buffers. CLIENT LIST shows who sends large requests (qbuf) or doesn't \
             read replies (omem); client-output-buffer-limit bounds the latter.",
            signs.clients, signs.client_bytes
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;
    const HEALTHY: Signs = Signs {
        used_bytes: 100 * MIB,
        peak_bytes: 110 * MIB,
        resident_bytes: 120 * MIB,
        clients: 10,
        client_bytes: MIB,
    };

    #[test]
    fn a_finding_per_sign() {
        let cases = [
            (HEALTHY, "Nothing unusual"),
            (Signs { used_bytes: MIB, ..HEALTHY }, "Too little"),
            (Signs { peak_bytes: 300 * MIB, ..HEALTHY }, "* Peak"),
            (Signs { resident_bytes: 200 * MIB, ..HEALTHY }, "* Fragmentation"),
            (Signs { client_bytes: 50 * MIB, ..HEALTHY }, "* Clients"),
        ];
        for (signs, beginning) in cases {
            let report = report(&signs);
            assert!(report.starts_with(beginning) && report.lines().count() == 1, "{report}");
        }
    }
}
