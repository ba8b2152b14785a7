"""A proxy to a PostgreSQL server that breaks the connection when a test wants it to."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Literal
from urllib.parse import parse_qs, urlsplit

Fault = Literal["cut", "answer lost", "silence"]
"""How the connection breaks. `cut`: the client's data is not passed on, the connection is closed.
`answer lost`: the data is passed on, but the connection is closed before the answer. `silence`:
nothing is passed on, but the connection stays open.
"""

_BYTES = 1 << 16


class Proxy:
    """Listens on a local port and passes data between clients and the server. When clients send for
    the time number `breaks`, the fault happens, and the proxy stays broken, unless it `heals`: then
    it is that connection alone.
    """

    def __init__(
        self, database: str, *, breaks: int, fault: Fault, heals: bool, words: bytes | None
    ) -> None:
        url = urlsplit(database)
        self.words = words
        self._heals = heals
        self._lost: socket.socket | None = None
        self.breaks, self.fault = breaks, fault
        self.sent: list[bytes] = []
        self._broken = threading.Event()
        self._server = f"{parse_qs(url.query)['host'][0]}/.s.PGSQL.5432"
        self._ends = [socket.create_server(("127.0.0.1", 0))]
        self._threads: list[threading.Thread] = []
        port = self._ends[0].getsockname()[1]
        # Without encryption, so that the messages can be counted.
        self.database = (
            f"postgresql://{url.username}@127.0.0.1:{port}{url.path}"
            "?sslmode=disable&gssencmode=disable&connect_timeout=2"
        )
        self._start(self._serve)

    @property
    def spoken(self) -> int:
        """How many times clients have sent something; each time they waited for an answer."""
        return len(self.sent)

    def close(self) -> None:
        """Close all connections."""
        for end in self._ends:
            _shut(end)
        for thread in self._threads:
            thread.join()
        for end in self._ends:
            end.close()

    def _start(self, run: Callable[..., None], *ends: socket.socket) -> None:
        thread = threading.Thread(target=run, args=ends)
        self._threads.append(thread)
        thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client = self._ends[0].accept()[0]
                self._ends.append(client)
                if self._broken.is_set():
                    if self.fault != "silence":
                        _shut(client)
                    continue
                server = socket.socket(socket.AF_UNIX)
                self._ends.append(server)
                server.connect(self._server)
                self._start(self._pass_on, client, server)
                self._start(self._pass_back, server, client)

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while chunk := client.recv(_BYTES):
                self.sent.append(chunk)
                if self.spoken == self.breaks:
                    self._lost = client
                    if not self._heals:
                        self._broken.set()
                    if self.fault == "silence":
                        return
                    if self.fault == "cut":
                        break
                server.sendall(chunk)
        _shut(client, server)

    def _pass_back(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            rest = b""
            while chunk := server.recv(_BYTES):
                if self._broken.is_set() or client is self._lost:
                    if self.fault == "silence":
                        return
                    break
                if self.words is not None:
                    chunk, rest = _reworded(rest + chunk, self.words)
                client.sendall(chunk)
        _shut(client, server)


def _reworded(sent: bytes, words: bytes) -> tuple[bytes, bytes]:
    """The whole messages of a server, all errors in other words, and what it began to send then."""
    done = b""
    while len(sent) > 4 and len(sent) > (size := int.from_bytes(sent[1:5])):
        kind, body, sent = sent[:1], sent[5 : size + 1], sent[size + 1 :]
        if kind == b"E":
            fields = [field for field in body.split(b"\0") if field]
            body = b"".join(_field(field, words) + b"\0" for field in fields) + b"\0"
        done += kind + (len(body) + 4).to_bytes(4) + body
    return done, sent


def _field(field: bytes, words: bytes) -> bytes:
    # S is the severity and M the message, both in the server's language.
    return {b"S": b"SFATAL", b"M": b"M" + words}.get(field[:1], field)


def _shut(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy(
    database: str,
    *,
    breaks: int = 0,
    fault: Fault = "cut",
    heals: bool = False,
    words: bytes | None = None,
) -> Iterator[Proxy]:
    """Run a Proxy to the server of a database during the block. With `words` the server says those
    for each error.
    """
    running = Proxy(database, breaks=breaks, fault=fault, heals=heals, words=words)
    try:
        yield running
    finally:
        running.close()
