"""`tidemill settings`: what can be set, what is set, and where."""

from typing import Any

from tidemill.cli import render
from tidemill.cli.options import AsJson
from tidemill.settings import FILE, Settings, load, shown
from tidemill.settings.known import ALL, Setting


def settings(as_json: AsJson = False) -> None:
    """Show each setting, its value, and where that comes from. Asks no store."""
    found = load()
    if as_json:
        file = str(found.file) if found.file else None
        render.show_json({"file": file, "settings": [_told(each, found) for each in ALL]})
        return
    render.show([_row(each, found) for each in ALL], empty="")
    if found.file is None:
        render.echo(f"No {FILE} is here or above, up to the root of the project.", err=True)
    else:
        render.echo(f"{found.file.name} is {found.file}", err=True)


def _told(setting: Setting, found: Settings) -> dict[str, object]:
    value: Any = found.get(setting.name, None)
    return {
        "name": setting.name,
        "variable": setting.variable,
        "value": shown(value) if isinstance(value, str) else value,
        "default": setting.default or None,
        "origin": found.origin(setting.name) or None,
        "means": setting.means,
    }


def _row(setting: Setting, found: Settings) -> dict[str, str]:
    origin = found.origin(setting.name)
    value = shown(found.get(setting.name, setting.default))
    if found.file is not None and origin == str(found.file):
        origin = found.file.name
    return {"setting": setting.name, "from": origin or "default", "value": value or "-"}
