"""`longpole render`: from files to files, in five steps; with a shortcut if nothing has changed.

suite.yaml ─▶ suite ─▶ plan ─▶ texts ─▶ files
"""

import difflib
import hashlib
import os
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import longpole
from longpole.gen.render.folders import (
    TARGETS_OF_PROJECT,
    own_skeleton,
    skeleton,
    template_folders,
    template_inputs,
    workflow_inputs,
)
from longpole.gen.render.ours import made_here
from longpole.rts_tests.contracts.clients import clients_folder
from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.files import read_regular, write_if_changed
from longpole.rts_tests.contracts.last_render import (
    MAKEFILE,
    STAMP,
    LastRender,
    file_option,
    read_last_render,
    write_last_render,
)
from longpole.rts_tests.contracts.plan import Plan, read_plan, to_text

if TYPE_CHECKING:
    from longpole.gen.render.workflows import Called
    from longpole.rts_tests.scenario.cache import Cache

MAKEFILE_MARK = "by `longpole render"
_PATH = re.compile(r"[A-Za-z0-9_./+@,-]+")


@dataclass(frozen=True, slots=True)
class Project:
    """What to render; all paths are relative to the current folder, which is the project's root.

    `nix` and `ci` request the files for Nix and CI, `makefile` a makefile of another name than that of
    the last render; once they exist, they are all kept up to date.
    """

    suite_file: str
    state: Path
    nix: bool = False
    ci: str | None = None
    """The kind of CI to render for, one of CI_KINDS; None keeps what exists."""
    makefile: str | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """Path to text of each rendered file; what they were rendered from, the folders and files of scenarios.

    `parsed` are these scenarios, to be saved for their units.
    """

    texts: Mapping[Path, str]
    scenarios: tuple[str, ...] = ()
    parsed: "Cache | None" = None


def _mentioned(root: Path, path: Path) -> str:
    """A path as the Makefile spells it: relative if it is inside the root. Raises `UseError`."""
    if path.is_absolute():
        where = path.parent.resolve() / path.name  # the name itself may be a link that must stay one, as .venv's python
        path = where.relative_to(root) if where.is_relative_to(root) else path
    text = str(path)
    if not _PATH.fullmatch(text):
        what = "make cannot use a path with these characters"
        raise UseError.at(text, what, "use a path of letters, digits and _./+@,- only")
    return text


def _package(root: Path) -> str:
    """Longpole's package as the Makefile spells it; empty if make cannot use its path.

    A package in the environment of this Python moves with it. One elsewhere, as a checkout in editable mode, does not,
    also not with a project that it is inside of: the environment finds it by an absolute path.
    """
    package = Path(longpole.__file__).resolve().parent
    moves = package.is_relative_to(Path(sys.prefix).resolve()) and package.is_relative_to(root)
    text = str(package.relative_to(root) if moves else package)
    return text if _PATH.fullmatch(text) else ""


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256(f"{sys.executable} ".encode())
    for path in paths:
        try:
            data = (
                read_regular(path) if not path.is_dir() else "/".join(sorted(os.listdir(path))).encode(errors="replace")
            )
        except OSError:
            data = b""
        digest.update(f"{path} {len(data)} ".encode())
        digest.update(data)
    return digest.hexdigest()


def render(project: Project) -> Rendered:
    """The rendered files. Raises `UseError` for errors in the suite or the templates."""
    import jinja2

    try:
        return _render(project)
    except jinja2.TemplateError as error:
        line = error.lineno if isinstance(error, jinja2.TemplateSyntaxError) else None
        place = error.filename if isinstance(error, jinja2.TemplateSyntaxError) else None
        what = f"a template is wrong: {error.message}"
        remedy = "correct it, or remove it to use the one that came with Longpole"
        raise UseError(Problem(place or "templates", line, None, what, remedy)) from None


