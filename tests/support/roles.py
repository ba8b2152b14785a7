"""The suite with roles: which account of the server runs a command (`--roles`)."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ticketcli.commands import COMMANDS

if TYPE_CHECKING:
    from program import Program

PEOPLE = ("anna", "paul", "zoe")
"""The collaborators who have accounts: `anna` is an agent, `anna_chief` a supervisor, `anna_post` a
mailer, `anna_both` the last two, and all four are anna's."""

_SUPERVISOR = (
    *("user add", "user edit", "partner edit", "partner archive", "partner unarchive"),
    *("partner contact remove", "team set", "mail retry", "mail cancel"),
)
_MAILER = ("mail send", "mail receive", "mail fetch", "mail test", "remind", "reply", "hook")
_ANYTHING = ("batch",)


def give(program: "Program") -> None:
    """Make the roles of a book, and give them to the accounts of PEOPLE."""
    from engines import Raw

    raw = Raw(program.database)
    _must(program, "db", "init", "--roles")
    there = {login for (login,) in raw("SELECT login FROM collaborator")} or {"anna"}
    for name in filter(there.__contains__, PEOPLE):
        for account, role in (
            (name, "agent"),
            (f"{name}_chief", "supervisor"),
            (f"{name}_post", "mailer"),
            (f"{name}_both", "supervisor"),
            (f"{name}_both", "mailer"),
        ):
            # Another test process may make it at the same time.
            raw(
                f"DO $$ BEGIN CREATE ROLE {account} LOGIN; EXCEPTION"
                " WHEN duplicate_object OR unique_violation THEN NULL; END $$"
            )
            # The first of an empty book is added by that.
            whose = () if account == name else ("--as", name)
            _must(program, "db", "grant", account, "--role", role, *whose)
    raw.close()


def _must(program: "Program", *args: str) -> None:
    code, _, err = program(*args)
    assert code == 0, (args, err)


def account(args: Sequence[str], env: Mapping[str, Any]) -> str:
    """The account that runs a command: an agent, unless the command is a supervisor's or a
    mailer's, or may be any. Who has no account is acted for by one that may also do that.
    """
    words = list(args)
    who = env.get("TICKETCLI_USER") or "anna"
    for word, following in pairwise([*words, ""]):
        if word == "--as":
            who = following
        elif word.startswith("--as="):
            who = word.removeprefix("--as=")
    # Options of every command may come first.
    first = next((place for place, word in enumerate(words) if word in COMMANDS), 0)
    line = " ".join(word for word in words[first:] if not word.startswith("-"))
    if line.startswith("db "):
        return "postgres"
    who = who.lower()
    sends = "--notify" in words or env.get("TICKETCLI_NOTIFY") or line.startswith(_MAILER)
    sends, supervises = sends or who not in PEOPLE, line.startswith(_SUPERVISOR)
    who = who if who in PEOPLE else "anna"
    if line.startswith(_ANYTHING) or (sends and supervises):
        return f"{who}_both"
    if sends:
        return f"{who}_post"
    return f"{who}_chief" if supervises else who
