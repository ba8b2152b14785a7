"""`ticketcli import`."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

from ticketcli.cli import arguments, options
from ticketcli.cli.declarations import Argument, Context, Option
from ticketcli.commands.partner import PartnerOptions
from ticketcli.commands.partner.contact import ContactOptions
from ticketcli.errors import InvalidError, MissingError, PartialError, UsageError
from ticketcli.i18n import N_, _, ngettext
from ticketcli.output.views import BOOK_IMPORTED, LINE_IMPORTED
from ticketcli.values import texts, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ticketcli.cli.world import World
    from ticketcli.intake.people import Entered, Wrong

SHOWN = 5
"""How many repaired numbers a warning lists."""


def run(
    ctx: Context,
    what: Annotated[
        list[str] | None,
        Argument(
            metavar="[partners|contacts|tickets] FILE",
            help=N_("FILE alone is a whole book, as export wrote it; - is standard input"),
        ),
    ] = None,
    maps: Annotated[
        list[str] | None,
        Option("--map", metavar="COLUMN=FIELD", help=N_("what a column is for; may be repeated")),
    ] = None,
    key_column: Annotated[
        str | None,
        Option(
            "--key-column",
            metavar="COLUMN",
            help=N_("the column by which a line finds what was imported before"),
        ),
    ] = None,
    type: Annotated[
        str | None,
        Option("--type", metavar="TYPE", help=N_("of partners without one (default: client)")),
    ] = None,
    dry_run: Annotated[
        bool, Option("--dry-run", help=N_("show what each line would become, write nothing"))
    ] = False,
    keep_going: Annotated[
        bool, Option("--keep-going", help=N_("leave wrong lines out, instead of all lines"))
    ] = False,
) -> None:
    """Import partners, contacts or tickets; or a whole book, as "export" wrote it.

    From a spreadsheet (CSV with headings in English or French), an address book (vCard) or JSON
    lines. What is in the book already is changed, never doubled. One wrong line, and nothing is
    written: all errors are shown.

    A whole book goes into an empty one, all of it or nothing. No mail is sent by it, and every
    number and instant stays. On a server it is done by the owner of the book.
    """
    world = ctx.obj
    if not what:
        raise MissingError(_("FILE is missing"), hint="ticketcli import --help")
    if len(what) > 2:
        raise UsageError(
            _("too many arguments: {texts}").format(texts=" ".join(what[2:])),
            hint="ticketcli import --help",
        )
    if len(what) == 2:
        partner_type = arguments.choice("type", words.PARTNER_TYPE, type) or "client"
        _from_elsewhere(
            world,
            _kind(what[0]),
            what[1],
            maps=maps or [],
            key_column=key_column,
            default_type=partner_type,
            dry_run=dry_run,
            keep_going=keep_going,
        )
        return
    if words.IMPORTED.has(what[0]):
        raise MissingError(_("FILE is missing"), hint=f"ticketcli import {what[0]} FILE")
    for option, is_given in (
        ("--map", maps),
        ("--key-column", key_column),
        ("--type", type),
        ("--dry-run", dry_run),
        ("--keep-going", keep_going),
    ):
        if is_given:
            raise UsageError(
                _("{option} goes with partners, contacts or tickets").format(option=option),
                hint=f"ticketcli import partners FILE {option}",
            )
    _whole_book(world, what[0])


def _kind(text: str) -> str:
    """`partners`, `contacts` or `tickets`. Raises UsageError for anything else."""
    try:
        return words.IMPORTED.read(text)
    except InvalidError as error:
        raise UsageError(str(error), names=error.names) from error


# Lines from elsewhere -------------------------------------------------------------------------


def _from_elsewhere(
    world: "World",
    what: str,
    file: str,
    *,
    maps: list[str],
    key_column: str | None,
    default_type: str,
    dry_run: bool,
    keep_going: bool,
) -> None:
    world.output.expect(LINE_IMPORTED)
    with world.input.bytes_of(file) as stream:
        content = stream.read()
    world.database(write=not dry_run)
    from ticketcli.intake import entering, headings, people, sources, tickets

    source = sources.read(content)
    columns, key = headings.assign(what, source.headings, maps=maps, key_column=key_column)
    if columns.unknown:
        world.output.warn(
            "unknown_columns",
            _("not imported, for want of a field: {columns}").format(
                columns=", ".join(columns.unknown)
            ),
            columns.unknown,
        )
    read = partial(_READ[what], world)
    given = world.output.counting(map(columns.given, source.lines), _("{count} lines read"))
    by = world.actor()
    if what == "tickets":
        results = tickets.enter(
            given, read, by=world.actor, default_origin=world.settings.get("origin")
        )
    else:
        results = people.enter(what, given, read, key=key, default_type=default_type)
    entered, wrong = entering.enter_all(results, by=by, keep_going=keep_going, dry_run=dry_run)
    _show(world, what, entered, dry_run=dry_run, written=not wrong or keep_going)
    _complain(world, file, wrong, keep_going=keep_going)


def _of_partner(world: "World", field: str, value: Any) -> "Mapping[str, Any]":
    match field:
        case "code":
            return {"code": texts.identifier(_("code"), value)}
        case "type":
            return {"type": arguments.choice("type", words.PARTNER_TYPE, value)}
        case _:
            return PartnerOptions(**{field: value}).read(world)


def _of_contact(_world: "World", field: str, value: Any) -> "Mapping[str, Any]":
    if field in ("partner", "name"):
        return {field: arguments.name(field, value)}
    return ContactOptions(**{field: value}).read()


def _of_ticket(world: "World", field: str, value: Any) -> "Mapping[str, Any]":
    match field:
        case "label" | "key":
            return {field: texts.line(_("label") if field == "label" else "key", value)}
        case "at" | "closed_at":
            return {field: arguments.instant(value, world)}
        case "status":
            return {"status": arguments.choice("status", words.STATUS, value)}
        case "recipient":
            return options.TicketOptions(to=value).read(world)
        case _:
            return options.TicketOptions(**{field: value}).read(world)


_READ = {"partners": _of_partner, "contacts": _of_contact, "tickets": _of_ticket}
"""How the text of a field is read: as the option of a command that has it."""


def _show(
    world: "World", what: str, entered: "list[Entered]", *, dry_run: bool, written: bool
) -> None:
    records = [
        {
            "line": each.line,
            # The number of what is not written is nobody's.
            "id": None if dry_run and each.outcome == "created" and what != "partners" else each.id,
            "name": each.name,
            "repaired": list(each.repaired),
            "outcome": each.outcome,
        }
        for each in entered
    ]
    if dry_run or (written and world.output.wants_records):
        world.output.show(records, LINE_IMPORTED, limit=0)
    repaired = [
        (each.line, number)
        for each in entered
        if each.outcome != "unchanged"
        for number in each.repaired
    ]
    if repaired and written:
        shown = ", ".join(f"{line}: {number}" for line, number in repaired[:SHOWN])
        message = ngettext(
            "{count} telephone number had lost its 0 (line {numbers})",
            "{count} telephone numbers had lost their 0 (line {numbers})",
            len(repaired),
        )
        more = ", …" if len(repaired) > SHOWN else ""
        world.output.warn(
            "repaired",
            message.format(count=len(repaired), numbers=shown + more),
            [line for line, _number in repaired],
        )
    if written and not dry_run:
        counts = {
            outcome: sum(each.outcome == outcome for each in entered)
            for outcome in ("created", "changed", "unchanged")
        }
        world.output.say(
            _("{created} created, {changed} changed, {unchanged} unchanged").format(**counts)
        )


def _complain(world: "World", file: str, wrong: "list[Wrong]", *, keep_going: bool) -> None:
    """Say what is wrong with each line, then fail."""
    for each in wrong:
        place = (
            _("{file}, line {line}, {column}: {reason}")
            if each.column
            else _("{file}, line {line}: {reason}")
        )
        world.output.warn(
            "wrong_line",
            place.format(file=file, line=each.line, column=each.column, reason=each.error),
            [each.line],
        )
    lines = sorted({each.line for each in wrong})
    if not lines:
        return
    if keep_going:
        message = ngettext("{count} line was left out", "{count} lines were left out", len(lines))
        raise PartialError(message.format(count=len(lines)), names=lines)
    message = ngettext(
        "{count} line is wrong: nothing was written",
        "{count} lines are wrong: nothing was written",
        len(lines),
    )
    raise InvalidError(
        message.format(count=len(lines)),
        hint=_("--keep-going writes the others"),
        names=lines,
    )


# A whole book ---------------------------------------------------------------------------------


def _whole_book(world: "World", file: str) -> None:
    world.output.expect(BOOK_IMPORTED)
    with world.input.bytes_of(file) as stream:
        database = world.database(write=True)
        from ticketcli.storage import load
        from ticketcli.tickets import recount

        lines = world.output.counting(_lines(stream, load.LONGEST), _("{count} rows read"))
        loaded = load.load(database, lines, wrong_turns=recount.wrong_turns)
    rows = loaded.rows
    record = {
        "at": loaded.at,
        "files": loaded.files,
        "tickets": rows["ticket"],
        "follow_ups": rows["follow_up"],
        "partners": rows["partner"],
        "contacts": rows["contact"],
        "collaborators": rows["collaborator"],
        "attachments": rows.get("attachment", 0),
        "waiting": loaded.waiting,
    }
    if loaded.waiting:
        message = ngettext(
            "{count} message waits: the next ticketcli mail send sends it",
            "{count} messages wait: the next ticketcli mail send sends them",
            loaded.waiting,
        )
        world.output.warn("waiting_mail", message.format(count=loaded.waiting))
    sentence = ngettext("{count} ticket imported", "{count} tickets imported", rows["ticket"])
    world.output.say(sentence.format(count=rows["ticket"]))
    if world.output.wants_records:
        world.output.show([record], BOOK_IMPORTED, single=True)


def _lines(stream: BinaryIO, longest: int) -> Iterator[bytes]:
    while line := stream.readline(longest):
        yield line
