"""A mail server on the loopback interface that says what a test wants it to say."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import BinaryIO

Answer = Callable[[bytes], bytes | None]
"""What the server says to a line of the client; None to close the connection."""


@contextmanager
def scripted(greeting: bytes, answer: Answer) -> Iterator[int]:
    """Run a server during the block. Gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=_serve, args=(listener, greeting, answer))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(listener: socket.socket, greeting: bytes, answer: Answer) -> None:
    with suppress(OSError):
        while True:
            connection, _address = listener.accept()
            with connection, suppress(OSError), connection.makefile("rb") as lines:
                connection.sendall(greeting)
                _converse(connection, lines, answer)


def _converse(connection: socket.socket, lines: BinaryIO, answer: Answer) -> None:
    while line := lines.readline():
        said = answer(line.rstrip(b"\r\n"))
        if said is None:
            return
        connection.sendall(said)
