"""Turn the texts of a command line into values: choices, names, dates, ticket numbers."""

import re
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

SPOOLED = "[sS]([1-9][0-9]{0,17})"
"""The name of a command in the spool."""


def about(option: str, read: Callable[[], T]) -> T:
    """Call `read` and return its result. A TicketcliError that it raises gets the name of the
    option in front of its message.
    """
    try:
        return read()
    except TicketcliError as error:
        raise said_of(f"--{option}", error) from error


def choice(option: str, table: words.Choice, text: str | None) -> str | None:
    """The value of a choice that a change of the book sets; None for None.

    Raises InvalidError when no value has this name, AmbiguousError when several begin with it.
    """
    if text is None:
        return None
    _refuse_reserved(option, text, values=[table.label(value) for value in table.values])
    return about(option, lambda: table.read(text))


def name(field: str, text: str | None, *, option: str | None = None) -> str | None:
    """A name that a change of the book sets, unchanged; None for None.

    Raises InvalidError when it is blank or a reserved word such as `any`, and NothingError when it
    is `none`.
    """
    if text is not None:
        _refuse_reserved(field, text, option=option)
    return text


def address(option: str, text: str) -> str:
    """A mail address that mail can be sent to. Raises InvalidError."""
    from ticketcli.values import texts
    from ticketcli.values.addresses import ascii_address

    found = texts.email(f"--{option}", text)
    try:
        ascii_address(found)
    except UnicodeError:
        message = _('{what}: "{value}" is no mail address').format(what=f"--{option}", value=text)
        raise InvalidError(message) from None
    return found


def phones(texts: Sequence[str] | None) -> list[str] | None:
    """The telephone numbers that a change of the book sets, unchanged; None for None.

    Raises InvalidError when one is blank or a reserved word, and NothingError when it is `none`.
    """
    for text in texts or ():
        name("phone", text)
    return None if texts is None else list(texts)


def person(
    field: str, text: str | None, world: "World", *, option: str | None = None
) -> str | None:
    """A collaborator that a change of the book sets; `me` becomes my login. None for None.

    Raises the errors of `name`.
    """
    named = None if text is None else myself(text, world)
    return named if isinstance(named, Myself) else name(field, text, option=option)


def myself(text: str, world: "World") -> str:
    """The text itself; for `me` my login, as a `Myself`."""
    return Myself(world.me) if words.fold(text) in words.ME else text


def whose(option: str, text: str, world: "World") -> str | None:
    """The collaborator to filter by; `me` becomes my login, and `any` becomes None.

    Raises InvalidError when the text is blank or `none`.
    """
    named = people(option, [text], world)
    return named[0] if named else None


def _refuse_reserved(
    field: str, text: str, *, option: str | None = None, values: Sequence[str] = ()
) -> None:
    """Raise InvalidError when the text is blank or a reserved word, and NothingError when it is
    `none`. The hint lists the `values` that are allowed.
    """
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
    """A due date that a change of the book sets, as an ISO date; None for None.

    Raises InvalidError when the text is no date.
    """
    if text is None:
        return None
    _refuse_reserved("due", text)
    return about("due", lambda: parse_date(text, today=world.today)).isoformat()


def instant(text: str | None, world: "World") -> "datetime | None":
    """The instant that `--at` names, in UTC; None for None.

    Raises InvalidError when the text is no instant, or one in the future.
    """
    if text is None:
        return None
    return about("at", lambda: parse_when(text, now=world.now, zone=world.zone))


def promise(option: str, text: str | None, world: "World") -> "datetime | None":
    """The instant that an option names, in UTC; it may be in the future. None for None.

    Raises InvalidError when the text is no instant.
    """
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
    """The period that an option names; None for None. A weekday or a day without a year is the next
    one with `ahead`, the last one without it.

    Raises InvalidError when the text is no period. `none` is a period only with `empty`.
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
    """The values of a choice to filter by. None when the option was not given; empty when `any`
    is among the texts, so that nothing is filtered.

    Raises InvalidError when no value has this name, AmbiguousError when several begin with it.
    """
    also = ("any", "none") if option in MAY_BE_EMPTY else ("any",)
    return _wanted(option, texts, lambda text: each_choice(option, table, text, also=also))


def each_choice(option: str, table: words.Choice, text: str, *, also: Sequence[str] = ()) -> str:
    """The value of a choice, for an option that can be repeated. An error also lists the words
    `also`, which the option accepts too.

    Raises InvalidError when no value has this name, with a hint when there is a comma in the text.
    Raises AmbiguousError when several values begin with the text.
    """
    try:
        return about(option, lambda: table.read(text, also=also))
    except InvalidError as error:
        if "," in text:
            error.hint = words.repeated(option, text)
        raise


def names(option: str, texts: Sequence[str] | None) -> tuple[str, ...] | None:
    """Names to filter by, with None and `any` as in `choices`.

    Raises InvalidError when a name is blank or a reserved word, also for `none` when the field is
    never empty.
    """
    return _wanted(option, texts, lambda text: text)


def people(option: str, texts: Sequence[str] | None, world: "World") -> tuple[str, ...] | None:
    """Collaborators to filter by, as `names`; `me` becomes my login."""
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
    """Ticket numbers, each written `42` or `#42`.

    Raises InvalidError when a text is no ticket number; the message lists all of them.
    """
    return whole_numbers(
        refs,
        complaint=lambda number: ngettext(
            "{refs} is no ticket number", "{refs} are no ticket numbers", number
        ),
    )


def ticket(ref: str, world: "World") -> int:
    """The number of a ticket, written `42` or `#42`, or `s1`, the name that it had in the spool.

    Raises InvalidError when the text is neither, and for a name of the spool the errors of
    `World.spooled_ticket`.
    """
    if match := re.fullmatch(SPOOLED, ref.strip()):
        return world.spooled_ticket(int(match[1]))
    return numbers([ref])[0]


def spooled(refs: Iterable[str]) -> list[int]:
    """The numbers of commands in the spool, each once, written `s1`. Raises InvalidError when a
    text is no such name; the message lists all of them.
    """
    refs = list(refs)
    found = [re.fullmatch(SPOOLED, ref.strip()) for ref in refs]
    if bad := [ref for ref, match in zip(refs, found, strict=True) if match is None]:
        listed = ", ".join(_('"{text}"').format(text=ref) for ref in bad)
        message = ngettext(
            "{refs} is no name of what waits", "{refs} are no names of what waits", len(bad)
        )
        raise InvalidError(message.format(refs=listed), hint="ticketcli spool list", names=bad)
    return list(dict.fromkeys(int(match[1]) for match in found if match))


def whole_numbers(refs: Iterable[str], *, complaint: Callable[[int], str]) -> list[int]:
    """Whole numbers from 1, each written `42` or `#42`.

    Raises InvalidError when a text is no such number. `complaint` returns the message for a count
    of wrong texts, with `{refs}` for the texts.
    """
    refs = list(refs)
    bad = [ref for ref in refs if not _is_number(ref.strip().removeprefix("#"))]
    if bad:
        listed = ", ".join(_('"{text}"').format(text=ref) for ref in bad)
        raise InvalidError(complaint(len(bad)).format(refs=listed), names=bad)
    return [int(ref.strip().removeprefix("#")) for ref in refs]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18 and int(text) > 0
