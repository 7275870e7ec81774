"""The variants of a suite, checked, with `defaults` and all other defaults filled in."""

import posixpath
from collections.abc import Callable
from typing import TYPE_CHECKING

from longpole.gen.suite.args import COMMAND_OF, UnusedArgs, check_used, with_args, words_of
from longpole.gen.suite.commands import (
    IN_ARTIFACT,
    IN_COMMAND,
    IN_CWD,
    IN_TARGET_DIR,
    Checked,
    check_command,
    check_placeholders,
    is_warm,
)
from longpole.gen.suite.model import Command, Variant
from longpole.gen.suite.paths import wrong_with_cwd, wrong_with_path
from longpole.rts_tests.contracts import placeholders
from longpole.rts_tests.contracts.problems import Problems, shown
from longpole.rts_tests.contracts.tree import Entry, Mapping, Node, Scalar, good_entries, mapping_of

if TYPE_CHECKING:
    from longpole.gen.suite.schema import SuiteSpec, VariantSpec


def env_of(*mappings: Mapping) -> tuple[tuple[str, str], ...]:
    """The variables in `env` of several mappings, as they are written in the file; later mappings win."""
    variables: dict[str, str] = {}
    for mapping in mappings:
        for name, entry in mapping_of(mapping.entries.get("env")).entries.items():
            if isinstance(entry.value, Scalar):
                variables[name] = entry.value.text
    return tuple(variables.items())


