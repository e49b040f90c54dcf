//! Work on what stands one after the other, on all processors where there is enough of it.

use rayon::prelude::*;

/// Fewer products than this are not worth another thread.
pub(super) const ALONE: usize = 1 << 16;

/// Chunk by chunk, so many `products` in all; `None` as soon as `act` says so.
pub(super) fn each<T: Send>(
    of: &mut [T],
    chunk: usize,
    products: usize,
    act: impl Fn(usize, &mut [T]) -> Option<()> + Sync + Send,
) -> Option<()> {
    let act = |(at, chunk): (usize, &mut [T])| act(at, chunk);
    match products < ALONE {
        true => of.chunks_mut(chunk.max(1)).enumerate().try_for_each(act),
        false => of.par_chunks_mut(chunk.max(1)).enumerate().try_for_each(act),
    }
}
