"""The reference workload: a program that never changes, so that its time tells how fast the machine is just now.

It is Python: every machine that runs Longpole has it, and needs neither a compiler nor a binary of unknown origin. A
workload in C would depend on its compiler, this one depends on the version of Python; `reference_name` has both, and
times of different names cannot be compared.

It does what programs do that are measured: it follows branches and calls in an interpreter, multiplies large numbers,
and moves more memory than fits into caches of the first two levels. It is executed as

    python -I -S reference.py

Never change what `work` does: later versions are further functions, with a version of their own.
"""

import sys

VERSION = 1
_RESULT = 2957148060
_MASK = 0xFFFFFFFF


def reference_name() -> str:
    """The name of the workload: its version, and the Python that executes it."""
    return f"{VERSION}, {sys.implementation.name} {sys.version_info.major}.{sys.version_info.minor}"


def work() -> int:
    """Do the work of version 1; return its checksum, which is always the same."""
    return _branches(350_000) ^ _multiply(60) ^ _move(1 << 22, 6)


def _branches(count: int) -> int:
    state, odd, table = 1, 0, [0] * 1024
    for _ in range(count):
        state = (state * 1664525 + 1013904223) & _MASK
        if state & 0x10000:
            odd += 1
        table[state >> 22] ^= state
    for value in table:
        odd ^= value
    return odd


def _multiply(count: int) -> int:
    number = (1 << 20_000) - 12_345
    modulus = (1 << 20_011) - 977
    for _ in range(count):
        number = number * number % modulus
    return number & _MASK


def _move(size: int, count: int) -> int:
    data = bytes(range(256)) * (size // 256)
    turned = bytes((value + 7) & 255 for value in range(256))
    total = 0
    for _ in range(count):
        data = data.translate(turned)
        total += data[::4096].count(7) + data[size // 2]
    return total


if __name__ == "__main__":
    sys.exit(work() != _RESULT)
