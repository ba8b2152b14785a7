"""The categories of tickets: those that every team has, and those that this team has added."""

from typing import Any

from ticketcli.errors import InvalidError, said_of
from ticketcli.people.team_keys import listed
from ticketcli.storage.cursor import Prepared
from ticketcli.storage.models import TeamSetting
from ticketcli.values import words
from ticketcli.values.words import CATEGORY


def current() -> words.Choice:
    """The categories that a ticket may get."""
    newest = next(_added(), None)
    return CATEGORY.and_also(listed(newest[0]) if newest else ())


def ever() -> words.Choice:
    """The categories that a ticket may have: also those that the team has dropped, which come
    last.
    """
    return CATEGORY.and_also(word for (value,) in _added() for word in listed(value))


def given(text: str | None) -> str | None:
    """The category that a text gives to a ticket; the beginning of a word is enough. None for None.

    Raises InvalidError for a text that is no category, AmbiguousError for one that may mean
    several; the message names the option.
    """
    return text if text is None or text in CATEGORY.values else _read(current(), text)


def wanted(text: str) -> str:
    """The category that a filter names, which may be one that the team has dropped. The errors are
    those of `given`.
    """
    return text if text in CATEGORY.values else _read(ever(), text, "any", "none")


@Prepared
def _added() -> Any:
    """The values of the setting, the newest first; None where it was unset."""
    values = TeamSetting.select(TeamSetting.value).where(TeamSetting.key == "categories")
    return values.order_by(TeamSetting.id.desc())


def _read(known: words.Choice, text: str, *also: str) -> str:
    try:
        return known.read(text, also=also)
    except InvalidError as error:
        if also and "," in text:
            error.hint = words.repeated("category", text)
        raise said_of("--category", error) from error
