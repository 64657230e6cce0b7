"""A platform to try commands on. Compiled page kernels are kept between tests."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cxldesigner.cli.main import main
from cxldesigner.document.model import GIB, MIB, Document, Phase, Process, Scenario
from cxldesigner.document.store import save_document
from tests.build import platform


@pytest.fixture(autouse=True)
def kernel_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = os.environ.get("NUMBA_CACHE_DIR") or str(Path(sys.prefix) / "kernels")
    monkeypatch.setenv("NUMBA_CACHE_DIR", kept)


def story(**scenario: object) -> Document:
    """Return one socket with one device, and a cache that does not fit into DRAM."""
    fields: dict[str, object] = {
        "id": "story",
        "name": "The story",
        "seed": 4,
        "duration_ms": 3_000,
        "granule_pages": 16,
        "demotion": True,
        "numa_balancing": 2,
        "processes": (_CACHE,),
    }
    played = Scenario(**{**fields, **scenario})  # type: ignore[arg-type]
    made = platform(dram_bytes=GIB, device_bytes=GIB)
    return replace(made, name="Story", actions=(REGION,), scenarios={"story": played})


_CACHE = Process(
    id="kv",
    socket="s0",
    phases=(Phase(workload="zipf-cache", duration_ms=60_000, bytes=1200 * MIB),),
)
REGION = "cxl create-region -m -t ram -d decoder0.0 -w 1 -g 256 mem0"


@pytest.fixture
def story_file(tmp_path: Path) -> Path:
    path = tmp_path / "story.cxld"
    save_document(story(), path)
    return path


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]):
    """Run the command line in this process; return exit code, output and errors."""

    def run(*arguments: object) -> tuple[int, str, str]:
        code = main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run
