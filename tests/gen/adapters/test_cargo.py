"""`longpole init` in projects with Cargo, by real cargo; and the names of scripts, without it."""

import json
from pathlib import Path

import pytest

from longpole.gen.adapters.cargo import Binary, Cargo, CargoTests
from longpole.gen.adapters.model import Settings
from longpole.gen.adapters.suite import to_text
from tests.gen.adapters.projects import cargo_client, empty, with_rust, write
from tests.project import Project

__all__ = ["empty"]

LIBRARY = """
//! ```
//! assert_eq!(inner::twice(2), 4);
//! ```
pub fn twice(number: u32) -> u32 { number * 2 }

#[cfg(test)]
mod tests {
    #[test] fn a() { assert!(std::path::Path::new("data.txt").is_file()); }
    #[test] fn ab() { assert!(std::env::var("CARGO_MANIFEST_DIR").unwrap().ends_with("inner")); }
    #[test] #[ignore = "slow"] fn ignored() {}
    #[test] #[should_panic] fn panics() { panic!() }
}
"""
FILES = {
    "Cargo.toml": '[workspace]\nmembers = ["inner", "outer"]\nresolver = "2"\n',
    "inner/Cargo.toml": '[package]\nname = "inner"\nversion = "0.1.0"\nedition = "2021"\n',
    "inner/data.txt": "",
    "inner/src/lib.rs": LIBRARY,
    "inner/tests/api.rs": "#[test] fn tests_a() { assert_eq!(inner::twice(1), 2); }\n",
    "outer/Cargo.toml": '[package]\nname = "outer"\nversion = "0.1.0"\nedition = "2021"\n'
    '[dependencies]\ninner = { path = "../inner" }\n[[test]]\nname = "own"\nharness = false\n',
    "outer/src/main.rs": "fn main() {}\n#[test] fn a() {}\n",
    "outer/tests/own.rs": 'fn main() { println!("hello") }\n',
}


@pytest.mark.slow
def test_the_suite_runs_the_same_tests_as_cargo_each_once(empty: Project) -> None:
    with_rust(empty)
    write(empty.root, FILES)
    done = empty.longpole("init")
    assert done.status == 0, done.text
    assert "wrote suite.yaml: 5 modules, 7 tests\n" in done.out
    assert empty.longpole("render").status == 0
    made = empty.make("-j2", "test")
    assert made.status == 0, made.text
    assert "jobserver" not in made.text
    assert "7 cases: 6 passed, 1 skipped" in made.out
    verified = empty.longpole("init", "--verify")
    assert (verified.status, verified.out) == (0, "dev: 7 tests, each run once\n")

    write(empty.root, {"inner/tests/api.rs": '#[test] fn tests_a() { assert_eq!(inner::twice(1), 3, "why"); }\n'})
    made = empty.make("-j2", "test")
    assert made.status != 0
    assert "tests_a" in made.out
    assert "tests/api.rs:1:" in made.out

    write(empty.root, {"inner/tests/api.rs": "#[test] fn tests_a() { does_not_compile }\n"})
    made = empty.make("-j2", "test")
    assert made.status != 0
    assert "cannot find value `does_not_compile`" in made.text


@pytest.mark.slow
def test_a_build_that_fails_is_said_and_nothing_is_written(empty: Project) -> None:
    with_rust(empty)
    write(empty.root, {**FILES, "outer/src/main.rs": "fn main() { does_not_compile }\n"})
    done = empty.longpole("init")
    assert done.status == 2
    assert "cannot find value `does_not_compile`" in done.err
    assert "Traceback" not in done.err
    assert not (empty.root / "suite.yaml").exists()


def test_a_long_binary_is_split_by_exact_names_and_the_last_part_runs_all_others() -> None:
    names = tuple(f"t{number}" for number in range(40))
    settings = Settings(jobs=2, durations=dict.fromkeys(names, 1.0))
    draft = Cargo().to_suite(CargoTests("x", (Binary("x-api", names),), {}), settings)
    assert [entry.name for entry in draft.modules] == [f"x-api.{number}" for number in range(1, 16)]
    *first, last = draft.modules
    named = [word for entry in first for word in entry.keys["args"]]
    assert last.keys["args"] == [word for name in named for word in ("--skip", name)]
    assert names[len(named) :] == names[39:]
    assert all(entry.keys["run"] == ["{target_dir}/longpole/x-api", "--exact", "{args}"] for entry in draft.modules)
    to_text(draft)


def test_tests_of_unknown_duration_stay_together() -> None:
    names = tuple(f"t{number}" for number in range(1000))
    draft = Cargo().to_suite(
        CargoTests("x", (Binary("x", names),), {"x": ("src/lib.rs - (line 1)",)}), Settings(jobs=2)
    )
    assert [entry.name for entry in draft.modules] == ["x", "x.doc"]
    assert draft.modules[0].keys["weight"] == 10.0


def test_a_binary_with_most_tests_has_as_many_threads_as_its_part_of_the_jobs() -> None:
    def threads(*numbers: int) -> list[object]:
        binaries = tuple(Binary(f"x{at}", tuple(map(str, range(number)))) for at, number in enumerate(numbers))
        draft = Cargo().to_suite(CargoTests("x", binaries, {}), Settings(jobs=4))
        to_text(draft)
        return [
            (entry.keys.get("env", {}).get("RUST_TEST_THREADS"), entry.keys.get("slots")) for entry in draft.modules
        ]

    assert threads(100) == [("4", 4)]
    assert threads(60, 20) == [("3", 3), (None, None)]
    assert threads(20, 20, 20, 20, 7) == [(None, None)] * 5


@pytest.mark.parametrize(
    ("identity", "package"),
    [
        ("path+file:///work/some%20where#inner@0.1.0", "inner"),
        ("path+file:///work/inner#0.1.0", "inner"),
        ("inner 0.1.0 (path+file:///work/other)", "inner"),
    ],
)
def test_packages_are_named_in_every_form_of_cargo_s_ids(identity: str, package: str) -> None:
    client = cargo_client()
    for kind, name in (("lib", package), ("test", f"{package}-t"), ("bin", f"{package}-bin-t")):
        assert client.script_name({"package_id": identity, "target": {"kind": [kind], "name": "t"}}) == name


def test_scripts_of_tests_that_are_gone_are_removed(tmp_path: Path) -> None:
    artifact = {
        "reason": "compiler-artifact",
        "package_id": "path+file:///x%20y/a#inner@1",
        "manifest_path": "/x y/$(touch hurt)/Cargo.toml",
        "executable": "/x y/'target/deps/t-1",
        "profile": {"test": True},
        "target": {"kind": ["test"], "name": "t"},
    }
    (tmp_path / "gone").write_text("")
    cargo_client().write_scripts(str(tmp_path), [json.loads(json.dumps(artifact))])
    (script,) = tmp_path.iterdir()
    text = script.read_text()
    assert "cd '/x y/$(touch hurt)' || exit 1\n" in text
    assert """exec '/x y/'"'"'target/deps/t-1' "$@"\n""" in text
