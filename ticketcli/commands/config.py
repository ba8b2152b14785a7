"""`ticketcli config`: my configuration on this machine."""

from typing import TYPE_CHECKING, Annotated, Any

from ticketcli.cli.declarations import Argument, Context, Group
from ticketcli.config.keys import KEYS, VIEWS
from ticketcli.config.settings import variable_of
from ticketcli.i18n import N_, _
from ticketcli.output.views import CONFIG_PATH, SETTING

if TYPE_CHECKING:
    from ticketcli.cli.world import World

app = Group(N_("Show and change my configuration on this machine."))

Name = Annotated[str, Argument(metavar="KEY", help=N_("a key, as config list shows them"))]
Value = Annotated[str, Argument(metavar="VALUE", help=N_("its value"))]


@app.command("list")
def list_(ctx: Context) -> None:
    """List all keys with their values and where those come from."""
    world = ctx.obj
    world.output.show(
        [_record(world, key) for key in (*KEYS, *world.settings.views())], SETTING, limit=0
    )


@app.command("get")
def get(ctx: Context, key: Name) -> None:
    """Print the value of a key; nothing where it has none."""
    world = ctx.obj
    record = _record(world, key)
    if world.output.wants_records:
        world.output.show([record], SETTING, single=True)
    else:
        world.output.show_value(record["value"])


@app.command("set")
def set_(ctx: Context, key: Name, value: Value) -> None:
    """Set a key in the file, whose comments stay.

    Each key is also an environment variable, TICKETCLI_ and the key in capitals, which comes
    before the file.
    """
    world = ctx.obj
    world.output.expect(SETTING)
    if key.startswith(VIEWS):
        from ticketcli.cli import saved_views

        saved_views.read(value)
    _changed(world, {"key": key, "value": world.settings.set(key, value), "origin": "file"})


@app.command("unset")
def unset(ctx: Context, key: Name) -> None:
    """Take a key out of the file, be it a known one or not."""
    world = ctx.obj
    world.output.expect(SETTING)
    world.settings.unset(key)
    _changed(world, {"key": key, "value": None, "origin": "default"})


@app.command("path")
def path(ctx: Context) -> None:
    """Print where the file is, or would be."""
    world = ctx.obj
    record = {"path": str(world.settings.path)}
    if world.output.wants_records:
        world.output.show([record], CONFIG_PATH, single=True)
    else:
        world.output.show_value(record["path"])


def _record(world: "World", key: str) -> dict[str, Any]:
    value, origin = world.settings.find(key)
    return {"key": key, "value": value, "origin": origin}


def _changed(world: "World", record: dict[str, Any]) -> None:
    """Print the setting if the user asks for records. Warn when the environment overrides it."""
    variable = variable_of(record["key"])
    if world.environ.get(variable):
        message = _("{variable} in the environment overrides it").format(variable=variable)
        world.output.warn("overridden", message, [record["key"]])
    if world.output.wants_records:
        world.output.show([record], SETTING, single=True)
