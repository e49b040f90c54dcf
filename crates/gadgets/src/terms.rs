//! How many fractions of the lookup argument share a helper column.

use crate::params_error::ParamsError;
use serde::{Deserialize, Serialize};

/// Fractions per helper column. With m of them the constraint of a helper has degree m + 2, and it may not be
/// more than 5: the quotient has four pieces.
///
/// Fewer columns make a smaller proof. A column of one fraction is a function of what it looks up, and takes few
/// different values: it costs little to commit to where rows are many.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "u8", into = "u8")]
pub enum TermsPerHelper {
    /// One: degree 3.
    One,
    /// Two: degree 4.
    Two,
    /// Three: degree 5.
    #[default]
    Three,
}

impl TermsPerHelper {
    /// All there are, fewest first.
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::Three];

    /// The number.
    #[must_use]
    pub const fn get(self) -> usize {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
        }
    }
}

impl From<TermsPerHelper> for u8 {
    fn from(terms: TermsPerHelper) -> Self {
        match terms {
            TermsPerHelper::One => 1,
            TermsPerHelper::Two => 2,
            TermsPerHelper::Three => 3,
        }
    }
}

impl TryFrom<u8> for TermsPerHelper {
    type Error = ParamsError;

    fn try_from(number: u8) -> Result<Self, ParamsError> {
        let got = usize::from(number);
        let found = Self::ALL.into_iter().find(|terms| terms.get() == got);
        found.ok_or(ParamsError { field: "terms_per_helper", got, lo: 1, hi: 3 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_to_three_and_no_others() {
        for number in 0..=u8::MAX {
            match TermsPerHelper::try_from(number) {
                Ok(terms) => {
                    assert!((1..=3).contains(&number));
                    assert_eq!((u8::from(terms), terms.get()), (number, usize::from(number)));
                }
                Err(error) => {
                    assert!(!(1..=3).contains(&number));
                    assert_eq!((error.field, error.got), ("terms_per_helper", number.into()));
                }
            }
        }
    }
}
