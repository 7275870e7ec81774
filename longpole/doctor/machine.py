"""The machine: Python, cores, memory, limits of control groups, /dev/shm, namespaces."""

import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path

from longpole.doctor.finding import Finding, Level
from longpole.doctor.programs import Needs
from longpole.rts_tests.machine.cgroups import cpu_limit, process_limit
from longpole.rts_tests.machine.file_systems import file_system
from longpole.rts_tests.machine.memory import usable_memory
from longpole.rts_tests.machine.namespaces import why_not
from longpole.rts_tests.machine.processes import usable_cores
from longpole.version import VERSION

_GIB = 2**30
_FEW_PROCESSES = 256
_LITTLE_SHARED = 16 * 2**20
_LITTLE_DISK = _GIB
_NO_DISK = 10 * 2**20


def size(number: float) -> str:
    """A number of bytes as text: `512 MiB`, `7.5 GiB`."""
    return f"{number / _GIB:.1f} GiB" if number >= _GIB else f"{number / 2**20:.0f} MiB"


def versions() -> list[Finding]:
    """What runs here: Longpole, Python and the system."""
    return [
        Finding("longpole", f"{VERSION}, {Path(__file__).resolve().parent.parent}"),
        Finding("python", f"{platform.python_version()}, {sys.executable}"),
        Finding("system", f"{platform.system()} {platform.release()}, {platform.machine()}"),
    ]


def machine(needs: Needs, root: Path = Path("/"), shared: Path = Path("/dev/shm")) -> list[Finding]:  # noqa: S108  only looked at
    """What was found of the machine; `root` is the folder of `proc` and `sys`."""
    return [
        _cores(root),
        _memory(root),
        *_processes(root),
        _shared_memory(shared),
        _temporary(),
        _namespaces(needs),
    ]


def _cores(root: Path) -> Finding:
    usable, all_cores, limit = usable_cores(), os.cpu_count() or 1, cpu_limit(root)
    what = f"{usable} usable" + (f" of {all_cores}" if all_cores != usable else "")
    if limit is None or limit >= usable:
        return Finding("cores", f"{what}, no lower limit by a control group")
    jobs = max(1, int(limit))
    what += f", but a control group limits this process to the time of {limit:.3g}"
    return Finding("cores", what, Level.NOTE, f"type `make -j{jobs} test`, or raise the limit of the container")


def _memory(root: Path) -> Finding:
    usable, installed = usable_memory(root), os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limited = f" of {size(installed)}, limited by a control group" if usable < installed else ""
    return Finding("memory", f"{size(usable)} usable{limited}")


def _processes(root: Path) -> list[Finding]:
    limit = process_limit(root)
    if limit is None:
        return []
    if limit >= _FEW_PROCESSES:
        return [Finding("processes", f"at most {limit:,}, limited by a control group")]
    what = f"a control group allows only {limit:,} processes and threads"
    return [Finding("processes", what, Level.NOTE, "raise it (docker: `--pids-limit`), or use a lower -j")]


def _shared_memory(shared: Path) -> Finding:
    name, slower = str(shared), "pipes are made in the temporary folder, which may be slower"
    if not shared.is_dir():
        remedy = "mount a tmpfs there" if sys.platform == "linux" else ""
        return Finding(name, f"missing; {slower}", Level.NOTE if remedy else Level.OK, remedy)
    if not os.access(shared, os.W_OK | os.X_OK):
        return Finding(name, f"not writable for this user; {slower}", Level.NOTE, f"`chmod 1777 {shared}` as root")
    free = shutil.disk_usage(shared).free
    if free < _LITTLE_SHARED:
        what = f"only {size(free)} free; tests that share memory may fail"
        return Finding(name, what, Level.NOTE, "remove what is left there (docker: `--shm-size=1g`)")
    return Finding(name, f"writable, {size(free)} free")


def _temporary() -> Finding:
    """What was found of the folder for temporary files; the value of TMPDIR is not shown."""
    folder = Path(tempfile.gettempdir())
    place = "$TMPDIR" if os.environ.get("TMPDIR") else str(folder)
    found = space("temporary folder", folder, place, "set TMPDIR to another folder")
    if found.level is Level.OK and os.statvfs(folder).f_flag & os.ST_NOEXEC:
        what = f"{found.what}; programs in it cannot be executed (noexec)"
        return Finding(found.name, what, Level.NOTE, "set TMPDIR to another folder, if tests execute what they make")
    return found


def space(name: str, folder: Path, place: str, remedy: str) -> Finding:
    """What was found of a folder in which files are made: kind of file system, whether it is writable, free space.

    `place` is what the folder is called in the finding.
    """
    place = f"{place}: {file_system(folder) or 'unknown file system'}"
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError as error:
        return Finding(name, f"{place}, no file can be written there: {error.strerror}", Level.WRONG, remedy)
    free = shutil.disk_usage(folder).free
    if free >= _LITTLE_DISK:
        return Finding(name, f"{place}, {size(free)} free")
    level = Level.WRONG if free < _NO_DISK else Level.NOTE
    return Finding(name, f"{place}, only {size(free)} free", level, f"free some space, or {remedy}")


def _namespaces(needs: Needs) -> Finding:
    reason = why_not()
    if reason is None:
        return Finding("namespaces", "allowed")
    if not needs.namespaces:
        return Finding("namespaces", f"{reason}; only scenarios with `isolate` need them")
    remedy = "allow user namespaces to your user (sysctl, AppArmor, or the container's seccomp filter)"
    return Finding("namespaces", f"{reason}; {needs.namespaces} are skipped", Level.NOTE, remedy)
