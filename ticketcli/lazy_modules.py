"""Standard modules that our libraries import and most commands never use: loaded at first use."""

import sys
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
from types import ModuleType
from typing import Any

_UNUSED = {
    # peewee: fields of kinds that the book has none of, and names of constraints and cursors.
    **dict.fromkeys(("calendar", "hashlib", "socket", "uuid")),
    # peewee asks `isclass` while it declares its fields, and nothing else.
    "inspect": {"isclass": lambda thing: isinstance(thing, type)},
    # logging, which peewee imports: only errors have a traceback.
    "traceback": None,
    # urllib.parse, which pathlib imports: only addresses in brackets are checked.
    "ipaddress": None,
    # shutil and tempfile, which replace files: only archives are compressed.
    **dict.fromkeys(("bz2", "lzma")),
    # Typer: it starts a pager and other programs.
    "subprocess": None,
}
"""Each module with what of it is known without loading it."""


class LazyModule(ModuleType):
    """A module that is loaded when something of it is used.

    The LazyLoader of the standard library would not do: before Python 3.12 `import` itself asks for
    an attribute, and so loads the module.
    """

    def __getattr__(self, name: str) -> Any:
        spec: ModuleSpec | None = self.__spec__
        if name[:2] == "__" or spec is None or spec.loader is None:
            raise AttributeError(name)
        self.__class__ = ModuleType  # type: ignore[assignment]
        spec.loader.exec_module(self)
        return getattr(self, name)


def defer() -> None:
    """Have these modules loaded at their first use, unless they are loaded already."""
    for name, known in _UNUSED.items():
        spec = None if name in sys.modules else PathFinder.find_spec(name)
        if spec is not None:
            module = module_from_spec(spec)
            module.__class__ = LazyModule
            module.__dict__.update(known or {})
            sys.modules[name] = module
