"""A GitHub of our own on the loopback: real sockets, and answers that a test gives."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Answer:
    """What the server sends: a status, headers and a body. With `hangs` it sends nothing before it is stopped."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    drips: bool = False


def runs(*listed: dict[str, Any]) -> Answer:
    return Answer(body=json.dumps({"total_count": len(listed), "workflow_runs": listed}).encode())


@dataclass
class FakeGitHub:
    """Its address, and what it was asked: path, parameters, headers."""

    url: str
    asked: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone is no error."""


@contextmanager
def fake_github(answer: Callable[[str, dict[str, str]], Answer]) -> Iterator[FakeGitHub]:
    """A server that answers a path and its parameters as `answer` says."""
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            parameters = {key: values[0] for key, values in parse_qs(parts.query).items()}
            github.asked.append((parts.path, parameters, dict(self.headers)))
            given = answer(parts.path, parameters)
            if given.hangs:
                stopped.wait()
                return
            self.send_response(given.status)
            for name, value in given.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(given.body) or (10**6 if given.drips else 0)))
            self.end_headers()
            self.wfile.write(given.body)
            while given.drips and not stopped.wait(0.01):
                self.wfile.write(b" ")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    github = FakeGitHub(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield github
    finally:
        stopped.set()
        server.shutdown()
        thread.join()
        server.server_close()
