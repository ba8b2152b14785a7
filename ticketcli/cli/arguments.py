"""What a text of the command line means: a choice, a name, a date, a ticket's number."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from ticketcli.errors import InvalidError, NothingError, TicketcliError, UsageError, said_of
from ticketcli.i18n import _, ngettext
from ticketcli.values import words
from ticketcli.values.dates import parse_date
from ticketcli.values.filters import MAY_BE_EMPTY, NOTHING, Myself
from ticketcli.values.instants import parse_promise, parse_when
from ticketcli.values.periods import Period, parse_period

if TYPE_CHECKING:
    from datetime import datetime

    from ticketcli.cli.world import World

T = TypeVar("T")


def about(option: str, read: Callable[[], T]) -> T:
    """What `read` returns; an error of its says which option it is about."""
    try:
        return read()
    except TicketcliError as error:
        raise said_of(f"--{option}", error) from error


def choice(option: str, table: words.Choice, text: str | None) -> str | None:
    """The value that a text means, in a write. Raises InvalidError or AmbiguousError."""
    if text is None:
        return None
    _refuse_reserved(option, text, values=[table.label(value) for value in table.values])
    return about(option, lambda: table.read(text))


def name(field: str, text: str | None, *, option: str | None = None) -> str | None:
    """A name in a write: neither empty nor reserved."""
    if text is not None:
        _refuse_reserved(field, text, option=option)
    return text


def person(
    field: str, text: str | None, world: "World", *, option: str | None = None
) -> str | None:
    """A collaborator in a write: `me` is my login."""
    named = None if text is None else myself(text, world)
    return named if isinstance(named, Myself) else name(field, text, option=option)


def myself(text: str, world: "World") -> str:
    """The text; for `me` my login, which is Myself."""
    return Myself(world.me) if words.fold(text) in words.ME else text


def whose(option: str, text: str, world: "World") -> str | None:
    """The collaborator whose things are looked for: `me` is my login, None is `any`."""
    named = people(option, [text], world)
    return named[0] if named else None


def _refuse_reserved(
    field: str, text: str, *, option: str | None = None, values: Sequence[str] = ()
) -> None:
    """InvalidError for what is no value, with the hint which `values` there are."""
    option = option or field
    listed = ", ".join(values)
    if words.fold(text) in words.NONE:
        hint = listed or _("leave --{option} out").format(option=option)
        raise NothingError(_no_value(option, text), field=field, hint=hint, names=values)
    if words.fold(text) in words.RESERVED or not text.strip():
        raise InvalidError(_no_value(option, text), hint=listed or None, names=values)


def _no_value(option: str, text: str) -> str:
    return _('--{option}: "{value}" is no value').format(option=option, value=text)


def due(text: str | None, world: "World") -> str | None:
    """A due date in a write, as it is stored."""
    if text is None:
        return None
    _refuse_reserved("due", text)
    return about("due", lambda: parse_date(text, today=world.today)).isoformat()


def instant(text: str | None, world: "World") -> "datetime | None":
    """The instant of `--at`, in UTC."""
    if text is None:
        return None
    return about("at", lambda: parse_when(text, now=world.now, zone=world.zone))


def promise(option: str, text: str | None, world: "World") -> "datetime | None":
    """An instant that may lie ahead, in UTC."""
    if text is None:
        return None
    return about(option, lambda: parse_promise(text, now=world.now, zone=world.zone))


def callback(text: str | None, world: "World", *, close: bool) -> int | None:
    """When a call back is promised (Unix seconds). UsageError together with `--close`."""
    if text is not None and close:
        raise UsageError(_("--callback and --close exclude each other"))
    promised = promise("callback", text, world)
    return None if promised is None else int(promised.timestamp())


def period(
    option: str, text: str | None, world: "World", *, ahead: bool = False, empty: bool = False
) -> Period | None:
    """A period; `ahead`: a weekday is the next one, else the last. InvalidError for `none`, unless
    it may be `empty`.
    """
    if text is None:
        return None
    found = about(option, lambda: parse_period(text, today=world.today, ahead=ahead))
    if found.none and not empty:
        raise InvalidError(_no_value(option, text))
    return found


def choices(
    option: str, table: words.Choice, texts: Sequence[str] | None
) -> tuple[str, ...] | None:
    """The values to filter by: any of them, all where it is empty. Raises as `choice` does."""
    return _wanted(option, texts, lambda text: _chosen(option, table, text))


def _chosen(option: str, table: words.Choice, text: str) -> str:
    try:
        return about(option, lambda: table.read(text))
    except InvalidError as error:
        if "," in text:
            error.hint = words.repeated(option, text)
        raise


def names(option: str, texts: Sequence[str] | None) -> tuple[str, ...] | None:
    """Names to filter by. Raises InvalidError for `none` where the field is never empty."""
    return _wanted(option, texts, lambda text: text)


def people(option: str, texts: Sequence[str] | None, world: "World") -> tuple[str, ...] | None:
    """Collaborators to filter by: `me` is my login. Raises as `names` does."""
    return _wanted(option, texts, lambda text: myself(text, world))


def _wanted(
    option: str, texts: Sequence[str] | None, read: Callable[[str], str]
) -> tuple[str, ...] | None:
    if texts is None:
        return None
    found = [_one(option, text, read) for text in texts if words.fold(text) not in words.ANY]
    return () if len(found) < len(texts) else tuple(found)


def _one(option: str, text: str, read: Callable[[str], str]) -> str:
    if words.fold(text) in words.NONE and option in MAY_BE_EMPTY:
        return NOTHING
    if words.fold(text) in words.RESERVED - words.ME or not text.strip():
        raise InvalidError(_no_value(option, text))
    return read(text)


def numbers(refs: Iterable[str]) -> list[int]:
    """The ticket numbers of `42` or `#42`. Raises InvalidError naming all that are none."""
    return whole_numbers(
        refs,
        complaint=lambda number: ngettext(
            "{refs} is no ticket number", "{refs} are no ticket numbers", number
        ),
    )


def whole_numbers(refs: Iterable[str], *, complaint: Callable[[int], str]) -> list[int]:
    """The numbers of `42` or `#42`. Raises InvalidError with the complaint about all others, which
    is asked for by how many they are.
    """
    refs = list(refs)
    bad = [ref for ref in refs if not _is_number(ref.strip().removeprefix("#"))]
    if bad:
        listed = ", ".join(_('"{text}"').format(text=ref) for ref in bad)
        raise InvalidError(complaint(len(bad)).format(refs=listed), names=bad)
    return [int(ref.strip().removeprefix("#")) for ref in refs]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18 and int(text) > 0
