"""A module with a task that runs in a child process, which imports this file anew."""

from typing import Any

from tidemill import Module, Tidemill, current

apart = Module("apart", settings={"word": "default"}, permissions={})


@apart.task(executor="process")
def look(ask: str = "") -> dict[str, Any]:
    """Tell what the child knows of its module, once it has tried to use a service."""
    refused = ""
    try:
        current().services[ask or "database"]
    except Exception as error:  # noqa: BLE001 - what it is called is what is told
        refused = type(error).__name__
    return {"module": current().module, "word": current().settings["word"], "refused": refused}


app = Tidemill("memory://")
app.include(apart, settings={"word": "mine"})
