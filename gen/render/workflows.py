"""The workflows of GitHub Actions for the suite's platforms.

Their own language uses `{{ }}`, so the templates use `<< >>` for values and `<% %>` for blocks.
"""

from dataclasses import dataclass
from pathlib import Path

import jinja2

from longpole.gen.suite.model import Platform, Suite

FOLDER = ".github/workflows"
NAMES = ("ci.yml", "nightly.yml")
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
    "nix": "cachix/install-nix-action@630ae543ea3a38a9a4166f03376c02c50f408342 # v31.11.0",
}
"""Pinned by the commit of the release: a tag can be moved, a commit cannot."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A platform with the runner that it is tested on."""

    system: str
    runner: str
    checked: bool
    nightly: bool
    shards: int


def _machine(platform: Platform) -> Machine:
    return Machine(platform.name, RUNNERS[platform.name], platform.checked, platform.nightly, platform.shards)


def workflows(suite: Suite, folders: list[Path], project: Path) -> dict[str, str]:
    """File name to text of each workflow; `nightly.yml` only if a platform asks for it.

    `project/ci.yml`, where it exists, holds jobs of the project's own.
    """
    environment = jinja2.Environment(  # noqa: S701 -- YAML of our own making, not HTML
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
    machines = [_machine(platform) for platform in suite.platforms if platform.name in RUNNERS]
    values = {
        "mark": MARK,
        "suite": suite,
        "machines": machines,
        "nightly": [machine for machine in machines if machine.nightly],
        "homeless": [platform.name for platform in suite.platforms if platform.name not in RUNNERS],
        "uses": ACTIONS,
    }
    own = project / "ci.yml"
    jobs = environment.from_string(own.read_text(encoding="utf-8")).render(values) if own.is_file() else ""
    names = NAMES if values["nightly"] else NAMES[:1]
    return {name: environment.get_template(f"workflows/{name}").render(values, project_jobs=jobs) for name in names}
