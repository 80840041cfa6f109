"""What travels is read back as it was."""

from tidemill.api.shapes.jobs import cause_out
from tidemill.client.why import Cause
from tidemill.remote.reading import causes


def test_a_cause_is_the_same_after_its_way() -> None:
    spent = Cause(
        kind="rate_spent", text="it is spent", what="api", most=3, per=60_000, until=1_000
    )
    held = Cause(kind="limit_full", text="it is full", what="one", jobs=("j",), count=1, most=1)
    assert causes({"causes": [cause_out(spent), cause_out(held)]}) == (spent, held)
