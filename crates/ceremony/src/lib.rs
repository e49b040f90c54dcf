//! Files of public ceremonies: which there are, and fetching them.
//!
//! | module | holds |
//! |---|---|
//! | `published` | [`PUBLISHED`]: names, sizes and digests, with their source |
//! | `fetch` | [`Fetch`]: a file into a folder, by one process at a time, whole or not at all |
//! | `transfer` | bytes over HTTP: part by part, resumed, tried again |
//! | `error` | [`FetchError`] |
//!
//! Nothing here trusts a server: a file whose size or digest is not the published one is deleted. What is trusted in an
//! SRS is decided by its points, elsewhere.

mod error;
mod fetch;
mod published;
mod transfer;

pub use error::FetchError;
pub use fetch::{Event, Fetch, default_folder};
pub use published::{MIRROR, PUBLISHED, Published};
pub use transfer::Patience;
