"""Building copies of the runtime and calling their test modules, for the tests of this folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VARIANTS = ("non-incremental", "incremental", "eop")


def environment() -> dict[str, str]:
    """The environment for make and for test modules."""
    return {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}


def copy_sources(target: Path) -> Path:
    """Copy `rts/` into the folder `target`, with its modification times; return the copy."""
    copy = target / "rts"
    shutil.copytree(ROOT / "rts", copy, copy_function=shutil.copy2)
    return copy


def make(rts: Path, variant: str, out: Path, *goals: str) -> subprocess.CompletedProcess[str]:
    """Run make in a copy of the runtime and return what it said; its outputs go to `out`."""
    command = ["make", "-j2", "-C", str(rts), f"VARIANT={variant}", f"OUT={out}", f"PYTHON={sys.executable}", *goals]
    return subprocess.run(command, env=environment(), capture_output=True, text=True, check=False, timeout=300)


def call(out: Path, entry: str, *arguments: int, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Call one entry of a built test module in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "longpole.rts_tests.warm.wasm",
        str(out / "rts-test.cwasm"),
        entry,
        *map(str, arguments),
    ]
    return subprocess.run(
        command, env=environment(), cwd=ROOT, capture_output=True, text=True, check=False, timeout=timeout
    )
