"""Templates: jobs as they usually are, of which people define their own."""

import re
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from examples.automation.definition import JobDefinition, plain
from examples.automation.definitions import of_body
from tidemill.client.client import Client
from tidemill.client.records import Records
from tidemill.errors import InvalidOption, NotFound

KIND: Final = "automation.templates"

_ID: Final = re.compile(r"[a-z0-9][a-z0-9_\-]{0,63}")
_OWN: Final = frozenset({"id", "origin", "declared", "createdAt", "updatedAt"})
"""What belongs to a definition itself, and to no template of others."""


class Template(Struct, frozen=True, kw_only=True, rename="camel"):
    """A template.

    Attributes:
        title: what it is for.
        job: parts of a definition, as one would send them.
    """

    id: str
    title: str
    job: dict[str, Any]


class Templates:
    """The templates of the platform, for whoever asks through a client."""

    def __init__(self, client: Client) -> None:
        """Ask through this client."""
        self._kept = Records(client, KIND)

    async def put(self, template: Template) -> Template:
        """Keep a template, in place of one of the same id.

        Raises:
            InvalidOption: a part of it is none of a job.
        """
        if not _ID.fullmatch(template.id):
            raise InvalidOption(f"{template.id!r} is no id", hint="such as daily-scrape")
        job = {name: part for name, part in template.job.items() if name not in _OWN}
        _filled(job)
        kept = replace(template, job=job)
        await self._kept.aput(kept.id, plain(kept))
        return kept

    async def of(self, definition: JobDefinition, id_: str, title: str) -> Template:
        """Make a template of a definition."""
        return await self.put(Template(id=id_, title=title, job=plain(definition)))

    async def get(self, id_: str) -> Template:
        """One of them.

        Raises:
            NotFound: there is none of this id.
        """
        kept = await self._kept.aget(id_)
        if kept is None:
            raise NotFound(f"there is no template {id_!r}", hint="GET /api/v1/jobs/templates")
        return msgspec.convert(kept.value, Template)

    async def all(self) -> list[Template]:
        """All of them, by id."""
        found = await self._kept.afind(limit=1_000)
        return [msgspec.convert(each.value, Template) for each in found]

    async def delete(self, id_: str) -> None:
        """Forget one; the jobs that were made of it stay.

        Raises:
            NotFound: there is none of this id.
        """
        if not await self._kept.adelete(id_):
            raise NotFound(f"there is no template {id_!r}")

    async def filled(self, id_: str, own: dict[str, Any]) -> dict[str, Any]:
        """The parts of a job: those of a template, and what is said otherwise.

        Raises:
            NotFound: there is none of this id.
        """
        template = await self.get(id_)
        whole = template.job | own
        if "config" in own:
            whole["config"] = template.job.get("config", {}) | own["config"]
        return whole


def _filled(job: dict[str, Any]) -> JobDefinition:
    """What a template comes to with the least that has to be said."""
    return of_body({"name": "of a template", "moduleId": "any", "handler": "any", **job})
