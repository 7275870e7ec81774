"""The workflows of GitHub Actions for the suite's platforms.

Their own language uses `{{ }}`, so the templates use `<< >>` for values and `<% %>` for blocks.
"""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import jinja2
import yaml

from longpole.gen.render.folders import GITHUB, GITHUB_PLAIN
from longpole.gen.suite.model import Platform, Suite

FOLDER = ".github/workflows"
NAMES = CI, NIGHTLY, PERF = ("ci.yml", "nightly.yml", "benchmarks.yml")
MARK = "longpole render --ci"
"""The command named in each file; Longpole does not overwrite a file that does not name it."""

RUNNERS = {
    "x86_64-linux": "ubuntu-24.04",
    "aarch64-linux": "ubuntu-24.04-arm",
    "x86_64-darwin": "macos-15-intel",
    "aarch64-darwin": "macos-15",
}
"""Nix's system to GitHub's runner."""

ACTIONS = {
    "checkout": "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
    "setup_python": "actions/setup-python@a309ff8b426b58ec0e2a45f0f869d46889d02405 # v6.2.0",
    "upload": "actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a # v7.0.1",
    "download": "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1",
    "restore": "actions/cache/restore@27d5ce7f107fe9357f9df03efb73ab90386fccae # v5.0.5",
    "save": "actions/cache/save@27d5ce7f107fe9357f9df03efb73ab90386fccae # v5.0.5",
    "upload_pages": "actions/upload-pages-artifact@fc324d3547104276b827a68afc52ff2a11cc49c9 # v5.0.0",
    "deploy_pages": "actions/deploy-pages@cd2ce8fcbc39b97be8ca5fce6e763baed58fa128 # v5.0.0",
    "nix": "cachix/install-nix-action@630ae543ea3a38a9a4166f03376c02c50f408342 # v31.11.0",
}
"""Pinned by the commit of the release: a tag can be moved, a commit cannot."""


SETUP = """\
      - uses: << uses.setup_python >>
        with:
          python-version: "3.13"
      - run: pip install {package}
"""
"""Steps that install what a project without Nix needs, for projects without steps of their own."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A platform with the runner that it is tested on."""

    system: str
    runner: str
    checked: bool
    nightly: bool
    shards: int
    benchmarks: bool

    @property
    def split(self) -> bool:
        """Whether every change is tested in several shards."""
        return self.checked and self.shards > 1


@dataclass(frozen=True, slots=True)
class Called:
    """How a workflow without Nix calls make and Longpole; options begin with a space, or are empty."""

    file_option: str = ""
    render_options: str = ""


def _machine(platform: Platform) -> Machine:
    runner = RUNNERS[platform.name]
    return Machine(
        platform.name, runner, platform.checked, platform.nightly, platform.shards, benchmarks=platform.benchmarks
    )


def kind_of(text: str) -> str:
    """The kind of the workflow with this text."""
    return GITHUB_PLAIN if f"{MARK}={GITHUB_PLAIN}`" in text else GITHUB


def workflows(
    suite: Suite, folders: list[Path], project: Path, kind: str = GITHUB, called: Called = Called()
) -> dict[str, str]:
    """File name to text of each workflow; `nightly.yml` and `benchmarks.yml` only if a platform asks for them.

    `project/ci.yml`, where it exists, holds jobs of the project's own, `project/setup.yml` the steps that install what
    builds and tests need, for workflows without Nix and for benchmarks, and `project/benchmarks.yml` the steps that
    build and measure.
    """
    environment = template_environment(folders)
    machines = [_machine(platform) for platform in suite.platforms if platform.name in RUNNERS]
    measured = [machine for machine in machines if machine.benchmarks]
    values: dict[str, Any] = {
        "mark": MARK if kind == GITHUB else f"{MARK}={kind}",
        "suite": suite,
        "machines": machines,
        "nightly": [machine for machine in machines if machine.nightly],
        "measured": measured,
        "runners": json.dumps({machine.system: machine.runner for machine in measured}, separators=(",", ":")),
        "homeless": [platform.name for platform in suite.platforms if platform.name not in RUNNERS],
        "uses": ACTIONS,
        **tools(suite, kind, called),
    }
    values["project_jobs"] = own_text(environment, project / "ci.yml", values, "")
    values["project_ids"] = list(yaml.safe_load(values["project_jobs"]) or {})
    values["benchmarks"] = own_text(environment, project / "benchmarks.yml", values, "").rstrip()
    wanted = {CI: True, NIGHTLY: values["nightly"], PERF: measured}
    texts = {}
    for name in (name for name in NAMES if wanted[name]):
        install = SETUP.format(package="'longpole[perf]'" if name == PERF else "longpole")
        values["setup"] = own_text(environment, project / "setup.yml", values, install).rstrip()
        texts[name] = environment.get_template(f"workflows/{name}").render(values)
    return {name: _one_blank_line(text) for name, text in texts.items()}


def _one_blank_line(text: str) -> str:
    """The text with one blank line between jobs and none between steps, however the parts of templates end."""
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"\n{2,}(?=      [-#])", "\n", text)).rstrip() + "\n"


def template_environment(folders: list[Path]) -> jinja2.Environment:
    """Jinja with `<< >>` for values and `<% %>` for blocks."""
    return jinja2.Environment(  # noqa: S701 -- YAML of our own making, not HTML
        loader=jinja2.FileSystemLoader(folders),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
    )


def own_text(environment: jinja2.Environment, path: Path, values: dict[str, Any], default: str) -> str:
    """The text of a project's own template at `path`; that of `default` if there is none."""
    text = path.read_text(encoding="utf-8") if path.is_file() else default
    return environment.from_string(text).render(values)


def tools(suite: Suite, kind: str, called: Called) -> dict[str, Any]:
    """What differs between the kinds: commands, variables, and the files that a build leaves for the shards."""
    nix = kind == GITHUB
    built = [variant for variant in suite.variants if variant.build]
    paths = dict.fromkeys(variant.target_dir for variant in built)
    paths |= dict.fromkeys(
        variant.artifact
        for variant in built
        if variant.artifact and not PurePath(variant.artifact).is_relative_to(variant.target_dir)
    )
    paths |= dict.fromkeys(step.output for step in suite.steps)
    day = "LONGPOLE_DAY: " if nix else "LONGPOLE_REV: ${{ github.sha }}+"
    return {
        "nix": nix,
        "tool": "nix run .#longpole --" if nix else "longpole",
        "suite_option": "" if suite.path == "suite.yaml" else f" --suite {shlex.quote(suite.path)}",
        "builds": bool(built or suite.steps),
        "paths_built": shlex.join(paths),
        "day_variable": f"      {day}${{{{ needs.day.outputs.day }}}}",
        "file_option": called.file_option,
        "render_options": called.render_options,
    }
