"""`ticketcli call`: who is calling, and what comes of it."""

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from ticketcli.cli import arguments, options
from ticketcli.cli.declarations import Argument, Context, Option
from ticketcli.commands._attach import Attach, read_paths
from ticketcli.commands._clear import TICKET as CLEARABLE
from ticketcli.commands._clear import emptying
from ticketcli.commands._notify import Notify, as_field, tell
from ticketcli.errors import AmbiguousError, InvalidError, MissingError, NotFoundError, UsageError
from ticketcli.i18n import N_, _
from ticketcli.output.views import AGENDA, CALL, CALLER, EXCHANGE, TICKET_OPEN, TICKET_WRITTEN
from ticketcli.values import phone_numbers
from ticketcli.values.periods import parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ticketcli.actor import Actor
    from ticketcli.cli.world import World
    from ticketcli.people.phones import Match
    from ticketcli.tickets.outcome import Written
    from ticketcli.values.phone_numbers import Number

    Save = Callable[[dict[str, Any], str | None, Actor], Written]

FOLLOWED = frozenset({"recipient", "due"})
"""The fields of a ticket that a follow-up changes too."""

MISSED = "m"


class Call(NamedTuple):
    """A call, as the command line has it: the number as the telephone has it, whether we called,
    how long it lasted (seconds), when it was, its key, and whether others are told.
    """

    number: str
    out: bool
    lasted: int | None
    happened: "datetime | None"
    key: str | None
    notify: bool | None

    @property
    def direction(self) -> str:
        """`out` where we called."""
        return "out" if self.out else "in"


@options.writes
@options.spooled
@partial(options.spread, without=("origin", "direction"))
def run(
    ctx: Context,
    number: Annotated[
        str, Argument(metavar="NUMBER", help=N_("the number of the other side; none: it is hidden"))
    ],
    fields: options.TicketOptions,
    text: Annotated[
        str | None,
        Argument(
            metavar="LABEL", help=N_("opens a ticket; with --follow the note, - for standard input")
        ),
    ] = None,
    ref: Annotated[
        str | None, Option("--follow", metavar="REF", help=N_("follow this ticket up instead"))
    ] = None,
    missed: Annotated[bool, Option("--missed", help=N_("nobody took the call"))] = False,
    out: Annotated[bool, Option("--out", help=N_("we called them"))] = False,
    lasted: Annotated[
        str | None,
        Option("--lasted", metavar="DURATION", help=N_("how long it lasted, as in 6min")),
    ] = None,
    attach: Attach = None,
    at: options.At = None,
    key: options.Key = None,
    notify: Notify = None,
    if_similar: options.IfSimilar = None,
    answered: Annotated[
        bool, Option("--answered", help=N_("it was dealt with on the spot"))
    ] = False,
    close: Annotated[bool, Option("--close", help=N_("close the ticket with it"))] = False,
    reopen: Annotated[bool, Option("--reopen", help=N_("reopen the ticket with it"))] = False,
    callback: options.Callback = None,
    wait: Annotated[
        str | None,
        Option(
            "--wait",
            metavar="WHEN",
            help=N_("we wait for the partner, until then at the latest; none: without a limit"),
        ),
    ] = None,
    no_wait: Annotated[
        bool, Option("--no-wait", help=N_("we do not wait for the partner any longer"))
    ] = False,
    if_version: options.IfVersion = None,
) -> None:
    """Show who calls: partner, contact, open tickets, calls promised and the last exchange.

    With LABEL a ticket is opened, with --follow one is followed up, with --missed the call is noted
    for whoever had this caller's last ticket. On a terminal, without any of these, Enter opens a
    ticket, a text opens one with that label, the number of a ticket follows it up, m notes a missed
    call and Ctrl-C does nothing.
    """
    world = ctx.obj
    if not phone_numbers.is_hidden(number):
        phone_numbers.line(_("number"), number)
    length = None if lasted is None else arguments.about("lasted", lambda: parse_duration(lasted))
    call = Call(number, out, length, arguments.instant(at, world), key, notify)
    with emptying(CLEARABLE, _("leave it out; later: ticketcli edit 42 --clear {field}")):
        given = fields.read(world)
    promised = arguments.callback(callback, world, close=close)
    besides = {"callback_at": promised, "attachments": read_paths(attach)}
    besides = {field: value for field, value in besides.items() if value}
    writes = {
        "--close": close,
        "--callback": promised is not None,
        "--attach": bool(attach),
    }
    follows = {
        "--reopen": reopen,
        "--wait": wait is not None,
        "--no-wait": no_wait,
        "--if-version": if_version is not None,
    }
    opens = {"--answered": answered, "--if-similar": if_similar is not None}
    if missed:
        others = {"LABEL": text is not None, "--follow": ref is not None, "--out": out}
        _refuse("--missed", {**others, "--lasted": length is not None, **writes})
        _refuse("--missed", {**follows, **opens})
        _refuse("--missed", _options(given, frozenset({"recipient"})))
        _note_missed(world, call, given.get("recipient"))
    elif ref is not None:
        _refuse("--follow", {**opens, **_options(given, FOLLOWED)})
        if text is None:
            raise MissingError(_("NOTE is missing"), hint='ticketcli call NUMBER --follow 42 "…"')
        from ticketcli.commands import follow as following

        ticket = arguments.ticket(ref, world)
        given["note"] = world.input.read_note(text)
        given |= besides
        if status := following.read_status(close=close, reopen=reopen):
            given["status"] = status
        save = following.saving(
            world,
            ticket,
            wait=following.read_wait(wait, world, ends=no_wait, close=close),
            if_version=if_version,
            notify=notify,
        )
        _follow(world, call, ticket, given, save)
    elif text is not None:
        _need("--follow", follows)
        given |= {"label": text, **besides}
        if close:
            given["status"] = "closed"
        _open(world, call, given, answered=answered, if_similar=if_similar)
    else:
        _need("LABEL", {**writes, **follows, **opens, **_options(given, frozenset())})
        _show(world, call)


