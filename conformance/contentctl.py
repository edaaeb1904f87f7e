#!/usr/bin/env python3
"""Judges folders of detections with contentctl: it has to validate them, and to build an app of them.

usage: contentctl.py FOLDER...

A folder has any of detections, macros, data_sources and stories. The deployments, the template of the app and
the macros that every search may call are those that come with contentctl. Ends with code 1 if contentctl does
not take a folder.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# What contentctl reads.
READ = ["detections", "macros", "data_sources", "stories"]
# What has to be there, be it empty.
NEEDED = [*READ, "lookups", "baselines", "investigations", "dashboards", "playbooks", "removed"]


def prepare(folder, root):
    """Copies a folder of content, and what contentctl brings along, to a place that it may write to."""
    import contentctl

    bundled = pathlib.Path(contentctl.__file__).parent / "templates"
    for name in ["app_template", "deployments"]:
        shutil.copytree(bundled / name, root / name)
    for name in NEEDED:
        (root / name).mkdir()
    for name in ["security_content_ctime", "security_content_summariesonly"]:
        shutil.copy(bundled / "macros" / f"{name}.yml", root / "macros")
    for name in READ:
        if (folder / name).is_dir():
            shutil.copytree(folder / name, root / name, dirs_exist_ok=True)


def judge(folder):
    """Validates and builds; prints what was read and what was built."""
    # The forward references of its types are complete after this import alone.
    import contentctl.contentctl  # noqa: F401
    from contentctl.actions.build import Build, BuildInputDto
    from contentctl.actions.validate import Validate
    from contentctl.objects.config import CustomApp, build

    with tempfile.TemporaryDirectory() as place:
        root = pathlib.Path(place)
        prepare(folder, root)
        os.chdir(root)
        app = CustomApp(
            uid=20001,
            title="Conformance",
            appid="conformance_content",
            version="0.0.1",
            label="TEST",
            prefix="TEST",
            author_name="Conformance",
            author_email="conformance@example.com",
            author_company="Conformance",
            description="Detections that are judged.",
        )
        config = build(path=root, app=app, enrichments=False, build_path=root / "dist")
        content = Validate().execute(config)
        Build().execute(BuildInputDto(content, config))
        written = len(list((folder / "detections").rglob("*.yml")))
        read = len(content.detections)
        stanzas = (root / "dist/conformance_content/default/savedsearches.conf").read_text()
        # A line that ends in a backslash goes on in the next one.
        built = len(re.findall(r"^\[(?!default\])", stanzas.replace("\\\n", " "), re.MULTILINE))
        os.chdir("/")
    print(f"\ncontentctl: {folder}: {written} detections, {read} valid, {built} built")
    return 0 if written == read == built > 0 else 1


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--one":
        sys.exit(judge(pathlib.Path(sys.argv[2]).resolve()))
    folders = sys.argv[1:]
    if not folders:
        sys.exit(__doc__)
    bad = 0
    for folder in folders:
        # A process each: contentctl keeps what it has read.
        run = subprocess.run([sys.executable, "-I", __file__, "--one", folder], capture_output=True, text=True)
        lines = [line for line in run.stdout.replace("\r", "\n").splitlines() if line.strip()]
        if run.returncode == 0:
            print(lines[-1])
        else:
            bad += 1
            shown = [line for line in lines if "Progress" not in line]
            print(f"contentctl: {folder} is not taken", *shown, run.stderr, sep="\n")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
