"""`ticketcli schema`."""

from typing import Annotated

from ticketcli.cli.declarations import Argument, Context
from ticketcli.errors import InvalidError
from ticketcli.i18n import N_, _
from ticketcli.values.words import nearest


def run(
    ctx: Context,
    name: Annotated[
        str | None, Argument(metavar="NAME", help=N_("which one; without it: their names"))
    ] = None,
) -> None:
    """Print the JSON Schema of what the commands print."""
    world = ctx.obj
    from ticketcli.output import schemas
    from ticketcli.output.escapes import json_line, json_text
    from ticketcli.output.views import SCHEMA

    if name is None:
        records = [
            {"name": each, "title": title} for each, (title, _body) in schemas.SCHEMAS.items()
        ]
        world.output.show(records, SCHEMA, limit=0)
        return
    if name not in schemas.SCHEMAS:
        names = nearest(name, schemas.SCHEMAS)
        hint = _("did you mean {names}?").format(names=", ".join(names))
        raise InvalidError(
            _('no schema "{name}"').format(name=name),
            hint=hint if names else "ticketcli schema",
            names=names,
        )
    as_text = json_line if world.output.format == "jsonl" else json_text
    world.output.write([as_text(schemas.schema(name)) + "\n"])
