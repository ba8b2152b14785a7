"""Templates: texts with fields in braces, `{contact}`, and free ones, `{?model}`. No code."""

import re
from collections.abc import Mapping

from ticketcli.errors import InvalidError
from ticketcli.i18n import _
from ticketcli.values import texts
from ticketcli.values.words import nearest

FIELDS = ("partner", "contact", "ticket", "label", "due", "me", "team")
"""What the book and the configuration know. Any other field begins with `?`."""

_FIELD = re.compile(r"\{\s*(\??)\s*([^{}\n]*?)\s*\}")


def checked(text: str) -> str:
    """A text that can be a template. Raises InvalidError for a blank one, for a brace that is no
    field's, and for a field that nobody knows.
    """
    if not text.strip():
        raise InvalidError(_("the template is empty"))
    text = texts.note(text)
    fields(text)
    return text


def fields(text: str) -> tuple[str, ...]:
    """The names of the fields of a template, each once; free ones with their `?`.

    Raises InvalidError where a brace is no field's, and for a field that nobody knows.
    """
    if stray := re.search(r"\{\{|\}\}", text) or re.search("[{}]", _FIELD.sub("", text)):
        raise InvalidError(
            _('"{braces}" is no field of a template').format(braces=stray[0]),
            hint=_("a field is {example}").format(example="{contact}, {?model}"),
        )
    found = dict.fromkeys(_FIELD.findall(text))
    for free, name in found:
        if free:
            texts.line("{?}", name)
        elif name not in FIELDS:
            raise InvalidError(
                _("no field {name}").format(name="{" + name + "}"),
                hint=_("the fields are: {fields}").format(
                    fields=" ".join(f"{{{field}}}" for field in FIELDS)
                ),
                names=nearest(name, FIELDS),
            )
    return tuple(free + name for free, name in found)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with the value of each field in its place. What looks like a field in a value stays
    as it is.
    """
    return _FIELD.sub(lambda found: values[found[1] + found[2]], text)
