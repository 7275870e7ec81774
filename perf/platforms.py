"""The name of a platform: of the one that this process runs on, and as files and their names give it."""

import platform
import re

PLATFORM = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
"""What a platform may be called, as a regular expression. It is the name of a folder, too."""

_ARCHITECTURES = {"amd64": "x86_64", "x64": "x86_64", "arm64": "aarch64"}
"""Other systems' names of an architecture to Nix's."""
_SYSTEMS = {"macos": "darwin", "mac os x": "darwin"}
_IN_A_NAME = re.compile(
    r"(?<![A-Za-z0-9])"
    r"(?:x86[-_]64|amd64|x64|i[3-6]86|aarch64|arm64|armv[5-8][a-z]*|riscv64[a-z]*|ppc64(?:le)?|s390x|loongarch64)"
    r"[-_](?:(?:unknown|pc|apple)[-_])?(?:linux|macos|darwin|windows|freebsd|netbsd|openbsd|illumos)"
    r"(?:[-_](?:gnu|musl|msvc)(?:[a-z]*))?"
    r"(?![A-Za-z0-9])"
)


def this_platform() -> str:
    """The architecture and the system, in Nix's words as in a suite's `platforms`: `x86_64-linux`, `aarch64-darwin`."""
    return platform_of(platform.system(), platform.machine())


def platform_of(system: str, machine: str) -> str:
    """The platform of what `uname` calls a system and a machine, in Nix's words: `x86_64-linux`, `aarch64-darwin`."""
    system, machine = system.lower(), machine.lower()
    return f"{_ARCHITECTURES.get(machine, machine)}-{_SYSTEMS.get(system, system)}"


def platform_in(name: str) -> str | None:
    """The platform that the name of a file or folder contains, as it is written there; None if there is not one."""
    found = set(_IN_A_NAME.findall(name))
    return found.pop() if len(found) == 1 else None
