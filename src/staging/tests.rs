//! Folders that are written, interrupted, edited and written again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use isogloss_backends::content::Artifact;
use tempfile::TempDir;

use super::*;
use crate::manifest;

fn artifacts(files: &[(&str, &str)]) -> Vec<Artifact> {
    files.iter().map(|(path, text)| Artifact::text(*path, *text)).collect()
}

/// A manifest of a release, so that the manifests of two builds differ.
fn release(release: u32) -> Manifest {
    Manifest { format: manifest::FORMAT, release, ..Manifest::default() }
}

/// Everything below a folder: the text of files, where links lead, and the modes.
fn tree(folder: &Path) -> BTreeMap<PathBuf, String> {
    let walk = walkdir::WalkDir::new(folder).into_iter().flatten();
    walk.map(|entry| {
        let path = entry.path();
        let text = if entry.file_type().is_file() {
            fs::read_to_string(path).unwrap()
        } else if entry.path_is_symlink() {
            format!("-> {}", fs::read_link(path).unwrap().display())
        } else {
            "/".to_owned()
        };
        let mode = mode(path);
        (path.strip_prefix(folder).unwrap().to_owned(), format!("{mode:o} {text}"))
    })
    .collect()
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::symlink_metadata(path).unwrap().permissions().mode()
}

#[cfg(not(unix))]
fn mode(_path: &Path) -> u32 {
    0
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _mode: u32) {}

#[cfg(unix)]
fn link(to: &str, path: &Path) {
    std::os::unix::fs::symlink(to, path).unwrap();
}

#[cfg(not(unix))]
fn link(_to: &str, path: &Path) {
    fs::write(path, "").unwrap();
}

/// The names beside an output folder.
fn beside(home: &TempDir) -> Vec<String> {
    let names = fs::read_dir(home.path()).unwrap();
    let mut names: Vec<String> =
        names.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

const OLD: &[(&str, &str)] =
    &[("a/same", "1"), ("a/other", "1"), ("gone/deep/file", "1"), ("b", "1"), ("part/ours", "1")];
const NEW: &[(&str, &str)] = &[("a/same", "1"), ("a/other", "2"), ("b/file", "2"), ("new", "2")];

/// An output folder of the old build, in which somebody has more.
fn old_folder(home: &TempDir) -> PathBuf {
    let folder = home.path().join("out");
    write(&folder, &artifacts(OLD), &release(1)).unwrap();
    fs::create_dir_all(folder.join("local/empty")).unwrap();
    fs::write(folder.join("local/macros.conf"), "mine").unwrap();
    fs::write(folder.join("part/mine"), "mine").unwrap();
    link("nowhere", &folder.join("link"));
    set_mode(&folder.join("local/macros.conf"), 0o640);
    set_mode(&folder.join("local"), 0o750);
    set_mode(&folder.join("a/other"), 0o600);
    folder
}

#[test]
fn a_folder_becomes_what_was_built_and_keeps_the_rest() {
    let home = tempfile::tempdir().unwrap();
    let folder = old_folder(&home);
    let before = tree(&folder);
    let inode = id_of(&folder.join("a/same"));
    let written = write(&folder, &artifacts(NEW), &release(2)).unwrap();
    assert_eq!(written.files, ["a/other", "b/file", "isogloss.manifest.json", "new"]);
    assert_eq!(written.removed, ["b", "gone/deep/file", "part/ours"]);
    assert_eq!((written.unchanged, written.overwritten), (1, Vec::<String>::new()));
    let after = tree(&folder);
    for path in ["local", "local/empty", "local/macros.conf", "part/mine", "link", "a/same"] {
        assert_eq!(after.get(Path::new(path)), before.get(Path::new(path)), "{path}");
    }
    assert_eq!(id_of(&folder.join("a/same")), inode);
    assert!(!after.contains_key(Path::new("gone")) && !after.contains_key(Path::new("gone/deep")));
    assert!(after[Path::new("a/other")].ends_with(" 2"));
    #[cfg(unix)]
    assert_eq!(mode(&folder.join("a/other")) & 0o777, 0o600);
    assert_eq!(beside(&home), ["out"]);
}

#[cfg(unix)]
fn id_of(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).unwrap().ino()
}

#[cfg(not(unix))]
fn id_of(_path: &Path) -> u64 {
    0
}

#[test]
fn many_files_are_written_too() {
    let home = tempfile::tempdir().unwrap();
    let many: Vec<Artifact> = (0..200).map(|n| Artifact::text(format!("a/{n}"), "x")).collect();
    let folder = home.path().join("out");
    assert_eq!(write(&folder, &many, &release(1)).unwrap().files.len(), 201);
    assert_eq!(write(&folder, &[], &release(2)).unwrap().removed.len(), 200);
    assert_eq!(tree(&folder).len(), 2);
}

