"""What is kept of a text in pieces is what would be kept of the whole text."""

from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.cases import shortened
from longpole.rts_tests.results.kept_text import KeptText


@given(st.lists(st.text(max_size=30), max_size=30), st.integers(0, 20).map(lambda half: 2 * half))
def test_the_pieces_do_not_matter(pieces: list[str], most: int) -> None:
    kept = KeptText(most)
    for piece in pieces:
        kept.add(piece)
    whole = "".join(pieces)
    assert kept.size == len(whole)
    if most:
        assert kept.text() == shortened(whole, most)


def test_it_does_not_grow_with_the_text() -> None:
    kept = KeptText(10)
    for _ in range(1000):
        kept.add("x" * 7)
        assert sum(map(len, kept._pieces)) <= 4 * 5
    assert kept.text() == "xxxxx\n[6990 characters omitted here]\nxxxxx"
