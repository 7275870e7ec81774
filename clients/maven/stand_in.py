"""Stands in for Java: python stand_in.py ARGUMENT...

Surefire starts it where it would start a JVM for tests. It writes down what Surefire passes, and takes leave.
"""

import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

RECORDS = "LONGPOLE_MAVEN_RECORDS"
"""The variable that holds the folder for what Surefire passed to Java."""
BEFORE = "environment"
"""The file, beside the records, with a hash of each variable before Maven."""
_OF_MAVEN = frozenset({"JAVA_HOME", "PWD", "OLDPWD", "_", "SHLVL", RECORDS})
"""Variables that Maven's own script sets; also all that begin with MAVEN_."""
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_MEANS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f"}


def record(arguments: Sequence[str]) -> None:
    """Write down what Surefire passes to Java, and take leave as its process does."""
    before = json.loads(Path(os.environ[RECORDS], BEFORE).read_text(encoding="utf-8"))
    place = next((at for at, word in enumerate(arguments) if word in ("-jar", "-cp", "-classpath")), len(arguments))
    place = next((at for at, word in enumerate(arguments[:place]) if word.startswith("@")), place)
    folder = next(Path(word) for word in arguments[place:] if os.path.isdir(word))
    names = [word for word in arguments[place:] if (folder / word).is_file() and os.sep not in word]
    texts = [(folder / name).read_text(encoding="iso-8859-1") for name in names]
    first, *rest = [dict(properties(text)) for text in texts]
    environ = {
        name: value for name, value in os.environ.items() if is_of_project(name) and before.get(name) != hash_of(value)
    }
    gone = [name for name in before if name not in os.environ and is_of_project(name)]
    found = {
        "options": list(arguments[:place]),
        "properties": first,
        "system": rest[0] if rest else {},
        "cwd": os.getcwd(),
        "environ": environ,
        "gone": gone,
    }
    path = Path(os.environ[RECORDS]) / f"{time.time_ns():020}-{os.getpid()}"
    path.with_suffix(".part").write_text(json.dumps(found), encoding="utf-8")
    path.with_suffix(".part").rename(path.with_suffix(".json"))
    sys.stdout.write(goodbye(first))
    sys.stdout.flush()


def goodbye(found: Mapping[str, str]) -> str:
    """What a process of this version of Surefire says at its end."""
    version = next(
        (match[1] for value in found.values() if (match := re.search(r"/surefire-[a-z0-9-]+?-(\d\S*)\.jar$", value))),
        "3",
    )
    if version.startswith("2.") or re.match(r"3\.0\.0-M[123]$", version):
        return "Z,0,BYE!\n"
    return ":maven:surefire:std:out:bye\n" if version == "3.0.0-M4" else ":maven-surefire-event:\x03:bye:"


def is_of_project(name: str) -> bool:
    """Whether a variable may be one that a pom.xml sets."""
    return name not in _OF_MAVEN and not name.startswith(("MAVEN_", "LONGPOLE_"))


def properties(text: str) -> Iterator[tuple[str, str]]:
    """The keys and values of a file of Java's `Properties`, as `store` writes them."""
    for line in re.sub(r"(?<!\\)((?:\\\\)*)\\\r?\n\s*", r"\1", text).splitlines():
        if not line or line[0] in "#!":
            continue
        match = re.match(r"((?:[^\\=: ]|\\.)*) ?[=:]? ?(.*)", line, re.DOTALL)
        if match:
            yield unescaped(match[1]), unescaped(match[2])


def unescaped(text: str) -> str:
    """A key or value without its backslashes."""
    plain = _ESCAPE.sub(
        lambda match: chr(int(match[1][1:], 16)) if len(match[1]) > 1 else _MEANS.get(match[1], match[1]), text
    )
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def hash_of(text: str) -> int:
    """A number that is the same in each process."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


if __name__ == "__main__":
    record(sys.argv[1:])
