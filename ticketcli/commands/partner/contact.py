"""`ticketcli partner contact`."""

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from ticketcli.cli import arguments, options
from ticketcli.cli.declarations import Argument, Context, Group, Option
from ticketcli.commands._clear import Clear, cleared, emptying
from ticketcli.errors import UsageError
from ticketcli.i18n import N_, _, ngettext
from ticketcli.output.views import CONTACT_WRITTEN

if TYPE_CHECKING:
    from ticketcli.cli.world import World

app = Group(N_("The people at a partner."))

_CLEARABLE = ("email", "phone", "role")

Number = Annotated[
    int,
    Argument(
        metavar="ID",
        min=1,
        help=N_("the number of the contact, as partner show prints it"),
    ),
]


Phones = Annotated[
    list[str] | None,
    Option("--phone", metavar="NUMBER", help=N_("a telephone number; may be repeated")),
]


class ContactOptions(NamedTuple):
    """The options of `add` and `edit` for the fields of a contact, as the user typed them."""

    email: Annotated[
        str | None, Option("--email", metavar="ADDRESS", help=N_("the mail address"))
    ] = None
    phone: Phones = None
    role: Annotated[str | None, Option("--role", metavar="ROLE", help=N_("what they do there"))] = (
        None
    )

    def read(self) -> dict[str, Any]:
        """The values of the options that were given, by the names of the fields.

        Raises InvalidError when a text is no value.
        """
        fields = {
            "email": arguments.name("email", self.email),
            "phone": arguments.phones(self.phone),
            "role": arguments.name("role", self.role),
        }
        return {field: value for field, value in fields.items() if value is not None}


@app.command("add")
@options.writes
@options.spread
def add(
    ctx: Context,
    partner: Annotated[
        str, Argument(metavar="P", help=N_("the code, the name or a part of it that no other has"))
    ],
    name: Annotated[str, Argument(metavar="NAME", help=N_("the name of the person"))],
    fields: ContactOptions,
) -> None:
    """Add a person to a partner; print the number of the contact."""
    world = ctx.obj
    given = {"name": name, **fields.read()}
    world.output.expect(CONTACT_WRITTEN)
    world.database(write=True)
    from ticketcli.people import contacts

    contact = contacts.add(partner, given, by=world.actor())
    _answer(world, contact, {"created": _("contact {number} added: {name}")})
    if fields.phone is not None:
        _say_called(world, contact["id"])


@app.command("edit")
@options.writes
@options.spread
def edit(
    ctx: Context,
    number: Number,
    fields: ContactOptions,
    name: Annotated[
        str | None, Option("--name", metavar="NAME", help=N_("the name of the person"))
    ] = None,
    clear: Clear = None,
) -> None:
    """Change fields of a contact; print its number."""
    world = ctx.obj
    with emptying(_CLEARABLE):
        given = fields.read()
    if name is not None:
        given["name"] = arguments.name("name", name)
    given.update(cleared(clear, given, clearable=_CLEARABLE))
    if not given:
        hint = "ticketcli partner contact edit --help"
        raise UsageError(_("nothing to change was given"), hint=hint)
    world.output.expect(CONTACT_WRITTEN)
    world.database(write=True)
    from ticketcli.people import contacts

    sentences = {
        "changed": _("contact {number} changed"),
        "unchanged": _("contact {number} is like that already"),
    }
    _answer(world, contacts.edit(number, given, by=world.actor()), sentences)
    if fields.phone is not None:
        _say_called(world, number)


@app.command("remove")
@options.writes
def remove(ctx: Context, number: Number) -> None:
    """Remove a contact, who stays on the tickets that name them; print the number."""
    world = ctx.obj
    world.output.expect(CONTACT_WRITTEN)
    world.database(write=True)
    from ticketcli.people import contacts

    sentences = {
        "changed": _("contact {number} removed"),
        "unchanged": _("contact {number} was removed already"),
    }
    _answer(world, contacts.remove(number, by=world.actor()), sentences)


def _say_called(world: "World", number: int) -> None:
    """Say how many tickets of unknown callers the numbers of a contact explain."""
    from ticketcli.people import phones

    if count := len(phones.called_by([number])):
        sentence = ngettext(
            "{count} ticket came from this number: ticketcli list --contact {number} --status any",
            "{count} tickets came from this number: ticketcli list --contact {number} --status any",
            count,
        )
        world.output.say(sentence.format(count=count, number=number))


def _answer(world: "World", contact: dict[str, Any], sentences: dict[str, str]) -> None:
    sentence = sentences[contact["outcome"]]
    world.output.say(sentence.format(number=contact["id"], name=contact["name"]))
    world.output.show_written([contact], CONTACT_WRITTEN, single=True)
