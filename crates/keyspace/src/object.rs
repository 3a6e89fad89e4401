//! Owning pointers to objects, one machine word wide, their type told by the entry's kind.
//!
//! The table of kinds and Rust types stands here alone: a new family adds one line to `objects!`.

use crate::value::{Kind, Object, Typed};
use structs::array::SparseArray;
use structs::deque::Deque;
use structs::fields::{FieldMap, Form, MemberSet};
use structs::ranked::Ranked;
use structs::small::Small;
use structs::stream::{Stream, StreamId};

/// An object, owned.
pub struct ObjectBox {
    kind: Kind,
    word: u64,
}

// SAFETY: it owns an object, which is `Send`.
unsafe impl Send for ObjectBox {}

macro_rules! objects {
    ($($kind:ident => $type:ty, encoding: $encoding:expr, vacant: $vacant:expr, effort: $effort:expr,
        elements: $elements:expr
        $(, small: $small:expr, of_small: $of_small:expr)?
        $(, expiring: $first:expr, remove_due: $due:expr)? $(, prefetch: $prefetch:expr)?;)*) => {
        $(
            impl Object for $type {
                fn kind(&self) -> Kind { Kind::$kind }
                fn encoding(&self) -> &'static str { let f: fn(&$type) -> &'static str = $encoding; f(self) }
                fn is_vacant(&self) -> bool { let f: fn(&$type) -> bool = $vacant; f(self) }
                fn small(&self) -> Option<Small<'_>> {
                    $(let f: fn(&$type) -> Option<Small<'_>> = $small; return f(self);)?
                    #[allow(unreachable_code, reason = "for those that have no small form")]
                    None
                }
                fn memory_bytes(&self) -> usize { <$type>::memory_bytes(self) }
                fn free_effort(&self) -> usize { let f: fn(&$type) -> usize = $effort; f(self) }
                fn elements(&self, visit: &mut dyn FnMut(&[&[u8]])) {
                    let f: fn(&$type, &mut dyn FnMut(&[&[u8]])) = $elements;
                    f(self, visit);
                }
                fn first_element_expiry_ms(&self) -> Option<i64> {
                    $(let f: fn(&$type) -> Option<i64> = $first; return f(self);)?
                    #[allow(unreachable_code, reason = "for those whose elements don't expire")]
                    None
                }
                fn remove_due_element(&mut self, _now_ms: i64, _show: &mut dyn FnMut(&[u8])) -> bool {
                    $(let f: fn(&mut $type, i64, &mut dyn FnMut(&[u8])) -> bool = $due; return f(self, _now_ms, _show);)?
                    #[allow(unreachable_code, reason = "for those whose elements don't expire")]
                    false
                }
                fn prefetch_element(&self, _name: &[u8], _step: usize) -> bool {
                    $(let f: fn(&$type, &[u8], usize) -> bool = $prefetch; return f(self, _name, _step);)?
                    #[allow(unreachable_code, reason = "for those that nobody looks for elements in by name")]
                    false
                }
                fn duplicate(&self) -> ObjectBox { ObjectBox::new(self.clone()) }
            }
            impl Typed for $type {
                const KIND: Kind = Kind::$kind;

                fn of_small(_small: Small<'_>) -> Self {
                    $(let f: fn(Small<'_>) -> $type = $of_small; return f(_small);)?
                    #[allow(unreachable_code, reason = "for those that have no small form")]
                    { unreachable!("a {} has no small form", Kind::$kind.name()) }
                }
            }
        )*

        /// The object of a kind whose small form this is.
        fn of_small(kind: Kind, small: Small<'_>) -> ObjectBox {
            match kind {
                $(Kind::$kind => ObjectBox::new(<$type as Typed>::of_small(small)),)*
                other => unreachable!("no object type for {}", other.name()),
            }
        }

        /// SAFETY: `word` is the address of an object of `kind` that is valid (and unaliased) while the pointer is used.
        unsafe fn as_dyn(kind: Kind, word: u64) -> *mut dyn Object {
            match kind {
                $(Kind::$kind => std::ptr::with_exposed_provenance_mut::<$type>(word as usize),)*
                other => unreachable!("no object type for {}", other.name()),
            }
        }
    };
}

objects! {
    List => Deque,
        encoding: |list| if list.is_single_packed() { "listpack" } else { "quicklist" },
        vacant: |list| list.is_empty(),
        effort: |list| list.nodes(),
        elements: |list, visit| list.iter().for_each(|item| item.with_text(|text| visit(&[text]))),
        small: |list| list.small(),
        of_small: |small| Deque::of_small(small);
    Set => MemberSet,
        encoding: |set| elements_encoding(set.form()),
        vacant: |set| set.is_empty(),
        effort: |set| set.allocations(),
        elements: |set, visit| set.view().into_iter().for_each(|one| one.name.with_text(|name| visit(&[name]))),
        small: |set| set.small(),
        of_small: |small| MemberSet::of_small(small),
        expiring: |set| set.first_expiry_ms(),
        remove_due: |set, now_ms, show| set.remove_due(now_ms, |one| one.name.with_text(show)),
        prefetch: |set, name, step| set.prefetch(name, step);
    SortedSet => Ranked,
        encoding: |set| if set.packed().is_some() { "listpack" } else { "skiplist" },
        vacant: |set| set.is_empty(),
        effort: |set| set.parts(),
        elements: sorted_set_elements,
        small: |set| set.small(),
        of_small: |small| Ranked::of_small(small),
        expiring: |set| set.first_expiry_ms(),
        remove_due: |set, now_ms, show| set.remove_due(now_ms, show);
    Hash => FieldMap,
        encoding: |hash| elements_encoding(hash.form()),
        vacant: |hash| hash.is_empty(),
        effort: |hash| hash.allocations(),
        elements: hash_elements,
        small: |hash| hash.small(),
        of_small: |small| FieldMap::of_small(small),
        expiring: |hash| hash.first_expiry_ms(),
        remove_due: |hash, now_ms, show| hash.remove_due(now_ms, |one| one.name.with_text(show)),
        prefetch: |hash, name, step| hash.prefetch(name, step);
    Stream => Stream,
        encoding: |_| "stream",
        vacant: |_| false,
        effort: |stream| stream.log().blocks() + stream.group_count(),
        elements: stream_elements;
    Array => SparseArray,
        encoding: |_| "sliced-array",
        vacant: |array| array.is_empty(),
        effort: |array| array.allocations(),
        elements: array_elements;
}

fn elements_encoding(form: Form) -> &'static str {
    match form {
        Form::Ints => "intset",
        Form::Rows => "listpack",
        Form::Timed => "listpackex",
        Form::Table => "hashtable",
    }
}

