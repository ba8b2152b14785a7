"""Drafts of forms: files that come back as they were, and files that are none."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketcli.errors import InvalidError
from ticketcli.form import draft
from ticketcli.form.draft import Draft, Drafts

TEXT = st.text(st.characters(codec=None), max_size=20)
TEXTS = st.dictionaries(TEXT, TEXT, max_size=3)
DRAFTS = st.builds(
    Draft,
    kept_at=st.integers(0, draft.YEAR_3000 - 1),
    key=TEXT,
    values=TEXTS,
    partners=st.dictionaries(TEXT, TEXTS, max_size=2),
    contacts=st.dictionaries(TEXT, st.lists(TEXTS, max_size=2), max_size=2),
    users=st.dictionaries(TEXT, TEXTS, max_size=2),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("kept_at", "key", "values", "partners", "contacts", "users")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state") / "drafts" / "new.json"


@given(kept=DRAFTS)
def test_a_draft_comes_back_as_it_was(file: Path, kept: Draft) -> None:
    draft.keep(file, draft.dumped(kept))
    assert draft.load(file) == kept
    assert file.stat().st_mode & 0o777 == 0o600
    draft.drop(file)
    assert draft.load(file) is None


@given(content=st.binary() | st.fixed_dictionaries(dict.fromkeys(FIELDS, JSON)) | JSON)
def test_any_file_is_a_draft_or_refused(file: Path, content: Any) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    try:
        found = draft.load(file)
    except InvalidError:
        return
    assert isinstance(found, Draft)


def test_books_and_forms_have_drafts_of_their_own(tmp_path: Path) -> None:
    environ = {"XDG_STATE_HOME": str(tmp_path)}
    forms = [("new", "a.db"), ("new", "b.db"), ("edit-1", "a.db"), ("edit-11", "a.db")]
    all_drafts = [Drafts(environ, form, book) for form, book in forms]
    assert [drafts.latest() for drafts in all_drafts] == [None] * 4
    files = [drafts.another() for drafts in all_drafts]
    for file in files:
        draft.keep(file, "{}")
    assert [drafts.latest() for drafts in all_drafts] == files
    secret = Drafts(environ, "new", "postgresql://anna:secret@server/book").another()
    assert "secret" not in str(secret)


def test_the_latest_is_offered_and_the_others_stay(tmp_path: Path) -> None:
    drafts = Drafts({"XDG_STATE_HOME": str(tmp_path)}, "new", "a.db")
    files = [drafts.another() for _ in range(3)]
    for age, file in enumerate(files):
        draft.keep(file, str(age))
        os.utime(file, (age, age))
    for file in reversed(files):
        assert drafts.latest() == file
        draft.drop(file)
    assert drafts.latest() is None
