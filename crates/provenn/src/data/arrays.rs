//! NumPy's arrays.

use super::input_data::InputData;
use crate::{DataProblem, Error, NamedValues};
use npyz::{NpyFile, Order};
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Longest header that is parsed; NumPy writes some 120 bytes.
const HEADER: usize = 4096;
/// Opening brackets of a header: numbers have two, a record, which is not read, more. For each within another the parser
/// takes four times as long.
const BRACKETS: usize = 4;
/// Bytes of all arrays of an archive, unpacked.
const LIMIT: u64 = 1 << 30;
/// Values of one array, whatever their type: 1 GiB as they are held.
const VALUES: usize = 1 << 27;
/// Observations of one array, each of which is a list of its own.
const OBSERVATIONS: usize = 1 << 21;
/// The archive's array that holds labels.
const LABELS: &str = "labels";

struct Array {
    shape: Vec<usize>,
    values: Vec<f64>,
}

impl Array {
    /// Rows along the first axis; a scalar is one row.
    fn rows(&self) -> Vec<Vec<f64>> {
        let rows = self.shape.first().copied().unwrap_or(1);
        match self.values.len().checked_div(rows) {
            Some(length) if length > 0 => self.values.chunks(length).map(<[f64]>::to_vec).collect(),
            _ => vec![],
        }
    }
}

/// Reads one array: its first axis counts observations.
pub(super) fn read_npy(bytes: Vec<u8>) -> Result<InputData, String> {
    Ok(InputData::new(array(&bytes)?.rows()))
}

/// Reads an archive: one array per input, and labels.
pub(super) fn read_npz(bytes: Vec<u8>) -> Result<InputData, String> {
    let failed = |error: zip::result::ZipError| format!("{error}; expected an .npz archive");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(failed)?;
    let mut left = LIMIT;
    let mut inputs: Vec<(String, Vec<Vec<f64>>)> = vec![];
    let mut labels = None;
    for index in 0..archive.len() {
        let file = archive.by_index(index).map_err(failed)?;
        let Some(name) = npyz::npz::array_name_from_file_name(file.name()).map(str::to_owned)
        else {
            continue;
        };
        let mut unpacked = vec![];
        file.take(left + 1).read_to_end(&mut unpacked).map_err(|error| error.to_string())?;
        left = left
            .checked_sub(unpacked.len() as u64)
            .ok_or_else(|| format!("unpacks to more than {LIMIT} bytes"))?;
        let array = array(&unpacked).map_err(|reason| format!("array `{name}`: {reason}"))?;
        if inputs.iter().any(|(other, _)| *other == name) || (name == LABELS && labels.is_some()) {
            return Err(format!("has two arrays `{name}`"));
        }
        if name == LABELS {
            labels = Some(array.values);
        } else {
            inputs.push((name, array.rows()));
        }
    }
    Ok(InputData { labels, ..InputData::of_rows(inputs)? })
}

impl InputData {
    /// Observations from arrays in memory, as from those of an `.npz` archive: one per model input, by the input's name or
    /// `arr_0`, `arr_1`, … in order; the first axis of each counts observations.
    ///
    /// # Errors
    /// [`Error::Data`] for arrays that differ in observations.
    pub fn of_arrays(arrays: Vec<NamedValues>) -> Result<Self, Error> {
        let rows = |array: NamedValues| {
            let NamedValues { name, shape, values, .. } = array;
            (name, Array { shape, values }.rows())
        };
        InputData::of_rows(arrays.into_iter().map(rows).collect()).map_err(|reason| Error::Data {
            path: "the data given".into(),
            source: DataProblem::Format { reason },
        })
    }
}

fn array(bytes: &[u8]) -> Result<Array, String> {
    check_header(bytes)?;
    // The parser's own checks are not known to be complete; nothing outlives the closure.
    catch_unwind(AssertUnwindSafe(|| parse(bytes)))
        .unwrap_or_else(|_| Err("is no .npy array that can be read".into()))
}

