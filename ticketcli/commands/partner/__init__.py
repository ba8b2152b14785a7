"""`ticketcli partner`."""

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from ticketcli.cli import arguments, options
from ticketcli.cli.declarations import Argument, Context, Group, Option
from ticketcli.cli.filter_options import FilterOptions
from ticketcli.commands._clear import Clear, cleared, emptying
from ticketcli.commands.partner import contact
from ticketcli.errors import UsageError
from ticketcli.i18n import N_, _
from ticketcli.output.views import (
    CONTACT,
    PARTNER,
    PARTNER_DETAILS,
    PARTNER_FOUND,
    PARTNER_WRITTEN,
    TICKET,
)
from ticketcli.values import words

if TYPE_CHECKING:
    from ticketcli.cli.world import World

app = Group(N_("Partners: clients, prospects and suppliers, and the people there."))

_CLEARABLE = ("name", "email", "phone", "note", "address")

Partner = Annotated[
    str, Argument(metavar="P", help=N_("the code, the name or a part of it that no other has"))
]
TYPE = N_("client, prospect or supplier")


class PartnerOptions(NamedTuple):
    """The options of `add` and `edit` for the fields of a partner, as the user typed them."""

    name: Annotated[str | None, Option("--name", metavar="NAME", help=N_("the whole name"))] = None
    email: Annotated[
        str | None, Option("--email", metavar="ADDRESS", help=N_("the mail address"))
    ] = None
    phone: contact.Phones = None
    note: options.Note = None
    address: Annotated[
        str | None,
        Option("--address", metavar="TEXT", help=N_("where letters go, in one line or several")),
    ] = None

    def read(self, world: "World") -> dict[str, Any]:
        """The values of the options that were given, by the names of the fields.

        Raises InvalidError when a text is no value.
        """
        fields = {
            "name": arguments.name("name", self.name),
            "email": arguments.name("email", self.email),
            "phone": arguments.phones(self.phone),
            "note": world.input.read_note(self.note),
            "address": self.address,
        }
        return {field: value for field, value in fields.items() if value is not None}


@app.command("add")
@options.writes
@options.spread
def add(
    ctx: Context,
    code: Annotated[
        str, Argument(metavar="CODE", help=N_("a code that no partner ever had; it never changes"))
    ],
    type: Annotated[str, Option("--type", metavar="TYPE", help=TYPE)],
    fields: PartnerOptions,
) -> None:
    """Add a partner; print the code."""
    world = ctx.obj
    given = {"type": arguments.choice("type", words.PARTNER_TYPE, type), **fields.read(world)}
    world.output.expect(PARTNER_WRITTEN)
    world.database(write=True)
    from ticketcli.people import partners

    partner = partners.add(code, given, by=world.actor())
    _answer(world, partner, {"created": _("partner {code} added")})


@app.command("edit")
@options.writes
@options.spread
def edit(
    ctx: Context,
    partner: Partner,
    fields: PartnerOptions,
    type: Annotated[str | None, Option("--type", metavar="TYPE", help=TYPE)] = None,
    clear: Clear = None,
) -> None:
    """Change fields of a partner; print the code."""
    world = ctx.obj
    with emptying(_CLEARABLE):
        given = fields.read(world)
    given.update(cleared(clear, given, clearable=_CLEARABLE))
    if type is not None:
        given["type"] = arguments.choice("type", words.PARTNER_TYPE, type)
    if not given:
        raise UsageError(_("nothing to change was given"), hint="ticketcli partner edit --help")
    sentences = {
        "changed": _("partner {code} changed"),
        "unchanged": _("partner {code} is like that already"),
    }
    _change(world, partner, given, sentences)


@app.command("archive")
@options.writes
def archive(ctx: Context, partner: Partner) -> None:
    """Archive a partner: it takes no new ticket, and keeps those it has; print the code."""
    sentences = {
        "changed": _("partner {code} archived"),
        "unchanged": _("partner {code} was archived already"),
    }
    _change(ctx.obj, partner, {"archived": True}, sentences)


@app.command("unarchive")
@options.writes
def unarchive(ctx: Context, partner: Partner) -> None:
    """Let an archived partner take new tickets again; print the code."""
    sentences = {
        "changed": _("partner {code} is no longer archived"),
        "unchanged": _("partner {code} was not archived"),
    }
    _change(ctx.obj, partner, {"archived": False}, sentences)


def _change(world: "World", partner: str, given: dict[str, Any], sentences: dict[str, str]) -> None:
    world.output.expect(PARTNER_WRITTEN)
    world.database(write=True)
    from ticketcli.people import partners

    _answer(world, partners.edit(partner, given, by=world.actor()), sentences)


def _answer(world: "World", partner: dict[str, Any], sentences: dict[str, str]) -> None:
    world.output.say(sentences[partner["outcome"]].format(code=partner["code"]))
    world.output.show_written([partner], PARTNER_WRITTEN, single=True)


@app.command("list")
def listing(
    ctx: Context,
    text: Annotated[
        str | None, Argument(metavar="TEXT", help=N_("a part of the code or of the name"))
    ] = None,
    type: Annotated[list[str] | None, Option("--type", metavar="TYPE", help=TYPE)] = None,
    archived: Annotated[
        bool, Option("--archived", help=N_("those that are archived, and no others"))
    ] = False,
    limit: options.Limit = None,
) -> None:
    """List the partners that are not archived."""
    world = ctx.obj
    types = arguments.choices("type", words.PARTNER_TYPE, type) or ()
    world.database(standby=True)
    from ticketcli.people import partners

    found = partners.listing(
        text=text, types=types, archived=archived, limit=world.output.rows(limit)
    )
    if not world.output.show(found, PARTNER, limit=limit):
        world.output.say(_("no partners"))


@app.command("find")
def find(
    ctx: Context,
    text: Annotated[
        str,
        Argument(
            metavar="TEXT",
            help=N_("a part of a code, a name or a mail address, or a telephone number"),
        ),
    ],
    limit: options.Limit = None,
) -> None:
    """Find partners and contacts by what a caller says, one row a match."""
    world = ctx.obj
    world.database(standby=True)
    from ticketcli.supervision import callers

    found = callers.find(text, limit=world.output.rows(limit))
    if not world.output.show(found, PARTNER_FOUND, limit=limit):
        world.output.say(_("nobody is called that"))


@app.command("show")
def show(
    ctx: Context,
    partner: Partner,
    tab: options.Tab = None,
    everything: options.All = False,
    limit: options.Limit = None,
) -> None:
    """Show a partner, its people and its tickets: all, newest first, or those of a tab."""
    world = ctx.obj
    filters = FilterOptions().read(world, tab=tab, everything=everything)
    world.database(standby=True)
    from ticketcli.people import partners
    from ticketcli.supervision import tabs

    record = partners.record(partners.find(partner))
    chosen = filters._replace(partner=(record["code"],), everything=tab is None)
    found = tabs.fetch(chosen, me=world.me, moment=world.moment, limit=world.output.rows(limit))
    record["tickets"] = list(found)
    tables = [
        (_("Contacts"), record["contacts"], CONTACT),
        (_("Tickets"), record["tickets"], TICKET),
    ]
    if not world.output.wants_records:
        # One number is told by `phone` already.
        record["phone" if len(record["phones"]) > 1 else "phones"] = None
    world.output.show_sheet(record, PARTNER_DETAILS, tables, limit=limit)


app.commands["contact"] = contact.app
