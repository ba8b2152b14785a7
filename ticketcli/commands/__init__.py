"""The commands, one file for each. A noun with several verbs exports `app`, the others `run`."""

from collections.abc import Mapping
from itertools import chain

from ticketcli.i18n import N_

GROUPS: Mapping[str, tuple[str, ...]] = {
    N_("Enter and answer"): (
        *("new", "call", "follow", "reply", "close", "reopen", "edit", "retract", "undo"),
        *("attach", "attachment", "merge", "link", "unlink", "batch"),
    ),
    N_("Look and find"): (
        *("show", "list", "search", "view", "tabs", "journal", "events", "desk"),
    ),
    N_("Forget nobody"): ("agenda", "remind", "check"),
    N_("Measure"): ("stats", "report"),
    N_("Partners and colleagues"): ("partner", "user", "team"),
    N_("Mail and letters"): ("mail", "template", "print"),
    N_("In and out"): ("import", "export"),
    N_("The program"): (
        *("config", "secret", "hook", "db", "spool", "schema", "completion", "help", "demo"),
    ),
}
"""The names of the commands, by what people do with them, in the order of `--help`."""

COMMANDS = tuple(chain.from_iterable(GROUPS.values()))
