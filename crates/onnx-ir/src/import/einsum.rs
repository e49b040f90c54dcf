//! `MatMul`, `Gemm`, `Einsum`: tract's `EinSum`, brought to the one form `[B,M,K] x [B,K,N]`.

use tract_onnx::prelude::TypedNode;
use tract_onnx::tract_core::ops::einsum::EinSum;

use super::importer::Importer;
use super::integral;
use super::letters::{Operand, permute};
use super::pointwise;
use super::reason::{Outcome, Reason};
use super::selection;
use crate::{NodeId, Op};

/// One index of the product: its letter, its extent, and where it occurs.
struct Index {
    letter: char,
    extent: usize,
    left: bool,
    right: bool,
    output: bool,
}

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    let op = node.op_as::<EinSum>()?;
    Some(einsum(importer, node, op))
}

fn einsum(importer: &mut Importer, node: &TypedNode, op: &EinSum) -> Result<NodeId, Reason> {
    if op.q_params.is_some() {
        return Err("quantised products are not supported".into());
    }
    let (terms, results) = op.axes.to_strs();
    let result: Vec<char> = results.first().ok_or("the product has no output")?.chars().collect();
    let shape = importer.output_shape(node)?;
    let mut operands = Vec::new();
    for (slot, letters) in terms.iter().enumerate() {
        let id = importer.input(node, slot)?;
        operands.push(squeeze(importer, &node.name, id, letters.chars().collect())?);
    }
    let wide: Vec<char> = result
        .iter()
        .zip(&shape)
        .filter(|&(_, &extent)| extent != 1)
        .map(|(&letter, _)| letter)
        .collect();
    // More than two are multiplied one after another, keeping what the others and the output name.
    while operands.len() > 2 {
        let (a, b) = (operands.remove(0), operands.remove(0));
        let named = |letter: &char| {
            wide.contains(letter) || operands.iter().any(|other| other.letters.contains(letter))
        };
        let mut letters: Vec<char> =
            a.letters.iter().chain(&b.letters).copied().filter(named).collect();
        let mut seen = vec![];
        letters.retain(|letter| {
            !seen.contains(letter) && {
                seen.push(*letter);
                true
            }
        });
        let id = product(importer, &format!("{}.first", node.name), &a, &b, &letters)?;
        operands.insert(0, Operand { id, letters });
    }
    let product = match operands.as_slice() {
        [x] => {
            let x = reduce(importer, &node.name, x, |letter| wide.contains(&letter))?;
            permute(importer, &node.name, &x, &wide)?
        }
        // A constant goes to the right, so that later stages need to look in one place only.
        [a, b] if importer.builder.value(a.id).is_some() => {
            product(importer, &node.name, b, a, &wide)?
        }
        [a, b] => product(importer, &node.name, a, b, &wide)?,
        _ => return Err("it has no operands".into()),
    };
    importer.builder.reshape(&format!("{}.shape", node.name), product, &shape)
}

/// Drops axes of extent 1: whether they are summed, repeated or broadcast then makes no difference.
fn squeeze(
    importer: &mut Importer,
    name: &str,
    id: NodeId,
    letters: Vec<char>,
) -> Result<Operand, Reason> {
    let shape = importer.builder.shape(id);
    let (letters, extents): (Vec<char>, Vec<usize>) =
        letters.into_iter().zip(shape).filter(|&(_, extent)| extent != 1).unzip();
    let id = importer.builder.reshape(&format!("{name}.squeeze"), id, &extents)?;
    let mut x = Operand { id, letters };
    while let Some(pair) = repeated(&x.letters) {
        x = diagonal(importer, name, x, pair)?;
    }
    Ok(x)
}

/// Two axes of one letter.
fn repeated(letters: &[char]) -> Option<(usize, usize)> {
    let second = |first: usize| {
        let letter = letters.get(first)?;
        let at = letters.iter().skip(first + 1).position(|other| other == letter)?;
        Some((first, first + 1 + at))
    };
    (0..letters.len()).find_map(second)
}

/// The elements whose places along two axes are the same, those axes as one.
fn diagonal(
    importer: &mut Importer,
    name: &str,
    x: Operand,
    (first, second): (usize, usize),
) -> Result<Operand, Reason> {
    let builder = &mut importer.builder;
    let mut order: Vec<usize> = (0..x.letters.len()).filter(|&axis| axis != second).collect();
    order.insert(first + 1, second);
    let beside = builder.transpose(&format!("{name}.beside"), x.id, order)?;
    let mut shape = builder.shape(beside);
    let extent = shape.get(first).copied().unwrap_or(0);
    if shape.get(first + 1) != Some(&extent) {
        return Err("axes of one letter differ in extent".into());
    }
    shape.splice(first..=first + 1, [extent * extent]);
    let square = builder.reshape(&format!("{name}.square"), beside, &shape)?;
    let places = (0..extent).map(|at| at * (extent + 1)).collect();
    let id = builder.take(&format!("{name}.diagonal"), square, first, places)?;
    let mut letters = x.letters;
    letters.remove(second);
    Ok(Operand { id, letters })
}