#[test]
fn what_comes_while_a_build_works_is_kept() {
    for staging in [Staging::new, Staging::without_exchange] {
        let home = tempfile::tempdir().unwrap();
        let folder = old_folder(&home);
        let mut steps = 0;
        let mut meanwhile = || {
            steps += 1;
            // The plan is made, and the new folder is not in its place yet.
            if steps == 12 {
                fs::write(folder.join("part/later"), "mine").unwrap();
                fs::write(home.path().join("edited"), "edited").unwrap();
                fs::rename(home.path().join("edited"), folder.join("part/mine")).unwrap();
            }
            false
        };
        let (new, release) = (artifacts(NEW), release(2));
        write_in_steps(&folder, &new, &release, staging, &mut meanwhile).unwrap();
        assert_eq!(fs::read_to_string(folder.join("part/later")).unwrap(), "mine");
        assert_eq!(fs::read_to_string(folder.join("part/mine")).unwrap(), "edited");
        assert_eq!(fs::read_to_string(folder.join("new")).unwrap(), "2");
        assert_eq!(beside(&home), ["out"]);
    }
}

#[test]
fn nothing_is_written_twice() {
    let home = tempfile::tempdir().unwrap();
    let folder = old_folder(&home);
    let (times, here) = (times(&folder), id_of(&folder));
    let written = write(&folder, &artifacts(OLD), &release(1)).unwrap();
    assert_eq!((written.files.len(), written.removed.len(), written.unchanged), (0, 0, 6));
    assert_eq!(self::times(&folder), times);
    assert_eq!(id_of(&folder), here);
    assert_eq!(check(&folder, &artifacts(OLD), &release(1)), Ok(Vec::new()));
}

fn times(folder: &Path) -> Vec<std::time::SystemTime> {
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    walk.map(|it| it.path().symlink_metadata().unwrap().modified().unwrap()).collect()
}

#[test]
fn what_differs_is_listed() {
    let home = tempfile::tempdir().unwrap();
    let folder = old_folder(&home);
    let before = tree(&folder);
    let found = check(&folder, &artifacts(NEW), &release(1)).unwrap();
    let found: Vec<(&str, State)> = found.iter().map(|it| (it.path.as_str(), it.state)).collect();
    assert_eq!(
        found,
        [
            ("a/other", State::Different),
            ("b", State::LeftOver),
            ("b/file", State::Missing),
            ("gone/deep/file", State::LeftOver),
            ("isogloss.manifest.json", State::Different),
            ("new", State::Missing),
            ("part/ours", State::LeftOver),
        ]
    );
    assert_eq!(tree(&folder), before);
}

#[test]
fn edited_files_are_said() {
    let home = tempfile::tempdir().unwrap();
    let folder = old_folder(&home);
    fs::write(folder.join("a/same"), "edited").unwrap();
    fs::write(folder.join("b"), "edited").unwrap();
    fs::remove_file(folder.join("a/other")).unwrap();
    let written = write(&folder, &artifacts(NEW), &release(2)).unwrap();
    assert_eq!(written.overwritten, ["a/same", "b"]);
    // A link in the place of a file is replaced, and what it points to is not written.
    let victim = home.path().join("victim");
    fs::write(&victim, "2").unwrap();
    fs::remove_file(folder.join("new")).unwrap();
    link(victim.to_str().unwrap(), &folder.join("new"));
    let written = write(&folder, &artifacts(NEW), &release(2)).unwrap();
    assert_eq!(written.files, ["new"]);
    assert!(fs::symlink_metadata(folder.join("new")).unwrap().is_file());
}

#[test]
fn what_isogloss_did_not_write_is_not_overwritten() {
    for path in ["new", "b/file/mine", "new/mine"] {
        let home = tempfile::tempdir().unwrap();
        let folder = old_folder(&home);
        if path.starts_with("b/") {
            fs::remove_file(folder.join("b")).unwrap();
        }
        let file = folder.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "2").unwrap();
        let before = tree(&folder);
        let error = write(&folder, &artifacts(NEW), &release(2)).unwrap_err();
        let start = if path == "b/file/mine" { "b/file" } else { "new" };
        let start = folder.join(start).display().to_string();
        assert!(error.starts_with(&format!("isogloss did not write {start}, ")), "{error}");
        assert_eq!(tree(&folder), before);
        assert_eq!(beside(&home), ["out"]);
    }
    // A file of ours that becomes a folder, and a folder of ours that becomes a file.
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("out");
    write(&folder, &artifacts(&[("x/y", "1")]), &release(1)).unwrap();
    fs::write(folder.join("x/mine"), "mine").unwrap();
    let error = write(&folder, &artifacts(&[("x", "1")]), &release(2)).unwrap_err();
    assert!(error.contains("out/x, "), "{error}");
    fs::remove_file(folder.join("x/mine")).unwrap();
    write(&folder, &artifacts(&[("x", "1")]), &release(2)).unwrap();
    write(&folder, &artifacts(&[("x/y", "1")]), &release(3)).unwrap();
    assert_eq!(fs::read_to_string(folder.join("x/y")).unwrap(), "1");
}

