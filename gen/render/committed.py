"""The rendered files that a project commits for Nix and for CI: which there are, and which are ours to write."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from longpole.gen.render import gitlab, nix_plan, workflows
from longpole.gen.render.folders import GITHUB, GITLAB, WORKFLOW_KINDS, WORKFLOWS_OF_PROJECT, template_folders
from longpole.gen.render.ours import head, made_here
from longpole.gen.suite.model import Platform, Suite
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.quantities import count

ONE_PLATFORM = (Platform("x86_64-linux", checked=True, nightly=False, shards=1),)
"""What CI without Nix tests if the suite does not name platforms."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was requested: the files for Nix, and a kind of CI, one of CI_KINDS; None keeps what exists."""

    nix: bool
    ci: str | None
    called: workflows.Called


@dataclass(frozen=True, slots=True)
class _File:
    """A file with its text, whether it was requested, and the mark that one of ours has."""

    path: Path
    text: str
    asked: bool
    mark: str


def committed(suite: Suite, asked: Asked, units: int) -> Mapping[Path, str]:
    """Path to text of the files for version control that were requested, or that exist and are ours.

    Raises `UseError` if a requested file would replace one that Longpole did not render, or if a platform is missing.
    """
    if (asked.nix or asked.ci == GITHUB) and not suite.platforms:
        what = "there are no `platforms` in the suite, so there is nothing to render for Nix"
        raise UseError.at(suite.path, what, "add `platforms:`, see docs/suite.md; `--ci=github-plain` needs none")
    files = [*_nix(suite, asked), *_github(suite, asked, units), *_gitlab(suite, asked, units)]
    return {file.path: file.text for file in files if _wanted(file)}


def _wanted(file: _File) -> bool:
    """Whether to write the file. Raises `UseError` if it was requested and somebody else's is there."""
    ours = made_here(file.path, file.mark)
    if file.asked and ours is False:
        what = "the file there was not rendered by Longpole, and is left alone"
        remedy = "move it, and render again"
        if file.path == Path(gitlab.FILE):
            remedy = f"move its jobs into {WORKFLOWS_OF_PROJECT / gitlab.OWN_JOBS}, and render again"
        raise UseError.at(str(file.path), what, remedy)
    return file.asked or bool(ours)


def _nix(suite: Suite, asked: Asked) -> list[_File]:
    if not suite.platforms:
        return []
    return [_File(nix_plan.plan_path(suite.path), nix_plan.nix_plan(suite), asked.nix, nix_plan.MARK)]


def _github(suite: Suite, asked: Asked, units: int) -> list[_File]:
    folder, requested = Path(workflows.FOLDER), asked.ci in WORKFLOW_KINDS
    if not requested and not any(made_here(folder / name, workflows.MARK) for name in workflows.NAMES):
        return []
    kind = asked.ci if requested and asked.ci else workflows.kind_of(head(folder / workflows.NAMES[0]))
    if kind == GITHUB and not suite.platforms:
        return []
    tested = _with_platforms(suite, units)
    texts = workflows.workflows(tested, template_folders(Path()), WORKFLOWS_OF_PROJECT, kind, asked.called)
    files = [_File(folder / name, text, requested, workflows.MARK) for name, text in texts.items()]
    return _of_this_suite(suite, files)


def _gitlab(suite: Suite, asked: Asked, units: int) -> list[_File]:
    path, requested = Path(gitlab.FILE), asked.ci == GITLAB
    if not requested and not made_here(path, gitlab.MARK):
        return []
    tested = _with_platforms(suite, units)
    text = gitlab.gitlab_ci(tested, template_folders(Path()), WORKFLOWS_OF_PROJECT, asked.called)
    return _of_this_suite(suite, [_File(path, text, requested, gitlab.MARK)])


def _with_platforms(suite: Suite, units: int) -> Suite:
    """The suite with at least one platform.

    Raises `UseError` if a platform has more shards than there are units: a shard without units is a failure.
    """
    for platform in suite.platforms:
        if platform.shards > units:
            what = f"{platform.name} has {platform.shards} shards, but the suite has {count(units, 'unit')}"
            raise UseError.at(suite.path, what, "use fewer shards")
    return suite if suite.platforms else replace(suite, platforms=ONE_PLATFORM)


def _of_this_suite(suite: Suite, files: list[_File]) -> list[_File]:
    """Leave out files that exist and are of another suite: a project may have several, but each of these files once.

    Raises `UseError` if they were requested.
    """
    theirs = [
        file
        for file in files
        if made_here(file.path, file.mark) and not made_here(file.path, f"Rendered from {suite.path} by ")
    ]
    for file in theirs:
        if file.asked:
            what = "this file was rendered from another suite, and is left alone"
            raise UseError.at(str(file.path), what, "remove the files of that suite, and render again")
    return [file for file in files if file not in theirs]
