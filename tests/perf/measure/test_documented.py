"""What docs/perf-measure.md shows can be read, and so can the benchmarks of this repository."""

import re

from longpole.perf.measure import own_metrics
from longpole.perf.measure.read import bench_from_bytes, read_bench
from longpole.perf.measure.shapes import BenchmarkSpec
from tests.project import REPOSITORY

PAGE = (REPOSITORY / "docs" / "perf-measure.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)


def test_the_files_and_the_metrics_that_the_page_shows() -> None:
    for text in blocks("yaml"):
        assert bench_from_bytes(text.encode(), "docs/perf-measure.md", {}).benchmarks
    for text in blocks("json"):
        assert own_metrics.parse(text.encode())
    assert (len(blocks("yaml")), len(blocks("json"))) > (0, 0)


def test_the_page_has_every_key_and_its_default() -> None:
    table = PAGE.partition("| key of a benchmark |")[2].partition("\n\n")[0]
    rows = {name: default.strip(" `") for name, default in re.findall(r"^\| `(\w+)` \|([^|]*)\|", table, re.MULTILINE)}
    assert rows.keys() == BenchmarkSpec.model_fields.keys()
    for name, field in BenchmarkSpec.model_fields.items():
        default = re.search(r"Default: (\S+)\.$", field.description or "")
        assert default is None or rows[name] in (default[1], "."), name


def test_the_benchmarks_of_this_repository() -> None:
    names = [each.name for each in read_bench(str(REPOSITORY / "bench" / "bench.yaml"), {}).benchmarks]
    assert names == ["start", "help", "render 10000", "run 200", "rts gc", "rts text"]
