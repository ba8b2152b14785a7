"""The lines of docs/howto/moving.md run, on what the other programs export."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from program import ROOT, Program

MOVING = (ROOT / "docs" / "howto" / "moving.md").read_text(encoding="utf-8")
SCRIPTS = dict(re.findall(r"^### (.+?)\n.*?^```sh\n(.*?)^```", MOVING, re.DOTALL | re.MULTILINE))

EXPORTS: dict[str, dict[str, Any]] = {
    "Taskwarrior": {
        "tasks.json": [
            {
                "id": 1,
                "uuid": "u-1",
                "description": "Rappeler",
                "status": "pending",
                "entry": "20260102T101500Z",
                "due": "20260110T000000Z",
                "priority": "H",
                "annotations": [{"entry": "20260103T090000Z", "description": "Pas là"}],
            },
            {
                "id": 0,
                "uuid": "u-2",
                "description": "Fait",
                "status": "completed",
                "entry": "20260102T101500Z",
                "end": "20260104T101500Z",
            },
            {"id": 0, "uuid": "u-3", "description": "Jeté", "status": "deleted"},
        ]
    },
    "GLPI": {
        "glpi.json": [
            {
                "id": 7,
                "name": "Rappeler",
                "content": "&lt;p&gt;Pas là&lt;/p&gt;",
                "status": 2,
                "date": "2026-01-02 11:15:00",
                "time_to_resolve": "2026-01-10 00:00:00",
                "priority": 4,
                "is_deleted": 0,
                "solvedate": None,
                "closedate": None,
            },
            {
                "id": 8,
                "name": "Fait",
                "content": "",
                "status": 6,
                "priority": 3,
                "date": "2026-01-02 11:15:00",
                "time_to_resolve": None,
                "is_deleted": 0,
                "solvedate": "2026-01-04 11:15:00",
                "closedate": "2026-01-05 11:15:00",
            },
        ]
    },
    "Zammad": {
        "organizations.json": [{"id": 2, "name": "Élan", "note": "", "active": True}],
        "users.json": [
            {
                "id": 3,
                "firstname": "Zoé",
                "lastname": "Petit",
                "email": "z@elan.fr",
                "phone": "03 87 55 01 10",
                "mobile": "",
                "organization": "Élan",
            },
            {"id": 4, "firstname": "Agent", "lastname": "A", "organization": None},
        ],
        "tickets.json": [
            {
                "id": 1,
                "number": "22001",
                "title": "Rappeler",
                "state": "open",
                "priority": "3 high",
                "organization": "Élan",
                "close_at": None,
                "created_at": "2026-01-02T10:15:00.000Z",
            },
            {
                "id": 2,
                "number": "22002",
                "title": "Fait",
                "state": "closed",
                "priority": "2 normal",
                "organization": None,
                "created_at": "2026-01-02T10:15:00.000Z",
                "close_at": "2026-01-04T10:15:00.000Z",
            },
        ],
    },
    "Request Tracker": {
        "rt.json": {
            "items": [
                {
                    "id": "1",
                    "type": "ticket",
                    "Subject": "Rappeler",
                    "Status": "open",
                    "Created": "2026-01-02T10:15:00Z",
                    "Resolved": "1970-01-01T00:00:00Z",
                    "Due": "2026-01-10T00:00:00Z",
                    "Priority": "80",
                },
                {
                    "id": "2",
                    "type": "ticket",
                    "Subject": "Fait",
                    "Status": "resolved",
                    "Created": "2026-01-02T10:15:00Z",
                    "Resolved": "2026-01-04T10:15:00Z",
                    "Due": "1970-01-01T00:00:00Z",
                    "Priority": "50",
                },
            ]
        }
    },
}


def test_every_program_is_tried() -> None:
    assert set(SCRIPTS) == set(EXPORTS)


@pytest.mark.parametrize("name", EXPORTS)
def test_coming_from(book: Program, tmp_path: Path, name: str) -> None:
    for file, content in EXPORTS[name].items():
        (book.home / file).write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "ticketcli").write_text(f'#!/bin/sh\nexec {sys.executable} -m ticketcli "$@"\n')
    (tmp_path / "ticketcli").chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    for _again in range(2):
        done = subprocess.run(
            ["sh", "-ec", SCRIPTS[name]],
            env={**book.env, "PATH": path, "PYTHONPATH": str(ROOT)},
            cwd=book.home,
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stderr) == (0, "")
        call, done_ticket = book.json("list", "--all", "--sort", "id")
        assert (call["label"], call["status"], call["priority"]) == ("Rappeler", "open", "high")
        assert call["occurred_at"] == "2026-01-02T10:15:00Z"
        assert call["due"] == (None if name == "Zammad" else "2026-01-10")
        assert (done_ticket["label"], done_ticket["status"]) == ("Fait", "closed")
        assert done_ticket["closed_at"] == "2026-01-04T10:15:00Z"
    if name == "Zammad":
        partner = book.json("partner", "show", "Z2")
        assert (partner["name"], partner["open_count"]) == ("Élan", 1)
        assert [each["phones"] for each in partner["contacts"]] == [["03 87 55 01 10"]]
    if name in ("Taskwarrior", "GLPI"):
        assert call["note"] == "Pas là"
