"""Beginning a module: a folder with a manifest, handlers, and tests that pass."""

import re
from pathlib import Path
from typing import Final

from tidemill.core.errors import InvalidName, InvalidOption
from tidemill.core.identity import OWN_QUEUE

_TEMPLATE: Final = Path(__file__).parent / "template"
_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_STANDS_FOR_NAME: Final = "NAME"


def begin(name: str, folder: Path) -> Path:
    """Make the folder of a new module, and answer where it is.

    Args:
        name: of the module and of its folder.
        folder: where its folder is made; made as well if it is not there.

    Raises:
        InvalidName: no name for a folder and a module.
        InvalidOption: there is such a folder.
    """
    if not _NAME.fullmatch(name) or name == OWN_QUEUE or name.startswith(f"{OWN_QUEUE}-"):
        raise InvalidName(
            f"{name!r} is no name for a new module",
            hint="use lower-case letters, digits, '_' and '-', a letter first, as in billing",
        )
    made = folder / name
    if made.exists():
        raise InvalidOption(f"{made} is there already", hint="take another name, or remove it")
    made.mkdir(parents=True)
    for file in sorted(_TEMPLATE.glob("*.txt")):
        plain = file.name.removesuffix(".txt").replace("test_module", f"test_{name}")
        text = file.read_text(encoding="utf-8").replace(_STANDS_FOR_NAME, name)
        (made / plain.replace("-", "_")).write_text(text, encoding="utf-8")
    return made
