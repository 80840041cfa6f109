"""Where templates are filled: a place with data in it, and no way from there to Python."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import jinja2
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

_VERBS: Final = frozenset({"items", "keys", "values"})
"""What a table can be asked for, besides what is in it."""


class Data(ImmutableSandboxedEnvironment):
    """Fills templates with plain data: texts, numbers, lists and tables.

    A dot looks into a table; of a loop it says where one is. Nothing else has attributes.
    """

    def getattr(self, obj: Any, attribute: str) -> Any:
        """What a dot finds: an entry of a table, whatever methods tables have."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        if isinstance(obj, Mapping | LoopContext):
            return super().getattr(obj, attribute)
        return self.unsafe_undefined(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """What brackets find: an entry of a table or a list, and no attribute of anything."""
        if isinstance(argument, str):
            return self.getattr(obj, argument)
        return super().getitem(obj, argument)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether something may be asked for by name, though it is no data."""
        if isinstance(obj, Mapping):
            return attr in _VERBS
        return super().is_safe_attribute(obj, attr, value)


def environment(source: str | Path | Mapping[str, str]) -> jinja2.Environment:
    """Where the templates of a folder, or these texts, are filled."""
    loader: jinja2.BaseLoader
    if isinstance(source, Mapping):
        loader = jinja2.DictLoader(source)
    else:
        loader = jinja2.FileSystemLoader(source)
    made = Data(
        loader=loader,
        autoescape=jinja2.select_autoescape(("html",), default_for_string=False),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    # What templates find without being given it: nothing that makes much of little.
    made.globals = {}
    return made
