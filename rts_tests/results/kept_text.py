"""The beginning and the end of a text that comes in pieces, in memory that does not grow with it."""


class KeptText:
    """Keeps what `contracts.cases.shortened` would keep of the whole text."""

    __slots__ = ("_half", "_head", "_pieces", "_tail_size", "size")

    def __init__(self, most: int) -> None:
        """`most` is how many characters are kept."""
        self._half = most // 2
        self._head = ""
        self._pieces: list[str] = []
        self._tail_size = 0
        self.size = 0
        """Characters of the whole text."""

    def add(self, piece: str) -> None:
        """Take the next piece."""
        self.size += len(piece)
        room = self._half - len(self._head)
        if room > 0:
            self._head += piece[:room]
            piece = piece[room:]
        if piece:
            self._pieces.append(piece)
            self._tail_size += len(piece)
            if self._tail_size > 4 * self._half:
                self._pieces = [self._tail()]
                self._tail_size = len(self._pieces[0])

    def _tail(self) -> str:
        text = "".join(self._pieces)
        return text[-self._half :] if self._half else ""

    def text(self) -> str:
        """Return the text; of a long one the head and the tail, and a note of what is missing."""
        missing = self.size - 2 * self._half
        if missing <= 0:
            return self._head + "".join(self._pieces)
        return f"{self._head}\n[{missing} characters omitted here]\n{self._tail()}"
