//! Edits of ONNX files that keep their structure: fields of messages go, come twice, change places and numbers, and the
//! lengths around them are put right. An edit of bytes would mostly leave no message that can be read.
//!
//! The wire format alone is known, no schema: what parses as a message is taken for one.

use crate::editor::Editor;

/// Messages in messages that are looked into; models have some ten.
const DEPTH: usize = 16;

/// A field of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    number: u64,
    value: Value,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number of varying length.
    Varint(u64),
    /// Eight bytes.
    Fixed64([u8; 8]),
    /// Four bytes.
    Fixed32([u8; 4]),
    /// Text, packed numbers, or a message that is none.
    Bytes(Vec<u8>),
    /// A message.
    Message(Vec<Field>),
}

/// The fields of a message.
#[must_use]
pub fn parse(bytes: &[u8]) -> Option<Vec<Field>> {
    parse_within(bytes, DEPTH)
}

fn parse_within(mut bytes: &[u8], depth: usize) -> Option<Vec<Field>> {
    let mut fields = vec![];
    while !bytes.is_empty() {
        let (key, rest) = varint(bytes)?;
        let (value, rest) = match key & 7 {
            0 => varint(rest).map(|(value, rest)| (Value::Varint(value), rest))?,
            1 => rest.split_first_chunk().map(|(&value, rest)| (Value::Fixed64(value), rest))?,
            5 => rest.split_first_chunk().map(|(&value, rest)| (Value::Fixed32(value), rest))?,
            2 => {
                let (length, rest) = varint(rest)?;
                let (part, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
                let message = match depth > 0 && !part.is_empty() {
                    true => parse_within(part, depth - 1),
                    false => None,
                };
                (message.map_or_else(|| Value::Bytes(part.to_vec()), Value::Message), rest)
            }
            _ => return None,
        };
        fields.push(Field { number: key >> 3, value });
        bytes = rest;
    }
    Some(fields)
}

fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (index, &byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            return Some((value, &bytes[index + 1..]));
        }
    }
    None
}

/// The bytes of a message.
#[must_use]
pub fn encode(fields: &[Field]) -> Vec<u8> {
    let mut bytes = vec![];
    for Field { number, value } in fields {
        let (wire, part) = match value {
            Value::Varint(value) => (0, written(*value)),
            Value::Fixed64(value) => (1, value.to_vec()),
            Value::Fixed32(value) => (5, value.to_vec()),
            Value::Bytes(part) => (2, with_length(part)),
            Value::Message(fields) => (2, with_length(&encode(fields))),
        };
        bytes.extend(written(number << 3 | wire));
        bytes.extend(part);
    }
    bytes
}

fn with_length(part: &[u8]) -> Vec<u8> {
    [written(part.len() as u64), part.to_vec()].concat()
}

fn written(mut value: u64) -> Vec<u8> {
    let mut bytes = vec![];
    while value >= 0x80 {
        bytes.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    bytes.push(value.to_le_bytes()[0]);
    bytes
}

/// One to four edits.
pub fn edit(fields: &mut Vec<Field>, editor: &mut Editor) {
    for _ in 0..1 + editor.below(4) {
        edit_one(fields, editor);
    }
}

fn edit_one(fields: &mut Vec<Field>, editor: &mut Editor) {
    let Some((place, another)) = chosen(fields, editor).zip(chosen(fields, editor)) else { return };
    let copy = at(fields, &another).map(|(message, index)| message[index].clone());
    let (Some(copy), Some((message, index))) = (copy, at(fields, &place)) else { return };
    match editor.below(8) {
        0 => drop(message.remove(index)),
        1 => message.insert(index, message[index].clone()),
        2 => {
            let other = editor.below(message.len());
            message.swap(index, other);
        }
        // What stands elsewhere, under its own number or this field's.
        3 => message[index].value = copy.value,
        4 => message.insert(index, copy),
        5 if editor.below(4) == 0 => message[index].number = 1 + editor.below(32) as u64,
        _ => change(&mut message[index].value, editor),
    }
}

fn change(value: &mut Value, editor: &mut Editor) {
    match value {
        Value::Varint(value) => {
            *value = match editor.below(4) {
                0 => editor.number(),
                1 => value.wrapping_add(1),
                2 => value.wrapping_sub(1),
                _ => editor.below(24) as u64,
            }
        }
        Value::Fixed64(bytes) => *bytes = editor.number().to_le_bytes(),
        Value::Fixed32(bytes) => {
            let numbers = [0.0, -0.0, 1.0, -1.0, 1e-30, 3e38, f32::INFINITY, f32::NAN];
            *bytes = numbers[editor.below(numbers.len())].to_le_bytes();
        }
        Value::Bytes(bytes) => editor.edit(bytes),
        // An empty one, or one that can no longer be read.
        Value::Message(fields) => match editor.below(4) {
            0 => fields.clear(),
            _ => {
                let mut bytes = encode(fields);
                editor.edit(&mut bytes);
                *value = Value::Bytes(bytes);
            }
        },
    }
}

/// The way to some field, message by message: deep ones as often as those that hold much.
fn chosen(fields: &[Field], editor: &mut Editor) -> Option<Vec<usize>> {
    let mut way = vec![];
    let mut message = fields;
    loop {
        let index = (!message.is_empty()).then(|| editor.below(message.len()))?;
        way.push(index);
        match &message[index].value {
            Value::Message(inner) if !inner.is_empty() && editor.below(4) > 0 => message = inner,
            _ => return Some(way),
        }
    }
}

/// The message at the end of a way, and the place in it.
fn at<'a>(fields: &'a mut Vec<Field>, way: &[usize]) -> Option<(&'a mut Vec<Field>, usize)> {
    let (&index, rest) = way.split_first()?;
    if rest.is_empty() {
        return (index < fields.len()).then_some((fields, index));
    }
    match &mut fields.get_mut(index)?.value {
        Value::Message(inner) => at(inner, rest),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::honest::root;

    #[test]
    fn what_is_parsed_is_written_again_and_edits_can_be_read() {
        let model = root().join("models/breast_cancer_logistic/network.onnx");
        let bytes = std::fs::read(model).unwrap();
        let fields = parse(&bytes).unwrap();
        assert_eq!(encode(&fields), bytes);
        for seed in 0..200 {
            let mut fields = fields.clone();
            edit(&mut fields, &mut Editor::of(seed));
            assert!(parse(&encode(&fields)).is_some(), "seed {seed}");
        }
    }
}
