"""Forks in Nix: the build knows nothing of classes; the check lists them, runs each once, and proves it over shards."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

from longpole.gen.render.nix_plan import nix_plan
from longpole.gen.suite.read import load_suite
from tests.nix.world import Nix, commit

CLIENT = r"""
  shared:
    only: [fast]
    forks:
      max_forks: 3
      list: {shell: "for n in 1 2 3 4 5; do echo class$n; done"}
      run:
        shell: |
          say() {{ printf '@@LONGPOLE@@ %s\n' "$1"; }}
          test -x {artifact} || exit 1
          say '{{"event":"fork_started","version":1,"client":"sh 1"}}'
          n=0
          for c in {classes}; do
            say "{{\"event\":\"suite_started\",\"suite\":\"$c\"}}"
            say "{{\"event\":\"suite_completed\",\"suite\":\"$c\",\"status\":\"passed\",\"seconds\":0,\"cases\":[]}}"
            n=$((n + 1))
          done
          say "{{\"event\":\"fork_completed\",\"suites\":$n,\"cases\":{{}}}}"
"""
CLASSES = [f"class{number}" for number in range(1, 6)]


def with_forks(folder: Path) -> None:
    """Add a module with forks to the suite of a project, and render its plan for Nix."""
    suite = folder / "suite.yaml"
    suite.write_text(f"{suite.read_text()}{CLIENT}")
    (folder / "nix/plan.json").write_text(nix_plan(load_suite(str(suite))).replace(f"{folder}/", ""))
    commit(folder)


def told(result: Path) -> list[str]:
    """The classes of which the records of a result tell, each as often as it is there."""
    records = (result / "share/longpole/records.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in records if '"classes"' in line]
    return sorted(name for row in rows for name, status, _ in row["classes"] if status == "passed")


def test_classes_are_listed_in_the_check_and_run_once_over_all_shards(nix: Nix, adopter: Path) -> None:
    before = nix.run(adopter, "eval", "--raw", ".#calc-build.drvPath", override=False).out
    with_forks(adopter)
    assert nix.run(adopter, "eval", "--raw", ".#calc-build.drvPath", override=False).out == before
    whole, _ = nix.build(adopter, "calc-checked", override=False)
    sharded, log = nix.build(adopter, "calc-checked-sharded", override=False)
    for result in (whole, sharded):
        assert told(result) == CLASSES, log
        cases = ET.parse(result / "share/longpole/junit.xml").getroot().iter("testcase")
        assert {case.get("name") for case in cases} >= set(CLASSES)
    assert "13 units, and 5 classes in 2 shards, each run exactly once" in log
