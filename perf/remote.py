"""A remote repository: its address, and what git's configuration says about how to reach it.

Nothing is written to the user's repository: objects go to a store of our own. So what that repository's own
configuration says about reaching remotes (credentials, proxies, `insteadOf`) is handed to git in the environment, where
passwords in it are on no disk and in no list of processes.
"""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from longpole.perf.git import GitError, git, without_secrets
from longpole.rts_tests.contracts.errors import UseError

NAME = "longpole-branch-of-results"
"""The name of the remote in the store: one that no configuration of a user has, which would be mixed with ours."""
_HANDED_ON = re.compile(r"(http|credential|url|protocol|ssh)\..*|core\.(sshcommand|gitproxy|askpass)", re.DOTALL)
_OF_A_REMOTE = ("proxy", "proxyauthmethod", "uploadpack", "receivepack", "vcs")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(://|::)")
_HOST_AND_PATH = re.compile(r"[^/]+:")
"""`host:path`, which git reaches by ssh."""
_IDLE = {"http.lowspeedlimit": "100", "http.lowspeedtime": "60"}
"""A connection that is this slow (bytes a second) for so long (seconds) is given up."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A remote repository.

    `shown` is its address for messages, without passwords. `settings` are the pairs of configuration with which git
    reaches it under the name `NAME`. `objects` is the folder with its objects, if it is on this machine.
    """

    shown: str
    settings: tuple[tuple[str, str], ...]
    objects: str | None = None
    object_format: str = "sha1"

    def environment(self) -> dict[str, str]:
        """Variables that make `settings` known to git, after those that the caller's environment has."""
        count = os.environ.get("GIT_CONFIG_COUNT", "")
        first = int(count) if count.isdecimal() else 0
        pairs = enumerate(self.settings, first)
        found = {name: text for n, (key, value) in pairs for name, text in _pair(n, key, value)}
        return {**found, "GIT_CONFIG_COUNT": str(first + len(self.settings))}


def find_remote(repo: str, remote: str) -> Remote:
    """The remote that `remote` names: one of those of the repository `repo`, an address, or a folder.

    `repo` need not be a repository if `remote` is not the name of a remote. Raises `UseError`.
    """
    if not remote or remote.startswith("-") or not remote.isprintable():
        raise UseError.at("--remote", f"{remote!r} is no remote", "name a remote, or write its address")
    own = _configuration(repo)
    address = own.get(f"remote.{remote}.url", [remote])[0]
    if address is remote and "/" not in remote and ":" not in remote and not os.path.isdir(remote):
        raise UseError.at("--remote", f"{repo} has no remote {remote!r}", "name one of it, or write an address")
    base = os.getcwd() if address is remote else _top(repo)
    settings = [(key, value) for key, value in _IDLE.items() if key not in own]
    settings += [(key, value) for key, values in own.items() if _HANDED_ON.fullmatch(key) for value in values]
    for key in _OF_A_REMOTE:
        settings += [(f"remote.{NAME}.{key}", value) for value in own.get(f"remote.{remote}.{key}", [])]
    # A mirror would be pushed with force, whatever is asked for.
    settings += [(f"remote.{NAME}.mirror", "false"), (f"remote.{NAME}.url", _absolute(address, base))]
    for value in own.get(f"remote.{remote}.pushurl", [])[:1]:
        settings.append((f"remote.{NAME}.pushurl", _absolute(value, base)))
    found = Remote(without_secrets(address), tuple(settings))
    return _with_objects(found, git(".", "ls-remote", "--get-url", NAME, env=found.environment()).decode().strip())


def _pair(number: int, key: str, value: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (f"GIT_CONFIG_KEY_{number}", key), (f"GIT_CONFIG_VALUE_{number}", value)


def _configuration(repo: str) -> Mapping[str, list[str]]:
    """The configuration of the repository itself; git reads that of the user and the machine anyway."""
    found: dict[str, list[str]] = {}
    listed = git(repo, "config", "--list", "--null", "--show-scope", "--includes").split(b"\0")[:-1]
    for scope, pair in zip(listed[::2], listed[1::2], strict=True):
        if scope in (b"local", b"worktree"):
            key, _, value = pair.decode(errors="surrogateescape").partition("\n")
            found.setdefault(key, []).append(value)
    return found


def _top(repo: str) -> str:
    """The folder to which addresses in the configuration are relative."""
    for word in ("--show-toplevel", "--absolute-git-dir"):
        with suppress(GitError):
            return git(repo, "rev-parse", word).decode(errors="surrogateescape").rstrip("\n")
    return repo


def _absolute(address: str, base: str) -> str:
    if _SCHEME.match(address) or (_HOST_AND_PATH.match(address) and not os.path.exists(address)):
        return address
    return os.path.abspath(os.path.join(base, address))


def _with_objects(remote: Remote, address: str) -> Remote:
    """The same; if it is a folder on this machine, with the place and format of its objects."""
    path = address.removeprefix("file://")
    if not os.path.isdir(path):
        return remote
    try:
        form = git(path, "rev-parse", "--show-object-format").decode().strip()
        objects = git(path, "rev-parse", "--git-path", "objects").decode(errors="surrogateescape").rstrip("\n")
    except GitError:
        return remote  # whatever is wrong with it, the first use of it says
    found = os.path.abspath(os.path.join(path, objects))
    # The file that names another folder of objects is one with lines, in which some letters have a meaning.
    usable = os.path.isdir(found) and found.isprintable() and '"' not in found
    return Remote(remote.shown, remote.settings, found if usable else None, form)
