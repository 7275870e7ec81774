"""Starts one attempt of a unit: its TMPDIR, its pipe, its process, and no other process."""

import errno
import hashlib
import itertools
import os
import selectors
import shutil
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from longpole.rts_tests.contracts.clients import clients_folder, package_folder
from longpole.rts_tests.contracts.plan import Plan, Unit
from longpole.rts_tests.contracts.status import GREEN, Status
from longpole.rts_tests.forks.arguments import CLASSES
from longpole.rts_tests.machine import processes
from longpole.rts_tests.machine.trees import move_tree, remove_tree
from longpole.rts_tests.machine.working_directory import entered
from longpole.rts_tests.unit.environment import UnitEnvironments
from longpole.rts_tests.unit.running import RunningUnit
from longpole.rts_tests.warm.warm_units import Event, Program, Zygote, Zygotes, own_program

_MODULE, _ARGUMENTS = 2, 3
"""Indexes into the command of a warm unit: python, -m, the module, its arguments."""
_CLIENT_ARGUMENTS = 2
"""The index into the command of a warm fork: python, the client, its arguments."""
_LIST_ARGUMENTS = 3
"""The index of pytest's arguments in the command that lists files; in that of a fork its file of classes is before."""
_OF_PYTEST = "longpole_pytest.warm"


