"""Reports: the module of the report kit, its task and what it answers."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal, NamedTuple, TypeAlias, TypeVar, Unpack
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from tidemill import File, Module, current, errors
from tidemill.kits.report.content import Content, content
from tidemill.kits.report.page import as_html
from tidemill.kits.report.pdf import as_pdf
from tidemill.kits.report.plain import as_csv, as_json
from tidemill.kits.report.source import Chart, Column, Source, read_source
from tidemill.kits.tables.asking import all_rows, read_filters
from tidemill.kits.tables.manners import Manners, check_length, check_whole, options
from tidemill.kits.tables.naming import check_source
from tidemill.kits.tables.telling import Letterbox, Word

F = TypeVar("F", bound=Callable[..., Any])

Format: TypeAlias = Literal["csv", "json", "html", "pdf"]

MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
}


class Built(Struct, frozen=True, kw_only=True):
    """A report that has been built, as its job answers it.

    Attributes:
        source: what it is about.
        title: above it.
        format: `"csv"`, `"json"`, `"html"` or `"pdf"`.
        rows: that it has.
        file: where it is kept; `app.files` reads it.
        url: by which it can be downloaded, until the file expires.
    """

    source: str
    title: str
    format: Format
    rows: int
    file: File
    url: str


class Terms(NamedTuple):
    """What a kit was made with."""

    rows: int
    keep: str
    zone: ZoneInfo
    formulas: bool
    fonts: tuple[str, str] | None


class Reports(Module):
    """Builds reports of what an application knows.

    The application registers sources, each a function that answers rows for filters; the task
    `build` writes one of them as CSV, JSON, HTML or PDF, keeps it as a file, says so by an event
    and, if it was given an e-mail kit, by mail.

    Attributes:
        build: the task.

    Example:
        >>> reports = Reports("shop-reports")
        >>> @reports.source("orders", columns=["id", Column("total", total="sum")])
        ... def orders() -> list[dict]:
        ...     return [{"id": 7, "total": 12.5}]
        >>> reports.build.name
        'shop-reports.build'
    """

    def __init__(
        self,
        name: str = "report",
        *,
        email: Letterbox | None = None,
        rows: int = 100_000,
        keep: str = "7d",
        tz: str = "UTC",
        formulas: bool = False,
        fonts: tuple[str, str] | None = None,
        needs: Iterable[str] = (),
        **manners: Unpack[Manners],
    ) -> None:
        """Make the kit; an application registers its sources, and includes it.

        Args:
            name: of the module; two applications in one store need two.
            email: an e-mail kit, which the application includes, too: it sends word of reports.
            rows: that a report may have.
            keep: files are deleted after so long.
            tz: the zone in which reports tell when they were made.
            formulas: leave texts in CSV that a spreadsheet takes for formulas as they are.
            fonts: TrueType files, regular and bold, for PDF.
            needs: services that its sources use.
            manners: how its jobs run: `queue`, `attempts` (3), `backoff` (2 s), `timeout` (5 min)
                and `priority`.

        Raises:
            InvalidOption: something that makes no sense.
            InvalidName: no name for a module or a queue.
        """
        super().__init__(
            name,
            version="1.0.0",
            description="Builds reports as CSV, JSON, HTML and PDF.",
            needs=["files", *needs],
        )
        self._word = Word(name, email)
        self._terms = Terms(
            check_whole("rows", rows), check_length("keep", keep), _zone(tz), formulas, fonts
        )
        self._sources: dict[str, Source] = {}
        how = options(name, manners, timeout="5m")
        self.build = self.task(name=f"{name}.build", **how)(self._build)

    def source(
        self,
        name: str,
        *,
        title: str = "",
        columns: Iterable[Column | str] = (),
        charts: Iterable[Chart] = (),
        template: str = "",
    ) -> Callable[[F], F]:
        """Register where the rows of a report come from, as `@reports.source("audits")`.

        The function answers rows or yields them, async or not. It may take `filters`: annotated
        with a `msgspec.Struct`, a dataclass or a `TypedDict`, they are checked and given as that,
        else as a `dict`. A row is a mapping, an object with attributes, or the values in order.

        Args:
            name: what `build` is asked for.
            title: above the report; by default made of the name.
            columns: in their order; by default those of the first row.
            charts: above the table, in HTML and PDF.
            template: Jinja2, in place of the kit's page of HTML; it is sandboxed.

        Raises:
            InvalidName: a name with characters that are not allowed.
            InvalidOption: a name or a column twice, or a chart of what is no column.
        """
        check_source("report", name, self._sources)

        def register(function: F) -> F:
            self._sources[name] = read_source(name, function, title, columns, charts, template)
            return function

        return register

    @property
    def sources(self) -> tuple[str, ...]:
        """What reports there are."""
        return tuple(self._sources)

    def _build(
        self,
        source: str,
        format: Format = "pdf",  # noqa: A002 - what people call it
        filters: dict[str, Any] | None = None,
        title: str = "",
        to: list[str] | None = None,
    ) -> Built:
        """Build a report and keep it as a file.

        Args:
            source: what it is about, as it was registered.
            format: `"csv"`, `"json"`, `"html"` or `"pdf"`.
            filters: which rows are meant, by name.
            title: above it, in place of the source's.
            to: addresses that are sent a link to it; the kit needs an e-mail kit for that.

        Raises:
            InvalidArguments: no such source or filter, an address that is none, or a row that does
                not fit the columns.
            AnswerTooLarge: it has more rows than it may have.
            InvalidOption: a library is missing, or a template cannot be used.
        """
        job = current()
        known = self._known(source)
        self._word.check(to or [])
        asked = read_filters(filters or {}, known.wanted, f"the report {source}")
        job.progress(5, "asking for rows", step=1, of=3)
        rows = all_rows(known.function, asked, self._terms.rows, f"the report {source}")
        made_at = datetime.fromtimestamp(job.now / 1_000, UTC).astimezone(self._terms.zone)
        report = content(known, rows, asked, title=title, made_at=made_at)
        job.progress(40, f"writing {len(rows):,} rows", step=2, of=3)
        file = self._kept(report, format, known)
        job.progress(90, "telling", step=3, of=3)
        url: str = job.wait(job.services["files"].link(file))
        built = Built(
            source=source, title=report.title, format=format, rows=len(rows), file=file, url=url
        )
        self._tell(built, to or [])
        return built

    def _known(self, source: str) -> Source:
        known = self._sources.get(source)
        if known is None:
            raise errors.InvalidArguments(
                f"{self.name} has no report {source!r}",
                hint=f"it has {', '.join(sorted(self._sources)) or 'none'}",
            )
        return known

    def _kept(self, report: Content, format_: Format, source: Source) -> File:
        """Write a report and keep it as a file."""
        data = self._written(report, format_, source)
        name = f"{source.name}-{report.made_at:%Y-%m-%d}.{format_}"
        files = current().services["files"]
        with files.create(name, media_type=MEDIA_TYPES[format_], expires=self._terms.keep) as out:
            out.write(data)
        file: File = out.file
        return file

    def _written(self, report: Content, format_: Format, source: Source) -> bytes:
        match format_:
            case "csv":
                return as_csv(report, formulas=self._terms.formulas)
            case "json":
                return as_json(report)
            case "html":
                return as_html(report, source.template)
            case "pdf":
                data, poor = as_pdf(report, self._terms.fonts)
                if poor:
                    current().log(
                        "letters are missing: no font of this machine has them; give fonts=...",
                        "warning",
                    )
                return data

    def _tell(self, built: Built, to: list[str]) -> None:
        """Say that it is there: by an event, and by mail to whoever wants it."""
        told: Mapping[str, Any] = {
            "job": current().id,
            "source": built.source,
            "title": built.title,
            "format": built.format,
            "rows": built.rows,
            "file": built.file.id,
        }
        self.emit(f"{self.name}.built", told)
        text = f"{built.title}, with {built.rows:,} rows, is ready:\n\n{built.url}\n"
        self._word.send(to, built.title, text)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise errors.InvalidOption(
            f"there is no time zone {name!r}", hint='write tz="Australia/Sydney"'
        ) from error
