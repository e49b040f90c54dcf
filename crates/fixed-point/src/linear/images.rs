//! What a convolution reads and makes: one image, or a batch of them.

/// A tensor as planes of images, which stand one after the other, each channel by channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Images {
    /// B: how many.
    pub count: usize,
    /// C: planes of each.
    pub channels: usize,
    /// H: rows of each plane.
    pub height: usize,
    /// W: elements of a row.
    pub width: usize,
}

impl Images {
    /// A tensor of shape `[C,H,W]`, which is one image, or `[B,C,H,W]`; `None` for another, or one whose planes
    /// cannot be counted.
    #[must_use]
    pub fn of(shape: &[usize]) -> Option<Self> {
        let images = match *shape {
            [channels, height, width] => Images { count: 1, channels, height, width },
            [count, channels, height, width] => Images { count, channels, height, width },
            _ => return None,
        };
        images.count.checked_mul(images.channels).map(|_| images)
    }

    /// B·C: planes of all of them.
    #[must_use]
    pub fn planes(&self) -> usize {
        self.count * self.channels
    }

    /// The shape of the same with other planes: a result has as many images as what it is made of.
    #[must_use]
    pub fn shape(&self) -> Vec<usize> {
        let Images { count, channels, height, width } = *self;
        match count {
            1 => vec![channels, height, width],
            _ => vec![count, channels, height, width],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_of_other_ranks_are_no_images() {
        assert_eq!(Images::of(&[2, 3]), None);
        assert_eq!(Images::of(&[1, 2, 3, 4, 5]), None);
        assert_eq!(Images::of(&[usize::MAX, 2, 3, 4]), None);
    }

    #[test]
    fn a_batch_of_one_is_an_image() {
        let one = Images::of(&[1, 2, 3, 4]);
        assert_eq!(one, Images::of(&[2, 3, 4]));
        assert_eq!(one.map(|one| one.shape()), Some(vec![2, 3, 4]));
    }
}
