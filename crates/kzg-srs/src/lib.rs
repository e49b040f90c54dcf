//! The KZG structured reference string: draw, read, write, check, cache
