"""From "package.module:app" to the application object, with an honest word when it is not there."""

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from tidemill.core.errors import InvalidOption

T = TypeVar("T")


def load(reference: str, kind: type[T], project: Path | None = None) -> T:
    """Import a module and take an object from it; modules in the current directory count.

    Args:
        reference: `"package.module:attribute"`; the attribute may have dots.
        kind: what the object must be.
        project: a folder whose modules count as well, behind the current one.

    Raises:
        InvalidOption: the reference cannot be read, the module or attribute is missing, the object
            is something else, or the module raised, which is then the cause.
    """
    module_name, _, attribute = reference.partition(":")
    if not (module_name and attribute) or _is_path(module_name):
        meant = f"{_module_of(module_name) or 'package.module'}:{attribute or 'app'}"
        raise InvalidOption(
            f"{reference!r} names no application", hint=f'write module and name, as "{meant}"'
        )
    found: object = _import(module_name, [Path.cwd(), *([project] if project else [])])
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise InvalidOption(
                f"module {module_name!r} has no {attribute!r}", hint=_offers(found, kind)
            )
        found = getattr(found, part)
    if not isinstance(found, kind):
        raise InvalidOption(
            f"{reference} is a {type(found).__name__}, not a {kind.__name__}",
            hint=_offers(sys.modules[module_name], kind),
        )
    return found


def _is_path(name: str) -> bool:
    return name.endswith(".py") or "/" in name


def _module_of(path: str) -> str:
    """The module that is likely meant by one who wrote the path of its file."""
    return path.removesuffix(".py").strip("./").replace("/", ".")


def _import(name: str, folders: Sequence[Path]) -> object:
    places = dict.fromkeys(map(str, folders))
    sys.path[:0] = [place for place in places if place not in sys.path]
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            raise InvalidOption(
                f"no module is called {error.name!r}",
                hint=f"looked in {', '.join(places)} and on sys.path",
            ) from None
        raise _raised(name, error) from error
    except Exception as error:
        raise _raised(name, error) from error


def _raised(name: str, error: Exception) -> InvalidOption:
    return InvalidOption(f"importing {name!r} raised {type(error).__name__}: {error}")


def _offers(found: object, kind: type) -> str:
    names = [name for name, value in vars(found).items() if isinstance(value, kind)]
    return f"it has {', '.join(names)}" if names else f"it holds no {kind.__name__}"
