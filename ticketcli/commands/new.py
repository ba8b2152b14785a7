"""`ticketcli new`."""

from typing import TYPE_CHECKING, Annotated, Any

from ticketcli.cli import arguments, options
from ticketcli.cli.declarations import Argument, Context, Option
from ticketcli.commands import _form, _template
from ticketcli.commands._answer import answer, with_past_due
from ticketcli.commands._attach import Attach, enclosed, read_paths
from ticketcli.commands._clear import TICKET as CLEARABLE
from ticketcli.commands._clear import emptying
from ticketcli.commands._notify import Notify, as_field, tell
from ticketcli.errors import MissingError, UsageError
from ticketcli.i18n import N_, _
from ticketcli.output.views import TICKET_WRITTEN
from ticketcli.values import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from ticketcli.actor import Actor
    from ticketcli.cli.world import World
    from ticketcli.tickets.outcome import Written
    from ticketcli.values.phone_numbers import Number


@options.writes
@options.spooled
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
    if_similar: options.IfSimilar = None,
    alert: Annotated[
        str | None,
        Option(
            "--alert",
            metavar="NAME",
            help=N_("the alarm that it comes from: its open ticket is followed up instead"),
        ),
    ] = None,
    answered: Annotated[
        bool, Option("--answered", help=N_("it was dealt with on the spot"))
    ] = False,
    close: Annotated[
        bool, Option("--close", help=N_("close it as well: it was dealt with on the spot"))
    ] = False,
    callback: options.Callback = None,
    attach: Attach = None,
    template: _template.Template = None,
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
    if alert is not None and if_similar is not None:
        raise UsageError(_("--alert and --if-similar exclude each other"))
    for option, is_given in (
        ("--interactive", interactive),
        ("--close", close),
        ("--callback", callback is not None),
        ("--attach", bool(attach)),
    ):
        if alert is not None and is_given:
            raise UsageError(
                _("{one} and {other} exclude each other").format(one="--alert", other=option)
            )
    # A form that is yet to be filled in has nothing to fill a template with.
    _template.refuse_both(template, interactive or None, "--interactive")
    if interactive:
        _form.need_terminal(world)
    elif label is None and (alert or template or not world.input.has_terminal):
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
    if attach:
        given["attachments"] = read_paths(attach)
    _template.refuse_both(template, given.get("note"), "--note")
    happened = arguments.instant(at, world)
    world.output.expect(TICKET_WRITTEN)
    save = saving(
        world, answered=answered, notify=notify, if_similar=read_if_similar(if_similar), alert=alert
    )
    if template is not None:
        given["note"] = _template.of_new(world, template, given)
    sheet = new_sheet(world, as_field(notify), key) if interactive or label is None else None
    written = _form.written(world, given, save, sheet=sheet, key=key, at=happened, editor=editor)
    say_opened(world, written)


def read_if_similar(text: str | None) -> str:
    """The value of `--if-similar`, which is `warn` by default. Raises InvalidError."""
    return arguments.choice("if-similar", words.IF_SIMILAR, text) or "warn"


def saving(
    world: "World",
    *,
    answered: bool,
    notify: bool | None,
    if_similar: str,
    alert: str | None = None,
    caller: "Number | None" = None,
) -> "Callable[[dict[str, Any], str | None, Actor], Written]":
    """The function that opens a ticket with the fields that were given; `caller` is the number that
    called about it.
    """
    default_origin = world.settings.get("origin")

    def save(given: dict[str, Any], key: str | None, by: "Actor") -> "Written":
        from ticketcli.tickets.open import open_ticket

        with enclosed(world, given.pop("attachments", None)) as enclosures:
            opened = open_ticket(
                given.pop("label"),
                given,
                by=by,
                key=key,
                answered=answered,
                closed=given.pop("status", "open") == "closed",
                callback=given.pop("callback_at", None),
                enclosures=enclosures,
                default_origin=default_origin,
                if_similar=if_similar,
                alert=alert,
                caller=caller,
                tell=tell(world, given.pop("notify", notify), by),
            )
        return with_past_due(world, opened, given)

    return save


def new_sheet(
    world: "World", given: dict[str, str], key: str | None, *, name: str = "new"
) -> _form.Sheet:
    """The form of a new ticket; `name` is that of its draft."""
    # Open the database before the form: the user must see an error before typing, and opening it
    # prepares the import of peewee.
    world.database()
    world.close()
    from ticketcli.form.tables import ASKED, NEW, WITH_SUMMARY

    return _form.Sheet(name, _("New ticket"), NEW, ASKED, given, with_summary=WITH_SUMMARY, key=key)


def say_opened(world: "World", written: "Written") -> None:
    """Print what became of a ticket that was to be opened, and say it to a person."""
    sentences = {
        "created": _("ticket {number} opened"),
        "existing": _("ticket {number} was opened with this key before"),
        "followed": _("ticket {number} followed up"),
        "counted": _("alert counted on ticket {number}"),
    }
    written = written._replace(similar=written.similar or ())
    answer(world, [written], sentences, single=True)
