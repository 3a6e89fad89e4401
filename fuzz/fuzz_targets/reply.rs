//! No bytes make the reply parser panic, and what it takes for complete doesn't depend on what follows.
#![no_main]

use libfuzzer_sys::fuzz_target;
use resp::reply::parse_reply;

fuzz_target!(|data: &[u8]| {
    if let Ok(Some((value, len))) = parse_reply(data) {
        let again = parse_reply(&data[..len]);
        // Not-a-number isn't equal to itself: compare what is shown.
        assert_eq!(
            format!("{again:?}"),
            format!("{:?}", Ok::<_, resp::reply::ReplyError>(Some((value, len))))
        );
    }
});
