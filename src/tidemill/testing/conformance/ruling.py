"""Rules are set, told with their versions, and not undone by who has not seen them."""

import pytest
from msgspec.structs import replace

from tidemill.core.change import Delete
from tidemill.core.errors import VersionConflict
from tidemill.core.limits import Rate
from tidemill.core.record import EVENTS
from tidemill.core.rules import KeyRules, QueueRules, Rules, TaskRules, TenantRules
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import ManualClock
from tidemill.testing.conformance.steps import change, insert, rule, run, together
from tidemill.testing.sample import a_job

PLAIN: tuple[Rules, ...] = (
    QueueRules(queue="x"),
    TaskRules(task="x"),
    KeyRules(key="x"),
    TenantRules(tenant="x"),
)


def standing(engine: Engine) -> Rules:
    """The only rules that there are."""
    (rules,) = engine.reader.rules().wait()
    return rules


class TestRuling:
    """`jobs.rule` and its versions."""

    @pytest.mark.parametrize("rules", PLAIN)
    def test_each_setting_has_the_next_version(self, engine: Engine, rules: Rules) -> None:
        assert [engine.jobs.rule(rules).wait() for _ in range(3)] == [1, 2, 3]
        assert standing(engine) == replace(rules, version=3)

    @pytest.mark.parametrize("rules", PLAIN)
    def test_rules_as_they_were_seen_are_set(self, engine: Engine, rules: Rules) -> None:
        assert engine.jobs.rule(rules, expected=0).wait() == 1
        assert engine.jobs.rule(rules, expected=1).wait() == 2

    @pytest.mark.parametrize("rules", PLAIN)
    @pytest.mark.parametrize("expected", [0, 1, 3])
    def test_rules_set_since_they_were_seen_stay_and_nothing_is_told(
        self, engine: Engine, rules: Rules, expected: int
    ) -> None:
        rule(engine, rules, rules)
        told = engine.records.read(EVENTS).wait()
        with pytest.raises(VersionConflict, match="at version 2, not") as caught:
            engine.jobs.rule(rules, expected=expected).wait()
        assert "'x'" in caught.value.message
        assert caught.value.hint
        assert standing(engine).version == 2
        assert engine.records.read(EVENTS).wait() == told

    def test_a_queue_that_only_had_jobs_has_rules_that_were_never_set(self, engine: Engine) -> None:
        insert(engine, a_job(queue="x"))
        assert standing(engine) == QueueRules(queue="x")
        with pytest.raises(VersionConflict):
            engine.jobs.rule(QueueRules(queue="x"), expected=1).wait()
        assert engine.jobs.rule(QueueRules(queue="x", most=3), expected=0).wait() == 1

    def test_the_version_that_rules_bring_along_counts_nothing(self, engine: Engine) -> None:
        assert engine.jobs.rule(KeyRules(key="x", version=9)).wait() == 1
        assert standing(engine) == KeyRules(key="x", version=1)

    def test_kinds_and_names_are_counted_apart(self, engine: Engine) -> None:
        rule(engine, *PLAIN, QueueRules(queue="x"), QueueRules(queue="y"))
        versions = [each.version for each in engine.reader.rules().wait()]
        assert versions == [1, 2, 1, 1, 1]

    def test_of_eight_who_saw_the_same_one_sets_it(self, engine: Engine) -> None:
        def set_it(number: int) -> bool:
            try:
                engine.jobs.rule(QueueRules(queue="x", most=number + 1), expected=0).wait()
            except VersionConflict:
                return False
            return True

        won = together(8, set_it)
        assert won.count(True) == 1
        assert standing(engine) == QueueRules(queue="x", most=won.index(True) + 1, version=1)


class TestReadingRules:
    """`reader.rules`."""

    def test_every_rule_is_told_as_it_was_set(self, engine: Engine) -> None:
        rules = (
            KeyRules(key="k", most=3, rate=Rate(1, 2, 1)),
            QueueRules(
                queue="email",
                paused=True,
                most=4,
                rate=Rate(10, 60_000),
                fair=True,
                tenant_most=2,
                note="maintenance",
            ),
            TaskRules(task="mail.send", paused=True, note="by Zoë"),
            TenantRules(tenant="acme", most=7),
        )
        rule(engine, *rules)
        told = engine.reader.rules().wait()
        assert {each.version for each in told} == {1}
        assert {replace(each, version=0) for each in told} == set(rules)

    def test_the_rule_set_last_stands(self, engine: Engine) -> None:
        rule(engine, QueueRules(queue="a", paused=True, most=3), QueueRules(queue="a", most=5))
        assert engine.reader.rules().wait() == (QueueRules(queue="a", most=5, version=2),)

    def test_each_queue_that_ever_had_a_job_has_a_plain_rule(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        job = a_job(queue="b")
        insert(engine, job, a_job(queue="c"))
        run(engine, clock, a_job(queue="a"))
        change(engine, Delete(), job.id)
        rule(engine, QueueRules(queue="c", paused=True))
        assert engine.reader.rules().wait() == (
            QueueRules(queue="a"),
            QueueRules(queue="b"),
            QueueRules(queue="c", paused=True, version=1),
        )

    def test_rules_come_by_kind_and_name(self, engine: Engine) -> None:
        rule(
            engine,
            TenantRules(tenant="b"),
            TaskRules(task="b"),
            QueueRules(queue="b"),
            KeyRules(key="b"),
            TaskRules(task="a"),
            QueueRules(queue="a"),
            KeyRules(key="a"),
        )
        assert engine.reader.rules().wait() == (
            KeyRules(key="a", version=1),
            KeyRules(key="b", version=1),
            QueueRules(queue="a", version=1),
            QueueRules(queue="b", version=1),
            TaskRules(task="a", version=1),
            TaskRules(task="b", version=1),
            TenantRules(tenant="b", version=1),
        )
