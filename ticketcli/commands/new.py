"""`ticketcli new`."""

from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Context, Option

from ticketcli.cli import arguments, options
from ticketcli.commands import _form
from ticketcli.commands._answer import answer
from ticketcli.commands._clear import TICKET as CLEARABLE
from ticketcli.commands._clear import emptying
from ticketcli.commands._notify import Notify, as_field, tell
from ticketcli.errors import MissingError
from ticketcli.i18n import N_, _
from ticketcli.output.views import TICKET_WRITTEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from ticketcli.actor import Actor
    from ticketcli.cli.world import World
    from ticketcli.tickets.outcome import Written


@options.spread
def run(
    ctx: Context,
    fields: options.TicketOptions,
    label: Annotated[
        str | None, Argument(metavar="LABEL", help=N_("what it is about, in one line"))
    ] = None,
    notify: Notify = None,
    at: options.At = None,
    key: options.Key = None,
    answered: Annotated[
        bool, Option("--answered", help=N_("it was dealt with on the spot"))
    ] = False,
    close: Annotated[
        bool, Option("--close", help=N_("close it as well: it was dealt with on the spot"))
    ] = False,
    callback: options.Callback = None,
    editor: options.Editor = False,
    interactive: _form.Interactive = False,
) -> None:
    """Open a ticket; print its number.

    With a partner it is external, and needs an origin; without one it is internal. Without LABEL
    on a terminal, or with -i, the form is filled in.

    --close answers it at once, where an answer was expected, and closes it. A call that is promised
    with --callback is on the agenda, like one that a follow-up promises.
    """
    world = ctx.obj
    if interactive:
        _form.need_terminal(world)
    elif label is None and not world.input.has_terminal:
        raise MissingError(_("LABEL is missing"), hint='ticketcli new "…"')
    with emptying(CLEARABLE, _("leave it out; later: ticketcli edit 42 --clear {field}")):
        given = fields.read(world)
    if label is not None:
        given["label"] = label
    promised = arguments.callback(callback, world, close=close)
    if promised is not None:
        given["callback_at"] = promised
    if close:
        given["status"] = "closed"
    happened = arguments.instant(at, world)
    world.output.expect(TICKET_WRITTEN)
    save = _saving(world, answered=answered, notify=notify)
    sheet = _sheet(world, as_field(notify), key) if interactive or label is None else None
    written = _form.written(world, given, save, sheet=sheet, key=key, at=happened, editor=editor)
    _answer(world, written)


def _saving(
    world: "World", *, answered: bool, notify: bool | None
) -> "Callable[[dict[str, Any], str | None, Actor], Written]":
    default_origin = world.settings.get("origin")

    def save(given: dict[str, Any], key: str | None, by: "Actor") -> "Written":
        from ticketcli.tickets.open import open_ticket

        return open_ticket(
            given.pop("label"),
            given,
            by=by,
            key=key,
            answered=answered,
            closed=given.pop("status", "open") == "closed",
            callback=given.pop("callback_at", None),
            default_origin=default_origin,
            tell=tell(world, given.pop("notify", notify), by),
        )

    return save


def _sheet(world: "World", given: dict[str, str], key: str | None) -> _form.Sheet:
    # The book first: what is wrong with it is to be said before anybody types, and peewee to be
    # imported as it has it.
    world.database()
    world.close()
    from ticketcli.form.tables import ASKED, NEW

    return _form.Sheet("new", _("New ticket"), NEW, ASKED, given, key=key)


def _answer(world: "World", written: "Written") -> None:
    sentences = {
        "created": _("ticket {number} opened"),
        "existing": _("ticket {number} was opened with this key before"),
    }
    answer(world, [written], sentences, single=True)
