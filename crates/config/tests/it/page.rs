//! The documentation of all directives is the committed page.

use std::fs;

/// Run with `UPDATE_DOCS=1` to write the page.
#[test]
fn the_page_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
    let page = redstart_config::configuration_page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, &page).expect("the page can be written");
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    assert!(committed == page, "docs/configuration.md is out of date: run this test with UPDATE_DOCS=1");
}
