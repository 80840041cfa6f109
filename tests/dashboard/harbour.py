"""An application as the dashboard's tests see it: some jobs go well, some fail, some wait."""

from pathlib import Path

from tidemill import Event, Module, Retry, Tidemill, current

HOSTILE = "<img src=x onerror=\"document.title='broken in'\"><script>alert(1)</script>\u202etxt.exe"
"""What somebody may write wherever text of their own is kept."""


def made(store: str = "") -> Tidemill:
    """The application over a store, or over the one that the environment names."""
    app = Tidemill(store)

    @app.task(name="mail.send", queue="mail", tags=["mail"])
    def send(to: str, template: str = "hello") -> str:
        """Send a letter."""
        current().log(f"rendering {template} for {to}", recipient=to)
        return f"sent to {to}"

    @app.task(name="webhooks.deliver", queue="webhooks", retry=Retry.never())
    def deliver(url: str, until: str = "") -> str:
        """Deliver to an address that does not answer before the file `until` is there."""
        current().log(f"asking {url}", "warning")
        if until and Path(until).exists():
            return "delivered"
        raise ConnectionError(f"no answer from {url} in 30 s")

    @app.task(name="reports.render", queue="reports", timeout="10m")
    def render(month: str) -> dict[str, object]:
        """Render a report, in which there are large numbers."""
        return {"month": month, "rows": 12345678901234567890}

    @app.task(name="models.train", queue="reports-gpu")
    def train(step: int) -> None:
        """Train; no worker takes jobs of this queue."""

    @app.task(name="reports.pack", queue="reports", timeout="10m")
    def pack(orders: str) -> str:
        """Do as it is told through a pipe: `40 pages` is how far it is, and what it says."""
        with Path(orders).open(encoding="utf-8") as pipe:
            for line in pipe:
                percent, _, said = line.strip().partition(" ")
                current().progress(float(percent), said)
                current().log(f"packed {said}")
        return "packed"

    @app.on("tide.*")
    @app.task(name="harbour.look_out", queue="reports")
    def look_out(event: Event) -> str:
        """Look out whenever the tide turns."""
        return event.name

    @app.schedule("0 9 * * MON-FRI", tz="Europe/Berlin")
    @app.task(name="reports.morning", queue="reports")
    def morning() -> str:
        """Say that all is well."""
        return "all is well"

    @app.schedule(every="15m")
    @app.task(name="ledger.sync", queue="reports")
    def sync(tenant: str = "acme") -> str:
        """Bring the ledger up to date."""
        return tenant

    tides = Module(
        "tides",
        version="1.2.0",
        description=f"Knows when the tide turns. {HOSTILE}",
        quotas={"concurrency": 2, "rate": "100/1m", "per_hour": 500},
        permissions={"queues": ["mail"], "events": {"emit": ["tide.*"], "hear": ["moon.**"]}},
        settings={"port": "home", "warn": True, "gauge": "https://x:y@gauge.test", "said": HOSTILE},
    )

    @tides.schedule("0 4 1 1 *", tz="Europe/Berlin")
    @tides.task
    def foretell(harbour: str = "home") -> str:
        """Say when the tide turns."""
        return f"soon, at {harbour}"

    @tides.on("moon.*")
    def gaze(event: Event) -> str:
        """Look up."""
        return event.name

    app.include(tides)
    return app


def fill(app: Tidemill) -> None:
    """Ask for a harbour full of work."""
    app.schedules.publish()
    app.included.publish()
    for number in range(12):
        app.enqueue("mail.send", {"to": f"user{number}@example.org"})
    for number in range(4):
        app.enqueue("webhooks.deliver", {"url": f"https://api.acme.test/hooks/{number}"})
    app.enqueue("webhooks.deliver", {"url": HOSTILE})
    app.enqueue("mail.send", {"to": HOSTILE, "template": HOSTILE}, tags=["spring"])
    app.enqueue("reports.render", {"month": "2026-11"})
    for number in range(3):
        app.enqueue("models.train", {"step": number})
        app.enqueue("mail.send", {"to": f"later{number}@example.org"}, delay=f"{number + 1}h")
    app.jobs.cancel(app.enqueue("models.train", {"step": 99}), reason="asked for twice")


app = made()