def _render(project: Project) -> Rendered:  # long: each rendered file once
    from longpole.gen.plan.plan import make_plan
    from longpole.gen.render.committed import Asked, committed
    from longpole.gen.render.makefile import Places, local_makefile, render_makefile
    from longpole.gen.render.scenarios import load_with_cache, settings_of_scenarios

    suite, parsed = load_with_cache(project.suite_file, project.state)
    plan = make_plan(suite)
    scenarios = suite.scenarios.inputs if suite.scenarios is not None else ()
    root = Path.cwd()
    templates = template_inputs(Path())
    own = [_mentioned(root, path) for path in templates if not path.is_absolute()]
    came_with = [_mentioned(root, path) for path in templates if path.is_absolute()]
    suite_file = _mentioned(root, Path(project.suite_file))
    suite_option = "" if suite_file == "suite.yaml" else f" --suite {suite_file}"

    def makefile(path: Path) -> str:
        name = _mentioned(root, path)
        places = Places(
            suite_file=suite_file,
            makefile=name,
            inputs=(project.suite_file, *own),
            suite_option=suite_option,
            output_option="" if path == MAKEFILE else f" -o {name}",
            file_option=file_option(name),
            own_targets=TARGETS_OF_PROJECT.is_file(),
            scenarios=scenarios,
        )
        return render_makefile(suite, plan, places, skeleton(Path()), template_folders(Path()))

    texts = {
        **{path: makefile(path) for path in makefiles(project)},
        project.state / "plan.json": to_text(plan),
        project.state / "local.mk": local_makefile(
            _mentioned(root, Path(sys.executable)),
            _package(root),
            _mentioned(root, Path(clients_folder())),
            came_with,
        ),
        **settings_of_scenarios(project.state, suite),
        **committed(suite, Asked(project.nix, project.ci, _called(project)), len(plan.units)),
    }
    return Rendered(texts, scenarios, parsed)


def makefiles(project: Project) -> list[Path]:
    """The makefiles to render: the requested one, and those of earlier renders that are still there. Raises `UseError`.

    If there is none of either kind, it is `Makefile`. A file that somebody wrote in the place of one is theirs, and so
    is a `Makefile` of another suite if another makefile is requested.
    """
    known = [path for path in read_last_render(project.state).makefiles if path.is_file() and is_ours(project, path)]
    of_suite = "" if project.makefile is None else f" {_mentioned(Path.cwd(), Path(project.suite_file))} "
    if MAKEFILE not in known and made_here(MAKEFILE, f"{of_suite}{MAKEFILE_MARK}"):
        known.insert(0, MAKEFILE)
    if project.makefile is not None:
        asked = _inside(project.makefile, project.state)
        return [asked, *(path for path in known if path != asked)]
    return known or [MAKEFILE]


def _inside(name: str, state: Path) -> Path:
    """The path of a makefile relative to the current folder. Raises `UseError` if it is not below it, or in `state`."""
    path = Path(os.path.relpath(name or ".."))
    ours = path.is_relative_to(os.path.relpath(state))
    if name.endswith("/") or path.is_dir() or path.parts[:1] in ((), ("..",)) or ours:
        remedy = (
            "name a file in this folder or below it, such as longpole.mk; `longpole -C DIR` works in another folder"
        )
        raise UseError.at(name or "-o", "the makefile cannot be written there", remedy)
    return path


def _refuse_foreign_makefile(project: Project, path: Path, text: str) -> None:
    """Raise `UseError` if `text` would replace a file at `path` that somebody wrote by hand."""
    if is_ours(project, path):
        return
    found = read_regular(path)
    if found.strip() and found != text.encode():
        what = "this file was not rendered by Longpole, and is left alone"
        raise UseError.at(
            str(path), what, "use `longpole render -o longpole.mk`, and `include longpole.mk` in your own"
        )


def is_ours(project: Project, path: Path) -> bool:
    """Whether there is no file at `path`, or a makefile that Longpole rendered.

    Such a file has our mark, but for a project with a skeleton of its own: there, the last render counts.
    """
    if made_here(path, MAKEFILE_MARK) is not False:
        return True
    return own_skeleton(Path()) and path in read_last_render(project.state).outputs


