"""A book with roles on a server, and an account of the server for each colleague."""

from pathlib import Path

from engines import Postgresql, Raw
from program import Program

from ticketcli.storage import rights


class Team:
    """`team("paul", …)` runs a command with the account of paul, `team.sql("paul")` is a session of
    it. The names of the accounts begin with that of the database: `book_123_4_paul`.

    `marie` administers: she owns the database and may make roles, but is no superuser.
    """

    def __init__(self, engine: Postgresql, home: Path) -> None:
        self.engine = engine
        self.home = home
        self.database = engine.empty(home)
        self.book = self.database.partition("@/")[2].partition("?")[0]
        self.accounts: list[str] = []
        self.account("marie", "LOGIN CREATEROLE")
        engine._execute(f"ALTER DATABASE {self.book} OWNER TO {self.login('marie')}")

    def account(self, name: str, options: str = "LOGIN") -> None:
        """Make an account of the server."""
        self.engine._execute(f"CREATE ROLE {self.login(name)} {options}")
        self.accounts.append(name)

    def login(self, name: str) -> str:
        """The account of a colleague."""
        return f"{self.book}_{name}"

    def join(self, name: str, role: str) -> None:
        """Make an account for the collaborator of this name, and give it a role."""
        self.account(name)
        code, _, err = self("marie", "db", "grant", self.login(name), "--role", role, "--as", name)
        assert code == 0, err

    def program(self, name: str) -> Program:
        """The program with an account."""
        url = self.database.replace("//postgres@", f"//{self.login(name)}@")
        program = Program(self.home, url, named=True)
        del program.env["TICKETCLI_USER"]
        return program

    def __call__(self, name: str, *args: str) -> tuple[int, str, str]:
        code, out, err = self.program(name)(*args)
        return code, out.replace(f"{self.book}_", ""), err.replace(f"{self.book}_", "")

    def sql(self, name: str | None = None) -> Raw:
        """A session of an account without the program; that of a superuser without a name."""
        return Raw(self.program(name).database if name else self.database)

    def close(self) -> None:
        """Remove the database, the roles and the accounts."""
        self.engine.discard(self.database)
        # She comes last, for she has granted the others.
        roles = [*rights.ROLES, *self.accounts[1:], self.accounts[0]]
        for role in map(self.login, roles):
            self.engine._execute(f"DROP ROLE IF EXISTS {role}")
