//! Switches for parts that this server hasn't.

use crate::value::{Origin, Problem, Scalar, Value, Word};

/// A switch for a part that isn't there. Files may turn it on, so that those of other servers can be used (the start warns
/// of it); `CONFIG SET` can't: who turns something on in a running server wants it to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lacking<T>(
    /// What the file says.
    pub T,
);

/// The rule of the setting itself, and what `CONFIG SET` answers to who wants to turn it on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LackingRule<R> {
    rule: R,
    problem: &'static str,
}

pub(crate) const fn lacking<R>(rule: R, problem: &'static str) -> LackingRule<R> {
    LackingRule { rule, problem }
}

/// The default value of the type is what turns it off.
impl<T: Scalar + Default + PartialEq> Value for Lacking<T> {
    type Rule = LackingRule<T::Rule>;

    fn assign(&mut self, words: &[Word], origin: Origin, rule: &Self::Rule) -> Result<(), Problem> {
        let was_on = self.0 != T::default();
        self.0.assign(words, origin, &rule.rule)?;
        let turned_on = !was_on && self.0 != T::default();
        if turned_on && origin == Origin::Command { Err(rule.problem.into()) } else { Ok(()) }
    }

    fn show(&self, rule: &Self::Rule) -> Vec<u8> {
        Scalar::show(&self.0, &rule.rule)
    }

    fn lines(&self, rule: &Self::Rule) -> Option<Vec<Vec<u8>>> {
        self.0.lines(&rule.rule)
    }

    fn allowed(rule: &Self::Rule) -> String {
        <T as Scalar>::allowed(&rule.rule)
    }
}