def _called(project: Project) -> "Called":
    """How a workflow on a fresh checkout calls make and Longpole."""
    from longpole.gen.render.workflows import Called

    makefile = makefiles(project)[0]
    suite = "" if project.suite_file == "suite.yaml" else f" --suite {shlex.quote(project.suite_file)}"
    output = "" if makefile == MAKEFILE else f" -o {shlex.quote(str(makefile))}"
    return Called(file_option(str(makefile)), f"{suite}{output}")


def _fingerprint(project: Project, outputs: Sequence[Path], scenarios: Sequence[str]) -> str:
    """`scenarios` are the folders and files of the suite's scenarios."""
    generator = sorted(Path(__file__).resolve().parent.parent.rglob("*.py"))
    inputs = [Path(project.suite_file), *map(Path, scenarios), *template_inputs(Path())]
    inputs += workflow_inputs(Path())
    return _digest([*inputs, *generator, *outputs])


def is_fresh(project: Project) -> bool:
    """Whether inputs and outputs are unchanged since the last render of this checkout."""
    last = read_last_render(project.state)
    if not set(makefiles(project)) <= set(last.outputs):
        return False
    return last.fingerprint == _fingerprint(project, last.outputs, last.scenarios)


def current_plan(project: Project) -> Plan:
    """The plan of the suite as it is now: the rendered one if that is up to date. Raises `UseError`."""
    if is_fresh(project):
        return read_plan(project.state / "plan.json")
    from longpole.gen.plan.plan import make_plan
    from longpole.gen.suite.read import load_suite

    return make_plan(load_suite(project.suite_file))


def write_all(project: Project, files: Rendered) -> list[tuple[Path, bool]]:
    """Write the files whose text has changed; return each path with whether it was written.

    Raises `OSError`; and `UseError` if a file is not ours to replace, before anything is written, or if the folder of
    runs cannot be written.
    """
    rendered, texts = makefiles(project), files.texts
    for path in rendered:
        if path in texts:
            _refuse_foreign_makefile(project, path, texts[path])
    outputs = list(texts)
    try:
        done = [(path, write_if_changed(path, text)) for path, text in texts.items()]
        stamp = LastRender(
            _fingerprint(project, outputs, files.scenarios), tuple(outputs), tuple(rendered), files.scenarios
        )
        write_last_render(project.state, stamp)
        if files.parsed is not None:
            files.parsed.save()
    except OSError as error:
        if not Path(str(error.filename)).is_relative_to(project.state):
            raise
        remedy = "set LONGPOLE_STATE to a folder that can be written"
        raise UseError.at(str(error.filename), f"cannot be written: {error.strerror}", remedy) from None
    return done


def touch_stamp(project: Project) -> None:
    """Update the stamp's time after a render with nothing to do, so that make does not render again."""
    os.utime(project.state / STAMP)


def update(project: Project) -> list[tuple[Path, bool]]:
    """Update the rendered files; return each path with whether it was written, or nothing if all are up to date.

    Raises `UseError` for errors in the suite or the templates, `OSError` if a file cannot be written.
    """
    if not (project.nix or project.ci) and is_fresh(project):
        touch_stamp(project)
        return []
    return write_all(project, render(project))


def stale(texts: Mapping[Path, str]) -> list[str]:
    """A unified diff for each rendered file that is stale; empty if none is."""
    diffs = []
    for path, text in texts.items():
        try:
            current = read_regular(path).decode(errors="replace")  # read_text would convert line ends
        except FileNotFoundError:
            current = ""
        if current != text:
            lines = difflib.unified_diff(
                current.splitlines(keepends=True),
                text.splitlines(keepends=True),
                f"{path} (found)",
                f"{path} (rendered)",
            )
            diffs.append("".join(lines))
    return diffs
