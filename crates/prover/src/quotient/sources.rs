//! The columns that constraints name.

use super::expression::Source;
use crate::column::Column;

/// Columns by source.
pub(crate) trait Sources: Sync {
    /// The column; every source that constraints name has one.
    fn column(&self, source: Source) -> &Column<'_>;
}
