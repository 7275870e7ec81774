"""The branch that is checked out in a folder: read from the repository's files where that is exact, else by git.

Exact means: what git would do depends on nothing but what was read here. So a repository is read only if every file on
the way looks as git itself writes it: `.git`, the configuration, HEAD, the branch, `packed-refs`. Everything else, such
as reftables, included configuration, a symbolic branch, another owner, or a variable of git's in the environment, is
left to git.
"""

import os
import re
import stat
import subprocess
from collections.abc import Mapping

from longpole.rts_tests.contracts.files import read_regular
from longpole.rts_tests.scenario.names import wrong_branch

_HARMLESS = re.compile(
    r"GIT_(?:(?:AUTHOR|COMMITTER)_(?:NAME|EMAIL|DATE)|CONFIG_GLOBAL|CONFIG_NOSYSTEM|TERMINAL_PROMPT|ASKPASS"
    r"|DEFAULT_HASH|(?:SEQUENCE_)?EDITOR|PAGER|MERGE_AUTOEDIT|OPTIONAL_LOCKS|SSH(?:_COMMAND)?)"
)
"""Variables of git's that do not matter to which branch is checked out."""
_HEADER = re.compile(r'\[(core|extensions|init|user|gc|commit|safe|(?:remote|branch|protocol) "[\w./+@ -]+")\]')
_VALUE = re.compile(r"\s*([a-zA-Z][a-zA-Z0-9-]*) ?= ?([\w./:@+*=, -]*)")
"""A value without quotes, escapes, comments and continuation lines."""
_BOOLEAN = r"true|false"
_KEYS: dict[str, dict[str, str]] = {
    "core": {
        "repositoryformatversion": "[01]",
        "hookspath": ".+",
        "autocrlf": "true|false|input",
        **dict.fromkeys(("filemode", "bare", "logallrefupdates", "ignorecase", "precomposeunicode"), _BOOLEAN),
    },
    "commit": {"gpgsign": _BOOLEAN},
    "gc": {"auto": r"\d+", "autodetach": _BOOLEAN},
    "protocol": {"allow": "always|never|user"},
    "safe": {"directory": ".+"},
    "extensions": {"objectformat": "sha1|sha256"},
    "init": {"defaultbranch": r"\w+"},
    "user": {"name": ".+", "email": ".+"},
    "remote": {"url": ".+", "fetch": ".+", "pushurl": ".+"},
    "branch": {"remote": ".+", "merge": ".+", "rebase": _BOOLEAN, "pushremote": ".+"},
}
"""By section, the keys and values of configuration that `git branch` reads without complaint, or not at all."""
_VALUES = {section: {key: re.compile(value) for key, value in keys.items()} for section, keys in _KEYS.items()}
_SYMBOLIC = re.compile(rb"ref: refs/heads/([^\0-\x20\x7f]+)\n")
_NAMES = {"sha1": re.compile(rb"[0-9a-f]{40}\n"), "sha256": re.compile(rb"[0-9a-f]{64}\n")}
_GITDIR = re.compile(rb"gitdir: (/[^\n\r]+)\n")
_COMMONDIR = re.compile(rb"(?:\.\./)+\.\.\n")
_PACKED = re.compile(rb"(?:#[^\n]*\n)?(?:[0-9a-f]{40,64} refs/[^\0-\x20\x7f]+\n(?:\^[0-9a-f]{40,64}\n)?)*")
GIT_S = 30.0
"""How long git may take to answer; it would wait for ever for a pipe in the place of a file."""
_MAX_BYTES = 1 << 20
"""Of a file that is read; git reads longer ones."""


class _GitMustSayError(Exception):
    """The files do not answer the question for certain."""


def branch_of(folder: str, environ: Mapping[str, str]) -> str | None:
    """The branch that `git branch --show-current` prints in `folder` with this environment.

    Empty if HEAD is detached; None if git would fail: no such folder, no repository, a broken one.
    """
    try:
        return _read_branch(folder, environ)
    except (_GitMustSayError, OSError, ValueError):
        pass
    said = _git(("branch", "--show-current"), folder, environ)
    return None if said is None else said.strip()


def branches(repository: str, pattern: str, environ: Mapping[str, str]) -> list[str]:
    """The local branches that `git -C REPOSITORY branch --list PATTERN` prints; none if git fails.

    This is always left to git: which branches it lists depends on whether their commits exist, too.
    """
    said = _git(("-C", repository, "branch", "--no-color", "--no-column", "--list", pattern), ".", environ)
    return [line[2:].strip() for line in (said or "").splitlines() if line.strip()]


