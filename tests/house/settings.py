"""`docs/reference/settings.md`, made of the settings: `python -m tests.house.settings`."""

from itertools import groupby
from typing import Final

from tests.house.source import ROOT
from tidemill.settings import CONFIG, FILE, KEY, ROOT_MARKS
from tidemill.settings.known import ALL, Setting

PAGE: Final = ROOT / "docs" / "reference" / "settings.md"

EXAMPLE: Final = """\
url = "sqlite:///jobs.db"
app = "shop.jobs:app"

[worker]
concurrency = 8
grace = "30s"

[keep]
completed = "7d"
"""

HEAD: Final = f"""# The settings

This page is made from the settings themselves (`python -m tests.house.settings`); a test compares
the two. `tidemill settings` shows each with its value and where that comes from.

Where several places set the same thing, the first of these counts:

1. what a program passes, as `Tidemill("sqlite:///jobs.db")` or `app.worker(concurrency=8)`, and
   what is typed, as `--concurrency 8`;
2. a variable of the environment, unless it is empty;
3. the file `{FILE}`.

What is set in none of them is as the last column says. The file lies in the working directory or
above it, up to the root of the project: the nearest folder with one of
{", ".join(f"`{mark}`" for mark in ROOT_MARKS)}. Where there is no such folder only the working
directory counts. `{CONFIG}` names a file that lies elsewhere.

```toml
{EXAMPLE}```

The path in a `url` of the file counts from the folder of the file, so that a program finds the same
store wherever it is started; one that a program passes itself counts from the working directory. In
a variable a list is joined by commas: `mail,slow`.

A setting that is not known is refused, by name; so is a value that makes no sense. Variables that a
Kubernetes service puts there, such as `TIDEMILL_SERVICE_HOST`, are left alone.

`{KEY}` is no setting, for no file of a project is a place for it: it holds the key with which
commands come to a server, where `url` names [one](../howto/elsewhere.md).
"""

TITLES: Final = {
    "": "At the top",
    "worker": "`[worker]`: how workers work",
    "keep": "`[keep]`: how long what has finished is kept",
    "secrets": "`[secrets]`: what secret arguments are encrypted with",
    "mail": "`[mail]`: how mail is sent",
    "alerts": "`[alerts]`: how people are told",
    "modules": "`[modules]`: what others bring",
    "files": "`[files]`: where files lie, and for how long",
    "services": "`[services]`: whom services ask",
    "services.http": "`[services.http]`: how third parties are asked",
    "services.database": "`[services.database]`: which database handlers ask",
    "services.browser": "`[services.browser]`: which browser is driven",
    "services.notifications": "`[services.notifications]`: how people are told, but for mail",
    "metrics": "`[metrics]`: what is told to those who watch",
}


def page() -> str:
    """The page as it should be."""
    parts = [HEAD]
    for table, settings in groupby(ALL, _table):
        parts.append(f"## {TITLES[table]}\n")
        rows = ["| setting | variable | means | give | default |", "|---|---|---|---|---|"]
        parts.append("\n".join([*rows, *map(_row, settings)]) + "\n")
    return "\n".join(parts)


def _table(setting: Setting) -> str:
    return setting.name.rpartition(".")[0]


def _row(setting: Setting) -> str:
    name = setting.name.rpartition(".")[2]
    default = f"`{setting.default}`" if setting.default else "none"
    told = f"{setting.means} | {setting.kind.expected}"
    return f"| `{name}` | `{setting.variable}` | {told} | {default} |"


if __name__ == "__main__":
    PAGE.write_text(page())
