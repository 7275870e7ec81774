"""Longpole as somebody else has it: built into a wheel, and installed into a virtual environment of its own."""

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

from tests.project import REPOSITORY


def build(kind: str, folder: Path, source: Path = REPOSITORY) -> Path:
    """Build a `wheel` or an `sdist` of the sources into `folder`; its path."""
    argv = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", str(folder)]
    subprocess.run(argv, cwd=source, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


def install(wheel: Path, home: Path) -> Path:
    """Install a wheel as installers do, beside links to all that it depends on; the environment's site-packages."""
    venv.create(home, with_pip=False)
    (packages,) = home.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    for script in packages.glob("*.data/scripts/*"):
        first, _, rest = script.read_text().partition("\n")
        assert first == "#!python"
        made = home / "bin" / script.name
        made.write_text(f"#!{home}/bin/python\n{rest}")
        made.chmod(0o755)
    for folder in (Path(path) for path in sys.path if path.endswith("site-packages")):
        for path in folder.iterdir():
            ours = path.name.lower().startswith("longpole") or path.suffix == ".pth"
            if not ours and not (packages / path.name).exists():
                (packages / path.name).symlink_to(path)
    return packages
