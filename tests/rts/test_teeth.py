"""The runtime's own tests have teeth: each planted defect is noticed by the module that is there to notice it.

For every variant the undamaged runtime is built once. A defect's build starts from a copy of those outputs, so that
make compiles the damaged file alone.
"""

import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.rts.defects import DEFECTS, Defect
from tests.rts.runtime import ROOT, VARIANTS, call, copy_sources, make

pytestmark = pytest.mark.slow

MODULES = {
    "persistence_20k",
    "persistence_small",
    "gc",
    "gc_predefined",
    "gc_components",
    "bigint",
    "bitrel",
    "continuation_table",
    "crc32",
    "leb128",
    "principal_id",
    "read_write_64",
    "stable_option",
    "text",
    "utf8",
}
MESSAGE = re.compile(r"^rts/(src|tests)/\w+\.[ch]:\d+: failed: .+ \(.*(seed \d+|no seed), step \d+\)$", re.MULTILINE)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Build the undamaged runtime, once a variant; the folder it returns holds `rts` and `out`."""

    @cache
    def build(variant: str) -> Path:
        folder = tmp_path_factory.mktemp(variant)
        finished = make(copy_sources(folder), variant, folder / "out", "test-module")
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return folder

    return build


def test_the_table_covers_every_module_and_variant() -> None:
    assert {defect.module for defect in DEFECTS} == MODULES
    assert {defect.variant for defect in DEFECTS} == set(VARIANTS)
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS) >= 30


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: re.sub(r"\W+", "-", defect.name))
def test_a_planted_defect_is_noticed(defect: Defect, built: Callable[[str], Path], tmp_path: Path) -> None:
    base = built(defect.variant)
    folder = tmp_path / "damaged"
    shutil.copytree(base, folder, copy_function=shutil.copy2)
    source = folder / "rts" / defect.file
    text = source.read_text()
    assert text.count(defect.old) == 1, f"{defect.file} does not contain the defect's text exactly once"
    source.write_text(text.replace(defect.old, defect.new))

    finished = make(folder / "rts", defect.variant, folder / "out", "test-module")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert finished.stdout.count("CC ") == 1, "only the damaged file is compiled"

    result = call(folder / "out", f"test_{defect.module}", defect.first_seed, defect.seed_count)
    shutil.rmtree(folder)
    assert result.returncode == 1, f"not noticed: {defect.name}\n{result.stdout}{result.stderr}"
    assert MESSAGE.search(result.stdout), result.stdout + result.stderr


@pytest.mark.parametrize(
    ("variant", "module", "first_seed", "seed_count"),
    sorted({(defect.variant, defect.module, defect.first_seed, defect.seed_count) for defect in DEFECTS}),
)
def test_the_undamaged_runtime_passes(
    variant: str, module: str, first_seed: int, seed_count: int, built: Callable[[str], Path]
) -> None:
    result = call(built(variant) / "out", f"test_{module}", first_seed, seed_count)
    assert (result.returncode, result.stdout) == (0, ""), result.stdout + result.stderr


def test_the_entries_are_the_modules() -> None:
    entries = set()
    for path in (ROOT / "rts" / "tests").glob("*.c"):
        entries.update(re.findall(r"^TEST_MODULE\((\w+)\)", path.read_text(), re.MULTILINE))
    assert entries == MODULES
