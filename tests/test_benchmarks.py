"""The benchmark: it knows its parts, and measures the commands and not itself."""

import importlib
import sys

import pytest
from program import ROOT

from benchmarks.__main__ import PARTS
from benchmarks.measure import Result, run


def test_every_part_is_listed_and_can_be_loaded() -> None:
    modules = {path.stem: path.read_text(encoding="utf-8") for path in ROOT.glob("benchmarks/*.py")}
    there = {name for name, text in modules.items() if "\ndef results(tickets" in text}
    assert set(PARTS) == there
    for part in PARTS:
        assert callable(importlib.import_module(f"benchmarks.{part}").results)


def test_the_memory_of_a_command_is_its_own() -> None:
    ballast = b"x" * 200_000_000
    taken = run([sys.executable, "-c", "bytearray(50_000_000)"], {})
    assert 50 < taken.megabytes < 100 < len(ballast)
    assert 0 < taken.seconds <= 2 * taken.elapsed


def test_a_command_that_fails_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match=r"(?s)exit 1\n.*no such thing"):
        run([sys.executable, "-c", "raise SystemExit('no such thing')"], {})


def test_what_falls_short() -> None:
    assert not Result("a command", 0.8, "times", most=0.8).falls_short
    assert Result("a command", 0.81, "times", most=0.8).falls_short
    assert Result("writers", 79, "%", least=80).falls_short
    assert Result("an export", 1, "s", megabytes=81, most_megabytes=80).falls_short
    assert not Result("for scale", 10, "ms").falls_short