class Launcher:
    """Starts the attempts of a run's units, with what they share, and removes or keeps their TMPDIRs."""

    def __init__(
        self,
        plan: Plan,
        environ: Mapping[str, str],
        *,
        run: Path,
        private: Path,
        warm: bool,
        selector: selectors.BaseSelector,
        on_event: Callable[[Event], None],
    ) -> None:
        """TMPDIRs are made in `private`; those that are kept are moved to the folder `run`.

        The callback in `selector` calls `on_event` with each event of the warm units. If `warm` is false, all units
        run cold.
        """
        self._plan = plan
        self._run = run
        self._private = private
        self._warm = warm
        self._environments = UnitEnvironments(plan, environ, run.name)
        self.zygotes = Zygotes(selector, on_event)
        self._zygote = self.zygotes.add("", own_program({**self._environments.base, "LONGPOLE_RUN": run.name}))
        self._cold: set[str] = set()
        self._digests: dict[str, tuple[tuple[int, int, int], str]] = {}
        self._spare_tmpdirs: list[str] = []
        self._tmpdirs = itertools.count(1)

    def warm_up(self, units: Iterable[Unit]) -> None:
        """Start the zygote of warm modules if any of these units calls one.

        Those of forks import what builds may make, so they are not started before these have ended.
        """
        groups = {(unit.variant, unit.module): unit for unit in units}
        if any(unit.fork is None and self._is_warm(unit) for unit in groups.values()):
            self._open(self._zygote)

    @staticmethod
    def _open(zygote: Zygote) -> None:
        try:
            zygote.open()
        except OSError:
            pass  # the first unit meets and reports it again

    def cold_from_now_on(self, unit: Unit) -> str:
        """Run units like this one cold from now on: they cannot be forked. Return what to call them."""
        key = _cold_key(unit)
        self._cold.add(key)
        return f"forks of {key}" if unit.fork is not None else f"warm units of {key}"

    def _is_warm(self, unit: Unit) -> bool:
        if not self._warm or unit.listing or _cold_key(unit) in self._cold:
            return False
        return self._plan.command_of(unit).warm

    def _start_warm(self, running: RunningUnit, own: Mapping[str, str], writers: tuple[int, int]) -> int:
        """Have a zygote fork the attempt under way; return the zygote's pid. Raises `OSError`."""
        unit, command = running.unit, running.attempt.command
        if unit.fork is None:
            return self._zygote.start(running.token, command[_MODULE], command[_ARGUMENTS:], own, writers)
        zygote = self._zygote_of_forks(running)
        return zygote.start(running.token, _OF_PYTEST, command[_CLIENT_ARGUMENTS:], own, writers)

    def _zygote_of_forks(self, running: RunningUnit) -> Zygote:
        """The zygote of the forks of a module, in the Python that runs the client of their framework."""
        unit, (python, client) = running.unit, running.attempt.command[:2]
        key = _cold_key(unit)
        zygote = self.zygotes.get(key)
        if zygote is None:
            environ = self._environments.shared(unit)
            arguments = running.attempt.command[_LIST_ARGUMENTS if unit.listing else _LIST_ARGUMENTS + 1 :]
            argv = (_program(python, environ), client, "zygote", package_folder(), *arguments)
            own = {**environ, b"TMPDIR": os.fsencode(self._tmpdir())}
            log = f"{os.path.abspath(self._run)}/forks/{key}.zygote.log"
            zygote = self.zygotes.add(key, Program(argv, own, running.cwd, log))
        return zygote

    def _expect_forks(self, running: RunningUnit) -> None:
        """Start the zygote of forks while their classes are listed, if the same client lists them."""
        forks = self._plan.modules[running.unit.module].forks
        warm = self._warm and forks is not None and forks.warm is not None
        client = os.path.join(clients_folder(), "pytest")
        if warm and running.attempt.command[1:2] == (client,) and not self._plan.variants[running.unit.variant].cold:
            self._open(self._zygote_of_forks(running))

    def launch(self, running: RunningUnit) -> None:
        """Start the attempt under way; set its pipes, and its `pid` unless it is warm: the zygote sends that later.

        Raises `OSError`; nothing is left open or running then.
        """
        unit, attempt = running.unit, running.attempt
        artifact = self._plan.variants[unit.variant].artifact
        if artifact is not None:
            running.artifact_sha256 = self._digest(artifact)
        attempt.tmpdir = self._tmpdir()
        ends: list[int] = []
        try:
            ends += os.pipe()
            if attempt.results is not None and attempt.results.apart:
                ends += os.pipe()
            for reader in ends[::2]:
                os.set_blocking(reader, False)
            seeds, tmpdir, writers = attempt.seeds, attempt.tmpdir, (ends[1], ends[-1])
            if self._is_warm(unit):
                own = self._environments.own(unit, seeds, tmpdir, attempt.variables)
                attempt.zygote = self._start_warm(running, own, writers)
            else:
                environ = self._environments.whole(unit, seeds, tmpdir, attempt.variables)
                attempt.pid = _execute(attempt.command, environ, writers, running.cwd)
        except OSError:
            for reader in ends[::2]:
                os.close(reader)
            raise
        finally:
            for writer in ends[1::2]:
                os.close(writer)
        if unit.listing:
            self._expect_forks(running)
        attempt.output, *errors = ends[::2]
        attempt.errors = errors[0] if errors else -1

    def why_not(self, running: RunningUnit, error: OSError) -> str:
        """Return why `launch` could not start a unit, for its log and record."""
        variant = self._plan.variants[running.unit.variant]
        if variant.artifact is not None and error.filename == variant.artifact:
            remedy = f"; run `make build-{variant.name}`" if variant.builds else ""
            return f"the artifact {variant.artifact} cannot be read: {error.strerror}{remedy}"
        if running.cwd is not None and error.filename == running.cwd:
            return f"the working directory {running.cwd} cannot be entered: {error.strerror}"
        program = running.attempt.command[0]
        if error.filename is not None and error.filename != program:
            return f"{error.filename}: {error.strerror}"
        too_long = error.errno == errno.E2BIG and CLASSES in self._plan.command_of(running.unit).words
        remedy = "; write `{classes_file}` in the place of `{classes}`" if too_long else ""
        return f"{program} cannot be executed: {error.strerror}{remedy}"

    def _digest(self, path: str) -> str:
        status = os.stat(path)
        identity = (status.st_ino, status.st_mtime_ns, status.st_size)
        known = self._digests.get(path)
        if known is None or known[0] != identity:
            with open(path, "rb") as file:
                known = (identity, hashlib.file_digest(file, "sha256").hexdigest())
            self._digests[path] = known
        return known[1]

    def clear(self, running: RunningUnit, status: Status, *, keep: bool) -> str | None:
        """Remove the attempt's TMPDIR, or keep it if it has content; return where, within the run's folder, else None.

        Raises `OSError`, with the intended path, if it could not be kept; it is removed then.
        """
        tmpdir = running.attempt.tmpdir
        kept = f"units/{running.unit.target}.tmp{len(running.attempts) or ''}"
        try:
            if keep and not os.path.islink(tmpdir) and os.listdir(tmpdir):
                move_tree(tmpdir, f"{self._run}/{kept}")
                return kept
        except FileNotFoundError:
            pass  # the unit removed it itself
        except OSError as error:
            raise OSError(error.errno, error.strerror, f"{self._run}/{kept}") from None
        finally:
            self._remove(tmpdir, reuse=status in GREEN)
        return None

    def _tmpdir(self) -> str:
        if self._spare_tmpdirs:
            return self._spare_tmpdirs.pop()
        while True:
            tmpdir = f"{self._private}/{next(self._tmpdirs)}"
            try:
                os.mkdir(tmpdir, 0o700)
            except FileExistsError:
                continue  # an earlier round's, or one that could not be removed
            return tmpdir

    def _remove(self, tmpdir: str, *, reuse: bool) -> None:
        """Remove a unit's TMPDIR, or give an unchanged one to the next unit.

        ext4 without a journal does not reuse a freed inode for minutes, and searches past all of them for each new
        file. So a directory made and removed for every unit would be much of the cost of a short unit.
        """
        try:
            if reuse and os.lstat(tmpdir).st_mode == stat.S_IFDIR | 0o700 and not os.listdir(tmpdir):
                self._spare_tmpdirs.append(tmpdir)
            else:
                os.rmdir(tmpdir)
        except FileNotFoundError:
            pass
        except OSError:
            remove_tree(tmpdir)  # what is left is reported when the run ends, with the folder that it is in


