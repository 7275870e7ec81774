"""`longpole render`: from files to files, in five steps; and the short way when nothing has changed.

suite.yaml ─▶ suite ─▶ plan ─▶ texts ─▶ files
"""

import difflib
import hashlib
import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from longpole.gen.render.folders import (
    TARGETS_OF_PROJECT,
    WORKFLOWS_OF_PROJECT,
    template_folders,
    template_inputs,
    workflow_inputs,
)
from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.files import write_atomic, write_if_changed
from longpole.rts_tests.contracts.plan import Plan, read_plan, to_text

if TYPE_CHECKING:
    from longpole.gen.suite.model import Suite

STAMP = "rendered"
_PATH = re.compile(r"[A-Za-z0-9_./+@,-]+")


@dataclass(frozen=True, slots=True)
class Project:
    """What is rendered, all relative to the current folder, which is the project's root.

    `nix` and `ci` ask for the files of Nix and of GitHub's workflows; once they are there they are kept up to date.
    """

    suite_file: str
    state: Path
    nix: bool = False
    ci: bool = False


def _mentioned(root: Path, path: Path) -> str:
    """A path as the Makefile mentions it: relative when it is inside the root."""
    if path.is_absolute():
        where = path.parent.resolve() / path.name  # the name itself may be a link that must stay one, as .venv's python
        path = where.relative_to(root) if where.is_relative_to(root) else path
    text = str(path)
    if not _PATH.fullmatch(text):
        what = "make cannot have this path, for its characters"
        raise UseError.at(text, what, "use a path of letters, digits and _./+@,- only")
    return text


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256(f"{sys.executable} ".encode())
    for path in paths:
        try:
            data = path.read_bytes()
        except OSError:
            data = b""
        digest.update(f"{path} {len(data)} ".encode())
        digest.update(data)
    return digest.hexdigest()


def render(project: Project) -> Mapping[Path, str]:
    """The texts of all rendered files by their paths. Raises `UseError` for what is wrong with suite or templates."""
    import jinja2

    try:
        return _render(project)
    except jinja2.TemplateError as error:
        line = error.lineno if isinstance(error, jinja2.TemplateSyntaxError) else None
        place = error.filename if isinstance(error, jinja2.TemplateSyntaxError) else None
        what = f"a template is wrong: {error.message}"
        remedy = "mend it, or remove it to get the one that came with Longpole"
        raise UseError(Problem(place or "templates", line, None, what, remedy)) from None


def _render(project: Project) -> Mapping[Path, str]:
    from longpole.gen.plan.plan import make_plan
    from longpole.gen.render.makefile import Places, local_makefile, render_makefile
    from longpole.gen.suite.read import load_suite

    suite = load_suite(project.suite_file)
    plan = make_plan(suite)
    root = Path.cwd()
    templates = [_mentioned(root, path) for path in template_inputs(Path())]
    suite_file = _mentioned(root, Path(project.suite_file))
    suite_option = "" if suite_file == "suite.yaml" else f" --suite {suite_file}"
    places = Places(
        suite_file=suite_file,
        inputs=(project.suite_file, *(path for path in templates if not path.startswith("/"))),
        command=f"longpole render{suite_option}",
        suite_option=suite_option,
        own_targets=TARGETS_OF_PROJECT.is_file(),
    )
    return {
        Path("Makefile"): render_makefile(suite, plan, places, template_folders(Path())),
        project.state / "plan.json": to_text(plan),
        project.state / "local.mk": local_makefile(
            _mentioned(root, Path(sys.executable)), [path for path in templates if path.startswith("/")]
        ),
        **_committed(project, suite),
    }


def _made_here(path: Path, mark: str) -> bool | None:
    """Whether the file at `path` is one of ours, which it says near its beginning; None if there is none."""
    try:
        return mark.encode() in path.read_bytes()[:1000]
    except FileNotFoundError:
        return None


