//! The package of an app.

use std::io::Write;

use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

use super::Settings;
use crate::content::artifact::Artifact;

const FOLDER_MODE: u32 = 0o755;
const FILE_MODE: u32 = 0o644;

/// The files of an app as one file. Equal files give equal bytes: entries are in order, belong to nobody,
/// and have no time.
pub fn pack(artifacts: &[Artifact], settings: &Settings) -> Result<Artifact, String> {
    let app = settings.app;
    let path = format!("{}-{}.tar.gz", app.id, app.version);
    let archive = archive(artifacts).map_err(|error| format!("{path}: {error}"))?;
    // Bytes of the header that say when and by which system would differ.
    let mut packer =
        GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::best());
    let bytes = packer.write_all(&archive).and_then(|()| packer.finish());
    Ok(Artifact { bytes: bytes.map_err(|error| format!("{path}: {error}"))?, path })
}

fn archive(artifacts: &[Artifact]) -> std::io::Result<Vec<u8>> {
    let mut sorted: Vec<&Artifact> = artifacts.iter().collect();
    sorted.sort_by(|left, right| left.path.cmp(&right.path));
    let mut archive = Builder::new(Vec::new());
    let mut folders: Vec<&str> = Vec::new();
    for artifact in sorted {
        let ends = artifact.path.match_indices('/').map(|(end, _)| end);
        for folder in ends.filter_map(|end| artifact.path.get(..=end)) {
            if !folders.contains(&folder) {
                folders.push(folder);
                append(&mut archive, folder, &[], (EntryType::Directory, FOLDER_MODE))?;
            }
        }
        append(&mut archive, &artifact.path, &artifact.bytes, (EntryType::Regular, FILE_MODE))?;
    }
    archive.into_inner()
}

fn append(
    archive: &mut Builder<Vec<u8>>,
    path: &str,
    bytes: &[u8],
    (kind, mode): (EntryType, u32),
) -> std::io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(u64::try_from(bytes.len()).map_err(std::io::Error::other)?);
    archive.append_data(&mut header, path, bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use tar::Archive;

    use super::super::{App, EnterpriseSecurity, MacroSource};
    use super::*;
    use crate::content::template::Templates;

    #[test]
    fn a_package_is_the_same_whatever_the_order_of_its_files() {
        let settings = Settings {
            app: &App::default(),
            es: EnterpriseSecurity::V8,
            macros: MacroSource::Own,
            macro_prefix: "",
            attack: crate::content::attack::Version::V18,
            templates: &Templates::default(),
        };
        let long = format!("a/{}/{}.csv", "b".repeat(90), "c".repeat(90));
        let mut files = vec![
            Artifact::text("a/default/app.conf", "x"),
            Artifact::text("a/README.md", "y"),
            Artifact::text(long.as_str(), "z"),
        ];
        let first = pack(&files, &settings).unwrap();
        assert_eq!(first.path, "isogloss_detections-1.0.0.tar.gz");
        files.reverse();
        assert_eq!(pack(&files, &settings).unwrap(), first);
        let mut archive = Archive::new(GzDecoder::new(first.bytes.as_slice()));
        let mut paths = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let header = entry.header();
            let is_folder = header.entry_type().is_dir();
            assert_eq!(header.mode().unwrap(), if is_folder { 0o755 } else { 0o644 });
            let numbers = [header.uid(), header.gid(), header.mtime()];
            assert_eq!(numbers.map(Result::unwrap), [0, 0, 0]);
            let path = entry.path().unwrap().display().to_string();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            paths.push((path, text));
        }
        let paths: Vec<(&str, &str)> =
            paths.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let folder = format!("a/{}/", "b".repeat(90));
        let wanted = [
            ("a/", ""),
            ("a/README.md", "y"),
            (folder.as_str(), ""),
            (long.as_str(), "z"),
            ("a/default/", ""),
            ("a/default/app.conf", "x"),
        ];
        assert_eq!(paths, wanted);
    }
}
