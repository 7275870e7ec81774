"""`make foreign`: fetch the projects in the table, by the registries' own clients; what is there stays as it is."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.foreign.table import CACHE, FOREIGN, Foreign
from tests.gen.adapters.projects import rust_environ

TRIES = 3
PAUSE_S = 5.0
"""After a failed try; the second pause is twice as long."""
COMMAND_S = 240.0
_TAIL = 5


class CannotFetch(Exception):
    """A client failed, or its source is another one; the message says which and why."""


def by_cargo(project: Foreign, folder: Path) -> Path:
    """The source of a crate, as `cargo vendor` writes it; Cargo compares it with the checksum in the lock file."""
    manifest = (
        '[package]\nname = "foreign"\nversion = "0.0.0"\nedition = "2021"\n[lib]\npath = "lib.rs"\n[dependencies]\n'
    )
    (folder / "Cargo.toml").write_text(f'{manifest}{project.name} = "={project.version}"\n')
    (folder / "lib.rs").write_text("")
    _run(folder, "cargo", "vendor", "--quiet", "vendor")
    locked = (folder / "Cargo.lock").read_text().split("[[package]]")
    _compare(
        project, next(text for text in locked if f'\nname = "{project.name}"\n' in text).partition("checksum = ")[2]
    )
    return folder / "vendor" / project.name


def by_pip(project: Foreign, folder: Path) -> Path:
    """The source of an sdist; pip compares it with the hash."""
    wanted = f"{project.name}=={project.version} --hash=sha256:{project.digest}\n"
    (folder / "requirements.txt").write_text(wanted)
    python = getattr(sys, "_base_executable", sys.executable)
    options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary", ":all:", "--require-hashes")
    _run(folder, python, "-m", "pip", "download", *options, "--dest", "sdist", "--requirement", "requirements.txt")
    (archive,) = (folder / "sdist").iterdir()
    return _unpacked(archive, folder)


def by_go(project: Foreign, folder: Path) -> Path:
    """The source of a module, a copy that can be written to."""
    _run(folder, "go", "mod", "init", "foreign")
    out = _run(folder, "go", "mod", "download", "-json", f"{project.name}@{project.version}")
    found = json.loads(out)
    _compare(project, found["Sum"])
    copy = folder / "source"
    shutil.copytree(found["Dir"], copy)
    for path in (copy, *copy.rglob("*")):
        path.chmod(path.stat().st_mode | 0o200)
    return copy


def by_apt(project: Foreign, folder: Path) -> Path:
    """The upstream source of a Debian package, from the machine's own archives; all that apt keeps is in `folder`."""
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    options = [
        f"Dir::Etc::sourcelist={folder}/sources.list",
        "Dir::Etc::sourceparts=/dev/null",
        f"Dir::State::lists={folder}/lists",
        f"Dir::Cache={folder}/cache",
        "APT::Sandbox::User=",
    ]
    apt = ("apt-get", "-q", *(word for option in options for word in ("-o", option)))
    archives = "deb-src $(SITE) $(RELEASE) $(COMPONENT)"
    (folder / "sources.list").write_text(
        _run(folder, "apt-get", "indextargets", "--format", archives, "Created-By: Packages")
    )
    _run(folder, *apt, "update")
    _run(folder, *apt, "source", "--download-only", "--tar-only", project.name)
    archive = next(iter(folder.glob(f"{project.name}_{project.version}.orig.tar.*")), None)
    if archive is None:
        found = ", ".join(path.name for path in folder.glob(f"{project.name}_*")) or "nothing"
        raise CannotFetch(f"{project.id}: this release of Debian has another version: {found}")
    _compare(project, hashlib.sha256(archive.read_bytes()).hexdigest())
    return _unpacked(archive, folder)


def by_maven(project: Foreign, folder: Path) -> Path:
    """A project made of the pom, the source jar and the jar of the tests' sources; its plugins are fetched, too."""
    artifact = f"{project.name.replace('/', ':')}:{project.version}"
    mvn = ("mvn", "-q", "-B")
    for kind in ("pom", "jar:sources", "jar:test-sources"):
        _run(folder, *mvn, "dependency:copy", f"-Dartifact={artifact}:{kind}", "-DoutputDirectory=got")
    name = f"{project.name.rpartition('/')[2]}-{project.version}"
    got = [folder / "got" / f"{name}{end}" for end in (".pom", "-sources.jar", "-test-sources.jar")]
    _compare(project, hashlib.sha256(b"".join(path.read_bytes() for path in got)).hexdigest())
    source = folder / "source"
    for archive, place in zip(got[1:], ("main", "test"), strict=True):
        with zipfile.ZipFile(archive) as file:
            names = [each for each in file.namelist() if not each.startswith("META-INF/") and not each.endswith("/")]
            for each in names:
                file.extract(each, source / "src" / place / ("java" if each.endswith(".java") else "resources"))
    shutil.copyfile(got[0], source / "pom.xml")
    _run(source, *mvn, "-DskipTests", "test")
    shutil.rmtree(source / "target")
    return source


def _unpacked(archive: Path, folder: Path) -> Path:
    """The one folder in the archive."""
    with tarfile.open(archive) as file:
        file.extractall(folder / "source", filter="data")
    (source,) = (folder / "source").iterdir()
    return source


CLIENTS: dict[str, Callable[[Foreign, Path], Path]] = {
    "apt": by_apt,
    "cargo": by_cargo,
    "go": by_go,
    "maven": by_maven,
    "pip": by_pip,
}


def _run(folder: Path, *argv: str) -> str:
    """The standard output of a client; raises `CannotFetch`."""
    environ = {**os.environ, **rust_environ(), "PATH": f"{os.environ['PATH']}:/usr/local/go/bin"}
    try:
        program = shutil.which(argv[0], path=environ["PATH"]) or argv[0]
        done = subprocess.run(
            [program, *argv[1:]],
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=COMMAND_S,
            check=False,
        )
    except OSError as error:
        raise CannotFetch(f"{argv[0]}: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise CannotFetch(f"{' '.join(argv)}: no answer after {COMMAND_S:.0f} s") from None
    if done.returncode != 0:
        tail = "\n".join(f"    {line}" for line in done.stderr.splitlines()[-_TAIL:])
        raise CannotFetch(f"{' '.join(argv)}: exit status {done.returncode}\n{tail}")
    return done.stdout


def _compare(project: Foreign, found: str) -> None:
    digest = found.strip().split("\n")[0].strip('"')
    if digest != project.digest:
        raise CannotFetch(f"{project.id}: its digest is {digest}, not {project.digest}, so it is another source")


def fetch(project: Foreign, pause: Callable[[float], object]) -> None:
    """Fetch one project, trying again; it appears at its place at once. Raises `CannotFetch`."""
    for number in range(1, TRIES + 1):
        with tempfile.TemporaryDirectory(prefix=".new-", dir=CACHE) as folder:
            try:
                source = CLIENTS[project.client](project, Path(folder))
            except CannotFetch:
                if number == TRIES:
                    raise
                pause(PAUSE_S * number)
            else:
                source.rename(project.source)
                return


def main(projects: Sequence[Foreign] = FOREIGN, pause: Callable[[float], object] = time.sleep) -> int:
    """Fetch what is missing; return the exit status."""
    CACHE.mkdir(parents=True, exist_ok=True)
    failed = False
    for project in projects:
        if project.source.is_dir():
            continue
        try:
            fetch(project, pause)
        except CannotFetch as error:
            failed = True
            print(f"foreign: {project.id} cannot be fetched: {error}", file=sys.stderr)
        else:
            print(f"fetched {project.id}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
