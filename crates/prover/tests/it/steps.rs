//! Both provers, step by step: with pinned challenges and all blinding values zero, they write the
//! same, but for the random polynomial, which halo2 draws from the thread's generator.

use crate::description::{Description, Numbers, Style};
use crate::provers::{Case, bases};
use crate::script::{Item, Script, ZerosThen};

#[test]
fn transcripts_agree() {
    for seed in 0..40 {
        let style = Style {
            k: 5,
            phases: 1 + (seed % 2) as u8,
            degree: 3 + (seed % 4) as usize,
            copies: seed % 3 > 0,
            values: Numbers::Mixed,
            gates: if seed % 5 == 0 { 10 } else { (seed % 4) as usize },
            shared: seed % 5 == 0,
        };
        let case = Case::new(Description::random(seed, style));
        let (mut ours, mut theirs) = (Script::new(), Script::new());
        let zeros = || ZerosThen::new(usize::MAX / 8, 0);
        case.ours(&bases(style.k, seed % 2 == 0), None, zeros(), &mut ours).unwrap();
        case.stock(zeros(), &mut theirs);
        assert_eq!(ours.items.len(), theirs.items.len(), "seed {seed}");
        let different: Vec<usize> =
            (0..ours.items.len()).filter(|i| ours.items[*i] != theirs.items[*i]).collect();

        // The commitment to the random polynomial is the point before the challenge y, which the
        // quotient's pieces follow; its evaluation stands between those of fixed columns and of the
        // permutation; the opening's two points depend on it.
        let points = |i: &usize| matches!(ours.items[*i], Item::Point(_));
        let scalars = |i: &usize| matches!(ours.items[*i], Item::Scalar(_));
        let (last, pieces) = (ours.items.len(), case.key.get_vk().cs().degree() - 1);
        let x = ours.items.iter().position(|item| matches!(item, Item::Scalar(_))).unwrap() - 1;
        assert_eq!(ours.items[x], Item::Challenge);
        let commitment = x - pieces - 2;
        assert_eq!(ours.items[commitment + 1], Item::Challenge);
        let allowed = |i: &usize| *i == commitment || (*i > x && scalars(i)) || *i + 3 >= last;
        assert!(different.iter().all(allowed), "seed {seed}: {different:?} of {last}");
        assert!(different.iter().filter(|i| scalars(i)).count() <= 1, "seed {seed}");
        assert!(different.iter().filter(|i| points(i)).count() <= 3, "seed {seed}");
    }
}
