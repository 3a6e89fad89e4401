//! What happens to the references that groups hold to an entry that is to be deleted.

use command::Args;
use structs::stream::References;

/// Reads KEEPREF, DELREF or ACKED, if the next word is one of them.
pub(super) fn policy(args: &mut Args<'_>) -> Option<References> {
    let policies = [References::Keep, References::Delete, References::OnlyAcknowledged];
    policies.into_iter().find(|policy| args.take(policy_name(*policy)))
}

/// The word for a policy.
pub(super) fn policy_word(policy: References) -> &'static [u8] {
    policy_name(policy).as_bytes()
}

fn policy_name(policy: References) -> &'static str {
    match policy {
        References::Keep => "KEEPREF",
        References::Delete => "DELREF",
        References::OnlyAcknowledged => "ACKED",
    }
}
