//! Powers-of-tau files (`.ptau`), as snarkjs writes them: where their sections lie, checked before anything is read.
//!
//! The four letters `ptau`, a version and a number of sections (`u32` each, little-endian, as all numbers here); then the
//! sections, each a type (`u32`), a length in bytes (`u64`) and a payload. Three matter:
//!
//! | type | payload |
//! |---|---|
//! | 1 | bytes of a coordinate (`u32`), the field's modulus, the logarithms of the number of powers in the file and in the ceremony (`u32` each) |
//! | 2 | 2^(k+1) − 1 powers in the first group |
//! | 3 | 2^k powers in the second group |
//!
//! Points are affine coordinates in Montgomery form, as in halo2's raw files.

use crate::points::{G1_BYTES, G2_BYTES};
use crate::srs_file::SrsFileError;
use provenn_artefact::ArtefactError;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// What such a file begins with.
pub const MAGIC: [u8; 4] = *b"ptau";

/// Powers of the largest ceremony.
const LARGEST: u32 = 28;
/// Files have 11 sections; a hostile one may say anything.
const MOST_SECTIONS: u32 = 64;
/// Bytes of a coordinate.
const COORDINATE: usize = 32;
/// Bytes of section 1.
const HEADER: u64 = 4 + COORDINATE as u64 + 4 + 4;
/// The modulus of BN254's base field.
const MODULUS: [u8; COORDINATE] = [
    0x47, 0xfd, 0x7c, 0xd8, 0x16, 0x8c, 0x20, 0x3c, 0x8d, 0xca, 0x71, 0x68, 0x91, 0x6a, 0x81, 0x97,
    0x5d, 0x58, 0x81, 0x81, 0xb6, 0x45, 0x50, 0xb8, 0x29, 0xa0, 0x31, 0xe1, 0x72, 0x4e, 0x64, 0x30,
];

/// Whether a file begins as such a file does; it is left where it was.
///
/// # Errors
/// What reading or seeking gives.
pub fn is_one(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    let start = file.stream_position()?;
    let mut bytes = [0; MAGIC.len()];
    let got = file.read_exact(&mut bytes);
    file.seek(SeekFrom::Start(start))?;
    Ok(got.is_ok() && bytes == MAGIC)
}

/// Where the powers lie in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ptau {
    /// It serves circuits of up to 2^k rows.
    pub k: u32,
    /// Byte at which 2^(k+1) − 1 powers in the first group begin.
    pub g1: u64,
    /// Byte at which 2^k powers in the second group begin.
    pub g2: u64,
}

impl Ptau {
    /// Reads the table of sections of a file of `size` bytes, from its beginning.
    ///
    /// # Errors
    /// [`SrsFileError::Ptau`] naming what is wrong, [`SrsFileError::Artefact`] if it cannot be read.
    pub fn read(
        path: &Path,
        file: &mut (impl Read + Seek),
        size: u64,
    ) -> Result<Self, SrsFileError> {
        let mut reader = Reader { path, file, at: 0, size };
        reader.seek(0)?;
        if reader.bytes::<4>()? != MAGIC {
            return Err(reader.wrong("it does not begin with ptau"));
        }
        if reader.number()? != 1 {
            return Err(reader.wrong("it is of another version"));
        }
        let sections = reader.number()?;
        if sections > MOST_SECTIONS {
            return Err(reader.wrong("it says that it has hundreds of sections"));
        }
        let mut found: [Option<(u64, u64)>; 3] = [None; 3];
        for _ in 0..sections {
            let (kind, length) = (reader.number()?, reader.length()?);
            let Some(end) = reader.at.checked_add(length).filter(|&end| end <= size) else {
                return Err(reader.wrong("a section ends beyond the file: it was cut"));
            };
            let known = kind.checked_sub(1).and_then(|kind| found.get_mut(kind as usize));
            if known.is_some_and(|place| place.replace((reader.at, length)).is_some()) {
                return Err(reader.wrong("it has two sections of one type"));
            }
            reader.seek(end)?;
        }
        let [Some(header), Some(g1), Some(g2)] = found else {
            return Err(reader.wrong("it lacks a header or powers"));
        };
        let k = reader.header(header)?;
        let n = 1_u64 << k;
        if [g1.1, g2.1] != [(2 * n - 1) * G1_BYTES as u64, n * G2_BYTES as u64] {
            return Err(reader.wrong("its sections of powers are not as long as its header says"));
        }
        Ok(Ptau { k, g1: g1.0, g2: g2.0 })
    }
}