#[test]
fn some_folders_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let write = |folder: &Path| write(folder, &[], &release(1)).unwrap_err();
    let folder = home.path().join("repository");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("isogloss.toml"), "").unwrap();
    assert!(write(&folder).contains("holds a configuration"));
    assert!(write(&folder.join("isogloss.toml")).contains("has to be a folder"));
    assert!(write(Path::new("/")).contains("cannot be an output folder"));
    link("repository/isogloss.toml", &home.path().join("link"));
    assert!(write(&home.path().join("link")).contains("has to be a folder"));
    let error = super::write(&home.path().join("out"), &artifacts(&[("../x", "")]), &release(1));
    assert!(error.unwrap_err().contains("leaves the folder"));
    assert!(!home.path().join("out").exists());
}

#[test]
fn a_link_to_a_folder_stays_a_link() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("real")).unwrap();
    link("real", &home.path().join("out"));
    write(&home.path().join("out"), &artifacts(NEW), &release(1)).unwrap();
    assert_eq!(fs::read_to_string(home.path().join("real/new")).unwrap(), "2");
    assert!(home.path().join("out").is_symlink());
}

#[test]
fn two_builds_do_not_write_at_once() {
    let home = tempfile::tempdir().unwrap();
    let folder = old_folder(&home);
    let guard = Guard::take(&path::resolve(&folder)).unwrap();
    let error = write(&folder, &artifacts(NEW), &release(2)).unwrap_err();
    assert!(error.starts_with("another build is writing to "), "{error}");
    drop(guard);
    write(&folder, &artifacts(NEW), &release(2)).unwrap();
    assert_eq!(beside(&home), ["out"]);
}

/// Builds with a kill after so many steps; true if it came so far.
fn killed_after(folder: &Path, steps: usize, staging: fn(&Path) -> Staging) -> bool {
    let mut left = steps;
    let mut kill = || {
        left = left.wrapping_sub(1);
        left == usize::MAX
    };
    let end = write_in_steps(folder, &artifacts(NEW), &release(2), staging, &mut kill);
    assert!(matches!(end, Ok(_) | Err(Stop::Killed)), "{end:?}");
    end.is_err()
}

/// Kills a build after each of its steps: what is there then is the old folder or the new one.
fn kill_everywhere(staging: fn(&Path) -> Staging, may_be_absent: bool) {
    let finished = tempfile::tempdir().unwrap();
    let folder = old_folder(&finished);
    write(&folder, &artifacts(NEW), &release(2)).unwrap();
    let new = tree(&folder);
    for steps in 0.. {
        let home = tempfile::tempdir().unwrap();
        let folder = old_folder(&home);
        let old = tree(&folder);
        let was_killed = killed_after(&folder, steps, staging);
        let now = tree(&folder);
        let is_fine = now == old || now == new || may_be_absent && now.is_empty();
        assert!(is_fine, "after {steps} steps: {now:#?}");
        // The next build ends well, whatever it is given, and clears everything away.
        if steps % 2 == 0 {
            write(&folder, &artifacts(OLD), &release(1)).unwrap();
            assert_eq!(fs::read_to_string(folder.join("part/mine")).unwrap(), "mine");
        }
        write(&folder, &artifacts(NEW), &release(2)).unwrap();
        assert_eq!(tree(&folder), new, "after {steps} steps");
        assert_eq!(beside(&home), ["out"], "after {steps} steps");
        if !was_killed {
            assert!(steps > 10, "{steps} steps");
            break;
        }
    }
}

#[test]
fn a_killed_build_leaves_the_old_folder_or_the_new_one() {
    kill_everywhere(Staging::new, false);
}

#[test]
fn without_an_exchange_the_next_build_puts_the_folder_back() {
    kill_everywhere(Staging::without_exchange, true);
}

#[test]
fn a_killed_first_build_leaves_no_folder_or_the_whole_one() {
    for steps in 0.. {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("deep/out");
        let was_killed = killed_after(&folder, steps, Staging::new);
        let files = tree(&folder).len();
        assert!(files == 0 || files == 8, "after {steps} steps: {files} entries");
        write(&folder, &artifacts(NEW), &release(2)).unwrap();
        assert_eq!(tree(&folder).len(), 8);
        if !was_killed {
            break;
        }
    }
}

#[cfg(unix)]
#[test]
fn a_failed_build_clears_its_own_folder_away() {
    let home = tempfile::tempdir().unwrap();
    let folder = old_folder(&home);
    let before = tree(&folder);
    // A part of 255 bytes is taken by the check and by the file system, a whole path of that kind is not.
    let deep = vec!["x".repeat(255); 20].join("/");
    let error = write(&folder, &artifacts(&[(&deep, "1")]), &release(2)).unwrap_err();
    assert!(error.contains("xxx"), "{error}");
    assert_eq!(tree(&folder), before);
    assert_eq!(beside(&home), ["out"]);
}

#[cfg(unix)]
#[test]
fn folders_that_nobody_may_write_are_kept() {
    let home = tempfile::tempdir().unwrap();
    let folder = old_folder(&home);
    set_mode(&folder.join("local"), 0o500);
    write(&folder, &artifacts(NEW), &release(2)).unwrap();
    assert_eq!(mode(&folder.join("local")) & 0o777, 0o500);
    assert_eq!(beside(&home), ["out"]);
    set_mode(&folder.join("local"), 0o700);
}
