"""The blocks of classes in the log of a fork: what each printed, below its name."""

import re
from collections.abc import Collection

from longpole.rts_tests.contracts.files import open_regular
from longpole.rts_tests.contracts.harmless import harmless

MAX_BLOCK = 64 * 1024
"""Bytes from the end of one block that are kept."""

_HEAD = re.compile(rb"=== (.+) ===")
_NOTE = re.compile(rb" \((?:so far|continued)\)$")


def blocks_of(log: str, fork: int, classes: Collection[str]) -> dict[str, str]:
    """The blocks of the wanted classes in the log of a fork, without the prefix of their lines.

    A block ends where the next one begins, so it may hold output that belongs to no class. A class without a block, or
    a log that cannot be read, is left out.
    """
    wanted = {harmless(name, colour=False).encode(errors="replace"): name for name in classes}
    prefix = b"[fork-%d] " % fork
    blocks: dict[str, bytearray] = {}
    block: bytearray | None = None
    try:
        with open_regular(log) as file:
            for whole in file:
                line = whole.removeprefix(prefix)
                head = _HEAD.fullmatch(line.rstrip(b"\r\n")) if line.startswith(b"=== ") else None
                if head is not None:
                    name = wanted.get(head[1], wanted.get(_NOTE.sub(b"", head[1])))
                    block = None if name is None else blocks.setdefault(name, bytearray())
                elif block is not None:
                    block += line
                    if len(block) > 2 * MAX_BLOCK:
                        del block[:-MAX_BLOCK]
    except OSError:
        return {}
    return {name: bytes(block[-MAX_BLOCK:]).decode(errors="replace") for name, block in blocks.items() if block}
