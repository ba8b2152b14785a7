"""Adds the manual pages to the wheel, written from the program as it is built."""

import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Manual(BuildHookInterface[Any]):
    """The manual pages below share/man of the environment that the wheel is installed in."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the pages into a folder that is gone after the build. Not for an editable wheel."""
        if version == "editable":
            return
        sys.path.insert(0, str(Path(self.root) / "tools"))
        self._folder = tempfile.TemporaryDirectory()
        manual = importlib.import_module("manual")
        for path in manual.write(Path(self._folder.name)):
            build_data["shared_data"][f"{self._folder.name}/{path}"] = f"share/man/{path}"
