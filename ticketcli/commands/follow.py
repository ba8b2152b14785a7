"""`ticketcli follow`."""

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from ticketcli.cli import arguments, options
from ticketcli.cli.declarations import Argument, Context, Option
from ticketcli.commands import _form, _template
from ticketcli.commands._answer import answer, with_past_due
from ticketcli.commands._attach import Attach, enclosed, read_paths
from ticketcli.commands._notify import Notify, as_field, reply, tell
from ticketcli.errors import InvalidError, MissingError, UsageError
from ticketcli.i18n import N_, _
from ticketcli.output.views import TICKET_WRITTEN
from ticketcli.values import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from ticketcli.actor import Actor
    from ticketcli.cli.world import World
    from ticketcli.mail.replies import Reply
    from ticketcli.tickets.outcome import Written


@options.writes
@options.spooled
def run(
    ctx: Context,
    ref: options.Ref,
    note: Annotated[
        str | None, Argument(metavar="NOTE", help=N_("what was done; - reads standard input"))
    ] = None,
    origin: options.Origin = None,
    direction: options.Direction = None,
    at: options.At = None,
    to: options.To = None,
    due: options.Due = None,
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
    attach: Attach = None,
    notify: Notify = None,
    key: options.Key = None,
    if_version: options.IfVersion = None,
    template: _template.Template = None,
    editor: options.Editor = False,
    interactive: _form.Interactive = False,
) -> None:
    """Add a follow-up to a ticket; hand it over, re-date, close or reopen it with that.

    An origin says that it was an exchange with the partner: out, we answered (the default), or
    in, they came back.
    """
    world = ctx.obj
    _template.refuse_both(template, note, "NOTE")
    if interactive:
        _form.need_terminal(world)
    elif note is None and template is None and not editor:
        raise MissingError(_("NOTE is missing"), hint='ticketcli follow 42 "…"')
    number = arguments.ticket(ref, world)
    text = world.input.read_note(note)
    read = {
        "origin": arguments.choice("origin", words.ORIGIN, origin),
        "direction": arguments.choice("direction", words.DIRECTION, direction),
        "recipient": arguments.person("recipient", to, world, option="to"),
        "due": arguments.due(due, world),
        "status": read_status(close=close, reopen=reopen),
        "callback_at": arguments.callback(callback, world, close=close),
        "attachments": read_paths(attach) or None,
        "note": text,
    }
    given = {field: value for field, value in read.items() if value is not None}
    happened = arguments.instant(at, world)
    waiting = read_wait(wait, world, ends=no_wait, close=close)
    world.output.expect(TICKET_WRITTEN)

    save = saving(world, number, wait=waiting, if_version=if_version, notify=notify)
    if template is not None:
        given["note"] = _template.of_ticket(world, template, _form.ticket(world, number)).text
    sheet = follow_sheet(world, number, as_field(notify), key) if interactive else None
    written = _form.written(world, given, save, sheet=sheet, key=key, at=happened, editor=editor)
    say_followed(world, written)


def saving(
    world: "World",
    number: int,
    *,
    wait: "tuple[str, int | None] | None" = None,
    if_version: int | None = None,
    notify: bool | None = None,
    answer: "Callable[[int], Reply] | None" = None,
) -> "Callable[[dict[str, Any], str | None, Actor], Written]":
    """The function that follows a ticket up with the fields that were given. `answer` tells, for
    the time in Unix seconds, how it leaves as a mail.
    """

    def save(given: dict[str, Any], key: str | None, by: "Actor") -> "Written":
        from ticketcli.tickets.follow import Waiting, follow

        mailed = answer or (partial(reply, world) if given.pop("by_mail", False) else None)
        with enclosed(world, given.pop("attachments", None)) as enclosures:
            followed = follow(
                number,
                given.pop("note"),
                given,
                by=by,
                status=given.pop("status", None),
                callback=given.pop("callback_at", None),
                wait=None if wait is None else Waiting(*wait),
                enclosures=enclosures,
                key=key,
                if_version=if_version,
                tell=tell(world, given.pop("notify", notify), by),
                send=None if mailed is None else mailed(by.at).queue,
            )
        return with_past_due(world, followed, given)

    return save


def read_wait(
    text: str | None, world: "World", *, ends: bool, close: bool
) -> tuple[str, int | None] | None:
    """Whether a wait begins or ends, and until when it lasts (Unix seconds).

    Raises UsageError when options exclude each other, InvalidError when the instant is in the past.
    """
    if text is None:
        return ("ended", None) if ends else None
    for other, given in (("--no-wait", ends), ("--close", close)):
        if given:
            raise UsageError(_("--wait and {option} exclude each other").format(option=other))
    if words.fold(text) in words.NONE:
        return "begun", None
    until = arguments.promise("wait", text, world)
    if until is None or until <= world.now:
        raise InvalidError(_('--wait: "{value}" is past').format(value=text))
    return "begun", int(until.timestamp())


def read_status(*, close: bool, reopen: bool) -> str | None:
    """The status that a follow-up leaves a ticket in; None for the one it has. Raises UsageError
    for both options.
    """
    if close and reopen:
        raise UsageError(_("--close and --reopen exclude each other"))
    return "closed" if close else "open" if reopen else None


def follow_sheet(
    world: "World", number: int, given: dict[str, str], key: str | None
) -> _form.Sheet:
    """The form of a follow-up. Raises NotFoundError."""
    ticket = _form.ticket(world, number)
    from ticketcli.form.tables import FOLLOWED, follow_up, present

    title = _("Follow-up of ticket {number}: {label}").format(number=number, label=ticket["label"])
    table = follow_up(external=ticket["partner"] is not None)
    known = {name: text for name, text in present(ticket).items() if name in FOLLOWED}
    return _form.Sheet(f"follow-{number}", title, table, ("note",), given, known, key)


def say_followed(world: "World", written: "Written") -> None:
    """Print what became of a ticket that was followed up, and say it to a person."""
    sentences = {
        "changed": _("ticket {number} followed up"),
        "existing": _("ticket {number} was followed up with this key before"),
    }
    answer(world, [written], sentences, single=True)
