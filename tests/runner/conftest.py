"""Compiled page kernels are kept between tests, unlike the user's other folders."""

import os
import sys
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def kernel_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = os.environ.get("NUMBA_CACHE_DIR") or str(Path(sys.prefix) / "kernels")
    monkeypatch.setenv("NUMBA_CACHE_DIR", kept)
