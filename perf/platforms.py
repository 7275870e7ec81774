"""The name of the platform that this process runs on."""

import platform

_ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64"}
"""Other systems' names of an architecture to Nix's."""


def this_platform() -> str:
    """The architecture and the system, in Nix's words as in a suite's `platforms`: `x86_64-linux`, `aarch64-darwin`."""
    machine = platform.machine().lower()
    return f"{_ARCHITECTURES.get(machine, machine)}-{platform.system().lower()}"
