"""`ticketcli close`."""

from typing import Annotated

from ticketcli.cli import options
from ticketcli.cli.declarations import Argument, Context, Option
from ticketcli.commands._status import StatusOptions, change_status, close_alarm
from ticketcli.errors import MissingError, UsageError
from ticketcli.i18n import N_, _


@options.writes
@options.spread
def run(
    ctx: Context,
    typed: StatusOptions,
    refs: Annotated[
        list[str] | None,
        Argument(metavar="REF...", help=N_("ticket numbers; - reads them from standard input")),
    ] = None,
    alert: Annotated[
        str | None,
        Option(
            "--alert", metavar="NAME", help=N_("the open ticket of this alarm, if there is one")
        ),
    ] = None,
) -> None:
    """Close tickets; print their numbers.

    A note is kept as a follow-up. All or none: a wrong number, and nothing is changed.
    """
    sentences = {
        "changed": _("ticket {number} closed"),
        "unchanged": _("ticket {number} was closed already"),
    }
    if alert is not None:
        if refs:
            raise UsageError(_("REF and --alert exclude each other"))
        close_alarm(ctx.obj, alert, typed, sentences)
    elif refs:
        change_status(ctx.obj, refs, typed, "closed", sentences)
    else:
        raise MissingError(_("REF is missing"), hint="ticketcli close --help")
