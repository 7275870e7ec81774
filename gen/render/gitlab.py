"""The pipeline of GitLab CI for the suite's platforms."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from longpole.gen.render.folders import GITLAB
from longpole.gen.render.workflows import Called, own_text, template_environment, tools
from longpole.gen.suite.model import Platform, Suite
from longpole.rts_tests.contracts.errors import UseError

FILE = ".gitlab-ci.yml"
MARK = f"by `longpole render --ci={GITLAB}`"
"""What the file says of itself; Longpole does not overwrite a file without it."""

OWN_JOBS = "gitlab-ci.yml"
"""The project's own jobs and settings, in `templates/workflows/project/`."""

OWN_SETUP = "gitlab-setup.yml"
"""The keys of a job that name the image and install what the project needs, in the same folder."""

TAGS = {"x86_64-linux": None, "aarch64-linux": "saas-linux-small-arm64"}
"""Nix's system to the tag of GitLab's hosted runners; None for the runner that a job without tags gets."""

SETUP = """\
  image: python:3.13
  before_script:
    - pip install longpole
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """A platform with the tag of its runner."""

    system: str
    title: str
    """What its results are called in a merge request: GitLab takes letters, digits, `_`, `-` and spaces there."""
    tag: str | None
    checked: bool
    nightly: bool
    shards: int

    @property
    def tested(self) -> bool:
        """Whether any pipeline tests here."""
        return self.checked or self.nightly


def gitlab_ci(suite: Suite, folders: list[Path], project: Path, called: Called) -> str:
    """The text of `.gitlab-ci.yml`.

    `project` is the folder of the project's own jobs and setup. Raises `UseError` if GitLab has a machine for none of
    the platforms, `jinja2.TemplateError` for errors in templates.
    """
    environment = template_environment(folders)
    machines = [_machine(suite, platform) for platform in suite.platforms if platform.name in TAGS]
    if not machines:
        what = f"GitLab has a machine for none of the platforms; Longpole knows those for {' and '.join(TAGS)}"
        raise UseError.at(suite.path, what, "add one of these, or write .gitlab-ci.yml yourself")
    values: dict[str, Any] = {
        "mark": MARK,
        "suite": suite,
        "machines": machines,
        "nights": any(machine.nightly for machine in machines),
        "homeless": [platform.name for platform in suite.platforms if platform.name not in TAGS],
        **tools(suite, GITLAB, called),
    }
    jobs = own_text(environment, project / OWN_JOBS, values, "")
    values["setup"] = own_text(environment, project / OWN_SETUP, values, SETUP).rstrip()
    values["own_workflow"] = "workflow" in _keys(project / OWN_JOBS, jobs)
    values["project_jobs"] = jobs.rstrip()
    return environment.get_template("workflows/gitlab-ci.yml").render(values)


def _machine(suite: Suite, platform: Platform) -> Machine:
    title = re.sub(r"[^\w -]", "-", f"{suite.name} on {platform.name}")
    return Machine(platform.name, title, TAGS[platform.name], platform.checked, platform.nightly, platform.shards)


def _keys(path: Path, jobs: str) -> dict[str, Any]:
    """The project's own jobs and settings by name. Raises `UseError` if the text is no mapping in YAML."""
    try:
        keys = yaml.load(jobs, _AnyTag)  # noqa: S506 -- a safe loader
    except yaml.YAMLError as error:
        raise UseError.at(str(path), f"not YAML: {' '.join(str(error).split())}", "correct it") from None
    if not isinstance(keys or {}, dict):
        raise UseError.at(str(path), "not a mapping of jobs", "write jobs as in .gitlab-ci.yml: `NAME: {script: …}`")
    return keys or {}


class _AnyTag(yaml.SafeLoader):
    """Takes GitLab's own tags, such as `!reference`."""


_AnyTag.add_multi_constructor("!", lambda loader, suffix, node: None)
