"""The hosts of a server: calls them, and finds out which one is the primary."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any, NamedTuple

from psycopg2 import connect
from psycopg2.extensions import make_dsn, set_wait_callback

from ticketcli.errors import AGAIN, AwayError
from ticketcli.i18n import _
from ticketcli.storage.login import Connection, LoginError
from ticketcli.storage.targets import Password, describe

NEXT_SECONDS = 0.25
"""After how many seconds without an answer the next host is called as well."""

OTHERS_SECONDS = 2.0
"""How many seconds the other hosts have, when all are asked which one is the primary."""

_STATE = """SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean,
    CASE WHEN NOT pg_is_in_recovery() THEN left(pg_walfile_name(pg_current_wal_lsn()), 8) END"""


class Node(NamedTuple):
    """A host that has let us in: the connection to it, whether it takes itself for the primary, and
    its timeline, which rises with each promotion (empty when it was not asked for).
    """

    connection: Any
    is_primary: bool
    timeline: str = ""


class Hosts:
    """The hosts in a URL. `places` has one or more, as parameters of libpq; `options` are those of
    all connections. With `standby` a standby is wanted rather than the primary.
    """

    after_fault = False
    """Whether a host may take itself for the primary that is none any more."""

    def __init__(
        self,
        url: str,
        places: Sequence[Mapping[str, str]],
        options: Mapping[str, Any],
        password: Password | None,
        *,
        standby: bool = False,
    ) -> None:
        self._standby = standby
        self._url, self._places, self._password = url, places, password
        self._options = dict(options)
        # Without the keyring, which is slow.
        if found := password(False) if password else None:
            self._options["password"] = found

    @property
    def are_several(self) -> bool:
        """Whether the URL names more than one host."""
        return len(self._places) > 1

    def dsn(self, **place: Any) -> str:
        """What libpq needs to connect to one of the hosts."""
        return str(make_dsn(self._url, **{**self._options, **place}))

    def log_in(self) -> Any:
        """A new connection; where there are several hosts, to the primary, or to one that only
        reads where that is wanted and there is one.

        Raises AwayError if none of them is the primary, LoginError if no host lets us in.
        """
        try:
            return self._logged_in()
        except LoginError as error:
            # The keyring only now: it may ask the user to unlock it.
            found = self._password(True) if self._password and error.wants_password else None
            if not found:
                raise
            self._options["password"] = found
            return self._logged_in()

    def is_superseded(self, connection: Any) -> bool:
        """Whether another host is the primary rather than the one of a connection."""
        if not self.are_several:
            return False
        nodes, _failures = self._called(all_of_them=True)
        newest = _newest(nodes)
        is_other = newest is not None and _address(newest.connection) != _address(connection)
        for node in nodes:
            node.connection.close()
        return is_other

    def _logged_in(self) -> Any:
        careful = self.are_several and self.after_fault and not self._standby
        nodes, failures = self._called(all_of_them=careful)
        chosen = nodes[-1] if nodes and self._standby else _newest(nodes)
        for node in nodes:
            if node is not chosen:
                node.connection.close()
        if chosen is not None:
            return chosen.connection
        if nodes or not failures:
            raise AwayError(
                _("none of the hosts is the primary now ({database})").format(
                    database=describe(self._url)
                ),
                hint=_(AGAIN),
            )
        raise min(failures, key=_hope)

    def _called(self, *, all_of_them: bool) -> tuple[list[Node], list[BaseException]]:
        """The hosts that have let us in, and the errors of others; the last one is what is
        wanted, unless all were to be asked.
        """

        def call(place: Mapping[str, str]) -> Node:
            connection = connect(self.dsn(**place), connection_factory=Connection)
            if not self.are_several:
                return Node(connection, True)
            standby = connection.info.parameter_status("in_hot_standby")
            if standby is not None and not all_of_them:
                return Node(connection, standby == "off")
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(_STATE)
                [(cannot_write, timeline)] = cursor.fetchall()
            return Node(connection, not cannot_write, timeline or "")

        nodes: list[Node] = []
        failures: list[BaseException] = []
        calls = [lambda place=place: call(place) for place in self._places]
        for answer in _answers(calls, at_once=all_of_them):
            if isinstance(answer, Node):
                nodes.append(answer)
                if answer.is_primary is not self._standby and not all_of_them:
                    break
            else:
                failures.append(answer)
        return nodes, failures


def _newest(nodes: Sequence[Node]) -> Node | None:
    primaries = [node for node in nodes if node.is_primary]
    return max(primaries, key=lambda node: node.timeline, default=None)


def _address(connection: Any) -> tuple[Any, ...]:
    return connection.info.host, connection.info.port


def _hope(error: BaseException) -> int:
    """Which error to show first: what only the user can change comes before what may pass."""
    from ticketcli.storage.database_errors import may_pass

    if getattr(error, "wants_password", False):
        return 0
    return 2 if may_pass(error) else 1


def _answers(
    calls: Sequence[Callable[[], Node]], *, at_once: bool
) -> Iterator[Node | BaseException]:
    """What the calls return or raise, as they come. Each is made when those before have answered,
    or not for a while; with `at_once` all are, and those that take long are left out once another
    has answered.

    In threads, which end with the process: libpq waits without Python, and Ctrl-C would end
    nothing. There is no transaction yet that must be rolled back.
    """
    # Without a callback, because only then libpq itself keeps to `connect_timeout`.
    set_wait_callback(None)
    answers: SimpleQueue[Node | BaseException] = SimpleQueue()
    is_over = False

    def run(call: Callable[[], Node]) -> None:
        try:
            answer = call()
        except BaseException as error:
            answers.put(error)
            return
        if is_over:
            answer.connection.close()
        else:
            answers.put(answer)

    to_make, open_calls, end = list(calls), 0, None
    try:
        while to_make or open_calls:
            if to_make:
                Thread(target=run, args=(to_make.pop(0),), daemon=True).start()
                open_calls += 1
            if to_make:
                limit: float | None = 0 if at_once else NEXT_SECONDS
            else:
                limit = None if end is None else max(end - monotonic(), 0)
            try:
                answer = answers.get(timeout=limit)
            except Empty:
                if to_make:
                    continue
                return
            open_calls -= 1
            if at_once and end is None and isinstance(answer, Node):
                end = monotonic() + OTHERS_SECONDS
            yield answer
    finally:
        is_over = True
