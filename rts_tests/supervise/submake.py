"""The make below the supervisor: it builds, and it starts a make for the units of each group whose builds have ended.

All of them share the jobserver. A group's make gets its place from the make above it, like any other recipe, so that
there are never more jobs than `-j` allows. Its targets are its units, and have no prerequisites. Where there is nothing
to build, there is one group, and its make is the only one.
"""

import os
import re
from collections.abc import Callable, Sequence

from longpole.rts_tests.contracts.builds import FOLDER
from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.machine.processes import HANDLED_SIGNALS
from longpole.rts_tests.supervise.executions import lanes_makefile
from longpole.rts_tests.supervise.job import Job
from longpole.rts_tests.supervise.ready import Group
from longpole.rts_tests.supervise.watch import View

_NOISE = re.compile(
    rb"^(\S*sh: \d+: )?[^ :]*make[^ :]*: ("
    rb"\*\*\* .*(test-\S+|run-units|units-\d+)\] (Error \d+|Terminated|Interrupt|Killed)( \(ignored\))?|"
    rb"Target '?`?(run-units|units-\d+)'? not remade because of errors\.|\*\*\* Waiting for unfinished jobs\.\.\.\.|"
    rb"\*\*\* wait: No child processes\.  Stop\.)$|"
    rb"^\S*sh: .*/longpole-[^ /]+/(pipes/)?reply/test-\S+: "  # a recipe's shell, interrupted
)


class SubMake:
    """Starts make, and passes its output to a view, without make's messages about failed units.

    `pid` is that of the running make, 0 if there is none; `status` is None until it has ended.
    """

    def __init__(self, job: Job, view: View) -> None:
        self._job = job
        self.pid = 0
        self.status: int | None = None
        self._inherited: list[int] = []  # the jobserver's and others that the caller left open: for make, not for units
        for descriptor in map(int, os.listdir("/dev/fd")):
            try:
                if descriptor > 2 and os.get_inheritable(descriptor):
                    self._inherited.append(descriptor)
            except OSError:
                pass  # the descriptor with which the folder was listed
        self._inherit(False)
        self.output = _Stream(view.output)
        self.errors = _Stream(view.message)

    def start(self) -> None:
        """Start the builds and the units that wait for them, or the units if there is nothing to build."""
        job = self._job
        groups = job.groups if job.executions is None else (Group(job.builds, ()),)
        for number, group in enumerate(groups):
            makefile = units_makefile(group.units) if job.executions is None else lanes_makefile(job.executions.lanes)
            (job.pipes / f"units-{number}.mk").write_text(makefile)
        keep_going = ["-k"] if job.executions is not None or not job.fail_fast else []
        argv = [job.make, *keep_going, "--no-print-directory", "-f"]
        if job.builds:
            rules = job.pipes / "groups.mk"
            rules.write_text(_groups_makefile([group.builds for group in groups]))
            builds = [f"build-{name}" for name in job.builds]
            self._spawn([*argv, job.makefile, "-f", str(rules), *builds, *map(_goal, range(len(groups)))])
        else:
            self._spawn([*argv, f"{job.pipes}/{_goal(0)}.mk", "run-units"])

    def ended(self, status: int) -> None:
        """Record the end of make: its exit status or minus a signal."""
        self.pid = 0
        self.status = status

    def _spawn(self, argv: list[str]) -> None:
        job = self._job
        environ = {
            **job.environ,
            "LONGPOLE_REQUEST": f"{job.pipes}/request",
            "LONGPOLE_REPLY": f"{job.pipes}/reply",
            "LONGPOLE_GROUPS": str(job.pipes),
            "LONGPOLE_BUILDS": str((job.run / FOLDER).absolute()),
            "LONGPOLE_RUN": job.run.name,  # the guard's sweeper finds the run's processes by this
        }
        self._inherit(True)
        self.pid = os.posix_spawnp(
            argv[0],
            argv,
            environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, self.output.writer, 1),
                (os.POSIX_SPAWN_DUP2, self.errors.writer, 2),
            ],
            setsigmask=[],
            setsigdef=HANDLED_SIGNALS,
        )
        self._inherit(False)

    def _inherit(self, yes: bool) -> None:
        for descriptor in self._inherited:
            os.set_inheritable(descriptor, yes)


class _Stream:
    """One stream of make and its recipes: `reader` is readable if `read` has something to pass on."""

    def __init__(self, show: Callable[[bytes], None]) -> None:
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.reader, False)
        self._show = show
        self._text = b""

    def read(self) -> None:
        """Pass on what was written so far, complete lines only."""
        try:
            while data := os.read(self.reader, 65536):
                self._text += data
        except BlockingIOError:
            pass
        *lines, self._text = self._text.split(b"\n")
        self._pass_on(lines)

    def finish(self) -> None:
        """Pass on the rest, also an incomplete last line."""
        self.read()
        if self._text:
            self._pass_on([self._text])

    def _pass_on(self, lines: list[bytes]) -> None:
        kept = [line for line in lines if not _NOISE.match(line)]
        if kept:
            self._show(b"\n".join(kept) + b"\n")


def _goal(number: int) -> str:
    """The target of a group, and the name of its makefile."""
    return f"units-{number}"


def _groups_makefile(groups: Sequence[Sequence[str]]) -> str:
    """The rules that start the make of a group when the builds of the group have ended."""
    goals = [_goal(number) for number in range(len(groups))]
    lines = [
        f"{goal}: {' '.join(f'build-{name}' for name in builds)}" for goal, builds in zip(goals, groups, strict=True)
    ]
    recipe = '\t+@exec $(MAKE) --no-print-directory -f "$$LONGPOLE_GROUPS/$@.mk" run-units'
    return "\n".join([*lines, f"{' '.join(goals)}:", recipe, f".PHONY: {' '.join(goals)}", ""])


def units_makefile(units: Sequence[Unit]) -> str:
    """The makefile of a group. A recipe asks for a unit and exits as that did; the shell starts nothing for it."""
    listed = " \\\n  ".join(unit.target for unit in units)
    return f"""\
MAKEFLAGS += -rR
.SUFFIXES:
override units = \\
  {listed}
run-units: $(units)
$(units):
\t@echo $@ >"$$LONGPOLE_REQUEST" && read -r status <"$$LONGPOLE_REPLY/$@" && exit $$status
.PHONY: run-units $(units)
"""
