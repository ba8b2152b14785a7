"""The option `-T TEMPLATE`: a text of the team, with its fields filled in."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from ticketcli.cli.declarations import Option
from ticketcli.commands import _form
from ticketcli.errors import MissingError, UsageError
from ticketcli.i18n import N_, _, language, speaking
from ticketcli.values.addresses import split_sender

if TYPE_CHECKING:
    from ticketcli.cli.world import World

Template = Annotated[
    str | None,
    Option("-T", "--template", metavar="TEMPLATE", help=N_("a text of the team, filled in")),
]


def refuse_both(template: str | None, other: object, name: str) -> None:
    """Raise UsageError when both a template and another option or argument are given; `name` is
    that of the other.
    """
    if template is not None and other is not None:
        message = _("{one} and {other} exclude each other")
        raise UsageError(message.format(one="--template", other=name))


class Filled(NamedTuple):
    """The text of a template with its fields filled in, and the language that it is written in."""

    text: str
    language: str


def of_ticket(
    world: "World",
    name: str,
    ticket: Mapping[str, Any],
    *,
    contact: str | None = None,
) -> Filled:
    """A template for the record of a ticket; `contact` is another person at its partner.

    Raises NotFoundError, and the errors of `filled`.
    """
    return filled(world, name, ticket, partner=_code(ticket), contact=contact)


def of_new(world: "World", name: str, given: Mapping[str, Any]) -> str:
    """The text of a template for a ticket that is to be opened with the given fields. Its number is
    not known. Raises NotFoundError, and the errors of `filled`.
    """
    known = {field: given.get(field) for field in ("label", "due")}
    partner, contact = given.get("partner"), given.get("contact")
    return filled(world, name, known, partner=partner, contact=contact).text


def _code(ticket: Mapping[str, Any]) -> str | None:
    return str(ticket["partner"]["code"]) if ticket["partner"] else None


def filled(
    world: "World",
    name: str,
    ticket: Mapping[str, Any],
    *,
    partner: str | None,
    contact: str | None,
) -> Filled:
    """A template with its fields filled in for a ticket, as far as that is known.

    What is not known is asked for on a terminal. Without one raises MissingError, which names all
    of it. NotFoundError for a template, a partner or a contact that does not exist.
    """
    from ticketcli.values import templates

    with world.reading():
        from ticketcli.people import templates as known

        template = known.find(name)
        text, spoken = template.text or "", template.language or language()
        wanted = templates.fields(text)
        with speaking(spoken):
            values = _values(world, ticket, partner=partner, contact=contact)
    found = {field: value for field in wanted if (value := values.get(field))}
    missing = [field for field in wanted if field not in found]
    if missing and not world.input.has_terminal:
        raise MissingError(
            _("template {name}: no value for {fields}").format(
                name=template.name, fields=" ".join(f"{{{field}}}" for field in missing)
            ),
            hint=_("on a terminal they are asked for"),
            names=missing,
        )
    found.update(_asked(world, missing))
    return Filled(templates.fill(text, found), spoken)


def _asked(world: "World", missing: list[str]) -> dict[str, str]:
    if not missing:
        return {}
    prompts = _form.prompts(world)
    answers: dict[str, str] = {}
    for field in missing:
        while not answers.get(field):
            title = _("{title}:").format(title=field.removeprefix("?"))
            answers[field] = prompts.ask([("", f"{title} ")]).strip()
    world.tick()
    return answers


def _values(
    world: "World", ticket: Mapping[str, Any], *, partner: str | None, contact: str | None
) -> dict[str, str | None]:
    from ticketcli.people import collaborators, partners
    from ticketcli.values.zones import as_written

    whom = None if partner is None else partners.find(partner)
    person: str | None = ticket["contact"]["name"] if ticket.get("contact") else None
    if whom is not None and contact is not None:
        person = partners.find_contact(whom, contact).name
    me = collaborators.by_login(world.me)
    sender = world.settings.get("mail.from") or ""
    return {
        "partner": None if whom is None else whom.name or whom.code,
        "contact": person,
        "ticket": str(ticket["id"]) if ticket.get("id") else None,
        "label": ticket.get("label"),
        "due": as_written(ticket["due"]) if ticket.get("due") else None,
        "me": (me and me.name) or world.me,
        "team": split_sender(sender)[0] or None,
    }