fn hash_elements(hash: &FieldMap, visit: &mut dyn FnMut(&[&[u8]])) {
    for element in hash.view() {
        element.name.with_text(|field| element.value.with_text(|value| visit(&[field, value])));
    }
}

/// A sorted set's elements are members with their scores, these by their digits.
fn sorted_set_elements(set: &Ranked, visit: &mut dyn FnMut(&[&[u8]])) {
    let mut score = Vec::new();
    for element in set {
        score.clear();
        base::num::push_f64_shortest(&mut score, element.score);
        element.member.with_text(|member| visit(&[member, &score]));
    }
}

/// A stream's elements are its entries; what groups have read is no part of its value.
fn stream_elements(stream: &Stream, visit: &mut dyn FnMut(&[&[u8]])) {
    for entry in stream.log().range(StreamId::MIN, StreamId::MAX) {
        let mut parts = vec![format!("{}.{}", entry.id.ms, entry.id.seq).into_bytes()];
        parts.extend(entry.fields().flat_map(|(field, value)| [field.to_vec(), value.to_vec()]));
        visit(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>());
    }
}

/// An array's elements are indexes with what the cells hold; where the next insertion goes is no part of its value.
fn array_elements(array: &SparseArray, visit: &mut dyn FnMut(&[&[u8]])) {
    let mut digits = Vec::new();
    for (index, cell) in array.iter(0, u64::MAX) {
        digits.clear();
        base::num::push_u64(&mut digits, index);
        cell.with_text(|text| visit(&[&digits, text]));
    }
}

impl ObjectBox {
    /// Moves an object to the heap.
    pub fn new<T: Typed>(object: T) -> ObjectBox {
        let address: *mut T = Box::into_raw(Box::new(object));
        ObjectBox { kind: T::KIND, word: address.expose_provenance() as u64 }
    }

    /// The object of a kind whose small form this is.
    pub(crate) fn of_small(kind: Kind, small: Small<'_>) -> ObjectBox {
        of_small(kind, small)
    }

    /// Its type.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The object.
    pub fn get(&self) -> &(dyn Object + 'static) {
        // SAFETY: we own it.
        unsafe { &*as_dyn(self.kind, self.word) }
    }

    /// The object, if it is of type `T`.
    pub fn typed<T: Typed>(&self) -> Option<&T> {
        // SAFETY: we own it, and each kind belongs to one type.
        (self.kind == T::KIND).then(|| unsafe { Self::peek::<T>(self.word) })
    }

    /// Gives the object away as kind and word.
    pub(crate) fn into_word(self) -> (Kind, u64) {
        let parts = (self.kind, self.word);
        std::mem::forget(self);
        parts
    }

    /// SAFETY: the word comes from `into_word` with this kind and isn't used again.
    pub(crate) unsafe fn from_word(kind: Kind, word: u64) -> ObjectBox {
        ObjectBox { kind, word }
    }

    /// SAFETY: the word is that of a live object of kind `T::KIND`, shared for 'a.
    pub(crate) unsafe fn peek<'a, T: Typed>(word: u64) -> &'a T {
        // SAFETY: the caller's promise.
        unsafe { &*std::ptr::with_exposed_provenance::<T>(word as usize) }
    }

    /// SAFETY: the word is that of a live object of kind `T::KIND`, unaliased for 'a.
    pub(crate) unsafe fn peek_mut<'a, T: Typed>(word: u64) -> &'a mut T {
        // SAFETY: the caller's promise.
        unsafe { &mut *std::ptr::with_exposed_provenance_mut::<T>(word as usize) }
    }

    /// SAFETY: the word is that of a live object of `kind`, unaliased for 'a.
    pub(crate) unsafe fn peek_dyn_mut<'a>(kind: Kind, word: u64) -> &'a mut (dyn Object + 'static) {
        // SAFETY: the caller's promise.
        unsafe { &mut *as_dyn(kind, word) }
    }

    /// SAFETY: the word is that of a live object of `kind`, shared for 'a.
    pub(crate) unsafe fn peek_dyn<'a>(kind: Kind, word: u64) -> &'a (dyn Object + 'static) {
        // SAFETY: the caller's promise.
        unsafe { &*as_dyn(kind, word) }
    }
}

impl std::fmt::Debug for ObjectBox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {} bytes", self.kind.name(), self.get().memory_bytes())
    }
}

impl Drop for ObjectBox {
    fn drop(&mut self) {
        // SAFETY: we own the object, which `new` put into a box of its concrete type.
        unsafe { drop(Box::from_raw(as_dyn(self.kind, self.word))) }
    }
}
