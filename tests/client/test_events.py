"""Reading the log of events through the front door."""

from tidemill import Tidemill


def test_a_page_of_a_rare_event_is_found_however_much_else_happened() -> None:
    with Tidemill("memory://") as app:
        first = app.events.emit("invoice.paid", 1)
        for number in range(1_200):
            app.events.emit("order.placed", number)
        last = app.events.emit("invoice.paid", 2)
        found = app.events.read(0, limit=2, pattern="invoice.*")
        assert [event.position for event in found] == [first, last]
        assert app.events.read(last, pattern="invoice.*") == []
        assert [event.payload for event in app.events.read(first, limit=3)] == [0, 1, 2]
