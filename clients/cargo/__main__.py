"""Builds the tests of a Cargo workspace: `python clients/cargo TARGET_DIR [ARGUMENT...]`, of `cargo test`'s arguments.

For each test binary it writes a script to `TARGET_DIR/longpole/`, named `PACKAGE` for the library's tests and
`PACKAGE-TARGET` for others: Cargo's own file names carry a hash. The script runs the binary as `cargo test` does, in
the folder of its package with Cargo's variables, but with one thread unless RUST_TEST_THREADS says otherwise. Messages
and exit status of the build are Cargo's.
"""

import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

_FOLDER = "longpole"


def main(argv: list[str]) -> int:
    """Build, and write the scripts; return the exit status."""
    if not argv or argv[0].startswith("-"):
        print("usage: python clients/cargo TARGET_DIR [ARGUMENT...]", file=sys.stderr)
        return 2
    target_dir = os.path.abspath(argv[0])
    command = ["cargo", "test", "--no-run", "--message-format=json-render-diagnostics", "--target-dir", target_dir]
    try:
        done = subprocess.run(
            [*command, *argv[1:]], stdout=subprocess.PIPE, env=_environ(), check=False, close_fds=False
        )
    except FileNotFoundError:
        print("cargo is missing; install Rust", file=sys.stderr)
        return 2
    if done.returncode != 0:
        return done.returncode
    messages = [json.loads(line) for line in done.stdout.splitlines() if line.startswith(b"{")]
    write_scripts(os.path.join(target_dir, _FOLDER), messages)
    return 0


def _environ() -> dict[str, str]:
    """The environment; without make's flags if they name a jobserver that make has closed: Cargo would complain."""
    environ = dict(os.environ)
    found = re.search(r"--jobserver-(?:auth|fds)=(\d+),(\d+)", environ.get("MAKEFLAGS", ""))
    if found is not None and not all(_is_pipe(int(descriptor)) for descriptor in found.groups()):
        for name in ("MAKEFLAGS", "MFLAGS", "CARGO_MAKEFLAGS"):
            environ.pop(name, None)
    return environ


def _is_pipe(descriptor: int) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(descriptor).st_mode) and os.get_inheritable(descriptor)
    except OSError:
        return False


def write_scripts(folder: str, messages: Iterable[Any]) -> None:
    """One script for each test binary; scripts of tests that are gone are removed."""
    artifacts, libraries = [], []
    for message in messages:
        if message["reason"] == "build-script-executed":
            libraries += [path.partition("=")[2] or path for path in message["linked_paths"]]
        elif message["reason"] == "compiler-artifact" and message["executable"] and message["profile"]["test"]:
            artifacts.append(message)
    os.makedirs(folder, exist_ok=True)
    sysroot, names = _sysroot(), set()
    for artifact in artifacts:
        name = script_name(artifact)
        names.add(name)
        _write(os.path.join(folder, name), _script(artifact, libraries, sysroot))
    for name in set(os.listdir(folder)) - names:
        os.unlink(os.path.join(folder, name))


def script_name(artifact: Any) -> str:  # noqa: ANN401  a message of Cargo
    """The name of an artifact's script; a binary and a test may have the same name."""
    package, target = package_of(artifact), artifact["target"]
    kind = target["kind"][0]
    if kind in ("lib", "rlib", "dylib", "cdylib", "staticlib", "proc-macro"):
        return package
    return f"{package}-{target['name']}" if kind == "test" else f"{package}-{kind}-{target['name']}"


def package_of(artifact: Any) -> str:  # noqa: ANN401
    """The name of an artifact's package, from its id in any of the forms that Cargo has had."""
    identity = artifact["package_id"]
    if " " in identity:  # name version (source)
        return str(identity.split(" ")[0])
    last = identity.rpartition("#")[2]  # path+file:///…/folder#name@version, or #version where the folder has the name
    name = last.partition("@")[0]
    return str(name if "@" in last else identity.rpartition("#")[0].rstrip("/").rpartition("/")[2])


def _script(artifact: Any, libraries: list[str], sysroot: str) -> str:  # noqa: ANN401
    folder = os.path.dirname(artifact["manifest_path"])
    built = os.path.dirname(artifact["executable"])
    path = ":".join([*dict.fromkeys(libraries), built, os.path.dirname(built), f"{sysroot}/lib"])
    variable = "DYLD_FALLBACK_LIBRARY_PATH" if sys.platform == "darwin" else "LD_LIBRARY_PATH"
    lines = [
        "#!/bin/sh",
        f"cd {shlex.quote(folder)} || exit 1",
        f"CARGO={shlex.quote(shutil.which('cargo') or 'cargo')}",
        f"CARGO_MANIFEST_DIR={shlex.quote(folder)} CARGO_PKG_NAME={shlex.quote(package_of(artifact))}",
        f"{variable}={shlex.quote(path)}${{{variable}:+:${variable}}}",
        "RUST_TEST_THREADS=${RUST_TEST_THREADS:-1}",
        f"export CARGO CARGO_MANIFEST_DIR CARGO_PKG_NAME {variable} RUST_TEST_THREADS",
        f'exec {shlex.quote(artifact["executable"])} "$@"',
    ]
    return "\n".join(lines) + "\n"


def _sysroot() -> str:
    command = ["rustc", "--print", "sysroot"]
    done = subprocess.run(command, stdout=subprocess.PIPE, env=_environ(), check=False, close_fds=False)
    return os.fsdecode(done.stdout).strip()


def _write(path: str, text: str) -> None:
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(temporary, 0o755)  # noqa: S103
    os.replace(temporary, path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
