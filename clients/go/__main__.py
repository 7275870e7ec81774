"""Builds the tests of Go modules: `python clients/go TARGET_DIR [FLAG...]`, of `go build`'s flags.

The packages are those of `go test ./...` here, or of the workspace's modules below this folder. Each test binary gets a
script `TARGET_DIR/longpole/NAME`, which runs it as `go test` does: in the folder of its package, with `go` in PATH, and
standard error on standard output; but one parallel test at a time, unless its arguments say otherwise.
`TARGET_DIR/packages.json` lists the packages. Messages and exit status of the build are Go's. As `go test`, the build
vets the packages, and where that fails, the package's tests do: its script prints why, and fails.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

FOLDER = "longpole"
INDEX = "packages.json"
MAX_NAME = 80
_FIELDS = "ImportPath,Dir,TestGoFiles,XTestGoFiles"
_FOLDERS_AT_ONCE = (1, 21)
"""Since this version `go test -c` takes several packages."""
_PART = re.compile(r"\.part\d+$")
"""How a suite names the parts of a package."""
_FRAMES = (1, 20)
"""Since this version a test binary marks the lines that tell of tests."""


class Failed(Exception):
    """A command of Go failed, and has said why."""


def main(argv: list[str]) -> int:
    """Build, and write the scripts; return the exit status."""
    if not argv or argv[0].startswith("-"):
        print("usage: python clients/go TARGET_DIR [FLAG...]", file=sys.stderr)
        return 2
    target, flags = os.path.abspath(argv[0]), argv[1:]
    try:
        version = version_in(_output("env", "GOVERSION"))
        packages = _packages(flags)
        tested = [each for each in packages if each.get("TestGoFiles") or each.get("XTestGoFiles")]
        binaries, refused = _build(target, [each["ImportPath"] for each in tested], flags, version)
        _write_scripts(target, tested, binaries, refused, version)
    except Failed as failed:
        return failed.args[0] or 1
    except FileNotFoundError as error:
        print("go is missing; install Go" if error.filename == "go" else error, file=sys.stderr)
        return 2
    untested = [each["ImportPath"] for each in packages if each not in tested]
    index = {"version": 1, "go": list(version), "packages": _index(tested, refused), "untested": untested}
    _write(os.path.join(target, INDEX), json.dumps(index, indent=1) + "\n", 0o644)
    return 0


def version_in(text: str) -> tuple[int, int]:
    """The version in `go1.22.1`; a development version has the newest format."""
    found = re.match(r"go(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found is not None else (1, 99)


def _output(*words: str) -> str:
    done = subprocess.run(["go", *words], stdout=subprocess.PIPE, check=False, close_fds=False)
    if done.returncode != 0:
        raise Failed(done.returncode)
    return done.stdout.decode(errors="surrogateescape").strip()


def _packages(flags: Sequence[str]) -> list[dict[str, Any]]:
    """The packages of all modules of this build that lie in this folder, by import path."""
    here = os.path.realpath(".")
    patterns = []
    for folder in _output("list", "-m", "-f", "{{.Dir}}").splitlines():
        relative = os.path.relpath(os.path.realpath(folder), here)
        if relative == ".":
            patterns.append("./...")
        elif relative != ".." and not relative.startswith("../"):
            patterns.append(f"./{relative}/...")
    of_list = [flag for flag in flags if not flag.startswith(("-vet", "--vet"))]
    text = _output("list", f"-json={_FIELDS}", *of_list, *(patterns or ["./..."]))
    decoder, at, packages = json.JSONDecoder(), 0, {}
    while at < len(text):
        package, at = decoder.raw_decode(text, at)
        packages[package["ImportPath"]] = package
        while at < len(text) and text[at].isspace():
            at += 1
    return [packages[path] for path in sorted(packages)]


# -- binaries ---------------------------------------------------------------------------------------------------------


def exec_name(import_path: str) -> str:
    """The name that `go test -c` gives to a binary, without `.test`: a last element such as `v2` does not count."""
    above, _, last = import_path.rpartition("/")
    if above and re.fullmatch(r"v(?:[2-9]|[1-9]\d+)", last):
        last = above.rpartition("/")[2]
    return last


def batches(import_paths: Iterable[str], version: tuple[int, int]) -> list[list[str]]:
    """The packages that one command may build: those whose binaries have different names."""
    found: list[list[str]] = []
    of_name: dict[str, int] = {}
    for path in import_paths:
        name = exec_name(path).casefold()
        number = of_name.get(name, 0) if version >= _FOLDERS_AT_ONCE else len(found)
        of_name[name] = number + 1
        if number == len(found):
            found.append([])
        found[number].append(path)
    return found


def _build(
    target: str, paths: Sequence[str], flags: Sequence[str], version: tuple[int, int]
) -> tuple[dict[str, str], dict[str, str]]:
    """Build the binaries, those of a batch in a folder; return, by import path, their paths and what go vet refuses."""
    jobs, binaries = [], {}
    for number, batch in enumerate(batches(paths, version)):
        folder = os.path.join(target, "bin", str(number))
        os.makedirs(folder, exist_ok=True)
        binaries.update({path: os.path.join(folder, f"{exec_name(path)}.test") for path in batch})
        output = f"{folder}/" if len(batch) > 1 else binaries[batch[0]]
        jobs.append((output, batch))
    # one command uses all processors; several are single packages, of which each is mostly one linker
    workers = (os.cpu_count() or 1) if version < _FOLDERS_AT_ONCE else 1
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        refusals = list(pool.map(lambda job: _build_batch(*job, flags, binaries), jobs))
    return binaries, {path: why for refused in refusals for path, why in refused.items()}


def _build_batch(
    output: str, batch: Sequence[str], flags: Sequence[str], binaries: Mapping[str, str]
) -> dict[str, str]:
    """Build the binaries of a batch; return what `go vet` says of those with which it is not content."""
    first = _compile(output, batch, flags)
    sys.stderr.write(first.stderr)
    if first.returncode == 0:
        return {}
    if _compile(output, batch, [*flags, "-vet=off"]).returncode != 0:
        raise Failed(first.returncode)
    suspects = [path for path in batch if path in first.stderr]
    refused = {}
    for path in suspects or batch:
        done = _compile(binaries[path], [path], flags)
        if done.returncode != 0:
            refused[path] = done.stderr
            _compile(binaries[path], [path], [*flags, "-vet=off"])
    return refused


def _compile(output: str, paths: Sequence[str], flags: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    command = ["go", "test", "-c", *flags, "-o", output, *paths]
    return subprocess.run(
        command, stderr=subprocess.PIPE, encoding="utf-8", errors="replace", check=False, close_fds=False
    )


# -- scripts ----------------------------------------------------------------------------------------------------------


def names_for(folders: Mapping[str, str]) -> dict[str, str]:
    """A name for each import path, like its relative folder; those that would clash end with a part of a hash."""
    plain = {}
    for path, folder in folders.items():
        words = exec_name(path) if folder == "." else folder
        plain[path] = re.sub(r"[^A-Za-z0-9_.-]+", "-", words).strip(".-")[:MAX_NAME] or "tests"
    folded = [name.casefold() for name in plain.values()]
    names = {}
    for path, name in plain.items():
        is_clear = folded.count(name.casefold()) == 1 and len(name) < MAX_NAME and not _PART.search(name)
        names[path] = name if is_clear else f"{name}-{hashlib.sha256(path.encode()).hexdigest()[:8]}"
    return names


def _names(tested: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    here = os.path.realpath(".")
    return names_for({each["ImportPath"]: os.path.relpath(os.path.realpath(each["Dir"]), here) for each in tested})


def _index(tested: Sequence[Mapping[str, Any]], refused: Collection[str]) -> list[dict[str, Any]]:
    return [{"name": name, "package": path, "vetted": path not in refused} for path, name in _names(tested).items()]


def _write_scripts(
    target: str,
    tested: Sequence[Mapping[str, Any]],
    binaries: Mapping[str, str],
    refused: Mapping[str, str],
    version: tuple[int, int],
) -> None:
    """One script for each test binary; scripts of packages that are gone are removed."""
    folder = os.path.join(target, FOLDER)
    os.makedirs(folder, exist_ok=True)
    names = _names(tested)
    root = _output("env", "GOROOT")
    for package in tested:
        path = package["ImportPath"]
        text = script(package["Dir"], binaries[path], root, version, refused.get(path))
        _write(os.path.join(folder, names[path]), text, 0o755)
    for name in set(os.listdir(folder)) - set(names.values()):
        os.unlink(os.path.join(folder, name))


def script(folder: str, binary: str, root: str, version: tuple[int, int], refused: str | None = None) -> str:
    """What runs a test binary in `folder`; of flags that are given twice, Go takes the last.

    With `refused` it prints that and fails, unless tests are listed.
    """
    verbose = "-test.v=test2json" if version >= _FRAMES else "-test.v"
    refusal = f"printf '%s\\n' {shlex.quote(refused or '')}; exit 1"
    lines = [
        "#!/bin/sh",
        *([] if refused is None else [f'test "${{1-}}" = -test.list || {{ {refusal}; }}']),
        f"cd {shlex.quote(folder)} || exit 1",
        f"PATH={shlex.quote(os.path.join(root, 'bin'))}:$PATH",
        "export PATH",
        f'exec {shlex.quote(binary)} {verbose} -test.paniconexit0 -test.timeout=9m50s -test.parallel=1 "$@" 2>&1',
    ]
    return "\n".join(lines) + "\n"


def _write(path: str, text: str, mode: int) -> None:
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
    os.chmod(temporary, mode)
    os.replace(temporary, path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
