"""A page of the report, read without a browser."""

import json
from html.parser import HTMLParser
from typing import Any

from longpole.rts_tests.contracts.history import History
from longpole.rts_tests.report.formats.html import report_html
from longpole.rts_tests.report.summary import Summary


class Page(HTMLParser):
    """The elements of a page: names, attributes, and the text of every element by its nearest open one."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)
        self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.texts[tag][-1] += data

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.elements)


def page_of(summary: Summary, history: History | None = None) -> tuple[str, Page, dict[str, Any]]:
    text = report_html(summary, history).decode()
    page = Page(text)
    return text, page, json.loads(page.texts["script"][0])
