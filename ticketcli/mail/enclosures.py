"""Which files of a message are kept with its ticket, and how its note names them all."""

from datetime import date
from io import BytesIO

from ticketcli.errors import RefusedError
from ticketcli.i18n import _
from ticketcli.mail.body import File
from ticketcli.mail.parsing import IncomingMessage
from ticketcli.tickets import attach, attachments
from ticketcli.tickets.attachments import Enclosure

LOGO = 100 * 1024
"""The most bytes of a picture that is not kept when its sender has sent it before."""


def kept(message: IncomingMessage, *, on: date) -> tuple[list[Enclosure], list[str]]:
    """The files of a message that are to be kept, and the names of all of them: those of the others
    with the reason.

    A picture that the text shows is not kept, nor a small one that its sender has sent before, nor
    what is larger than the team's limit on that day.
    """
    limit = attach.limit(on=on)
    files: list[Enclosure] = []
    names: list[str] = []
    for each in message.attachments:
        try:
            name = each.name or each.type.replace("/", ".")
            file = attach.enclosure(name, BytesIO(each.content), limit=limit)
        except RefusedError as error:
            names.append(_("{error}, and not kept").format(error=error))
            continue
        file = file._replace(sender=message.address.casefold())
        reason = _not_kept(each, file)
        named = file.name if each.name else each.type
        names.append(f"{named} ({reason})" if reason else named)
        if not reason:
            files.append(file)
    return files, names


def _not_kept(each: File, file: Enclosure) -> str:
    """Why a file is not kept; empty for one that is."""
    if not file.type.startswith("image/"):
        return ""
    if each.shown:
        return _("a picture in the text, not kept")
    if file.bytes <= LOGO and (before := attachments.sent_before(file)) is not None:
        return _("attachment {id}, sent before").format(id=before)
    return ""
