//! The one place that names the binary codec (bincode, pinned: see the ADR), so that it can be
//! replaced here alone.

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// Most bytes that one value may take: words of eight bytes for each byte of the largest file that is decoded.
/// Where an address has 32 bits, all that there is.
const MOST: usize = if usize::BITS > 32 { usize::MAX >> 31 } else { usize::MAX };

/// Bytes that do not encode a value of the wanted type.
#[derive(Debug, Error)]
#[allow(missing_docs)] // the messages say what the fields are
pub enum CodecError {
    #[error("cannot encode: {0}")]
    Encode(#[from] bincode::error::EncodeError),
    #[error("cannot decode ({0}); the file is from another version, make it again")]
    Decode(#[from] bincode::error::DecodeError),
    #[error("{extra} bytes follow the value; the file is from another version, make it again")]
    Trailing { extra: usize },
}

/// Encodes a value.
///
/// # Errors
/// [`CodecError::Encode`] for types without a fixed form.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, CodecError> {
    Ok(bincode::serde::encode_to_vec(value, bincode::config::standard())?)
}

/// Decodes exactly one value from all of `bytes`. Allocates in proportion to `bytes` only.
///
/// # Errors
/// [`CodecError`] if the bytes are anything else.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    // A text is allocated by the length that it claims before it is read. The codec's limit is of the program, not of the
    // bytes: of some, the smallest that so many bytes cannot exceed.
    match bytes.len() {
        0..=0xfff => decode_within::<{ 8 << 12 }, T>(bytes),
        0x1000..=0xffff => decode_within::<{ 8 << 16 }, T>(bytes),
        0x1_0000..=0xf_ffff => decode_within::<{ 8 << 20 }, T>(bytes),
        0x10_0000..=0xff_ffff => decode_within::<{ 8 << 24 }, T>(bytes),
        0x100_0000..=0xfff_ffff => decode_within::<{ 8 << 28 }, T>(bytes),
        _ => decode_within::<MOST, T>(bytes),
    }
}

fn decode_within<const LIMIT: usize, T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    let config = bincode::config::standard().with_limit::<LIMIT>();
    let (value, used) = bincode::serde::decode_from_slice(bytes, config)?;
    match bytes.len() - used {
        0 => Ok(value),
        extra => Err(CodecError::Trailing { extra }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_and_refusals() {
        let value = (vec![1_i64, -5, i64::MAX], "name".to_string(), Some(0.5_f64));
        let bytes = encode(&value).unwrap();
        assert_eq!(decode::<(Vec<i64>, String, Option<f64>)>(&bytes).unwrap(), value);
        for length in 0..bytes.len() {
            assert!(decode::<(Vec<i64>, String, Option<f64>)>(&bytes[..length]).is_err());
        }
        let mut longer = bytes;
        longer.push(0);
        let error = decode::<(Vec<i64>, String, Option<f64>)>(&longer);
        assert!(matches!(error, Err(CodecError::Trailing { extra: 1 })));
    }

    #[test]
    fn a_claimed_length_beyond_the_bytes_allocates_nothing() {
        // 253 announces a 64-bit length.
        let mut bytes = vec![253];
        bytes.extend((1_u64 << 29).to_le_bytes());
        assert!(decode::<Vec<u64>>(&bytes).is_err());
        // A text of half a gigabyte is refused before room is made for it, not when the bytes end.
        let refused = decode::<String>(&bytes).map_err(|error| error.to_string());
        assert!(refused.unwrap_err().contains("LimitExceeded"));
        bytes[1..].fill(255);
        assert!(decode::<Vec<u64>>(&bytes).is_err());
    }
}
