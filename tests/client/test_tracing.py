"""Trace contexts as they travel in headers."""

import pytest

from tidemill.client.tracing import context_of

PARENT = f"00-{'a' * 32}-{'b' * 16}-01"


@pytest.mark.parametrize(
    "parent",
    ["", "x", PARENT.upper(), PARENT + "x", PARENT.replace("a" * 32, "0" * 32),
     PARENT.replace("b" * 16, "0" * 16), "ff" + PARENT[2:], f"{PARENT}\n"],
)  # fmt: skip
def test_what_is_no_trace_context_is_left_out(parent: str) -> None:
    assert context_of({"traceparent": parent}) is None
    assert context_of({"traceparent": PARENT, "tracestate": "x" * 513}) == {"traceparent": PARENT}
