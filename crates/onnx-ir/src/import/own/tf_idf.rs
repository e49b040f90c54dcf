//! `TfIdfVectorizer` of whole numbers: how often each n-gram of a list occurs.
//!
//! Every element is compared with every token of the list; an n-gram is where its tokens follow each other, at any of
//! the distances that skipping allows. A single token has no distance.

use tract_onnx::prelude::DatumType;

use super::maker::Maker;
use super::site::Site;
use crate::import::reason::Reason;
use crate::{NodeId, Op};

/// More comparisons, and more places of n-grams, are better refused than laid out.
const MOST: usize = 1 << 22;

/// The n-grams of one length.
struct Grams {
    length: usize,
    /// Their tokens in a row.
    tokens: Vec<i64>,
    /// Where the count of each stands in the result.
    places: Vec<usize>,
    /// What each weighs; nothing where that is not said.
    weights: Vec<f32>,
}

/// All n-grams that are counted, and the length of the result.
fn grams(site: &Site<'_>) -> Result<(Vec<Grams>, usize), Reason> {
    if site.node.attribute.iter().any(|found| !found.strings.is_empty()) {
        return Err("strings are not supported: number the words before the model".into());
    }
    let list = |name: &str| {
        let found = site.ints(name).filter(|list| !list.is_empty());
        found.ok_or_else(|| Reason(format!("its {name} is missing")))
    };
    let (pool, starts, places) =
        (list("pool_int64s")?, list("ngram_counts")?, list("ngram_indexes")?);
    let place = |place: &i64| usize::try_from(*place).map_err(|_| "its ngram_indexes are negative");
    let places = places.iter().map(place).collect::<Result<Vec<usize>, _>>()?;
    let size = places.iter().max().and_then(|most| most.checked_add(1)).filter(|&n| n <= MOST);
    let size = size.ok_or("its result is too long")?;
    let weights = site.node.attribute.iter().find(|found| found.name == "weights");
    let weights = weights.map(|found| found.floats.as_slice()).unwrap_or_default();
    if !weights.is_empty() && weights.len() != places.len() {
        return Err("its weights are not one for each n-gram".into());
    }
    let counted = site.int("min_gram_length", 1)..=site.int("max_gram_length", 1);
    let (mut all, mut seen) = (vec![], 0);
    let ends = starts.iter().skip(1).copied().chain([i64::try_from(pool.len()).unwrap_or(0)]);
    for (at, (&start, end)) in starts.iter().zip(ends).enumerate() {
        let length = at + 1;
        let part = usize::try_from(start).ok().zip(usize::try_from(end).ok());
        let tokens = part.and_then(|(start, end)| pool.get(start..end));
        let tokens = tokens.filter(|tokens| tokens.len().is_multiple_of(length));
        let tokens = tokens.ok_or("its ngram_counts do not divide its pool")?.to_vec();
        let count = tokens.len() / length;
        let places = places.get(seen..seen + count).ok_or("its ngram_indexes are too few")?;
        let weights = weights.get(seen..seen + count).unwrap_or_default().to_vec();
        seen += count;
        if count > 0 && i64::try_from(length).is_ok_and(|length| counted.contains(&length)) {
            all.push(Grams { length, tokens, places: places.to_vec(), weights });
        }
    }
    if seen != places.len() || all.is_empty() {
        return Err("its ngram_indexes are not one for each n-gram, or none is counted".into());
    }
    Ok((all, size))
}

/// Rows and their length.
fn extents(site: &Site<'_>) -> Result<[usize; 2], Reason> {
    match *site.shape(0)? {
        [columns] => Ok([1, columns]),
        [rows, columns] => Ok([rows, columns]),
        _ => Err("it takes a row, or a row for each observation".into()),
    }
}

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let (rank, size) = (site.shape(0)?.len(), grams(site)?.1);
    let [rows, _] = extents(site)?;
    Ok(vec![(DatumType::F32, if rank == 1 { vec![size] } else { vec![rows, size] })])
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let (grams, size) = grams(site)?;
    let [rows, columns] = extents(site)?;
    let many =
        || Reason("it has too many tokens and places: shorten its list or the input".to_owned());
    let fits = |factors: [usize; 3]| {
        let product = factors.into_iter().fold(1, usize::saturating_mul);
        if product <= MOST { Ok(()) } else { Err(many()) }
    };
    fits([rows, size, 1])?;
    let skips = usize::try_from(site.int("max_skip_count", 0));
    let skips = skips.map_err(|_| "its max_skip_count is negative")?.min(columns);
    let mut tokens: Vec<i64> = grams.iter().flat_map(|grams| grams.tokens.clone()).collect();
    tokens.sort_unstable();
    tokens.dedup();
    fits([rows, columns, tokens.len()])?;
    #[expect(clippy::cast_precision_loss, reason = "what is not exact is refused")]
    let values: Vec<f32> = tokens.iter().map(|&token| token as f32).collect();
    if tokens.iter().any(|token| token.unsigned_abs() >= 1 << 24) {
        return Err("its tokens reach 2^24, from where on float32 is not exact".into());
    }
    let x = maker.input(0)?;
    let x = maker.reshape("elements", x, &[rows, columns, 1])?;
    let count = values.len();
    let values = maker.constant("tokens", &[1, 1, count], values)?;
    let found = maker.push_truth("found", Op::Equal, &[x, values])?;
    let found = maker.reshape("found.flat", found, &[rows, columns * count])?;
    let mut counts = vec![];
    for grams in &grams {
        let strides = if grams.length == 1 { 1..=1 } else { 1..=skips + 1 };
        fits([rows * columns, grams.places.len(), skips + 1])?;
        let mut sum = None;
        for stride in strides {
            let Some(count) = occurrences(maker, found, &tokens, grams, [rows, columns, stride])?
            else {
                continue;
            };
            sum = Some(match sum {
                None => count,
                Some(sum) => maker.push_whole("counted", Op::Add, &[sum, count])?,
            });
        }
        counts.push(match sum {
            Some(sum) => sum,
            None => {
                let none = grams.places.len();
                maker.constant("none", &[rows, none], vec![0.0; rows * none])?
            }
        });
    }
    let counts = maker.push_whole("counts", Op::Concat { axis: 1 }, &counts)?;
    let places: Vec<usize> = grams.iter().flat_map(|grams| grams.places.clone()).collect();
    let y = placed(maker, counts, &places, [rows, size])?;
    let weights: Vec<f32> = grams.into_iter().flat_map(|grams| grams.weights).collect();
    let y = weighed(site, maker, y, (&places, &weights, size))?;
    let shape = shapes(site)?.into_iter().next().map(|(_, shape)| shape).unwrap_or_default();
    Ok(vec![maker.reshape("shape", y, &shape)?])
}

