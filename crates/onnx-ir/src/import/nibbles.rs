//! Constants of four bits, which files store two in a byte and the analysis does not know.

use tract_onnx::pb::{ModelProto, TensorProto};

use super::stored::{each_tensor, kind, volume};

/// Gives every number a place of its own; the type stays, since it says what results are bounded by.
pub(super) fn unpack(model: &mut ModelProto) {
    let visited: Result<(), ()> = each_tensor(model, &mut |tensor| {
        unpack_tensor(tensor);
        Ok(())
    });
    // Visiting never fails.
    visited.unwrap_or(());
}

fn unpack_tensor(tensor: &mut TensorProto) {
    let signed = match tensor.data_type {
        kind::INT4 => true,
        kind::UINT4 => false,
        _ => return,
    };
    if !tensor.external_data.is_empty() {
        return;
    }
    let bytes: Vec<u8> = if tensor.raw_data.is_empty() {
        tensor.int32_data.iter().map(|&word| u8::try_from(word & 0xff).unwrap_or(0)).collect()
    } else {
        std::mem::take(&mut tensor.raw_data)
    };
    let number = |bits: u8| {
        let value = i32::from(bits & 0xf);
        if signed && value > 7 { value - 16 } else { value }
    };
    // The lower half comes first.
    let mut values: Vec<i32> =
        bytes.iter().flat_map(|&byte| [number(byte), number(byte >> 4)]).collect();
    let count = volume(&tensor.dims).filter(|count| count.div_ceil(2) == bytes.len());
    // What does not hold its elements is told as any other such tensor.
    values.truncate(count.unwrap_or(0));
    tensor.int32_data = values;
}

/// Stores those that are left as bytes.
pub(super) fn as_bytes(model: &mut ModelProto) {
    let visited: Result<(), ()> = each_tensor(model, &mut |tensor| {
        tensor.data_type = match tensor.data_type {
            kind::INT4 => kind::INT8,
            kind::UINT4 => kind::UINT8,
            other => other,
        };
        Ok(())
    });
    visited.unwrap_or(());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_bytes_are_numbers() {
        let packed = |data_type, raw_data: Vec<u8>, dims| TensorProto {
            data_type,
            raw_data,
            dims,
            ..TensorProto::default()
        };
        for (data_type, expected) in [(kind::INT4, [1, -1, -8]), (kind::UINT4, [1, 15, 8])] {
            let mut tensor = packed(data_type, vec![0xf1, 0x08], vec![3]);
            unpack_tensor(&mut tensor);
            assert_eq!(tensor.int32_data, expected);
        }
        let mut short = packed(kind::INT4, vec![0xf1], vec![3]);
        unpack_tensor(&mut short);
        assert!(short.int32_data.is_empty() && short.raw_data.is_empty());
    }
}
