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


def _value(setting: Setting, found: Settings) -> Any:
    """What is set, as it may be shown; of what is secret, names at most."""
    value: Any = found.get(setting.name, None)
    if setting.kind.secret and value is not None:
        return shown(value) if isinstance(value, dict) else "***"
    return value


def _told(setting: Setting, found: Settings) -> dict[str, object]:
    value = _value(setting, found)
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
    value = _value(setting, found)
    value = shown(setting.default if value is None else value)
    if found.file is not None and origin == str(found.file):
        origin = found.file.name
    return {"setting": setting.name, "from": origin or "default", "value": value or "-"}
