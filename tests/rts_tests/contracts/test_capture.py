"""A unit's output on its way into its log, whatever the pieces it comes in."""

import re
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from longpole.rts_tests.contracts.capture import Capture

pieces = st.lists(st.binary(max_size=40), max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces, st.integers(2, 200))
def test_a_log_is_the_output_or_its_head_and_tail(tmp_path: Path, given_pieces: list[bytes], cap: int) -> None:
    capture = Capture(str(tmp_path / "log"), cap)
    for piece in given_pieces:
        if piece:
            capture.add(piece)
    data, text, half = b"".join(given_pieces), capture.text(), cap // 2
    if len(data) <= 2 * half:
        assert text == data
    else:
        said = f"\n[longpole: {len(data) - 2 * half} bytes omitted here; a log keeps {cap} bytes]\n".encode()
        assert text == data[:half] + said + data[-half:]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces, st.integers(2, 200))
def test_a_log_that_was_spilled_ends_the_same(tmp_path: Path, given_pieces: list[bytes], cap: int) -> None:
    plain, spilled = (Capture(str(tmp_path / name), cap) for name in ("plain", "spilled"))
    for piece in filter(None, given_pieces):
        plain.add(piece)
        spilled.add(piece)
        spilled.spill()
        part = tmp_path / "spilled.part"
        written = part.read_bytes() if part.exists() else b""
        assert spilled.text().startswith(written)
    plain.finish()
    spilled.finish()
    logs = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert logs == ({} if plain.empty else {"plain": plain.text(), "spilled": plain.text()})
    for path in tmp_path.iterdir():
        path.unlink()


def test_memory_does_not_grow_with_the_output(tmp_path: Path) -> None:
    capture = Capture(str(tmp_path / "log"), 1024)
    for _ in range(10_000):
        capture.add(b"x" * 1000)
    assert len(capture.text()) < 1200
    assert re.search(rb"\[longpole: 9998976 bytes omitted here; a log keeps 1024 bytes\]", capture.text())
