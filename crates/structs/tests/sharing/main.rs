//! What a clone and a change after it cost, counted in bytes allocated: no clock can prove that, and no machine disturb it. And what containers say of their memory.

mod arrays;
mod counter;
mod lists;
mod memory;
mod ranked;
mod streams;

/// A clone allocates no more than this, whatever its size.
const CLONE_BYTES: usize = 4 << 10;
/// A change to a container that shares everything with a clone allocates no more than this.
const CHANGE_BYTES: usize = 32 << 10;

/// A change, and what it is to be called.
type Change<T> = (&'static str, fn(&mut T));

/// Fails unless cloning `container` is cheap, and each change to a container that has just been cloned is.
fn check<T: Clone>(container: &mut T, changes: &[Change<T>]) {
    let (clone, bytes) = counter::bytes_allocated(|| container.clone());
    assert!(bytes <= CLONE_BYTES, "a clone allocated {bytes} bytes");
    drop(clone);
    for (what, change) in changes {
        let clone = container.clone();
        let ((), bytes) = counter::bytes_allocated(|| change(container));
        assert!(bytes <= CHANGE_BYTES, "to {what} after a clone allocated {bytes} bytes");
        let ((), bytes) = counter::bytes_allocated(|| drop(clone));
        assert_eq!(bytes, 0);
    }
}