def _git(arguments: tuple[str, ...], cwd: str, environ: Mapping[str, str]) -> str | None:
    try:
        done = subprocess.run(
            ("git", *arguments),
            cwd=cwd,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=GIT_S,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None


def _read_branch(folder: str, environ: Mapping[str, str]) -> str:
    """The branch, by the files alone. Raises `_GitMustSayError`, `OSError`, `ValueError`."""
    if any(name.startswith("GIT_") and not _HARMLESS.fullmatch(name) for name in environ):
        raise _GitMustSayError
    if "GIT_CONFIG_GLOBAL" not in environ:
        raise _GitMustSayError
    if (own := environ["GIT_CONFIG_GLOBAL"]) != os.devnull and _configured(_text(own)) != {}:
        raise _GitMustSayError  # it may set where repositories keep their branches
    head_folder, common = _git_folders(os.path.realpath(folder))
    extensions = _configured(_text(f"{common}/config"))
    object_name = _NAMES[extensions.get("objectformat", "sha1")]
    for path in (f"{common}/objects", f"{common}/refs"):
        if not stat.S_ISDIR(os.lstat(path).st_mode) or not os.access(path, os.X_OK):
            raise _GitMustSayError
    head = _bytes(f"{head_folder}/HEAD")
    if object_name.fullmatch(head):
        return ""
    symbolic = _SYMBOLIC.fullmatch(head)
    branch = symbolic[1].decode() if symbolic else ""
    if wrong_branch(branch) is not None:
        raise _GitMustSayError
    _require_direct(common, branch, object_name)
    return branch


def _git_folders(folder: str) -> tuple[str, str]:
    """Where HEAD is, and where everything else is, for a folder that is itself the top of a work tree."""
    path = f"{folder}/.git"
    status = os.lstat(path)
    if {status.st_uid, os.lstat(folder).st_uid} != {os.geteuid()}:
        raise _GitMustSayError
    if stat.S_ISDIR(status.st_mode):
        if os.path.lexists(f"{path}/commondir"):
            raise _GitMustSayError
        return path, path
    named = _GITDIR.fullmatch(_bytes(path))
    if named is None:
        raise _GitMustSayError
    head_folder = os.fsdecode(named[1])
    common = _COMMONDIR.fullmatch(_bytes(f"{head_folder}/commondir"))
    if common is None or os.path.lexists(f"{head_folder}/config.worktree"):
        raise _GitMustSayError
    common_folder = f"{head_folder}/{os.fsdecode(common[0][:-1])}"
    if {os.lstat(head_folder).st_uid, os.stat(common_folder).st_uid} != {os.geteuid()}:
        raise _GitMustSayError
    return head_folder, common_folder


def _configured(text: str) -> dict[str, str]:
    """The extensions that a configuration sets, if all of it is of the simplest kind and nothing in it matters."""
    section, version = "", "0"
    found: dict[str, str] = {}
    for line in text.split("\n"):
        if header := _HEADER.fullmatch(line):
            section = header[1].partition(" ")[0]
        elif line:
            value = _VALUE.fullmatch(line)
            allowed = value and _VALUES.get(section, {}).get(value[1].lower())
            if not value or not allowed or not allowed.fullmatch(value[2]):
                raise _GitMustSayError
            if section == "extensions":
                found[value[1].lower()] = value[2]
            elif value[1].lower() == "repositoryformatversion":
                version = value[2]
    if found and version != "1":
        raise _GitMustSayError
    return found


def _require_direct(common: str, branch: str, object_name: re.Pattern[bytes]) -> None:
    """Raise unless the branch is a name of an object, in a file or in `packed-refs`, or is unborn."""
    try:
        if object_name.fullmatch(_bytes(f"{common}/refs/heads/{branch}")):
            return
        raise _GitMustSayError
    except FileNotFoundError:
        pass
    try:
        if _PACKED.fullmatch(_bytes(f"{common}/packed-refs")) is None:
            raise _GitMustSayError
    except FileNotFoundError:
        pass


def _bytes(path: str) -> bytes:
    """The content of a file that is no link and not large. Raises `OSError`, `_GitMustSayError`."""
    status = os.lstat(path)
    if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_BYTES:
        raise _GitMustSayError
    return read_regular(path)


def _text(path: str) -> str:
    return _bytes(path).decode()
