"""A file while it is run, and what is told of it in the end."""

from __future__ import annotations

from typing import Dict, List, Optional


class Suite:
    """A file that is being run."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.planned = 0
        self.left = 0
        self.deselected = False
        self.seconds = 0.0
        self.output = ""
        """What was printed while it was collected."""
        self.started = False
        self.completed = False
        self.cases: List[Dict[str, object]] = []
        self.status: Optional[str] = None
        """That of the file itself, if it could not be collected."""
        self.message: Optional[str] = None
        self.details: Optional[str] = None

    def fail(self, message: str, details: str = "") -> None:
        """Make it an error of the file itself; the first message stays."""
        self.status = "error"
        self.message = self.message or message
        self.details = "\n\n".join(filter(None, [self.details, details])) or None

    def outcome(self) -> str:
        """The status of the whole: error or failed if a case is, or the file itself; skipped if all of it is."""
        cases = {str(case["status"]) for case in self.cases}
        for status in ("error", "failed"):
            if status in cases or status == self.status:
                return status
        return "skipped" if (cases or {str(self.status)}) == {"skipped"} else "passed"