def _options(given: dict[str, Any], taken: frozenset[str]) -> dict[str, bool]:
    """The options of the fields that were given, but for those that are taken."""
    return {
        f"--{'to' if field == 'recipient' else field}": True
        for field in given
        if field not in taken
    }


def _refuse(option: str, given: dict[str, bool]) -> None:
    """Raise UsageError for options that were given and do not go with another."""
    for other, is_given in given.items():
        if is_given:
            raise UsageError(
                _("{one} and {other} exclude each other").format(one=option, other=other)
            )


def _need(needed: str, given: dict[str, bool]) -> None:
    """Raise UsageError for options that were given without what they go with."""
    for option, is_given in given.items():
        if is_given:
            raise UsageError(_("{option} goes with {needed}").format(option=option, needed=needed))


def _number(text: str) -> "Number | None":
    """The number that calls; None for a hidden one."""
    from ticketcli.people import phones

    return None if phone_numbers.is_hidden(text) else phones.number_of(text)


# What the command line says


def _open(
    world: "World", call: Call, given: dict[str, Any], *, answered: bool, if_similar: str | None
) -> None:
    from ticketcli.commands import new

    similar = new.read_if_similar(if_similar)
    world.output.expect(TICKET_WRITTEN)
    world.database(write=True)
    caller = _number(call.number)
    given["origin"] = "call"
    _fill_in(given, caller)
    if "partner" in given:
        given["direction"] = call.direction
    _add_length(world, call, given)
    save = new.saving(
        world, answered=answered, notify=call.notify, if_similar=similar, caller=caller
    )
    new.say_opened(world, save(given, call.key, world.actor(call.happened)))


def _fill_in(given: dict[str, Any], caller: "Number | None") -> None:
    """Add the partner and the contact who have the number. Raises AmbiguousError where several
    partners do, and none of them is given.
    """
    from ticketcli.people import partners, phones

    found = [] if caller is None else phones.matches(caller)
    if "partner" in given:
        partner = partners.find(given["partner"])
        found = [match for match in found if match.partner.id == partner.id]
    certain, contact = phones.certain(found)
    if found and certain is None:
        raise _several(found, caller)
    if certain is not None:
        given["partner"] = certain.code
    if contact is not None:
        given.setdefault("contact", str(contact.id))


def _several(found: "list[Match]", caller: "Number | None") -> AmbiguousError:
    from shlex import quote

    codes = list(dict.fromkeys(match.partner.code for match in found))
    return AmbiguousError(
        _('"{text}" may mean {names}').format(
            text="" if caller is None else caller.text, names=", ".join(codes)
        ),
        hint=f"--partner {quote(codes[0])}",
        names=codes,
    )


def _follow(world: "World", call: Call, ticket: int, given: dict[str, Any], save: "Save") -> None:
    world.output.expect(TICKET_WRITTEN)
    world.database(write=True)
    from ticketcli.commands.follow import say_followed
    from ticketcli.tickets import calls

    given |= calls.exchange(ticket, out=call.out)
    _add_length(world, call, given)
    say_followed(world, save(given, call.key, world.actor(call.happened)))


