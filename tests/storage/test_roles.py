"""A book with roles on a server: made, given to accounts, and used with each of them."""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from engines import Engine, Postgresql
from jsonschema import Draft202012Validator
from program import Program
from team import Team
from terminal import Terminal

ROLES = ("owner", "reader", "agent", "supervisor", "mailer", "deputy")


@pytest.fixture
def empty(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """A database of marie's without a book."""
    if not isinstance(engine, Postgresql):
        pytest.skip("a file has no roles")
    team = Team(engine, tmp_path_factory.mktemp("team"))
    yield team
    team.close()


@pytest.fixture
def team(empty: Team) -> Team:
    """A book with roles; paul is an agent of it, rita may read, zoe is a supervisor."""
    assert empty("marie", "db", "init", "--roles") == (0, "", "")
    for name, role in (("zoe", "supervisor"), ("paul", "agent")):
        empty.account(name)
        login = empty.login(name)
        assert empty("marie", "db", "grant", login, "--role", role) == (0, f"{name}\n", "")
    empty.account("rita")
    assert empty("marie", "db", "grant", empty.login("rita"), "--role", "reader")[0] == 0
    return empty


# To begin -----------------------------------------------------------------------------------


def test_a_file_has_no_roles(engine: Engine, ticketcli: Program) -> None:
    if engine.name != "sqlite":
        pytest.skip("about files")
    refused = (
        "ticketcli: a file has no roles: who may write to it may write anything\n"
        "  a book on a PostgreSQL server has them: see docs/howto/team.md\n"
    )
    for args in (("--roles",), ("--roles", "--sql")):
        assert ticketcli("db", "init", *args) == (4, "", refused)
    ticketcli("new", "First")
    assert ticketcli.json("db", "status")["roles"] is None
    for verb in (("grant", "paul", "--role", "agent"), ("revoke", "paul"), ("roles",)):
        code, out, err = ticketcli("db", *verb)
        assert (code, out) == (4, "")
        assert err == refused


def test_sql_goes_with_roles(ticketcli: Program) -> None:
    assert ticketcli("db", "init", "--sql") == (
        2,
        "",
        "ticketcli: --sql goes with --roles\n  ticketcli db init --roles --sql\n",
    )


@pytest.mark.one_login("about just that")
def test_without_roles_all_share_one_login(engine: Engine, ticketcli: Program) -> None:
    if engine.name == "sqlite":
        pytest.skip("about servers")
    assert ticketcli.json("db", "status")["roles"] is None
    refused = (
        "ticketcli: this book has no roles, all share one login\n  ticketcli db init --roles\n"
    )
    assert ticketcli("db", "grant", "paul", "--role", "agent") == (4, "", refused)
    assert ticketcli("db", "revoke", "paul") == (4, "", refused)
    assert ticketcli("db", "roles") == (4, "", refused)
    assert ticketcli("new", "In the name of anyone") == (0, "1\n", "")


def test_init_makes_the_roles(empty: Team) -> None:
    assert empty("marie", "db", "init", "--roles") == (0, "", "")
    assert empty.program("marie").json("db", "status")["roles"] == empty.book
    # Again: nothing is left to be done.
    assert empty("marie", "db", "init", "--roles") == (0, "", "")
    assert empty("marie", "db", "init", "--roles", "--sql") == (0, "", "")
    assert empty("marie", "db", "check") == (0, "", "")
    with closing(empty.sql()) as raw:
        owners = raw("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
    assert owners == [(f"{empty.book}_owner",)]


def test_sql_prints_what_an_administrator_runs(empty: Team) -> None:
    empty.account("eva")
    # The database is marie's; eva is to make the book, and may make no roles.
    with closing(empty.sql()) as raw:
        raw(f"GRANT CONNECT ON DATABASE {empty.book} TO {empty.login('eva')}")
    assert empty("eva", "db", "init", "--roles") == (
        5,
        "",
        (
            'ticketcli: the login of this session may not: CREATE ROLE "owner" NOLOGIN\n'
            "  who administers the server runs what this prints: ticketcli db init --roles --sql\n"
        ),
    )
    statements = empty.program("eva")("db", "init", "--roles", "--sql").out
    assert f'CREATE ROLE "{empty.book}_owner" NOLOGIN;\n' in statements
    with closing(empty.sql()) as raw:
        assert raw("SELECT to_regclass('book')") == [(None,)]
        for statement in statements.splitlines():
            raw(statement)
    assert empty("eva", "db", "init", "--roles") == (0, "", "")
    empty.account("paul")
    assert empty("eva", "db", "grant", empty.login("paul"), "--role", "agent")[0] == 0
    assert empty("paul", "new", "First") == (0, "1\n", "")
    assert empty("eva", "db", "check") == (0, "", "")


def test_a_book_with_one_login_gets_roles(empty: Team) -> None:
    old = empty.program("marie")
    old.env["TICKETCLI_USER"] = "anna"
    for args in (("db", "init"), ("new", "Old"), ("user", "add", "paul")):
        assert old(*args).code == 0
    assert empty("marie", "db", "init", "--roles") == (0, "", "")
    empty.join("paul", "agent")
    assert empty("paul", "follow", "1", "Mine") == (0, "1\n", "")
    told = empty.program("paul").json("show", "1")["history"]
    assert [row["author"] for row in told] == ["anna", "paul"]
    assert told[1]["via"] == empty.login("paul")
    assert empty("marie", "db", "check") == (0, "", "")


def test_who_administers_migrates_as_the_owner(team: Team) -> None:
    with closing(team.sql()) as raw:
        raw("UPDATE book SET version = version - 1")
        raw(f"REVOKE INSERT (note) ON follow_up FROM {team.book}_agent")
    code, _, err = team("paul", "list")
    assert (code, err.splitlines()[1]) == (
        4,
        "  the owner of its tables runs: ticketcli db migrate",
    )
    assert team("paul", "db", "migrate")[0] == 5
    assert team("marie", "db", "migrate") == (0, "", "")
    # What each role may do is given again.
    assert team("marie", "db", "check") == (0, "", "")
    assert team("paul", "new", "First") == (0, "1\n", "")


# Accounts -----------------------------------------------------------------------------------


def test_accounts_are_listed(team: Team) -> None:
    assert team.program("marie").json("db", "roles") == [
        {"login": team.login(name), "collaborator": who and team.login(who), "roles": roles}
        for name, who, roles in (
            ("marie", None, ["owner", "reader"]),
            ("paul", "paul", ["agent"]),
            ("rita", None, ["reader"]),
            ("zoe", "zoe", ["supervisor"]),
        )
    ]
    schema = Draft202012Validator(team.program("marie").json("schema", "db-account"))
    for account in team.program("marie").json("db", "roles"):
        schema.validate(account)
    shown = team.program("marie")("db", "roles").out.splitlines()
    assert shown[0].split() == ["login", "collaborator", "roles"]
    assert shown[2].endswith("owner, reader")


def test_an_account_that_there_is_not(team: Team) -> None:
    assert team("marie", "db", "grant", "nobody", "--role", "agent") == (
        3,
        "",
        "ticketcli: the server has no account nobody\n  createuser --pwprompt nobody\n",
    )
    assert team("marie", "db", "revoke", "nobody") == (
        3,
        "",
        "ticketcli: nobody has no role in this book\n  ticketcli db roles\n",
    )
    assert team("marie", "db", "grant", team.login("paul"), "--role", "owner")[0] == 2
    team.account("eva")
    code, _, err = team("marie", "db", "grant", team.login("eva"), "--role", "agent", "--as", "no")
    assert (code, err.splitlines()[0]) == (3, 'ticketcli: no collaborator "no"')
    assert "eva" not in team("marie", "db", "roles")[1]


def test_only_who_administers_gives_roles(team: Team) -> None:
    for name in ("rita", "paul", "zoe"):
        for args in (("grant", team.login("rita"), "--role", "supervisor"), ("revoke", "zoe")):
            code, out, _ = team(name, "db", *args[:1], team.login("rita"), *args[2:])
            assert (code, out) == (5, ""), (name, args)


def test_a_login_is_somebodys_for_ever(team: Team) -> None:
    login = team.login("paul")
    assert team("marie", "db", "revoke", login) == (0, "paul\n", "")
    code, out, err = team("paul", "list")
    assert (code, out) == (5, "")
    assert "permission denied for database" in err
    code, _, err = team("marie", "db", "grant", login, "--role", "agent", "--as", team.login("zoe"))
    assert code == 4
    assert err.startswith("ticketcli: the account paul is that of paul, for ever\n")
    assert team("marie", "db", "grant", login, "--role", "agent") == (0, "paul\n", "")
    assert team("paul", "new", "Again") == (0, "1\n", "")
    # Not even by who may become the owner.
    with closing(team.sql("marie")) as raw:
        raw(f"SET ROLE {team.book}_owner")
        for statement in ("UPDATE account SET login = login", "DELETE FROM account"):
            with pytest.raises(Exception, match="a login is somebody's for ever"):
                raw(statement)


# At work ------------------------------------------------------------------------------------


def test_a_reader_may_only_read(team: Team) -> None:
    assert team("paul", "new", "First") == (0, "1\n", "")
    assert team("rita", "list", "--all", "-o", "ids") == (0, "1\n", "")
    assert team("rita", "db", "check") == (0, "", "")
    refused = "ticketcli: rita may only read\n  ticketcli db grant rita --role agent\n"
    for args in (("new", "x"), ("follow", "1", "x"), ("close", "1"), ("partner", "add", "X")):
        more = ("--type", "client") if args[0] == "partner" else ()
        assert team("rita", *args, *more) == (5, "", refused), args
    assert team.program("rita").json("show", "1")["version"] == 1


def test_nobody_acts_for_another(team: Team) -> None:
    zoe = team.login("zoe")
    assert team("paul", "new", "x", "--as", zoe) == (
        5,
        "",
        "ticketcli: paul may not act for zoe\n  ticketcli db roles\n",
    )
    program = team.program("paul")
    program.env["TICKETCLI_USER"] = zoe
    assert program("new", "x").code == 5
    assert team("paul", "new", "x", "--as", team.login("paul")) == (0, "1\n", "")


def test_a_mailer_acts_for_others(team: Team) -> None:
    team.account("robot")
    assert team("marie", "db", "grant", team.login("robot"), "--role", "mailer")[0] == 0
    assert team("robot", "new", "From paul", "--as", team.login("paul")) == (0, "1\n", "")
    [row] = team.program("rita").json("show", "1")["history"]
    assert (row["author"], row["via"]) == (team.login("paul"), team.login("robot"))


def test_me_is_whose_account_it_is(team: Team) -> None:
    assert team("paul", "new", "Mine") == (0, "1\n", "")
    assert team("zoe", "new", "Hers") == (0, "2\n", "")
    assert team("paul", "list", "-o", "ids") == (0, "1\n", "")
    assert team("paul", "list", "--all", "--to", "me", "-o", "ids") == (0, "1\n", "")


def test_roles_hold_for_what_waited(team: Team) -> None:
    """It is entered with the account of who typed it, and in nobody else's name."""
    for name, *as_ in (("paul",), ("paul", "--as", team.login("zoe")), ("rita",)):
        away = team.program(name)
        away.env["TICKETCLI_DATABASE"] += "&port=1"
        away.env |= {"TICKETCLI_SPOOL": "always", "TICKETCLI_DATABASE_TIMEOUT": "0.2"}
        assert away("new", f"Of {name}", *as_).code == 0
    assert team("paul", "spool", "send", "s1", "s2")[0] == 4
    assert team("rita", "spool", "send", "s3")[0] == 4
    paul = team.program("paul")
    [ticket] = paul.json("list", "--all")
    assert (ticket["label"], ticket["creator"]) == ("Of paul", team.login("paul"))
    [for_zoe, of_rita] = [each["reason"] for each in paul.json("spool", "list")]
    assert f"may not act for {team.login('zoe')}" in for_zoe
    assert "may only read" in of_rita


def test_the_day_of_an_agent(team: Team) -> None:
    day = (
        ("partner", "add", "DURAND", "--type", "client", "--phone", "0387550110"),
        ("partner", "contact", "add", "DURAND", "Mme Noël", "--phone", "0387550111"),
        ("partner", "edit", "DURAND", "--phone", "0387550112", "--note", "Rings late"),
        ("call", "0387550112", "Printer jams", "--key", "k"),
        ("follow", "1", "Called back", "-O", "call", "--direction", "out", "--callback", "+1d"),
        ("edit", "1", "--cc", team.login("zoe"), "--due", "2030-01-01", "-P", "high"),
        ("follow", "1", "Hers now", "--to", team.login("zoe"), "--wait", "+2d"),
        ("close", "1", "-n", "Done"),
        ("reopen", "1"),
        ("retract", "1"),
        ("new", "Disk full", "--alert", "nagios"),
        ("new", "Disk full", "--alert", "nagios"),
        ("close", "--alert", "nagios"),
        ("user", "edit", "me", "--email", "paul@example.org"),
        ("new", "Told", "--to", team.login("zoe"), "--notify"),
        ("undo",),
        ("undo",),
        ("edit", "1", "-c", "technical", "--remove-cc", team.login("zoe")),
        ("undo", "1"),
        ("close", "1", "2", "-n", "Done again"),
        ("undo",),
        ("link", "1", "2"),
        ("undo", "2"),
        ("merge", "2", "1"),
        ("follow", "2", "Called back", "-O", "call"),
        ("merge", "3", "2"),
        ("merge", "--undo", "2"),
        ("undo",),
        ("undo",),
    )
    for args in day:
        code, _, err = team("paul", *args)
        assert code == 0, (args, err)
    # A merge is everybody's to undo, other changes are not.
    assert team("paul", "merge", "2", "1")[0] == 0
    assert team("zoe", "merge", "--undo", "2")[0] == 0
    assert team("zoe", "undo", "1")[0] == 3
    assert team("marie", "db", "check") == (0, "", "")


def test_what_a_supervisor_may(team: Team) -> None:
    team("paul", "partner", "add", "DURAND", "--type", "client")
    for args in (
        ("partner", "edit", "DURAND", "--name", "Durand"),
        ("partner", "archive", "DURAND"),
        ("team", "set", "region", "FR"),
        ("user", "add", "eva"),
        ("user", "edit", "eva", "--inactive"),
    ):
        code, out, err = team("paul", *args)
        assert (code, out) == (5, ""), (args, err)
        assert team("zoe", *args)[0] == 0, args


def test_mail_of_an_agent_waits_for_the_mailer(team: Team) -> None:
    team.account("robot")
    assert team("marie", "db", "grant", team.login("robot"), "--role", "mailer")[0] == 0
    assert team("zoe", "user", "edit", "me", "--email", "zoe@example.org")[0] == 0
    assert team("paul", "new", "Told", "--to", team.login("zoe"), "--notify") == (0, "1\n", "")
    [message] = team.program("zoe").json("mail", "status")
    assert message["state"] == "waiting"
    out = team.home / "sendmail.py"
    out.write_text("#!/bin/sh\ncat > /dev/null\n")
    out.chmod(0o755)
    program = team.program("robot")
    program.env |= {"TICKETCLI_MAIL_TRANSPORT": "sendmail", "TICKETCLI_MAIL_SENDMAIL": str(out)}
    program.env["TICKETCLI_MAIL_FROM"] = "desk@example.org"
    assert program("mail", "send").code == 0


# With SQL -----------------------------------------------------------------------------------


def test_the_server_signs(team: Team) -> None:
    """A whole change by hand is taken, with the account and the clock of the server."""
    with closing(team.sql("paul")) as raw:
        raw(
            """BEGIN;
            INSERT INTO ticket (label, creator_id, recipient_id, occurred_at, recorded_at,
                updated_at, version) SELECT 'By hand', collaborator_id, collaborator_id, 5, 6, 7, 1
                FROM account WHERE login = session_user;
            INSERT INTO history (ticket_id, author_id, via, action, changes, recipient_id,
                occurred_at, recorded_at) SELECT 1, collaborator_id, 'zoe', 'opened',
                jsonb_build_object('label', '[null, "By hand"]'::jsonb, 'priority',
                '[null, "medium"]'::jsonb, 'recipient', jsonb_build_array(NULL, login)),
                collaborator_id, 5, 6 FROM account WHERE login = session_user;
            COMMIT"""
        )
        [(via, signed)] = raw(
            "SELECT via, h.recorded_at > 5000 AND t.recorded_at > 5000 AND t.updated_at > 5000"
            " FROM history AS h JOIN ticket AS t ON t.id = h.ticket_id"
        )
    assert (via, signed) == (team.login("paul"), True)


def test_a_table_of_the_session_tricks_nobody(team: Team) -> None:
    with closing(team.sql()) as raw:
        raw(f"GRANT TEMPORARY ON DATABASE {team.book} TO {team.login('paul')}")
    assert team("paul", "new", "First") == (0, "1\n", "")
    with closing(team.sql("paul")) as raw:
        for table in ("history", "account", "collaborator", "ticket"):
            raw(f"CREATE TEMP TABLE {table} AS SELECT * FROM public.{table}")
        raw("UPDATE account SET collaborator_id = (SELECT min(id) FROM collaborator)")
        raw(
            "INSERT INTO history SELECT 9, 1, NULL, author_id, 'x', 'edited', '{}', NULL, 9, 9"
            " FROM public.history"
        )
        for statement in (
            "UPDATE public.ticket SET label = 'other', version = version + 1",
            """INSERT INTO public.follow_up (ticket_id, author_id, note, occurred_at, recorded_at)
            SELECT 1, min(id), 'x', 5, 5 FROM collaborator""",
        ):
            with pytest.raises(Exception, match=r"history tells|may not act for others"):
                raw(statement)
    assert team.program("zoe").json("show", "1")["label"] == "First"


def test_check_finds_rights(team: Team) -> None:
    paul = team.login("paul")
    with closing(team.sql()) as raw:
        for statement in (
            f"GRANT UPDATE (via) ON history TO {paul}",
            "GRANT EXECUTE ON FUNCTION act_for_others() TO PUBLIC",
            f"REVOKE INSERT (note) ON follow_up FROM {team.book}_agent",
            f"GRANT SELECT ON ticket TO {paul}",  # to read more is nobody's harm
            "ALTER TABLE history DISABLE TRIGGER history_signed_history",
            "ALTER FUNCTION told_history() RESET ALL",
            "ALTER TABLE alarm OWNER TO postgres",
        ):
            raw(statement)
    code, out, err = team("marie", "db", "check", "-o", "csv")
    assert (code, err) == (4, "ticketcli: the book is not sound\n  ticketcli db init --roles\n")
    assert sorted(line.partition(",")[0] for line in out.splitlines()[1:]) == sorted(
        (
            "TABLE alarm",
            "UPDATE (via) ON TABLE history TO paul",
            "EXECUTE ON FUNCTION act_for_others() TO PUBLIC",
            "INSERT (note) ON TABLE follow_up TO agent",
            "trigger history_signed_history",
            "function told_history()",
        )
    )
    # Made again as they should be.
    with closing(team.sql()) as raw:
        raw(f"ALTER TABLE alarm OWNER TO {team.book}_owner")
        raw("ALTER TABLE history ENABLE TRIGGER history_signed_history")
    assert team("marie", "db", "init", "--roles")[0] == 0
    assert team("marie", "db", "check") == (0, "", "")


def test_a_batch_in_a_book_that_an_option_names_is_of_the_account(team: Team) -> None:
    paul = team.program("paul")
    del paul.env["TICKETCLI_DATABASE"]
    line = '{"do": "new", "label": "Fuite"}'
    code, out, err = paul("--db", team.program("paul").database, "batch", stdin=line)
    assert (code, err) == (0, "")
    assert json.loads(out)["creator"] == team.login("paul")


def test_a_form_offers_what_its_user_may(team: Team) -> None:
    """An agent is told at once that a colleague cannot be added, not when the form is saved."""
    terminal = Terminal(team.program("paul"), "new", "Fuite", "-i")
    terminal.fill(("Partner:", ""), ("Enter saves", "5"), ("* Recipient", "luc"))
    terminal.type("* Recipient", team.login("zoe"))
    terminal.type("Enter saves", "")
    assert terminal.end() == 0
    assert "a supervisor adds collaborators: ticketcli user add\n" in terminal.screen()
    assert 'add "luc"' not in terminal.screen()

    terminal = Terminal(team.program("zoe"), "new", "Fuite", "-i")
    terminal.fill(("Partner:", ""), ("Enter saves", "5"), ("* Recipient", "luc"))
    terminal.type('add "luc" as a new collaborator?', "y")
    terminal.fill(("* Login [luc]:", ""), ("Name:", ""), ("Mail:", ""))
    terminal.type("Enter saves", "")
    assert terminal.end() == 0
    assert "luc" in team("paul", "user", "list")[1]


def test_nothing_stays_in_the_session(engine: Engine, ticketcli: Program) -> None:
    """A pooler gives the session to others afterwards."""
    if engine.name == "sqlite":
        pytest.skip("about servers")
    from ticketcli.storage import connect

    opened: Any = connect.open_raw(ticketcli.database)
    with closing(opened) as database:
        shown = "SELECT current_setting('lock_timeout'), current_setting('search_path')"
        within = [*database.execute_sql(shown)]
        with database.atomic():
            within += database.execute_sql(shown)
        session = database.connection().cursor()
        session.execute(shown)
        assert session.fetchone() == ("0", '"$user", public')
    assert within == [("30s", "public, pg_temp")] * 2
