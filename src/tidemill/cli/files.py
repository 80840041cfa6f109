"""`tidemill files`: what jobs have made for people, links to it, and deleting it."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tidemill.cli import render
from tidemill.cli.options import AsJson, StoreUrl, Yes, confirm, store_itself
from tidemill.cli.shell import Shell

if TYPE_CHECKING:
    from tidemill.files.record import File

files = typer.Typer(help="See files; link to them, delete them.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="The file meant.")]
Whose = Annotated[
    str, typer.Option("--tenant", metavar="NAME", help="Of this tenant; else the one that is set.")
]


@files.command("list")
def list_files(
    whose: Whose = "",
    after: Annotated[
        str, typer.Option(metavar="ID", help="Behind this one, the last of the page before.")
    ] = "",
    limit: Annotated[
        int, typer.Option(min=1, max=1_000, metavar="N", help="At most so many.")
    ] = 100,
    as_json: AsJson = False,
    url: StoreUrl = "",
) -> None:
    """List files, in the order of their ids, which is none."""
    with Shell(store_itself(url)) as shell:
        found = shell.files_of(whose).find(after, limit)
        now = shell.now()
    if as_json:
        render.show_json(found)
        return
    rows = [
        {
            "id": file.id,
            "name": file.name,
            "size": _size(file),
            "made": render.ago(file.created_at, now),
            "expires": render.ago(file.expires_at, now),
        }
        for file in found
    ]
    render.show(rows, empty="There are no files.")


@files.command()
def show(id_: Id, whose: Whose = "", as_json: AsJson = False, url: StoreUrl = "") -> None:
    """Show one file: what it is, and where it lies."""
    with Shell(store_itself(url)) as shell:
        mine = shell.files_of(whose)
        file = mine.get(id_)
        lies = mine.where(file)
    if as_json:
        render.show_json(file)
        return
    facts: dict[str, Any] = {
        "id": file.id,
        "name": file.name,
        "size": _size(file),
        "holds": file.media_type,
        "made": render.moment(file.created_at),
        "expires": render.moment(file.expires_at),
        "lies at": str(lies),
    }
    render.show_facts(facts)


@files.command()
def link(
    id_: Id,
    expires: Annotated[
        str, typer.Option(metavar="TIME", help="Leads nowhere after so long, as 24h.")
    ] = "",
    whose: Whose = "",
    url: StoreUrl = "",
) -> None:
    """Make a link by which whoever has it downloads a file.

    It is shown this once, and ends with the file, or before. Without files.url it is a path, to be
    put behind the address of the server.
    """
    with Shell(store_itself(url)) as shell:
        made = shell.files_of(whose).link(id_, expires=expires or None)
    render.echo(made)


@files.command()
def delete(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="The files meant.")],
    whose: Whose = "",
    yes: Yes = False,
    url: StoreUrl = "",
) -> None:
    """Delete files before their time, and with each every link to it."""
    with Shell(store_itself(url)) as shell:
        mine = shell.files_of(whose)
        known = [mine.get(each) for each in dict.fromkeys(ids)]
        if not yes:
            names = ", ".join(file.name for file in known)
            confirm(f"Delete {render.number(len(known), 'file')}, {names}?")
        gone = sum(mine.delete(file) for file in known)
    render.echo(f"delete: {render.number(gone, 'file')}")


def _size(file: "File") -> str:
    return render.number(file.size, "byte")
