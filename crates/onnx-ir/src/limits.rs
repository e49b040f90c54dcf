//! Limits of what a model may ask for, each stated once, with its reason.
//!
//! A few bytes of a file can name any extent, so everything that is made in proportion to one is counted from
//! shapes before it is made. Ordinary models stay far below: a network of ten convolutions on an image of
//! 224×224 has about 10^7 elements and 10^9 to 10^10 multiplications.
//!
//! What a few bytes may ask for is fixed. A large file has paid for more ([`for_bytes`]): elements grow with it, whatever
//! counts them. Multiplications do not, nor what no file has paid for.

/// Bytes of a model, with the files beside it, from which on [`for_bytes`] gives more: half of those that
/// [`MOST_ELEMENTS`] has elements.
pub const ORDINARY_BYTES: u128 = 1 << 24;

/// A limit of elements, for a model of so many bytes: who sends ten times as many bytes may ask for ten times as many
/// elements. It so takes a machine no more than a few words for each byte that was read, and no small file much.
#[must_use]
pub const fn for_bytes(limit: u128, bytes: u128) -> u128 {
    match bytes > ORDINARY_BYTES {
        true => limit.saturating_mul(bytes).div_ceil(ORDINARY_BYTES),
        false => limit,
    }
}

/// Elements of one tensor, and of all tensors of a graph together: a proof commits to each, and 2^25 of them fill
/// a dozen columns of the longest circuit that one machine proves.
pub const MOST_ELEMENTS: u128 = 1 << 25;

/// Multiplications of all linear forms together: minutes of one core each time that the model is evaluated.
pub const MOST_PRODUCTS: u128 = 1 << 35;

/// Elements of all values before the model is simplified, where a normalisation or an activation is still a node
/// of its own.
pub const MOST_UNSIMPLIFIED: u128 = 2 * MOST_ELEMENTS;

/// Elements that kernels grow by, all together: a stride's phases have taps for places that the kernel does not have, and
/// a kernel on a larger image at one place has as many as that.
pub const MOST_GROWN: u128 = 1 << 26;

/// Elements of all constants that are computed from others: a quarter of a gigabyte, as weights that are turned.
pub const MOST_FOLDED: u128 = 1 << 26;

/// Elements that these have more than what they are computed from: numbers that no file has paid for.
pub const MOST_UNPAID: u128 = 1 << 23;

/// Multiplications of all nodes whose operands are constant: a second or two, at import.
pub const MOST_FOLDED_PRODUCTS: u128 = 1 << 30;
