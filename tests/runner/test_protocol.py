"""Messages are one line each, and nothing else is a message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxldesigner.runner import protocol

EVERY = (
    protocol.Start("a\nb.cxld", "s", "ü.cxlrec", paused=True),
    protocol.Pause(), protocol.Resume(), protocol.Step(3), protocol.Speed(0.5),
    protocol.Inject("echo 'x' > /y"), protocol.Stop(), protocol.Ready(), protocol.Progress(1, 2),
    protocol.Paused(4), protocol.Injected(5, "c", "no\nsuch node"), protocol.Finished(6),
    protocol.Failed("engine", "why", "Traceback\n"),
)  # fmt: skip


@pytest.mark.parametrize("message", EVERY)
def test_messages_come_back(message: protocol.Message) -> None:
    line = protocol.encode(message)
    assert line.count(b"\n") == 1
    assert protocol.decode(line) == message


@given(
    st.one_of(
        st.binary(),
        st.sampled_from([b"[]", b"3", b"null", b'{"type": 3}', b'{"type": "Step", "more": 1}']),
        st.integers(1, 40).map(lambda n: protocol.encode(EVERY[0])[:n]),
    )
)
def test_anything_else_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match="not a runner message"):
        protocol.decode(line)