/// A file whose place is known.
struct Reader<'a, F> {
    path: &'a Path,
    file: &'a mut F,
    at: u64,
    size: u64,
}

impl<F: Read + Seek> Reader<'_, F> {
    fn io(&self, source: io::Error) -> SrsFileError {
        ArtefactError::Read { path: self.path.into(), source }.into()
    }

    fn wrong(&self, got: &str) -> SrsFileError {
        SrsFileError::Ptau { path: self.path.into(), got: got.into() }
    }

    fn seek(&mut self, to: u64) -> Result<(), SrsFileError> {
        self.file.seek(SeekFrom::Start(to)).map_err(|source| self.io(source))?;
        self.at = to;
        Ok(())
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], SrsFileError> {
        let end = self.at.checked_add(N as u64).filter(|&end| end <= self.size);
        let Some(end) = end else {
            return Err(self.wrong("it ends within its table of sections: it was cut"));
        };
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes).map_err(|source| self.io(source))?;
        self.at = end;
        Ok(bytes)
    }

    fn number(&mut self) -> Result<u32, SrsFileError> {
        self.bytes().map(u32::from_le_bytes)
    }

    fn length(&mut self) -> Result<u64, SrsFileError> {
        self.bytes().map(u64::from_le_bytes)
    }

    /// The logarithm of the number of powers.
    fn header(&mut self, (start, length): (u64, u64)) -> Result<u32, SrsFileError> {
        if length != HEADER {
            return Err(self.wrong("its header is of another length"));
        }
        self.seek(start)?;
        if (self.number()?, self.bytes::<COORDINATE>()?) != (32, MODULUS) {
            return Err(self.wrong("it is over another curve than BN254"));
        }
        let k = self.number()?;
        if !(1..=LARGEST).contains(&k) {
            return Err(self.wrong(&format!("it says that it has 2^{k} powers")));
        }
        Ok(k)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    type Sections = Vec<(u32, Vec<u8>)>;
    type Change = fn(&mut Sections);

    /// A file of 2 powers whose points are zeros, section by section.
    fn sections() -> Sections {
        let mut header = 32_u32.to_le_bytes().to_vec();
        header.extend(MODULUS);
        header.extend([1_u32, 28].map(u32::to_le_bytes).as_flattened());
        vec![(1, header), (2, vec![0; 3 * G1_BYTES]), (3, vec![0; 2 * G2_BYTES]), (7, vec![0; 9])]
    }

    fn file(sections: &[(u32, Vec<u8>)]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(u32::try_from(sections.len()).unwrap().to_le_bytes());
        for (kind, payload) in sections {
            bytes.extend(kind.to_le_bytes());
            bytes.extend((payload.len() as u64).to_le_bytes());
            bytes.extend(payload);
        }
        bytes
    }

    fn read(bytes: &[u8]) -> Result<Ptau, String> {
        let mut cursor = Cursor::new(bytes);
        Ptau::read(Path::new("x.ptau"), &mut cursor, bytes.len() as u64).map_err(|e| e.to_string())
    }

    #[test]
    fn sections_are_found_in_any_order() {
        let mut sections = sections();
        let at = 12 + 12 + HEADER + 12;
        assert_eq!(read(&file(&sections)), Ok(Ptau { k: 1, g1: at, g2: at + 192 + 12 }));
        sections.reverse();
        assert_eq!(read(&file(&sections)).map(|ptau| ptau.k), Ok(1));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let cases: [(Change, &str); 8] = [
            (|s| drop(s.remove(1)), "lacks"),
            (|s| s.push((3, vec![])), "two sections"),
            (|s| s[0].1[5] ^= 1, "another curve"),
            (|s| s[0].1[36] = 2, "not as long"),
            (|s| s[0].1[36] = 29, "2^29"),
            (|s| s[0].1[36] = 0, "2^0"),
            (|s| s[0].1.push(0), "another length"),
            (|s| s[1].1.truncate(128), "not as long"),
        ];
        for (change, expected) in cases {
            let mut sections = sections();
            change(&mut sections);
            let got = read(&file(&sections)).unwrap_err();
            assert!(got.contains(expected), "{got}");
        }
    }

    #[test]
    fn no_prefix_and_no_length_is_believed() {
        let whole = file(&sections());
        for cut in 0..whole.len() {
            assert!(read(&whole[..cut]).is_err(), "{cut} bytes");
        }
        let mut many = whole.clone();
        many[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(read(&many).unwrap_err().contains("sections"));
        // A length that wraps the place around.
        let mut long = whole;
        long[16..24].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(read(&long).unwrap_err().contains("beyond"));
    }
}
