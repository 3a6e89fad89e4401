//! Which codec writes which object: a new family adds a line to each `match`.

use crate::encode::Output;
use crate::value_type::ValueType;
use crate::version::Version;
use crate::{array, hash, list, set, sorted_set, stream};
use keyspace::{Kind, Object};
use std::any::Any;

/// How far an object is written.
pub(crate) enum Progress {
    Array(array::Progress),
    Hash(hash::Progress),
    List(list::Progress),
    Set(set::Progress),
    SortedSet(sorted_set::Progress),
    Stream(stream::Progress),
}

/// The type that an object is written as.
pub(crate) fn value_type(object: &dyn Object, version: Version) -> ValueType {
    match object.kind() {
        Kind::List => list::type_for(version),
        Kind::Set => set::type_for(concrete(object), version),
        Kind::SortedSet => sorted_set::type_for(concrete(object), version),
        Kind::Hash => hash::type_for(concrete(object), version),
        Kind::Stream => stream::type_for(concrete(object), version),
        Kind::Array => array::type_for(version),
        other => unreachable!("no codec for {}", other.name()),
    }
}

/// Appends what the object's form has no place for. Returns whether there is such a thing.
pub(crate) fn extension(object: &dyn Object, output: &mut Output<'_>) -> bool {
    match object.kind() {
        Kind::Hash => hash::extension(concrete(object), output),
        Kind::Set => set::extension(concrete(object), output),
        Kind::SortedSet => sorted_set::extension(concrete(object), output),
        Kind::Stream => stream::extension(concrete(object), output),
        Kind::Array => array::extension(concrete(object), output),
        _ => false,
    }
}

impl Progress {
    pub(crate) fn new(object: &dyn Object) -> Progress {
        match object.kind() {
            Kind::Hash => Progress::Hash(hash::Progress::default()),
            Kind::List => Progress::List(list::Progress::default()),
            Kind::Set => Progress::Set(set::Progress::default()),
            Kind::SortedSet => Progress::SortedSet(sorted_set::Progress::default()),
            Kind::Stream => Progress::Stream(stream::Progress::new()),
            Kind::Array => Progress::Array(array::Progress::default()),
            other => unreachable!("no codec for {}", other.name()),
        }
    }

    /// Appends parts of the object until the output is full. Returns whether some are left.
    pub(crate) fn step(&mut self, object: &dyn Object, output: &mut Output<'_>) -> bool {
        match self {
            Progress::Array(progress) => progress.step(concrete(object), output),
            Progress::Hash(progress) => progress.step(concrete(object), output),
            Progress::List(progress) => progress.step(concrete(object), output),
            Progress::Set(progress) => progress.step(concrete(object), output),
            Progress::SortedSet(progress) => progress.step(concrete(object), output),
            Progress::Stream(progress) => progress.step(concrete(object), output),
        }
    }
}

/// The object as what its kind says it is.
fn concrete<T: Any>(object: &dyn Object) -> &T {
    (object as &dyn Any).downcast_ref().expect("each kind belongs to one type")
}
