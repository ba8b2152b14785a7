"""The commands: one verb, one file. A noun with several verbs exports `app`, the others `run`."""

COMMANDS = (
    "new",
    "follow",
    "close",
    "reopen",
    "edit",
    "retract",
    "show",
    "list",
    "search",
    "tabs",
    "partner",
    "user",
    "journal",
    "check",
    "stats",
    "report",
    "mail",
    "team",
    "config",
    "secret",
    "db",
    "schema",
    "completion",
)
"""In the order of `--help`."""
