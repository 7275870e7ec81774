"""The suite: whether it is valid, whether what was rendered from it is current, and whether its programs exist."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from longpole.doctor.finding import Finding, Level
from longpole.doctor.programs import Needs
from longpole.gen.render import outputs
from longpole.gen.suite.read import load_suite
from longpole.rts_tests.contracts import placeholders
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import read_regular
from longpole.rts_tests.contracts.project_python import project_python
from longpole.rts_tests.contracts.quantities import count

if TYPE_CHECKING:
    from longpole.gen.suite.model import Command, Suite

_PROGRAM = re.compile(r"[A-Za-z0-9_.+-]+")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*", re.DOTALL)
_MAX_NAMED = 5


def read_suite(path: str) -> "tuple[Suite | None, list[Finding]]":
    """The suite in the file, None if there is none or it has errors, and what was found."""
    if path == "suite.yaml" and not os.path.lexists(path):
        remedy = "`longpole init` writes one; or `longpole -C DIR doctor` for another folder"
        return None, [Finding("suite", "no suite.yaml in this folder", Level.NOTE, remedy)]
    try:
        suite = load_suite(path)
    except UseError as error:
        return None, [Finding("suite", what, Level.WRONG, remedy) for what, remedy in _parts(error)]
    except OSError as error:
        return None, [Finding("suite", f"{path}: {error.strerror}", Level.WRONG, "make it readable")]
    units = sum(module.unit_count * len(module.variants) for module in suite.modules)
    return suite, [Finding("suite", f"{suite.name}: {count(units, 'unit')} in {count(len(suite.variants), 'variant')}")]


def _parts(error: UseError) -> Iterator[tuple[str, str]]:
    """Each problem as a line without its remedy, and the remedy."""
    for problem in error.problems:
        line = str(problem)
        yield line.removesuffix(f"; {problem.remedy}") if problem.remedy else line, problem.remedy


def needs_of(suite: "Suite | None") -> Needs:
    """What the suite makes necessary."""
    if suite is None:
        return Needs()
    isolated = suite.scenarios is not None and any(each.isolate for each in suite.scenarios.settings.values())
    seeded = any(module.seed_policy == "commit" for module in suite.modules)
    git = "scenarios" if suite.scenarios is not None else "seeds of the commit" if seeded else ""
    nix = "flake.nix of this project" if os.path.exists("flake.nix") and suite.platforms else ""
    return Needs(git, nix, "scenarios with `isolate`" if isolated else "")


def rendered(project: outputs.Project) -> Finding:
    """Whether the rendered files are those of the suite as it is now. Nothing is written."""
    try:
        texts = outputs.render(project).texts
    except UseError as error:
        (what, remedy), *_ = _parts(error)
        return Finding("rendered files", what, Level.WRONG, remedy)
    stale = [path for path, text in texts.items() if not _is(path, text)]
    if not stale:
        return Finding("rendered files", f"{count(len(texts), 'file')}, all up to date")
    suite = "" if project.suite_file == "suite.yaml" else f" --suite {shlex.quote(project.suite_file)}"
    render = f"longpole render{suite}"
    missing = [path for path in outputs.makefiles(project) if not path.exists()]
    if missing:
        return Finding("rendered files", f"{missing[0]} was not rendered yet", Level.WRONG, f"run `{render}`")
    foreign = [path for path in outputs.makefiles(project) if not outputs.is_ours(project, path)]
    if foreign:
        what = f"{foreign[0]} is one of your own, and no makefile was rendered here"
        return Finding("rendered files", what, Level.WRONG, f"run `{render} -o longpole.mk`")
    others = f" and {len(stale) - _MAX_NAMED} more" if len(stale) > _MAX_NAMED else ""
    named = ", ".join(_shown(path, project.state) for path in stale[:_MAX_NAMED])
    return Finding(
        "rendered files", f"not up to date: {named}{others}", Level.NOTE, f"run `{render}`; the next make does it, too"
    )


def _shown(path: Path, state: Path) -> str:
    """A path; one in the folder of runs without the value of LONGPOLE_STATE."""
    inside = path.is_relative_to(state) and state != Path(".longpole")
    return f"$LONGPOLE_STATE/{path.relative_to(state)}" if inside else str(path)


def _is(path: Path, text: str) -> bool:
    try:
        return read_regular(path) == text.encode()
    except OSError:
        return False


# -- programs ---------------------------------------------------------------------------------------------------------


def programs_of(suite: "Suite", environ: Mapping[str, str]) -> list[Finding]:
    """Where the programs that the suite's commands begin with are.

    A program that a build may make, in the project's folder or in a PATH of the suite's, is not looked for.
    """
    found: dict[tuple[str, str | None], Finding] = {}
    for command, env in _commands(suite):
        path = env.get("PATH", environ.get("PATH"))
        word = _program(command)
        if word is None or (word, path) in found or (path is not None and "{" in path):
            continue
        found[word, path] = _looked_up(word, suite, path, environ)
    return list(dict.fromkeys(found.values()))


def _commands(suite: "Suite") -> "Iterator[tuple[Command, Mapping[str, str]]]":
    """All commands of the suite, each with the variables that the suite sets for it."""
    for step in suite.steps:
        yield step.build, dict(step.env)
    variants = {variant.name: variant for variant in suite.variants}
    for variant in suite.variants:
        if variant.build is not None:
            yield variant.build, dict(variant.env)
    for module in suite.modules:
        for variant in (variants[name] for name in module.variants):
            env = {**dict(variant.env), **dict(module.env)}
            commands = (module.forks.list, module.forks.run) if module.forks else (module.run or variant.run,)
            for command in commands:
                yield command, env


def _program(command: "Command") -> str | None:
    """The word that names the command's program, as `{python}` or `cargo`; None if it cannot be known before a build.

    Of shell text it is the first word after assignments.
    """
    words: tuple[str, ...] | list[str] = command.argv
    if command.shell:
        words = command.argv[-1].split()
        while words and _ASSIGNMENT.fullmatch(words[0]):
            if words[0].startswith("PATH="):
                return None
            words = words[1:]
    word = words[0] if words else ""
    if word == "{python}" or _PROGRAM.fullmatch(word):
        return word
    if not command.shell and word.startswith("/") and not placeholders.names(word):
        return word
    return None


def _looked_up(word: str, suite: "Suite", path: str | None, environ: Mapping[str, str]) -> Finding:
    if word == "{python}":
        python = project_python(environ, suite.limits.python)
        if shutil.which(python, path=path) is None:
            remedy = "make a .venv in the project, or correct `limits.python`"
            return Finding("{python}", f"{python} does not exist or cannot be executed", Level.WRONG, remedy)
        return Finding("{python}", python)
    place = shutil.which(word, path=path) or _in_shell(word, path, environ)
    if place is None:
        remedy = f"install {os.path.basename(word)}, or add its folder to PATH"
        return Finding(word, "commands of the suite begin with it, but it is not in PATH", Level.WRONG, remedy)
    return Finding(word, place)


def _in_shell(word: str, path: str | None, environ: Mapping[str, str]) -> str | None:
    """The word if the shell itself knows it, as `cd` and `if`; else None."""
    env = {name: value for name, value in environ.items() if name not in ("ENV", "BASH_ENV")} | {"PATH": path or ""}
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", 'command -v -- "$1"', "sh", word], capture_output=True, env=env, check=False
        )
    except OSError:
        return None
    return "a word of the shell" if done.returncode == 0 else None
