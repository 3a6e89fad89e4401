//! Objects as readers see them: where they are, or made of the bytes that their entry has.

use crate::object::ObjectBox;
use crate::value::Object;
use std::ops::Deref;

/// An object to look at, of a known type.
#[derive(Debug)]
pub enum Ref<'a, T> {
    /// It lies outside of its entry.
    Held(&'a T),
    /// A copy of a small one, which is no more than bytes of its entry.
    Copied(T),
}

impl<T> Deref for Ref<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        match self {
            Ref::Held(object) => object,
            Ref::Copied(object) => object,
        }
    }
}

/// As [`Ref`], of any type.
pub enum AnyRef<'a> {
    /// It lies outside of its entry.
    Held(&'a (dyn Object + 'static)),
    /// A copy of a small one, which is no more than bytes of its entry.
    Copied(ObjectBox),
}

impl Deref for AnyRef<'_> {
    type Target = dyn Object;

    fn deref(&self) -> &dyn Object {
        match self {
            AnyRef::Held(object) => *object,
            AnyRef::Copied(object) => object.get(),
        }
    }
}
