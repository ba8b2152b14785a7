"""The spool: keeps a command whose server cannot be reached, and runs it when it can be."""

import base64
import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ticketcli.cli import arguments
from ticketcli.cli.declarations import Context, parameters
from ticketcli.commands._attach import read_paths
from ticketcli.config import spool
from ticketcli.config.spool import Entry
from ticketcli.errors import (
    InvalidError,
    NotFoundError,
    RefusedError,
    TicketcliError,
    UnavailableError,
)
from ticketcli.i18n import _
from ticketcli.output.views import SPOOLED
from ticketcli.values import texts, words

if TYPE_CHECKING:
    from ticketcli.cli.world import World

LARGEST = 25 * 1024 * 1024
"""The most bytes of all attachments of a command that is kept."""


# Keeping


def keep(world: "World", do: str, values: Mapping[str, Any], error: Exception) -> bool:
    """Keep a command that failed with an error since its server cannot be reached, and say so.
    False if it is none that can be kept, or is not to be.

    `values` are those of its options and arguments. Raises InvalidError for what no book would
    take, KeyboardInterrupt when the person at the terminal abandons the question.
    """
    allowed = world.settings.get("spool") or "ask"
    if allowed == "ask" and not world.input.has_terminal:
        allowed = "never"
    if allowed == "never" or not _can_wait(do, values):
        return False
    # The fields of a ticket, which --fields may name, are not those of what waits.
    world.options.pop("fields", None)
    world.output.expect(SPOOLED)
    reason = _reason(world, error)
    typed_at = int(world.now.timestamp())
    command = {"do": do, **_lasting(world, values, typed_at)}
    stdin = world.input.text() if _reads_stdin(do, values) else None
    _check(world, command, stdin)
    files = [_content(path) for path in read_paths(command.pop("attach", None))]
    if sum(len(content) for _name, content in files) > LARGEST:
        raise InvalidError(
            _("the attachments are too large to be kept until the server is there again"),
            hint=_("leave --attach out; later: ticketcli attach"),
        )
    if allowed == "ask" and not _is_wanted(world, reason):
        return False
    key = command.pop("key", None) or f"spool-{os.urandom(8).hex()}"

    def make(number: int) -> Entry:
        book = world.book_name
        author = world.named_me
        encoded = [(name, base64.b64encode(content).decode()) for name, content in files]
        return Entry(number, typed_at, author, book, key, command, stdin, encoded)

    try:
        with spool.locked(world.environ, seconds=world.database_wait) as waiting:
            entry = waiting.add(make)
    except (OSError, TicketcliError) as trouble:
        why = trouble.strerror if isinstance(trouble, OSError) else trouble
        world.output.warn("not_kept", _("it could not be kept here either: {why}").format(why=why))
        return False
    message = _(
        "{name} is not in the book yet: the next command that reaches the server enters it ({why})"
    )
    world.output.warn("spooled", message.format(name=entry.name, why=reason), [entry.name])
    world.output.show_written([{**record(entry), "outcome": "spooled"}], SPOOLED, single=True)
    return True


def _can_wait(do: str, values: Mapping[str, Any]) -> bool:
    """Whether a command writes, and by itself. What is typed into a form or an editor is kept as a
    draft.
    """
    if values.get("interactive") or values.get("editor"):
        return False
    if do == "call":
        return bool(values["text"] is not None or values["missed"])
    return bool(values["label"] is not None if do == "new" else True)


def _reads_stdin(do: str, values: Mapping[str, Any]) -> bool:
    notes = [values.get("note")]
    if do == "call" and values["ref"] is not None:
        notes.append(values["text"])
    return "-" in notes


def _lasting(world: "World", values: Mapping[str, Any], typed_at: int) -> dict[str, Any]:
    """The values that were given, so that they mean the same when they are read again later, with
    other settings: `tomorrow` as a date, `+2h` as an instant.
    """
    lasting = {
        name: value
        for name, value in values.items()
        if name != "ctx" and value is not None and value is not False and value != []
    }
    happened = arguments.instant(values.get("at"), world)
    lasting["at"] = f"@{typed_at if happened is None else int(happened.timestamp())}"
    if due := arguments.due(values.get("due"), world):
        lasting["due"] = due
    for name in ("callback", "wait"):
        text = values.get(name)
        if text is not None and not (name == "wait" and words.fold(text) in words.NONE):
            promised = arguments.promise(name, text, world)
            lasting[name] = f"@{int(promised.timestamp())}" if promised else text
    if (
        values.get("partner")
        and not values.get("origin")
        and (origin := world.settings.get("origin"))
    ):
        lasting["origin"] = origin
    if values.get("notify") is None:
        from ticketcli.commands import _notify

        lasting["notify"] = _notify.always(world)
    else:
        lasting["notify"] = values["notify"]
    return lasting