/// Sums over the axes whose letters are not wanted.
fn reduce(
    importer: &mut Importer,
    name: &str,
    x: &Operand,
    wanted: impl Fn(char) -> bool,
) -> Result<Operand, Reason> {
    let axes: Vec<usize> = (0..x.letters.len())
        .filter(|&axis| x.letters.get(axis).is_some_and(|&letter| !wanted(letter)))
        .collect();
    let sum = importer.builder.push(&format!("{name}.sum"), Op::ReduceSum { axes }, &[x.id])?;
    let kept =
        x.letters.iter().zip(importer.builder.shape(x.id)).filter(|(letter, _)| wanted(**letter));
    let (letters, extents): (Vec<char>, Vec<usize>) =
        kept.map(|(&letter, extent)| (letter, extent)).unzip();
    let id = importer.builder.reshape(&format!("{name}.sum.squeeze"), sum, &extents)?;
    Ok(Operand { id, letters })
}

fn product(
    importer: &mut Importer,
    name: &str,
    a: &Operand,
    b: &Operand,
    output: &[char],
) -> Result<NodeId, Reason> {
    let a = reduce(importer, name, a, |letter| {
        b.letters.contains(&letter) || output.contains(&letter)
    })?;
    let b = reduce(importer, name, b, |letter| {
        a.letters.contains(&letter) || output.contains(&letter)
    })?;
    if let Some(id) = pointwise::product(importer, name, &a, &b, output)? {
        return Ok(id);
    }
    let mut indices: Vec<Index> = Vec::new();
    for operand in [&a, &b] {
        for (&letter, extent) in operand.letters.iter().zip(importer.builder.shape(operand.id)) {
            if indices.iter().all(|index| index.letter != letter) {
                let (left, right) = (a.letters.contains(&letter), b.letters.contains(&letter));
                indices.push(Index {
                    letter,
                    extent,
                    left,
                    right,
                    output: output.contains(&letter),
                });
            }
        }
    }
    // Indices in the output's order, so that the last permutation is most often the identity.
    let place =
        |letter: char| output.iter().position(|&other| other == letter).unwrap_or(output.len());
    indices.sort_by_key(|index| place(index.letter));
    let group = |choose: fn(&Index) -> bool| -> Vec<&Index> {
        indices.iter().filter(|index| choose(index)).collect()
    };
    let batch = group(|index| index.left && index.right && index.output);
    let rows = group(|index| !index.right);
    let columns = group(|index| !index.left);
    let inner = group(|index| !index.output);
    let size = |group: &[&Index]| group.iter().map(|index| index.extent).product::<usize>();
    let left: Vec<char> =
        [&batch, &rows, &inner].into_iter().flatten().map(|index| index.letter).collect();
    let right: Vec<char> =
        [&batch, &inner, &columns].into_iter().flatten().map(|index| index.letter).collect();
    let left = permute(importer, &format!("{name}.left"), &a, &left)?;
    let right = permute(importer, &format!("{name}.right"), &b, &right)?;
    let result: Vec<&Index> = [&batch, &rows, &columns].into_iter().flatten().copied().collect();
    let (b_, m, k, n) = (size(&batch), size(&rows), size(&inner), size(&columns));
    let product = if inner.is_empty() && !batch.is_empty() {
        // Nothing is summed: an elementwise product, which a matrix product per element would be a poor form of.
        let left = importer.builder.reshape(&format!("{name}.left.shape"), left, &[b_, m, 1])?;
        let right = importer.builder.reshape(&format!("{name}.right.shape"), right, &[b_, 1, n])?;
        importer.builder.push(name, Op::Mul, &[left, right])?
    } else {
        let left = importer.builder.reshape(&format!("{name}.left.shape"), left, &[b_, m, k])?;
        let right = importer.builder.reshape(&format!("{name}.right.shape"), right, &[b_, k, n])?;
        match selection::product(&mut importer.builder, name, [left, right])? {
            Some(id) => id,
            None => importer.builder.push(name, Op::MatMul, &[left, right])?,
        }
    };
    integral::note(&mut importer.builder, product);
    let extents: Vec<usize> = result.iter().map(|index| index.extent).collect();
    let id = importer.builder.reshape(&format!("{name}.unfold"), product, &extents)?;
    let letters = result.iter().map(|index| index.letter).collect();
    permute(importer, &format!("{name}.result"), &Operand { id, letters }, output)
}
