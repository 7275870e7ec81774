"""A git repository with a branch of result files, for tests."""

import os
import subprocess
from collections.abc import Collection, Mapping
from pathlib import Path

from longpole.perf import packs
from longpole.perf.files import place_of, to_bytes
from longpole.perf.model import Result, Skip
from tests.project import tool


def files_of(*items: Result | Skip) -> dict[str, bytes]:
    """The files of results, by their paths on the branch."""
    written = [(item, to_bytes(item)) for item in items]
    return {place_of(item, data): data for item, data in written}


def packed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The packs of files of results."""
    months: dict[tuple[str, str, str, str], list[bytes]] = {}
    for path, data in files.items():
        name = packs.FILE.fullmatch(path)
        assert name is not None
        month = (name["folder"], name["platform"], name["year"], name["month"])
        months.setdefault(month, []).append(data)
    return dict(packs.pack(*month, lines) for month, lines in months.items())


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files below a folder."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


class Repository:
    """A bare repository in `folder`, whose branch `perf` is written without a checkout."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        subprocess.run([tool("git"), "init", "-q", "--bare", "-b", "main", *options, folder], check=True)

    def git(self, *words: str, input: bytes = b"") -> str:
        """What git prints, without the last line end."""
        who = {f"GIT_{role}_{what}": "x@y" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        environ = {**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull}
        argv = [tool("git"), "-C", str(self.folder), *words]
        return (
            subprocess.run(argv, input=input, env=environ, stdout=subprocess.PIPE, check=True).stdout.decode().strip()
        )

    def commit(
        self, files: Mapping[str, bytes], *, remove: Collection[str] = (), mode: str = "100644", branch: str = "perf"
    ) -> str:
        """Add files to a branch, and remove others, in one commit. Returns its name."""
        script = [f"commit refs/heads/{branch}\ncommitter x <x@y> 1000000000 +0000\ndata 0\n".encode()]
        has_branch = self.git("for-each-ref", f"refs/heads/{branch}")
        script += [f"from refs/heads/{branch}^0\n".encode()] if has_branch else []
        script += [f"D {path}\n".encode() for path in remove]
        for path, data in files.items():
            script.append(f"M {mode} inline {path}\ndata {len(data)}\n".encode() + data + b"\n")
        self.git("fast-import", "--quiet", "--force", input=b"".join(script))
        return self.git("rev-parse", branch)
