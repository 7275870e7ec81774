"""The platform has the name that Nix gives it, whatever the system calls its processor."""

import platform

import pytest

from longpole.perf.platforms import this_platform


@pytest.mark.parametrize(
    ("machine", "system", "name"),
    [
        ("x86_64", "Linux", "x86_64-linux"),
        ("arm64", "Darwin", "aarch64-darwin"),
        ("AMD64", "FreeBSD", "x86_64-freebsd"),
        ("aarch64", "Linux", "aarch64-linux"),
    ],
)
def test_the_name_of_a_platform(monkeypatch: pytest.MonkeyPatch, machine: str, system: str, name: str) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(platform, "system", lambda: system)
    assert this_platform() == name