class Variants:
    """The variants of a suite, and what is known about those with errors."""

    def __init__(
        self,
        spec: "SuiteSpec",
        root: Mapping,
        bad: frozenset[Node],
        problems: Problems,
        needs: Callable[..., tuple[str, ...]],
    ) -> None:
        """`needs` returns the steps under `need` in the first of the given mappings that has the key."""
        self.problems = problems
        self._bad = bad
        self.needs = needs
        self._commands: dict[Node, Checked | None] = {}
        defaults = mapping_of(root.entries.get("defaults"))
        for key in IN_COMMAND:  # checked even if every variant has its own
            self.command(key, defaults)
        section = mapping_of(root.entries.get("variants"))
        self.sections = {name: (mapping_of(entry), defaults) for name, entry in section.entries.items()}
        """By variant: the mappings that its keys are looked up in, in this order."""
        # Every name in the file, so that a module may name a variant which has a mistake in it.
        self.names = tuple(section.entries)
        self.keys = {name: entry.key for name, entry in section.entries.items()}
        # By variant: its run command, target directory and artifact.
        self.runs: dict[str, Checked] = {}
        self.target_dirs: dict[str, str] = {}
        self.artifacts: dict[str, str] = {}
        self.builders = {
            name for name, mappings in self.sections.items() if any("build" in m.entries for m in mappings)
        }
        self._without_artifact: set[str] = set()
        # By variant: the key of one that has no run command, and the node of its working directory, if it has one.
        self._without_run: dict[str, Scalar] = {}
        self._cwds: dict[str, Node | None] = {}
        self.unused_args = UnusedArgs()
        variants = [
            self._variant(entry, spec.variants[name], spec.defaults, defaults)
            for name, entry in good_entries(root, "variants", bad)
            if name in spec.variants
        ]
        self.definite = tuple(variant for variant in variants if variant)

    def _variant(  # long: every field of a variant is named once
        self, entry: Entry, spec: "VariantSpec", default_spec: "VariantSpec", defaults: Mapping
    ) -> Variant | None:
        name, own = entry.key.text, mapping_of(entry)
        target_dir = self._target_dir(entry, defaults)
        values = {"variant": name, "target_dir": target_dir or "target"}
        artifact = self._path("artifact", IN_ARTIFACT, values, entry, defaults)
        if artifact is not None and target_dir is not None:
            self.artifacts[name] = artifact
        build, run = (self.command(key, own, defaults) for key in ("build", "run"))
        # Where `run` is another one, the `select` of `defaults` would call another program.
        select = self.command("select", own, *([] if "run" in own.entries else [defaults]))
        self._check_artifact({"build": build, "run": run, "select": select}, entry, defaults)
        args, build_args = (self._args(*each, entry, defaults) for each in (("args", run), ("build_args", build)))
        self._cwds[name] = self.given("cwd", own, defaults)
        cwd = self._cwd(f"variant {shown(name)}" if "cwd" in own.entries else None, self._cwds[name], values)
        if run is None and "run" in (own.entries | defaults.entries):
            return None
        said = spec.warm if spec.warm is not None else default_spec.warm
        warm = self._warm(run, said, self.given("run", own, defaults) or entry.key, name)
        if run is None:
            self._without_run[name] = entry.key
        else:
            self.runs[name] = run
        if target_dir is None:
            return None
        return Variant(
            name=name,
            target_dir=target_dir,
            artifact=artifact,
            build=with_args(build.command, build_args, values) if build else None,
            run=run.command if run else Command((), shell=False),
            warm=warm,
            env=env_of(defaults, own),
            skip_status=next((each.skip_status for each in (spec, default_spec) if each.skip_status is not None), ()),
            cwd=cwd or ".",
            cold=said is False,
            needs=self.needs(own, defaults),
            args=args,
            labels=tuple(sorted(next((each.labels for each in (spec, default_spec) if each.labels is not None), []))),
            bin=self._bin(values, own, defaults),
            gitconfig="".join(each.gitconfig or "" for each in (default_spec, spec)),
            object_format=spec.object_format or default_spec.object_format or "sha1",
            select=select.command if select else None,
        )

    def _bin(self, values: dict[str, str], *mappings: Mapping) -> str | None:
        """The folder of the programs that scenarios test; None if there is none, or it is invalid."""
        node = self.given("bin", *mappings)
        if not isinstance(node, Scalar) or check_placeholders(node, IN_ARTIFACT, "`bin`", self.problems) is None:
            return None
        if not node.text or ":" in node.text or "\0" in node.text:
            what = f"`bin` cannot be a folder on PATH, and is {shown(node.text)}"
            self.problems.add(node, what, "name one folder, relative to the suite")
            return None
        return posixpath.normpath(placeholders.expand(node.text, values))

    def _args(self, key: str, command: Checked | None, entry: Entry, defaults: Mapping) -> tuple[str, ...]:
        """The words under `args` or `build_args`; report those that stand nowhere in the command they are for."""
        own, of = mapping_of(entry), COMMAND_OF[key]
        node = self.given(key, own, defaults)
        valid = command is not None or of not in own.entries | defaults.entries
        if node is not None and valid and (key in own.entries or of not in own.entries):
            whose = f"variant {shown(entry.key.text)}" if key in own.entries else "`defaults`"
            if key == "args":
                self.unused_args.add(entry.key.text if key in own.entries else None, node, command, whose)
            else:
                check_used(key, node, command, whose, self.problems)
        return words_of(key, node, self.problems)

    def _warm(self, run: Checked | None, said: bool | None, place: Node, name: str) -> bool:
        """Whether the units of a variant are warm: what the suite says, else whether its `run` is a wasm call."""
        if run is None or said is False:
            return False
        if said and not is_warm(run.command):
            what = f"variant {shown(name)} is warm, and its `run` calls no warm module"
            remedy = "write `run: {wasm: FILE, call: FUNCTION}`, or write `warm: false`"
            self.problems.add(place, what, remedy)
        return said or run.wasm_call

    def _check_artifact(self, commands: dict[str, Checked | None], entry: Entry, defaults: Mapping) -> None:
        """Refuse commands that use the artifact of a variant that has none."""
        own, variant = mapping_of(entry), shown(entry.key.text)
        if "artifact" in own.entries or "artifact" in defaults.entries:
            return
        self._without_artifact.add(entry.key.text)
        for key, command in commands.items():
            if command and "artifact" in command.used:
                node = self.given(key, own, defaults)
                what = f"`{key}` of variant {variant} uses {{artifact}}, and the variant has no `artifact`"
                self.problems.add(node or entry.key, what, "add `artifact:` to it or to `defaults`")

    def run_of(self, name: str) -> Checked | None:
        """The run command of a variant, for a module that has none; report a variant without one."""
        if key := self._without_run.get(name):
            what = f"variant {shown(name)} has no `run`"
            self.problems.add(key, what, "add `run:` to it, to `defaults` or to its modules")
        return self.runs.get(name)

    def check_artifact(self, name: str, key: str, run: Checked, node: Node, module: Entry) -> None:
        """Refuse a module's own command, under `key`, that uses the artifact of a variant that has none."""
        if "artifact" in run.used and name in self._without_artifact:
            what = f"`{key}` of module {shown(module.key.text)} uses {{artifact}}, and variant {shown(name)} has no"
            self.problems.add(node, f"{what} `artifact`", "add `artifact:` to it or to `defaults`")

    def cwd_of_module(self, entry: Entry) -> str | None:
        """A module's own working directory, with placeholders; None if it has none, or it is invalid."""
        values = {"variant": "v", "target_dir": "t", "module": entry.key.text}
        return self._cwd(f"module {shown(entry.key.text)}", self.given("cwd", mapping_of(entry)), values)

    def check_cwd_of_call(self, name: str, module: Entry) -> None:
        """Refuse a working directory of wasm calls, in which nothing would show it."""
        node = self.given("cwd", mapping_of(module)) or self._cwds.get(name)
        if isinstance(node, Scalar) and posixpath.normpath(node.text) != ".":
            what = f"module {shown(module.key.text)} in variant {shown(name)} is a wasm call, which has no `cwd`"
            self.problems.add(node, what, "remove it, or write `cwd: .` in the module")

    def _cwd(self, whose: str | None, node: Node | None, values: dict[str, str]) -> str | None:
        """The working directory in `node`, as it is written; None if there is none, or it is invalid."""
        if not isinstance(node, Scalar) or check_placeholders(node, IN_CWD, "`cwd`", self.problems) is None:
            return None
        wrong = wrong_with_cwd(placeholders.expand(node.text, {"module": "m", **values}), shown(node.text))
        if wrong:
            self.problems.add(node, f"`cwd` of {whose} {wrong[0]}" if whose else f"`cwd` {wrong[0]}", wrong[1])
            return None
        return node.text

    def given(self, key: str, *mappings: Mapping) -> Node | None:
        """The value of `key` in the first mapping that has it, unless that value is a mistake already reported."""
        for mapping in mappings:
            if entry := mapping.entries.get(key):
                return None if entry.key in self._bad or entry.value in self._bad else entry.value
        return None

    def command(self, key: str, *mappings: Mapping) -> Checked | None:
        """The command under `key` in the first mapping that has it; None if there is none, or it is invalid."""
        node = self.given(key, *mappings)
        if node is None:
            return None
        if node not in self._commands:  # one command may be that of many variants
            self._commands[node] = check_command(key, node, self.problems)
        return self._commands[node]

    def _target_dir(self, entry: Entry, defaults: Mapping) -> str | None:
        """The variant's target directory; None if it is invalid."""
        name = entry.key.text
        target_dir = self._path("target_dir", IN_TARGET_DIR, {"variant": name}, entry, defaults)
        if target_dir is None and "target_dir" not in mapping_of(entry).entries | defaults.entries:
            target_dir = f"target-{name}"
        if target_dir is not None:
            self.target_dirs[name] = target_dir
        return target_dir

    def _path(
        self, key: str, allowed: tuple[str, ...], values: dict[str, str], entry: Entry, defaults: Mapping
    ) -> str | None:
        """The expanded, normalised path under `key`; None if there is none, or it is invalid."""
        own = mapping_of(entry)
        node = self.given(key, own, defaults)
        if not isinstance(node, Scalar) or check_placeholders(node, allowed, f"`{key}`", self.problems) is None:
            return None
        path = placeholders.expand(node.text, values)
        subject = f"`{key}` of variant {shown(entry.key.text)}" if key in own.entries else f"`{key}`"
        if wrong := wrong_with_path(path, shown(node.text)):
            self.problems.add(node, f"{subject} {wrong[0]}", wrong[1])
            return None
        return posixpath.normpath(path)