def _add_length(world: "World", call: Call, given: dict[str, Any]) -> None:
    if call.lasted is None:
        return
    from ticketcli.tickets import calls

    given["note"] = calls.with_length(given.get("note"), call.lasted, by=world.actor())


def _note_missed(world: "World", call: Call, recipient: str | None) -> None:
    world.output.expect(TICKET_WRITTEN)
    world.database(write=True)
    from ticketcli.commands._answer import answer
    from ticketcli.tickets import calls

    by = world.actor(call.happened)
    written = calls.note_missed(
        _number(call.number),
        by=by,
        moment=world.moment,
        key=call.key,
        recipient=recipient,
        tell=tell(world, call.notify, by),
    )
    sentences = {
        "created": _("ticket {number} opened"),
        "changed": _("ticket {number} followed up"),
        "existing": _("this call is in the book already, on ticket {number}"),
    }
    answer(world, [written], sentences, single=True)


# The card


def _show(world: "World", call: Call) -> None:
    """Show who calls; on a terminal, go on with what the person then chooses."""
    world.output.expect(CALL)
    world.database()
    from ticketcli.supervision import callers

    caller = _number(call.number)
    card = callers.card(call.number, caller, moment=world.moment)
    asks = (
        world.input.has_terminal and world.output.stdout.isatty() and not world.output.wants_records
    )
    matches = card["matches"]
    # A partner has the same tickets, whoever of them has the number.
    once = {match["partner"]["code"]: match for match in matches}.values()
    tables = [
        (_("Who calls"), matches, CALLER),
        (_("Open tickets"), [each for match in once for each in match["open"]], TICKET_OPEN),
        (_("To call back"), [each for match in once for each in match["callbacks"]], AGENDA),
        (_("Last exchange"), [match["last"] for match in once if match["last"]], EXCHANGE),
    ]
    world.output.show_sheet(card, CALL, tables)
    if not matches:
        world.output.say(_("nobody in the book has this number"))
    if asks:
        _ask(world, call, caller, matches)


def _ask(
    world: "World", call: Call, caller: "Number | None", matches: list[dict[str, Any]]
) -> None:
    world.close()
    from ticketcli.commands import _form

    prompts = _form.prompts(world)
    while True:
        line = _("Enter or label: new ticket, number: follow up, m: missed, Ctrl-C: nothing: ")
        text = prompts.ask([("", line)]).strip()
        world.tick()
        try:
            if text.casefold() == MISSED:
                _note_missed(world, call, None)
            elif text.isdecimal() or text.startswith("#"):
                [ticket] = arguments.numbers([text])
                _fill_in_follow_up(world, call, ticket)
            else:
                _fill_in_new(world, call, caller, matches, label=text)
        except (InvalidError, NotFoundError) as error:
            prompts.say(("reason", str(error)))
            continue
        return


def _fill_in_new(
    world: "World",
    call: Call,
    caller: "Number | None",
    matches: list[dict[str, Any]],
    *,
    label: str,
) -> None:
    from ticketcli.commands import _form, new

    world.output.expect(TICKET_WRITTEN)
    given: dict[str, Any] = {"origin": "call", "direction": call.direction}
    if label:
        given["label"] = label
    if len({match["partner"]["code"] for match in matches}) == 1:
        given["partner"] = matches[0]["partner"]["code"]
    if len(matches) == 1 and matches[0]["contact"]:
        given["contact"] = str(matches[0]["contact"]["id"])
    _add_length(world, call, given)
    world.close()
    digits = "" if caller is None else caller.normal.removeprefix("+")
    # A draft of this caller is none of another's.
    sheet = new.new_sheet(world, as_field(call.notify), call.key, name=f"call-{digits}")
    # The card has told all about the partner.
    sheet = sheet._replace(asked=[name for name in sheet.asked if name not in given])
    save = new.saving(world, answered=False, notify=call.notify, if_similar="warn", caller=caller)
    written = _form.written(
        world, given, save, sheet=sheet, key=call.key, at=call.happened, editor=False
    )
    new.say_opened(world, written)


def _fill_in_follow_up(world: "World", call: Call, ticket: int) -> None:
    from ticketcli.commands import _form
    from ticketcli.commands import follow as following

    sheet = following.follow_sheet(world, ticket, as_field(call.notify), call.key)
    world.output.expect(TICKET_WRITTEN)
    with world.reading():
        from ticketcli.tickets import calls

        given: dict[str, Any] = dict(calls.exchange(ticket, out=call.out))
        _add_length(world, call, given)
    save = following.saving(world, ticket, notify=call.notify)
    written = _form.written(
        world, given, save, sheet=sheet, key=call.key, at=call.happened, editor=False
    )
    following.say_followed(world, written)
