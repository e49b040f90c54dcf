//! The forms in which people write JSON data. All mean the same:
//!
//! | form | for |
//! |---|---|
//! | `{"input_data": [[…], …]}` | a flat list per model input, observation after observation |
//! | lists nested as the tensor is | read in row-major order |
//! | `{"input_data": {"name": […], …}}` | inputs by name |
//! | `{"input_data": […]}` with numbers alone | the model's only input |
//! | any of the lists without the object around it | |

use super::input_data::InputData;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeSet;
use std::fmt;

/// What a data file should look like, for errors.
const EXPECTED: &str = "expected {\"input_data\": [[numbers of input 0], …]}";

/// Reads one JSON document.
pub(super) fn read(bytes: &[u8]) -> Result<InputData, String> {
    // Some editors begin a text with a byte order mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(bytes).map_err(|error| format!("{}; {EXPECTED}", words(&error, bytes)))
}

/// The parser's words; of what Python writes for a float that is no number, more than "expected value".
fn words(error: &serde_json::Error, bytes: &[u8]) -> String {
    let line = bytes.split(|&byte| byte == b'\n').nth(error.line().saturating_sub(1));
    let at = line.and_then(|line| line.get(error.column().saturating_sub(2)..)).unwrap_or(&[]);
    match ["NaN", "Infinity"]
        .iter()
        .find(|word| at.windows(word.len()).take(3).any(|window| window == word.as_bytes()))
    {
        Some(word) => format!(
            "has {word} at line {} column {}, which is no number",
            error.line(),
            error.column()
        ),
        None => error.to_string(),
    }
}

impl<'de> Deserialize<'de> for InputData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Document)
    }
}

struct Document;

impl<'de> Visitor<'de> for Document {
    type Value = InputData;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `input_data`, or lists of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<InputData, A::Error> {
        Ok(InputData::new(Lists.visit_seq(seq)?.values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<InputData, A::Error> {
        let (mut found, mut names, mut labels, mut shapes) = (None, None, None, None);
        let (mut others, mut seen) = (vec![], BTreeSet::new());
        while let Some(key) = map.next_key::<String>()? {
            if !seen.insert(key.clone()) {
                return Err(twice(&key));
            }
            match key.as_str() {
                "input_data" => found = Some(map.next_value::<Inputs>()?.0),
                "input_names" => names = map.next_value()?,
                "input_shapes" => shapes = map.next_value()?,
                "labels" => labels = map.next_value()?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    others.push(key);
                }
            }
        }
        let Some(Named { names: given, values }) = found else {
            return Err(A::Error::custom(absent(&others)));
        };
        Ok(InputData {
            input_data: values,
            input_shapes: shapes,
            input_names: given.or(names),
            labels,
        })
    }
}

/// Why an object without `input_data` is no data, as far as its other keys tell.
fn absent(keys: &[String]) -> String {
    let has = |key: &str| keys.iter().any(|k| k == key);
    if has("pretty_inputs") {
        return "is a witness, made by gen-witness, and no data".into();
    }
    if has("run_args") {
        return "is a settings file, and no data".into();
    }
    if has("hex_proof") {
        return "is a proof, and no data".into();
    }
    const MOST: usize = 4;
    let keys: Vec<_> = keys.iter().take(MOST).map(|key| format!("`{}`", shown(key))).collect();
    match keys.as_slice() {
        [] => "has no `input_data`".into(),
        keys => format!("has no `input_data`, but {}", keys.join(", ")),
    }
}

/// A key of a foreign file, fit for a terminal.
fn shown(key: &str) -> String {
    provenn_escape::plain(key).chars().take(32).collect()
}

fn twice<E: Error>(key: &str) -> E {
    E::custom(format!("`{}` stands there twice", shown(key)))
}

/// Lists, and names of inputs where they have them.
#[derive(Default)]
struct Named {
    names: Option<Vec<String>>,
    values: Vec<Vec<f64>>,
}

struct Inputs(Named);

impl<'de> Deserialize<'de> for Inputs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Lists).map(Inputs)
    }
}

struct Lists;

impl<'de> Visitor<'de> for Lists {
    type Value = Named;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of numbers per model input")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Named, A::Error> {
        let (mut lists, mut numbers) = (vec![], vec![]);
        while let Some(entry) = seq.next_element()? {
            match entry {
                Entry::Number(number) => numbers.push(number),
                Entry::List(list) => lists.push(list),
            }
            if !lists.is_empty() && !numbers.is_empty() {
                return Err(A::Error::custom("numbers stand beside lists"));
            }
        }
        let values = if numbers.is_empty() { lists } else { vec![numbers] };
        Ok(Named { names: None, values })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named, A::Error> {
        let (mut names, mut values, mut seen) = (vec![], vec![], BTreeSet::new());
        while let Some((name, entry)) = map.next_entry::<String, Entry>()? {
            if !seen.insert(name.clone()) {
                return Err(twice(&name));
            }
            names.push(name);
            values.push(match entry {
                Entry::Number(number) => vec![number],
                Entry::List(list) => list,
            });
        }
        Ok(Named { names: Some(names), values })
    }
}

/// A number, or the numbers of nested lists in their order.
enum Entry {
    Number(f64),
    List(Vec<f64>),
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a list of numbers")
    }

    fn visit_f64<E>(self, value: f64) -> Result<Entry, E> {
        Ok(Entry::Number(value))
    }

    #[allow(clippy::cast_precision_loss)] // data are floats: an integer is read as the nearest one
    fn visit_i64<E>(self, value: i64) -> Result<Entry, E> {
        Ok(Entry::Number(value as f64))
    }

    #[allow(clippy::cast_precision_loss)] // as above
    fn visit_u64<E>(self, value: u64) -> Result<Entry, E> {
        Ok(Entry::Number(value as f64))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Entry, A::Error> {
        let mut values = vec![];
        while let Some(entry) = seq.next_element()? {
            match entry {
                Entry::Number(number) => values.push(number),
                Entry::List(list) => values.extend(list),
            }
        }
        Ok(Entry::List(values))
    }
}