def _committed(project: Project, suite: "Suite") -> Mapping[Path, str]:
    """The files that belong under version control: those that were asked for, or that are there and are ours.

    Raises `UseError` when a file that was asked for would replace somebody else's, or when there is no platform.
    """
    from longpole.gen.render import nix_plan, workflows

    if (project.nix or project.ci) and not suite.platforms:
        what = "there are no `platforms` in the suite, so there is nothing to render for Nix and CI"
        raise UseError.at(project.suite_file, what, "add `platforms:`, see docs/suite.md")
    folder = Path(workflows.FOLDER)
    nix = Path(nix_plan.PATH)
    texts: dict[Path, str] = {}
    if suite.platforms:
        texts[nix] = nix_plan.nix_plan(suite)
    if project.ci or any(_made_here(folder / name, workflows.MARK) for name in workflows.NAMES):
        found = workflows.workflows(suite, template_folders(Path()), WORKFLOWS_OF_PROJECT)
        texts |= {folder / name: text for name, text in found.items()}
    for path in list(texts):
        asked, mark = (project.nix, nix_plan.MARK) if path == nix else (project.ci, workflows.MARK)
        ours = _made_here(path, mark)
        if asked and ours is False:
            what = "the file there was not rendered by Longpole, and is left alone"
            raise UseError.at(str(path), what, "move it, and render again")
        if not asked and not ours:
            del texts[path]
    return texts


def _fingerprint(project: Project, outputs: list[Path]) -> str:
    generator = sorted(Path(__file__).resolve().parent.parent.rglob("*.py"))
    inputs = [Path(project.suite_file), *template_inputs(Path())]
    inputs += workflow_inputs(Path())
    return _digest([*inputs, *generator, *outputs])


def is_fresh(project: Project) -> bool:
    """Whether the last render of this checkout still holds: its inputs and its outputs are what they were then."""
    try:
        stamp = json.loads((project.state / STAMP).read_bytes())
        outputs = [Path(name) for name in stamp["outputs"]]
        return bool(stamp["fingerprint"] == _fingerprint(project, outputs))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def current_plan(project: Project) -> Plan:
    """The plan of the suite as it is now: the rendered one where that still holds. Raises `UseError`."""
    if is_fresh(project):
        return read_plan(project.state / "plan.json")
    from longpole.gen.plan.plan import make_plan
    from longpole.gen.suite.read import load_suite

    return make_plan(load_suite(project.suite_file))


def write_all(project: Project, texts: Mapping[Path, str]) -> list[tuple[Path, bool]]:
    """Write every file whose text has changed; return each with whether it was written. Raises `OSError`."""
    done = [(path, write_if_changed(path, text)) for path, text in texts.items()]
    outputs = [str(path) for path in texts]
    stamp = {"version": 1, "fingerprint": _fingerprint(project, list(texts)), "outputs": outputs}
    write_atomic(project.state / STAMP, (json.dumps(stamp) + "\n").encode())
    return done


def touch_stamp(project: Project) -> None:
    """Note that a render found nothing to do, so that make does not ask again."""
    os.utime(project.state / STAMP)


def update(project: Project) -> list[tuple[Path, bool]]:
    """Bring what is rendered up to date; each file with whether it was written, none where nothing has changed.

    Raises `UseError` for what is wrong with suite or templates, `OSError` for what cannot be written.
    """
    if not (project.nix or project.ci) and is_fresh(project):
        touch_stamp(project)
        return []
    return write_all(project, render(project))


def stale(texts: Mapping[Path, str]) -> list[str]:
    """A unified diff for every rendered file that is not what it should be; empty when all are."""
    diffs = []
    for path, text in texts.items():
        try:
            found = path.read_bytes().decode(errors="replace")  # read_text would make one of all line ends
        except FileNotFoundError:
            found = ""
        if found != text:
            lines = difflib.unified_diff(
                found.splitlines(keepends=True), text.splitlines(keepends=True), f"{path} (found)", f"{path} (rendered)"
            )
            diffs.append("".join(lines))
    return diffs