/// How often n-grams occur whose tokens stand so far apart; none where rows are too short.
fn occurrences(
    maker: &mut Maker<'_, '_>,
    found: NodeId,
    tokens: &[i64],
    grams: &Grams,
    [rows, columns, stride]: [usize; 3],
) -> Result<Option<NodeId>, Reason> {
    let reach = (grams.length - 1).saturating_mul(stride);
    let Some(starts) = columns.checked_sub(reach).filter(|&starts| starts > 0) else {
        return Ok(None);
    };
    let (count, name) = (grams.places.len(), format!("{}.{stride}", grams.length));
    let mut all = None;
    for part in 0..grams.length {
        let mut picked = Vec::with_capacity(starts * count);
        for start in 0..starts {
            for gram in grams.tokens.chunks(grams.length) {
                let at = gram.get(part).and_then(|token| tokens.binary_search(token).ok());
                let at = at.ok_or("a token is missing")?;
                picked.push((start + part * stride) * tokens.len() + at);
            }
        }
        let here = maker.take(&format!("token.{name}.{part}"), found, 1, picked)?;
        all = Some(match all {
            None => here,
            Some(all) => maker.push_truth(&format!("run.{name}.{part}"), Op::Min, &[all, here])?,
        });
    }
    let all = all.ok_or("its n-grams are empty")?;
    let all = maker.reshape(&format!("places.{name}"), all, &[rows, starts, count])?;
    let sum = maker.push_whole(&format!("sum.{name}"), Op::ReduceSum { axes: vec![1] }, &[all])?;
    Ok(Some(maker.reshape(&format!("count.{name}"), sum, &[rows, count])?))
}

/// Counts where the result has them; n-grams that share a place are added.
fn placed(
    maker: &mut Maker<'_, '_>,
    counts: NodeId,
    places: &[usize],
    [rows, size]: [usize; 2],
) -> Result<NodeId, Reason> {
    let mut of_place: Vec<Vec<usize>> = vec![vec![]; size];
    for (gram, &place) in places.iter().enumerate() {
        of_place.get_mut(place).ok_or("its ngram_indexes are too large")?.push(gram);
    }
    if of_place.iter().all(|grams| grams.len() <= 1) {
        let mut each = vec![];
        for row in 0..rows {
            let first = row * places.len();
            each.extend(of_place.iter().map(|grams| grams.first().map(|gram| first + gram)));
        }
        return maker.pick_or("placed", counts, &each, 0.0, &[rows, size]);
    }
    if places.len().saturating_mul(size) > MOST {
        return Err("n-grams share places of too long a result: give each its own".into());
    }
    let mut matrix = vec![0.0; places.len() * size];
    for (gram, place) in places.iter().enumerate() {
        *matrix.get_mut(gram * size + place).ok_or("its ngram_indexes are too large")? = 1.0;
    }
    let counts = maker.reshape("counts.rows", counts, &[1, rows, places.len()])?;
    let matrix = maker.constant("places", &[1, places.len(), size], matrix)?;
    let y = maker.push_whole("added", Op::MatMul, &[counts, matrix])?;
    maker.reshape("placed", y, &[rows, size])
}

/// Counts, whether there are any, or either by what the n-grams of each place weigh.
fn weighed(
    site: &Site<'_>,
    maker: &mut Maker<'_, '_>,
    y: NodeId,
    (places, weights, size): (&[usize], &[f32], usize),
) -> Result<NodeId, Reason> {
    let y = match site.word("mode", "") {
        "TF" => return Ok(y),
        "TFIDF" => y,
        "IDF" => {
            let zero = maker.constant("zero", &[1, 1], vec![0.0])?;
            maker.push_truth("any", Op::Less, &[zero, y])?
        }
        other => return Err(Reason(format!("its mode {other} is unknown"))),
    };
    if weights.is_empty() {
        return Ok(y);
    }
    let mut of_places: Vec<Option<f32>> = vec![None; size];
    for (&place, &weight) in places.iter().zip(weights) {
        let known = of_places.get_mut(place).ok_or("its ngram_indexes are too large")?;
        if known.is_some_and(|known| known.to_bits() != weight.to_bits()) {
            return Err("n-grams of one place have several weights: give each its own".into());
        }
        *known = Some(weight);
    }
    let weights = of_places.into_iter().map(|weight| weight.unwrap_or(0.0)).collect();
    let weights = maker.constant("weights", &[1, size], weights)?;
    maker.push("weighed", Op::Mul, &[y, weights])
}
