//! External data: weights stored in files beside the model, read once and put into the decoded model.
//!
//! A location is a path below the model's folder. What is read is told to `Reading`, so that a digest can
//! cover the very bytes that became the weights.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path};

use tract_onnx::pb::{ModelProto, TensorProto};

use super::stored::{each_tensor, item_size, volume};
use crate::{ExternalDataError, ImportError};

/// Most bytes of all external files together.
const LIMIT: u64 = 4 << 30;

/// Told of each file that was read: its name relative to the model's folder (empty for the model itself)
/// and its bytes. The model comes first, external files follow in the order of their names.
pub(crate) type Reading<'a> = &'a mut dyn FnMut(&str, &[u8]);

/// Replaces every reference to external data by the data; how many bytes there were, each file once.
pub(super) fn resolve(
    model: &mut ModelProto,
    folder: Option<&Path>,
    reading: Reading<'_>,
) -> Result<u64, ImportError> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut left = LIMIT;
    each_tensor(model, &mut |tensor| -> Result<(), ImportError> {
        let Some(location) = location(tensor)? else { return Ok(()) };
        if let Entry::Vacant(place) = files.entry(location) {
            let bytes = read(tensor, folder, place.key(), left)?;
            left = left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            place.insert(bytes);
        }
        Ok(())
    })?;
    for (name, bytes) in &files {
        reading(name, bytes);
    }
    each_tensor(model, &mut |tensor| -> Result<(), ImportError> {
        let Some(location) = location(tensor)? else { return Ok(()) };
        let bytes = files.get(&location).map_or(&[][..], Vec::as_slice);
        tensor.raw_data = part(tensor, bytes)?.to_vec();
        tensor.external_data.clear();
        tensor.data_location = None;
        Ok(())
    })?;
    Ok(LIMIT - left)
}

/// Where a tensor's data are, if not in the model; in one spelling, for one file is read once.
fn location(tensor: &TensorProto) -> Result<Option<String>, ImportError> {
    const EXTERNAL: i32 = 1;
    if tensor.data_location != Some(EXTERNAL) {
        return Ok(None);
    }
    let location =
        value(tensor, "location").ok_or_else(|| refused(tensor, ExternalDataError::NoFile))?;
    let path = Path::new(location);
    let mut names = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => names.push(name.to_string_lossy().into_owned()),
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::ParentDir => {
                let location = location.to_owned();
                return Err(refused(tensor, ExternalDataError::Outside { location }));
            }
        }
    }
    Ok(Some(names.join("/")))
}

fn value<'a>(tensor: &'a TensorProto, key: &str) -> Option<&'a str> {
    tensor.external_data.iter().find(|entry| entry.key == key).map(|entry| entry.value.as_str())
}

fn refused(tensor: &TensorProto, source: ExternalDataError) -> ImportError {
    ImportError::ExternalData { tensor: tensor.name.clone(), source }
}

fn read(
    tensor: &TensorProto,
    folder: Option<&Path>,
    location: &str,
    left: u64,
) -> Result<Vec<u8>, ImportError> {
    let named = || location.to_owned();
    let refused = |source| refused(tensor, source);
    let Some(folder) = folder else {
        return Err(refused(ExternalDataError::InMemory { location: named() }));
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let failed = |source| refused(ExternalDataError::Read { location: named(), source });
    let folder = folder.canonicalize().map_err(failed)?;
    let path = folder.join(location).canonicalize().map_err(failed)?;
    if !path.starts_with(&folder) {
        return Err(refused(ExternalDataError::LeadsOutside { location: named() }));
    }
    if !path.metadata().map_err(failed)?.is_file() {
        return Err(refused(ExternalDataError::NotAFile { location: named() }));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    if size <= left {
        file.take(left.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    }
    if size > left || u64::try_from(bytes.len()).map_or(true, |read| read > left) {
        return Err(refused(ExternalDataError::TooLarge { location: named(), size, limit: LIMIT }));
    }
    Ok(bytes)
}

/// The tensor's own bytes within its file.
fn part<'a>(tensor: &TensorProto, bytes: &'a [u8]) -> Result<&'a [u8], ImportError> {
    let number = |key: &'static str| {
        let parse = |text: &str| {
            let text = text.to_owned();
            let number = text.trim().parse::<usize>();
            number.map_err(|_| refused(tensor, ExternalDataError::NotANumber { key, text }))
        };
        value(tensor, key).filter(|text| !text.is_empty()).map(parse).transpose()
    };
    let item = item_size(tensor.data_type)
        .ok_or_else(|| refused(tensor, ExternalDataError::ElementType))?;
    let shape = || tensor.dims.clone();
    let expected = volume(&tensor.dims)
        .and_then(|count| count.checked_mul(item))
        .ok_or_else(|| refused(tensor, ExternalDataError::Shape { shape: shape() }))?;
    let offset = number("offset")?.unwrap_or(0);
    let length = number("length")?.filter(|&length| length > 0).unwrap_or(expected);
    if length != expected {
        let (shape, got) = (shape(), length);
        return Err(refused(tensor, ExternalDataError::Length { shape, expected, got }));
    }
    let end = offset.checked_add(length);
    end.and_then(|end| bytes.get(offset..end)).ok_or_else(|| {
        let size = bytes.len();
        refused(tensor, ExternalDataError::BeyondEnd { offset, length, size })
    })
}
