"""A report that is open in a browser."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.project import eventually

if TYPE_CHECKING:
    from playwright.sync_api import Page


@dataclass
class Opened:
    """A page, and what it said and asked for."""

    page: "Page"
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The part of the page's address from `#` on, as the page itself sees it."""
        return str(self.page.evaluate("location.hash"))

    def close(self) -> None:
        """Close the dialog of a unit or case; the page changes its address a moment after the dialog is gone."""
        self.page.keyboard.press("Escape")
        eventually("the address names no row", lambda: self.address.split("?")[0] in ("", "#"))

    def ids(self) -> list[str]:
        """The units in the rows that are in the page."""
        return self.page.locator("#rows .id").all_inner_texts()


Open = Callable[..., Any]
"""Opens the report of a summary; a context manager whose value is `Opened`."""
