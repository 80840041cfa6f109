"""A small application, as others would write it."""

from tidemill import Event, Retry, Tidemill

app = Tidemill("sqlite:///shop.db")

outbox: list[str] = []
offline = False


class MailError(Exception):
    """The mail was not taken."""


@app.task(queue="email", retry=Retry.fixed(attempts=3, base="1m"))
def send(to: str, text: str) -> None:
    """Send a mail."""
    if offline:
        raise MailError("nobody answers")
    outbox.append(f"{to}: {text}")


@app.task
def order(customer: str, item: str) -> str:
    """Take an order, and have it confirmed; remind the customer of it in a week."""
    send.enqueue(customer, f"you have ordered {item}")
    send.using(delay="7d").enqueue(customer, f"how do you like {item}?")
    app.events.emit("order.taken", {"item": item})
    return f"{customer} gets {item}"


@app.on("order.taken")
def pack(event: Event) -> str:
    """Pack what was ordered."""
    return f"packed {event.payload['item']}"


@app.schedule("0 9 * * MON", tz="Europe/Berlin")
@app.task
def greet_the_week() -> None:
    """Come every Monday at nine."""