def _check(world: "World", command: Mapping[str, Any], stdin: str | None) -> None:
    """Raise InvalidError for what can be seen to be wrong without a book."""
    if "label" in command:
        texts.line(_("label"), command["label"])
    elif command["do"] == "call" and "text" in command and "ref" not in command:
        texts.line(_("label"), command["text"])
    note = command.get("note") or (command.get("text") if "ref" in command else None)
    if note is not None:
        texts.note(stdin if note == "-" and stdin is not None else note)
    if "key" in command:
        texts.line("--key", command["key"])
    if command["do"] == "new":
        from ticketcli.tickets.open import check_exchange

        given = {
            name: command[name] for name in ("partner", "contact", "origin") if name in command
        }
        if "direction" in command:
            given["direction"] = arguments.choice(
                "direction", words.DIRECTION, command["direction"]
            )
        check_exchange(given, answered="answered" in command, default_origin=None)


def _content(path: str) -> tuple[str, bytes]:
    """The name of a file, and its content, but no more than shows that it is too large."""
    with open(path, "rb") as file:
        return os.path.basename(path), file.read(LARGEST + 1)


def _is_wanted(world: "World", reason: str) -> bool:
    from ticketcli.commands import _form
    from ticketcli.form.form import sure

    prompts = _form.prompts(world)
    prompts.say(("reason", f"    {reason}"))
    question = _("keep it here, and enter it when the server is there again?")
    return sure(prompts, question, default=True)


def _reason(world: "World", error: Exception) -> str:
    if isinstance(error, TicketcliError):
        return str(error)
    from ticketcli.storage.database_errors import explain

    return str(explain(error, world.target) or error)


# Sending


def send_first(world: "World") -> None:
    """Run the commands that wait for the book which is open, before the command that opened it.

    Raises the error of the driver when the server is gone again.
    """
    try:
        entries = spool.read(world.environ)
        book = world.book_name
        if not any(_waits(entry, book) for entry in entries):
            return
        with spool.locked(world.environ, seconds=world.database_wait) as waiting:
            chosen = [entry for entry in waiting.entries if _waits(entry, book)]
            for done in _sent(world, waiting, chosen):
                if done.reason is not None:
                    message = _("{name} was refused, and is not in the book: {reason}")
                    world.output.warn(
                        "spool_refused",
                        message.format(name=done.name, reason=done.reason),
                        [done.name],
                    )
    except (OSError, RefusedError, UnavailableError) as error:
        message = _("what waits for the server could not be entered: {reason}")
        world.output.warn("spool_waits", message.format(reason=error))


def send(world: "World", numbers: Sequence[int]) -> list[Entry]:
    """Run the commands of these numbers, also those that were refused; without numbers all of the
    book that is open. Returns what became of them.

    Raises NotFoundError with the numbers of none that waits, UnavailableError when another command
    sends, and the error of the driver when the server is gone.
    """
    with spool.locked(world.environ, seconds=world.database_wait) as waiting:
        if numbers:
            chosen = _chosen(waiting.entries, numbers)
        else:
            book = world.book_name
            chosen = [each for each in waiting.entries if each.command and each.database == book]
        return list(_sent(world, waiting, chosen))


def drop(world: "World", numbers: Sequence[int]) -> list[Entry]:
    """Take the commands of these numbers out of the spool. Raises NotFoundError with the numbers of
    none that waits, UnavailableError when another command sends.
    """
    with spool.locked(world.environ, seconds=world.database_wait) as waiting:
        chosen = _chosen(waiting.entries, numbers)
        waiting.replace(*(_emptied(entry) for entry in chosen))
    return chosen


