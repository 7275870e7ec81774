"""Paths in a suite: which characters make and the shell allow in them."""

import posixpath
import re

from longpole.rts_tests.contracts.problems import shown

MAX_PATH = 1000
_SAFE_IN_PATH = re.compile(r"[A-Za-z0-9_./+@,-]*")


def wrong_with_path(path: str, written: str) -> tuple[str, str] | None:
    """The error in a path that make and the shell will see, and its remedy; None if it is valid."""
    safe = _SAFE_IN_PATH.match(path)
    if not path:
        return "is empty", "write a relative path, or remove the key"
    if safe and safe.end() < len(path):
        return f"holds {shown(path[safe.end()])}, which make cannot use in a target", "use A-Z a-z 0-9 _ . / + @ , -"
    if outside := _outside(path, written):
        return outside
    if path.startswith("-"):
        return f"begins with `-` in {written}, like an option", "write another name"
    if posixpath.normpath(path) == ".":
        return "is the suite's own directory", "name one below it"
    return _too_long(path)


def wrong_with_cwd(path: str, written: str) -> tuple[str, str] | None:
    """The error in a working directory, which neither make nor a shell sees, and its remedy; None if it is valid."""
    return _outside(path, written) or _too_long(path)


def _outside(path: str, written: str) -> tuple[str, str] | None:
    if path.startswith("/"):
        return f"is the absolute path {written}", "write one relative to the suite"
    if ".." in path.split("/"):
        return f"holds `..` in {written}", "keep it inside the suite's directory"
    return None


def _too_long(path: str) -> tuple[str, str] | None:
    return (f"is longer than {MAX_PATH} characters", "shorten it") if len(path) > MAX_PATH else None
