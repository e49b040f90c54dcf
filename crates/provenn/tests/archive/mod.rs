//! Archives of models and data.

use std::fs::File;
use std::io::Read;
use std::path::Path;

pub(crate) struct Archive(zip::ZipArchive<File>);

impl Archive {
    pub(crate) fn open(path: &Path) -> Self {
        Archive(zip::ZipArchive::new(File::open(path).unwrap()).unwrap())
    }

    pub(crate) fn read(&mut self, name: &str) -> Vec<u8> {
        let mut bytes = vec![];
        self.0.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    }
}