def _cold_key(unit: Unit) -> str:
    """By what it is decided that units run cold: those that share a warm module, or a zygote of forks."""
    of_forks = unit.listing or unit.fork is not None
    return f"{unit.variant}/{unit.module}" if of_forks else unit.variant


def _execute(argv: Sequence[str], environ: Mapping[bytes, bytes], writers: tuple[int, int], cwd: str | None) -> int:
    """Execute `argv` in `cwd`, in a new process group, with empty input; return its pid.

    `writers` are its standard output and standard error, which may be the same.

    Raises `OSError` if it cannot be executed.
    """
    if cwd is None:
        return _spawn(argv, environ, writers)
    with entered(cwd):
        return _spawn(argv, environ, writers)


def _program(name: str, environ: Mapping[bytes, bytes]) -> str:
    """Return what to execute for the word `name`: where it is in the unit's PATH, if that is not ours.

    `posix_spawnp` would search our PATH. Raises `FileNotFoundError`.
    """
    path = environ.get(b"PATH")
    if "/" in name or path is None or path == os.environb.get(b"PATH"):
        return name
    found = shutil.which(name, path=os.fsdecode(path))
    if found is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
    return found


def _spawn(argv: Sequence[str], environ: Mapping[bytes, bytes], writers: tuple[int, int]) -> int:
    """`_execute` in our own working directory.

    `posix_spawn` shares our memory until the exec, so its cost does not grow with the supervisor's memory.
    """
    return os.posix_spawnp(
        _program(argv[0], environ),
        list(argv),
        environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, writers[0], 1),
            (os.POSIX_SPAWN_DUP2, writers[1], 2),
        ],
        setpgroup=0,
        setsigmask=[],
        setsigdef=processes.HANDLED_SIGNALS,
    )
