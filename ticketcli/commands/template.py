"""`ticketcli template`."""

from typing import TYPE_CHECKING, Annotated, Any

from ticketcli.cli import arguments, options
from ticketcli.cli.declarations import Argument, Context, Group, Option
from ticketcli.i18n import N_, _
from ticketcli.output.views import (
    TEMPLATE,
    TEMPLATE_CHANGE,
    TEMPLATE_DETAILS,
    TEMPLATE_WRITTEN,
)
from ticketcli.values import words

if TYPE_CHECKING:
    from ticketcli.cli.world import World

app = Group(N_("Templates: texts that the team uses again, in replies, notes and letters."))

Name = Annotated[str, Argument(metavar="TEMPLATE", help=N_("the name of a template"))]
Language = Annotated[
    str | None, Option("--language", metavar="LANGUAGE", help=N_("what it is written in: en or fr"))
]


@app.command("add")
@options.writes
def add(
    ctx: Context,
    name: Annotated[str, Argument(metavar="NAME", help=N_("a name that no other template has"))],
    language: Language = None,
) -> None:
    """Add a template, read from standard input or written in $EDITOR; print its name.

    Its fields are {partner} {contact} {ticket} {label} {due} {me} {team}. Others, such as {?model},
    are asked for when it is used.
    """
    world = ctx.obj
    spoken = arguments.choice("language", words.LANGUAGE, language)
    text = _text(world, "")
    world.output.expect(TEMPLATE_WRITTEN)
    world.database(write=True)
    from ticketcli.people import templates

    _answer(
        world,
        templates.add(name, text, language=spoken, by=world.actor()),
        {"created": _("template {name} added")},
    )


@app.command("edit")
@options.writes
def edit(ctx: Context, name: Name, language: Language = None) -> None:
    """Change a template: the text from standard input or in $EDITOR, the language, or both."""
    world = ctx.obj
    spoken = arguments.choice("language", words.LANGUAGE, language)
    world.output.expect(TEMPLATE_WRITTEN)
    with world.reading():
        from ticketcli.people import templates

        old = templates.find(name).text or ""
    text = None if spoken and world.input.has_terminal else _text(world, old)
    if spoken and text is not None and not text.strip():
        text = None
    world.database(write=True)
    _answer(
        world,
        templates.edit(name, text=text, language=spoken, by=world.actor()),
        {
            "changed": _("template {name} changed"),
            "unchanged": _("template {name} is like that already"),
        },
    )


def _text(world: "World", old: str) -> str:
    """The text of a template: from the editor on a terminal, else from standard input."""
    if not world.input.has_terminal:
        return world.input.read_note("-") or ""
    text = world.input.edit_text(f"{old}\n" if old else "")
    world.tick()
    return text


@app.command("remove")
@options.writes
def remove(ctx: Context, name: Name) -> None:
    """Remove a template; print its name. What it said stays in the book."""
    world = ctx.obj
    world.output.expect(TEMPLATE_WRITTEN)
    world.database(write=True)
    from ticketcli.people import templates

    _answer(
        world,
        templates.remove(name, by=world.actor()),
        {"changed": _("template {name} removed")},
    )


@app.command("list")
def listing(ctx: Context, limit: options.Limit = None) -> None:
    """List the templates."""
    world = ctx.obj
    world.database(standby=True)
    from ticketcli.people import templates

    found = templates.listing(limit=world.output.rows(limit))
    if not world.output.show(found, TEMPLATE, limit=limit):
        world.output.say(_("no templates"))


@app.command("show")
def show(ctx: Context, name: Name) -> None:
    """Show a template, and all that it has been: by whom, and when."""
    world = ctx.obj
    world.output.expect(TEMPLATE_DETAILS)
    world.database(standby=True)
    from ticketcli.people import templates

    found = templates.find(name)
    changes = templates.history(found)
    record = {**templates.record(found), "history": changes}
    tables = [(_("History"), changes, TEMPLATE_CHANGE)]
    world.output.show_sheet(record, TEMPLATE_DETAILS, tables)


def _answer(world: "World", template: dict[str, Any], sentences: dict[str, str]) -> None:
    world.output.say(sentences[template["outcome"]].format(name=template["name"]))
    world.output.show_written([template], TEMPLATE_WRITTEN, single=True)
