//! How much memory to ask for.

/// Smallest sizes are multiples of this.
const STEP: usize = 16;

/// The size of the block that an allocator takes for an allocation of so many bytes.
///
/// Allocators keep blocks of few sizes: multiples of 16 up to 128 bytes, and beyond that four sizes for each doubling
/// (jemalloc and mimalloc alike; others are finer). What is asked for below such a size is wasted; growing from one to
/// the next is growing by a fifth on average, so it costs amortised O(1) per byte.
#[inline]
pub const fn size_class(bytes: usize) -> usize {
    let step = if bytes > 8 * STEP { 1 << ((bytes - 1).ilog2() - 2) } else { STEP };
    match bytes.checked_next_multiple_of(step) {
        Some(class) => class,
        None => bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_those_of_allocators() {
        let cases = [
            (0, 0),
            (1, 16),
            (16, 16),
            (17, 32),
            (112, 112),
            (113, 128),
            (128, 128),
            (129, 160),
            (160, 160),
            (161, 192),
            (225, 256),
            (256, 256),
            (257, 320),
            (1000, 1024),
            (1025, 1280),
            (8185, 8192),
            (9000, 10240),
            (usize::MAX, usize::MAX),
        ];
        for (bytes, class) in cases {
            assert_eq!(size_class(bytes), class, "{bytes}");
        }
    }
}
