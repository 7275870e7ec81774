"""What may be the name of a branch, of a repository, or the path of a file in one. Pure functions.

Each returns what is wrong with its argument, or None.
"""

import re

MAX_PATH_BYTES = 2048
MAX_PART_BYTES = 250
_IN_NO_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//")


def wrong_branch(name: str) -> str | None:
    """What `git check-ref-format --branch` refuses about `name`; git-check-ref-format(1) has the rules."""
    parts = name.split("/")
    if found := _IN_NO_REF.search(name):
        return f"holds {found[0]!r}"
    return _first(
        (not name, "is empty"),
        (name.startswith(("-", "/")), f"begins with `{name[:1]}`"),
        (name.endswith(("/", ".")), f"ends with `{name[-1:]}`"),
        (name in ("@", "HEAD"), f"is `{name}`"),
        (any(part.startswith(".") for part in parts), "has a part that begins with `.`"),
        (any(part.endswith(".lock") for part in parts), "has a part that ends with `.lock`"),
        (_is_too_long(name), "is too long"),
    )


def wrong_repository(name: str) -> str | None:
    """Why `name` cannot be a folder in `remotes/`, or is no name to print."""
    return _first(
        (not name, "is empty"),
        ("/" in name, "holds `/`"),
        (not name.isprintable(), "holds a control character"),
        (name.casefold() in (".", "..", ".git"), f"is `{name}`"),
        (_is_too_long(name), "is too long"),
    )


def wrong_path(path: str) -> str | None:
    """Why `path` cannot be that of a file in a repository, relative to its root."""
    parts = path.split("/")
    return _first(
        (not path, "is empty"),
        (path.startswith("/"), "is absolute"),
        (path.endswith("/"), "ends with `/`"),
        ("\0" in path, "holds NUL"),
        (".." in parts, "holds `..`"),
        (any(part.casefold() == ".git" for part in parts), "holds `.git`"),
        (not tidy(path), "names no file"),
        (_is_too_long(path), "is too long"),
    )


def _is_too_long(name: str) -> bool:
    """Whether no file system could hold it below a folder of its own, also with git's `.lock` at its end."""
    data = name.encode("utf-8", "surrogatepass")
    return len(data) > MAX_PATH_BYTES or any(len(part) > MAX_PART_BYTES for part in data.split(b"/"))


def _first(*rules: tuple[bool, str]) -> str | None:
    return next((wrong for broken, wrong in rules if broken), None)


def tidy(path: str) -> str:
    """`path` without the parts that mean nothing: `./a//b` is `a/b`."""
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def variable(name: str) -> str:
    """The variable with a repository's path: `REMOTE_MY_REPO` for `my-repo`."""
    return "REMOTE_" + name.upper().replace("-", "_")