def ticket_of(world: "World", number: int) -> int:
    """The ticket that came of a command of the spool, which the book is opened for if need be.

    Raises NotFoundError if there is none of this number, or it was dropped, RefusedError if the
    book refused it.
    """
    entry = spool.find(world.environ, number)
    if entry is not None and entry.command:
        world.database(write=True)
        entry = spool.find(world.environ, number)
    if entry is None or (entry.ticket is None and not entry.command):
        raise NotFoundError(
            _("nothing waits as {name}").format(name=f"s{number}"),
            hint="ticketcli spool list",
            names=[f"s{number}"],
        )
    if entry.ticket is None or entry.database != world.book_name:
        reason = entry.reason or _("it is for {database}").format(database=entry.database)
        raise RefusedError(
            _("{name} is not in the book: {reason}").format(name=entry.name, reason=reason),
            hint="ticketcli spool list",
            names=[entry.name],
        )
    return entry.ticket


def record(entry: Entry) -> dict[str, Any]:
    """A command of the spool as the promised dict."""
    from ticketcli.values.zones import iso

    command = entry.command or {}
    ref = command.get("ref")
    return {
        "id": entry.name,
        "do": command.get("do"),
        "ref": None if ref is None else ref.strip().removeprefix("#"),
        "number": command.get("number"),
        "text": entry.text,
        "typed_at": iso(entry.typed_at),
        "author": entry.author,
        "key": entry.key,
        "database": entry.database,
        "ticket": entry.ticket,
        "reason": entry.reason,
    }


def _waits(entry: Entry, book: str) -> bool:
    return bool(entry.command) and entry.reason is None and entry.database == book


def _chosen(entries: Sequence[Entry], numbers: Sequence[int]) -> list[Entry]:
    found = [entry for entry in entries if entry.id in numbers and entry.command]
    known = {entry.id for entry in found}
    if missing := [f"s{number}" for number in numbers if number not in known]:
        raise NotFoundError(
            _("nothing waits as {name}").format(name=", ".join(missing)),
            hint="ticketcli spool list",
            names=missing,
        )
    return found


def _emptied(entry: Entry, ticket: int | None = None) -> Entry:
    return entry._replace(command=None, stdin=None, files=(), ticket=ticket, reason=None)


def _sent(world: "World", waiting: spool.Spool, chosen: Sequence[Entry]) -> "Sequence[Entry]":
    """Run commands, one after the other, and write down what became of each before the next."""
    done = []
    for entry in chosen:
        try:
            ticket = _run(world, entry)
        except Exception as error:
            result = entry._replace(reason=_refusal(world, error))
            waiting.replace(result)
        else:
            # Whoever is killed before this is written finds the ticket again by its key.
            result = entry._replace(ticket=ticket, reason=None)
            waiting.replace(_emptied(entry, ticket))
            message = _("{name} is ticket {number} now")
            world.output.say(message.format(name=entry.name, number=ticket))
        done.append(result)
    return done


def _refusal(world: "World", error: Exception) -> str:
    """Why the book has refused a command. Raises the error again when it may pass."""
    from ticketcli.storage.database_errors import explain, may_pass

    if may_pass(error):
        raise error
    known = error if isinstance(error, TicketcliError) else explain(error, world.target)
    if isinstance(known, UnavailableError):
        raise known from error
    return repr(error) if known is None else str(known)


def _run(world: "World", entry: Entry) -> int:
    """Run a command of the spool on the open book, and return the number of its ticket."""
    given = dict(entry.command or {})
    module = import_module(f"ticketcli.commands.{given.pop('do')}")
    apart = world.apart(author=entry.author, stdin=entry.stdin or "")
    with TemporaryDirectory() as folder:
        if entry.files:
            given["attach"] = [
                _written(Path(folder) / str(place), *file) for place, file in enumerate(entry.files)
            ]
        defaults = {each.name: each.default for each in parameters(module.run)}
        module.run(ctx=Context(apart), **{**defaults, **given, "key": entry.key})
    # What it prints is the number of the ticket.
    return int(apart.output.stdout.getvalue())  # type: ignore[attr-defined]


def _written(folder: Path, name: str, content: str) -> str:
    folder.mkdir()
    path = folder / name
    path.write_bytes(base64.b64decode(content))
    return str(path)
