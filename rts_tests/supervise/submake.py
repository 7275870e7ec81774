"""The makes below the supervisor: one for the builds, then one for the units.

There are two because of make's starting order. If make reaches a unit whose build still runs, it skips the unit and
returns to it only after everything else on its list: the heaviest units, listed first, would start last. So the first
make runs the builds. When it has ended, the second make runs the units of every variant whose build succeeded; as its
targets have no prerequisites, they start in the listed order.
"""

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from longpole.rts_tests.contracts.builds import FOLDER
from longpole.rts_tests.machine.processes import HANDLED_SIGNALS
from longpole.rts_tests.supervise.executions import lanes_makefile
from longpole.rts_tests.supervise.job import Job
from longpole.rts_tests.supervise.watch import View

_PLAIN = re.compile(r"[\w/.+,@-]+")
_NOISE = re.compile(
    rb"^(\S*sh: \d+: )?[^ :]*make[^ :]*: ("
    rb"\*\*\* .*(test-\S+|run-units)\] (Error \d+|Terminated|Interrupt|Killed)( \(ignored\))?|"
    rb"Target '?`?run-units'? not remade because of errors\.|\*\*\* Waiting for unfinished jobs\.\.\.\.|"
    rb"\*\*\* wait: No child processes\.  Stop\.)$|"
    rb"^\S*sh: .*/longpole-[^ /]+/(pipes/)?reply/test-\S+: "  # a recipe's shell, interrupted
)


def _place_to_include_from(job: Job) -> Path:
    """A folder with a path that make can include a file from: the pipes', which is in memory if possible, or the run's.

    make splits the names of included files at spaces and expands `$`, and TMPDIR may have any name. A state directory
    has a name that make can read: the Makefile includes files of it, too.
    """
    return job.pipes if _PLAIN.fullmatch(str(job.pipes)) else job.run


class SubMake:
    """Starts the makes, and passes their standard error to a view, without make's messages about failed units.

    `pid` is that of the running make, 0 if there is none; `status` is None until the last make has ended.
    """

    def __init__(self, job: Job, view: View) -> None:
        self._job = job
        self._view = view
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
        self.errors, self._writer = os.pipe()
        os.set_blocking(self.errors, False)
        self._text = b""
        self._unbuilt = set(job.builds)
        self._build_status = 0
        self._selection: Path | None = None

    def start(self) -> None:
        """Start the builds, or the units if there is nothing to build."""
        if self._job.builds:
            self._spawn([f"build-{name}" for name in self._job.builds], keep_going=True)
        else:
            self._start_units()

    def built(self, variant: str) -> None:
        """Record that a variant's build succeeded."""
        self._unbuilt.discard(variant)

    def ended(self, status: int, *, go_on: bool) -> None:
        """Record the end of the running make (exit status or minus a signal), and start the next one if `go_on`."""
        building = self.status is None and self._selection is None
        self.pid = 0
        if building and go_on and status >= 0:
            self._build_status = status
            self._start_units()
        else:
            self.status = status or self._build_status

    def _start_units(self) -> None:
        job = self._job
        if job.executions is not None:
            self._start_lanes(job.executions.lanes)
            return
        units = [unit for unit in job.units.values() if unit.variant not in self._unbuilt]
        if not units or (self._unbuilt and job.fail_fast):
            self.status = self._build_status
            return
        self._selection = _place_to_include_from(job) / "selection.mk"
        listed = " \\\n  ".join(unit.target for unit in units)
        self._selection.write_text(f"LONGPOLE_UNITS = \\\n  {listed}\n")
        self._view.begin(units)
        self._spawn(["run-units"], keep_going=not job.fail_fast)

    def _start_lanes(self, lanes: Sequence[str]) -> None:
        if self._unbuilt:
            self.status = self._build_status
            return
        self._selection = self._job.private / "lanes.mk"
        self._selection.write_text(lanes_makefile(lanes))
        self._spawn(["run-units"], keep_going=True)

    def _spawn(self, goals: Iterable[str], *, keep_going: bool) -> None:
        job = self._job
        makefile = job.makefile if job.executions is None or self._selection is None else str(self._selection)
        argv = [job.make, *(["-k"] if keep_going else []), "--no-print-directory", "-f", makefile, *goals]
        environ = {
            **job.environ,
            "LONGPOLE_REQUEST": f"{job.pipes}/request",
            "LONGPOLE_REPLY": f"{job.pipes}/reply",
            "LONGPOLE_BUILDS": str((job.run / FOLDER).absolute()),
            "LONGPOLE_RUN": job.run.name,  # the guard's sweeper finds the run's processes by this
        }
        if self._selection is not None:
            environ["LONGPOLE_SELECTION"] = str(self._selection)
        self._inherit(True)
        self.pid = os.posix_spawnp(
            argv[0],
            argv,
            environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, self._writer, 2)],
            setsigmask=[],
            setsigdef=HANDLED_SIGNALS,
        )
        self._inherit(False)

    def _inherit(self, yes: bool) -> None:
        for descriptor in self._inherited:
            os.set_inheritable(descriptor, yes)

    def read_errors(self) -> None:
        """Pass on what make has written so far, complete lines only."""
        try:
            while data := os.read(self.errors, 65536):
                self._text += data
        except BlockingIOError:
            pass
        *lines, self._text = self._text.split(b"\n")
        self._pass_on(lines)

    def finish(self) -> None:
        """Pass on the rest, also an incomplete last line, and remove what only make needed."""
        self.read_errors()
        if self._text:
            self._pass_on([self._text])
        if self._selection is not None and self._selection.parent == self._job.run:
            self._selection.unlink(missing_ok=True)

    def _pass_on(self, lines: list[bytes]) -> None:
        kept = [line for line in lines if not _NOISE.match(line)]
        if kept:
            self._view.message(b"\n".join(kept) + b"\n")
