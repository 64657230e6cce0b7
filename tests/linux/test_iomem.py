"""The resource tree as a booted kernel prints it."""

import pytest

from cxldesigner.linux.derive import derive

PMEM = "cxl create-region -m -t pmem -d decoder0.0 -w 1 mem0"


@pytest.mark.parametrize(
    ("window", "names"),
    [
        (1 << 30, ["Persistent Memory", "  CXL Window 0", "    region0"]),
        (2 << 30, ["CXL Window 0", "  Persistent Memory", "    region0"]),
    ],
)
def test_persistent_memory_goes_around_a_window_it_fills(platform, window, names) -> None:
    made = platform()
    made.bridge("hb0")
    made.device("mem0", "hb0", volatile_bytes=0, persistent_bytes=1 << 30)
    made.window("w0", ("hb0",), size_bytes=window)
    lines = derive(made.document(PMEM)).current.iomem[-3:]
    assert [f"{x[: len(x) - len(x.lstrip())]}{x.partition(' : ')[2]}" for x in lines] == names