/// Magic, length and brackets of the header, before anything is allocated by it.
fn check_header(bytes: &[u8]) -> Result<(), String> {
    let wrong = || "is no .npy array (its header is damaged)".to_owned();
    if bytes.get(..6) != Some(b"\x93NUMPY".as_slice()) {
        return Err(wrong());
    }
    let (start, length) = match (bytes.get(6), bytes.get(8..12)) {
        (Some(1), Some(&[a, b, ..])) => (10, usize::from(u16::from_le_bytes([a, b]))),
        (Some(2 | 3), Some(&[a, b, c, d])) => {
            (12, usize::try_from(u32::from_le_bytes([a, b, c, d])).unwrap_or(usize::MAX))
        }
        _ => return Err(wrong()),
    };
    let header =
        bytes.get(start..).filter(|_| length <= HEADER).and_then(|rest| rest.get(..length));
    let opening = header.ok_or_else(wrong)?.iter().filter(|byte| b"([{".contains(byte));
    match opening.count() > BRACKETS {
        true => Err("holds records, or its header is damaged; expected an array of numbers".into()),
        false => Ok(()),
    }
}

fn parse(bytes: &[u8]) -> Result<Array, String> {
    let mut rest = bytes;
    let file = NpyFile::new(&mut rest).map_err(|error| error.to_string())?;
    let shape: Option<Vec<usize>> = file.shape().iter().map(|&n| usize::try_from(n).ok()).collect();
    let shape = shape.ok_or("has extents beyond memory")?;
    let count = shape.iter().try_fold(1_usize, |count, &n| count.checked_mul(n));
    // At least one byte per value: what the header claims must be there.
    if count.is_none_or(|count| count > bytes.len()) {
        return Err(format!("claims shape {shape:?} but holds {} bytes", bytes.len()));
    }
    let rows = shape.first().copied().unwrap_or(1);
    if count.is_some_and(|count| count > VALUES) || rows > OBSERVATIONS {
        return Err(format!(
            "has shape {shape:?}; at most {VALUES} values in {OBSERVATIONS} observations are read"
        ));
    }
    let (order, dtype) = (file.order(), file.dtype().descr());
    let values = values(file).ok_or_else(|| {
        format!("has type {dtype}; expected floats, integers or booleans of at most 64 bits")
    })?;
    let values = values.map_err(|error| error.to_string())?;
    if !rest.is_empty() {
        return Err(format!("has {} bytes after its last value", rest.len()));
    }
    let values = match order {
        Order::C => values,
        Order::Fortran => row_major(&values, &shape),
    };
    Ok(Array { shape, values })
}

/// All values as `f64`; `None` for another type.
fn values(file: NpyFile<&mut &[u8]>) -> Option<std::io::Result<Vec<f64>>> {
    macro_rules! attempt {
        ($file:expr, $($kind:ty => $convert:expr),+) => {{
            let file = $file;
            $(let file = match file.try_data::<$kind>() {
                Ok(data) => return Some(data.map(|value| value.map($convert)).collect()),
                Err(file) => file,
            };)+
            drop(file);
            None
        }};
    }
    #[allow(clippy::cast_precision_loss)]
    // integers beyond 2^53 are no data that a float model reads
    {
        attempt!(file,
            f32 => f64::from, f64 => |v| v,
            u8 => f64::from, i8 => f64::from, u16 => f64::from, i16 => f64::from,
            u32 => f64::from, i32 => f64::from, i64 => |v| v as f64, u64 => |v| v as f64,
            bool => |v| f64::from(u8::from(v)))
    }
}

/// From first-axis-fastest to last-axis-fastest.
fn row_major(values: &[f64], shape: &[usize]) -> Vec<f64> {
    let source = |mut index: usize| {
        // Digits of a row-major index, last axis first; each weighs the product of the axes before it.
        let mut at = 0;
        for (axis, &extent) in shape.iter().enumerate().rev() {
            at += index % extent * shape[..axis].iter().product::<usize>();
            index /= extent;
        }
        at
    };
    (0..values.len()).map(|index| values[source(index)]).collect()
}
