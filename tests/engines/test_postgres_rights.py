"""What a worker's user may do: the how-to grants enough, and what is missing is named."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
import pytest

from tests.docs.pages import DOCS, blocks
from tests.engines.places import Place, found, opened
from tests.engines.test_postgres import job
from tests.engines.test_postgres_side_by_side import claim, settle
from tidemill.core.change import RunNow, Which
from tidemill.core.error_info import ErrorInfo
from tidemill.core.errors import StoreReadOnly
from tidemill.core.outcome import Failed
from tidemill.core.verdict import Receipt, judge
from tidemill.engines.protocol import Engine


@pytest.fixture
def place(postgres_url: str) -> Iterator[Place]:
    place = Place(postgres_url)
    with closing(place.admin):
        yield place


@pytest.fixture
def store(place: Place) -> Iterator[Engine]:
    """Open, and by its owner."""
    with opened(place.url) as engine:
        yield engine


@pytest.mark.usefixtures("store")
def test_rights_that_are_missing_are_named_and_the_remedy_grants_them(place: Place) -> None:
    guest = f"{place.name}_guest"
    place.run(f"CREATE ROLE {guest} LOGIN")
    place.run(f"GRANT USAGE ON SCHEMA tidemill TO {guest}")
    place.run(f"GRANT SELECT, DELETE, UPDATE ON ALL TABLES IN SCHEMA tidemill TO {guest}")
    place.run(f"GRANT INSERT ON tidemill.job TO {guest}")
    url = place.url.replace(f"{place.name}@", f"{guest}@")
    findings = [finding for finding in found(url) if "rights" in finding.what]
    assert all(finding.grave for finding in findings)
    sequences, tables = (finding.what for finding in findings)
    assert "SELECT on entry_position_seq, rewind; USAGE on fence, rewind" in sequences
    assert "INSERT on attempt, done" in tables
    assert " job" not in tables.partition(":")[2]
    assert "step" not in tables, "it is read only"
    for finding in findings:
        place.run(finding.remedy)
    assert not [finding for finding in found(url) if finding.grave]


@contextmanager
def guest(place: Place, *granted: str) -> Iterator[str]:
    """Somebody who was granted what blocks of the how-to say; the URL by which they come in."""
    name = f"{place.name}_guest"
    place.run(f"CREATE ROLE {name} LOGIN")
    for text in granted:
        place.run(
            text.replace("SCHEMA jobs", "SCHEMA tidemill")
            .replace("TO shop", f"TO {name}")
            .replace("ROLE owner", f"ROLE {place.name}")
        )
    yield place.url.replace(f"{place.name}@", f"{name}@")


def grants() -> list[str]:
    """What the how-to grants a worker: on what there is, and on what is yet to come."""
    page = DOCS / "howto" / "postgresql.md"
    return [text for language, text, _ in blocks(page) if language == "sql" and "GRANT" in text]


@pytest.mark.usefixtures("store")
def test_a_worker_works_with_what_the_how_to_grants(place: Place) -> None:
    now, _ = grants()
    with guest(place, now) as url, opened(url) as engine:
        assert not [finding for finding in engine.health().wait().findings if finding.grave]
        wanted = job()
        engine.jobs.insert([wanted]).wait()
        (first,) = claim(engine)
        again = Failed(ErrorInfo("ValueError", "no"), again_after=3_600_000)
        engine.jobs.settle([judge(first, again, first.started_at, 0.5)]).wait()
        assert engine.jobs.change(Which(ids=(wanted.id,)), RunNow()).wait().ids == (wanted.id,)
        assert settle(engine, claim(engine)) == (Receipt.APPLIED,)


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("right", ["SELECT", "USAGE"])
def test_without_a_right_on_a_sequence_work_fails_and_the_right_is_named(
    place: Place, right: str
) -> None:
    now, _ = grants()
    with guest(place, now) as url, opened(url) as engine:
        engine.jobs.insert([job(due_at=4_000_000_000_000)]).wait()
        place.run("UPDATE tidemill.job SET ready_at = 1")  # now it is due
        place.run(f"REVOKE {right} ON SEQUENCE tidemill.rewind FROM {place.name}_guest")
        with pytest.raises(StoreReadOnly):
            claim(engine)
        (finding,) = [each for each in engine.health().wait().findings if each.grave]
        assert f"needs: {right} on rewind" in finding.what
        place.run(finding.remedy)
        assert len(claim(engine)) == 1


def test_what_a_newer_release_adds_is_granted_by_default(place: Place, store: Engine) -> None:
    del store  # it is there
    now, later = grants()
    with guest(place, now, later) as url, psycopg.connect(place.url, autocommit=True) as owner:
        owner.execute("CREATE TABLE tidemill.newer (number BIGINT)")
        owner.execute("CREATE SEQUENCE tidemill.newest")
        with psycopg.connect(url, autocommit=True) as theirs:
            theirs.execute("INSERT INTO tidemill.newer SELECT nextval('tidemill.newest')")
            assert theirs.execute("DELETE FROM tidemill.newer").rowcount == 1
