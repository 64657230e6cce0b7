"""Ahead-of-time compilation reaches every page kernel that the engine calls from Python."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from cxldesigner import engine
from cxldesigner.engine import kernels, warm

CALL = re.compile(r"\b(access|faults|hints|reclaim|victims|walk)\.([a-z_]+)\(")


def test_every_entry_point_is_compiled():
    used = {
        call
        for path in Path(engine.__path__[0]).glob("*.py")
        if path.name != "machine.py"  # its calls serve step-by-step use, not runs
        for call in CALL.findall(path.read_text(encoding="utf-8"))
    }
    assert len(used) > 5
    warm.main()
    for module, name in sorted(used):
        kernel = getattr(importlib.import_module(f"{kernels.__name__}.{module}"), name)
        assert kernel.signatures, f"{module}.{name} was never called"
