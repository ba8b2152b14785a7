"""Everything that the program says, it says in French too."""

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_every_message_is_translated_and_compiled() -> None:
    # In a process of its own: the language of the help is settled when a command is built.
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "catalogue.py"), "--check"],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_message_within_an_f_string_is_found() -> None:
    spec = importlib.util.spec_from_file_location("catalogue", ROOT / "tools" / "catalogue.py")
    assert spec is not None
    assert spec.loader is not None
    catalogue = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(catalogue)
    code = """f"{_('all')}, {ngettext('a ticket', '{n} tickets', n)}"; N_("a " "b"); _(found)"""
    assert set(catalogue.marked(ast.parse(code))) == {"all", ("a ticket", "{n} tickets"), "a b"}
