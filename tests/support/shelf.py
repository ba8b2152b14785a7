"""Books that many tests begin with. Each is filled once a process; a test gets a copy of it."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import roles
from engines import Engine, temporary_root
from program import Program

Fill = Callable[[Program], None]
"""Fills a book by commands. A function of a module, for it is known by its name."""


class Shelf:
    """The filled books, on one engine; in `folder` is what else their commands left at home."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self._folder = folder
        self._has_roles = getattr(engine, "roles", False)

    def copy(self, home: Path, *fills: Fill) -> Program:
        """The program in a new home, on a book that these functions have filled in turn."""
        if not fills:
            home.mkdir()
            database = self.engine.empty(home)
        else:
            name = "_".join(f"{fill.__module__}.{fill.__name__}" for fill in fills)
            if not (self._folder / name).exists():
                self._make(name, fills)
            shutil.copytree(self._folder / name, home)
            database = self.engine.load(name, home) or self.engine.empty(home)
        program = Program(home, database, named=self.engine.name != "sqlite")
        program.has_roles = self._has_roles and bool(fills)
        return program

    def _make(self, name: str, fills: tuple[Fill, ...]) -> None:
        with tempfile.TemporaryDirectory(dir=temporary_root()) as folder:
            made = self.copy(Path(folder) / "home", *fills[:-1])
            fills[-1](made)
            if self._has_roles and not made.has_roles:
                roles.give(made)
            self.engine.save(name, made.database)
            self.engine.discard(made.database)
            # A file of SQLite is saved by the engine, for its log may be beside it. No account
            # knows a copy yet.
            left = shutil.ignore_patterns("tickets.db*", "books")
            shutil.copytree(made.home, self._folder / name, ignore=left)
