"""All tests of the suite by name, for `from tidemill.testing.conformance.suite import *`."""

from tidemill.testing.conformance.annotating import TestAnnotating
from tidemill.testing.conformance.auditing import TestAuditing, TestChain, TestTenantsApart
from tidemill.testing.conformance.changing import (
    TestChanging,
    TestChangingCancel,
    TestChangingPlace,
    TestChangingRetry,
)
from tidemill.testing.conformance.claiming import (
    TestClaiming,
    TestClaimingExpiry,
    TestClaimingLease,
    TestClaimingPause,
)
from tidemill.testing.conformance.fairness import TestFairness
from tidemill.testing.conformance.gates import (
    TestGatesAndTheirFirst,
    TestGatesBehindTheLine,
    TestGatesOfRates,
)
from tidemill.testing.conformance.graphs import TestBatches, TestGraphs, TestGraphsLate
from tidemill.testing.conformance.inserting import TestInserting, TestInsertingFreshIds
from tidemill.testing.conformance.leasing import (
    TestExpired,
    TestLeasing,
    TestLeasingByASteadyClock,
    TestRenewing,
)
from tidemill.testing.conformance.leaving_out import TestLeavingOut, TestLeavingOutOfTenants
from tidemill.testing.conformance.lifecycle import TestLifecycle
from tidemill.testing.conformance.limiting import (
    TestLimitingKeys,
    TestLimitingQueues,
    TestLimitingRates,
)
from tidemill.testing.conformance.promoting import (
    TestPromoting,
    TestPromotingExpiry,
    TestPromotingGates,
)
from tidemill.testing.conformance.pruning import TestPruning, TestPruningLogs
from tidemill.testing.conformance.putting_back import (
    TestPuttingBackEnds,
    TestPuttingBackLeavesAlone,
    TestPuttingBackTimes,
)
from tidemill.testing.conformance.reading import (
    TestCounting,
    TestFinding,
    TestGetting,
)
from tidemill.testing.conformance.recording import TestDocuments, TestLogs
from tidemill.testing.conformance.ruling import TestReadingRules, TestRuling
from tidemill.testing.conformance.settling import (
    TestSettling,
    TestSettlingCancel,
    TestSettlingFence,
)
from tidemill.testing.conformance.signalling import (
    TestSignalling,
    TestSignallingAfterTheFact,
)
from tidemill.testing.conformance.sparing import TestSparing
from tidemill.testing.conformance.standing import TestCircumstances
from tidemill.testing.conformance.statistics import TestFolding, TestStatistics
from tidemill.testing.conformance.tallying import TestTallying, TestTrying
from tidemill.testing.conformance.telling import TestTellingEnds, TestTellingWishes
from tidemill.testing.conformance.uniqueness import TestUniqueness
from tidemill.testing.conformance.unstorable import TestUnstorableNumbers, TestUnstorableTexts

__all__ = [
    "TestAnnotating",
    "TestAuditing",
    "TestBatches",
    "TestChain",
    "TestChanging",
    "TestChangingCancel",
    "TestChangingPlace",
    "TestChangingRetry",
    "TestCircumstances",
    "TestClaiming",
    "TestClaimingExpiry",
    "TestClaimingLease",
    "TestClaimingPause",
    "TestCounting",
    "TestDocuments",
    "TestExpired",
    "TestFairness",
    "TestFinding",
    "TestFolding",
    "TestGatesAndTheirFirst",
    "TestGatesBehindTheLine",
    "TestGatesOfRates",
    "TestGetting",
    "TestGraphs",
    "TestGraphsLate",
    "TestInserting",
    "TestInsertingFreshIds",
    "TestLeasing",
    "TestLeasingByASteadyClock",
    "TestLeavingOut",
    "TestLeavingOutOfTenants",
    "TestLifecycle",
    "TestLimitingKeys",
    "TestLimitingQueues",
    "TestLimitingRates",
    "TestLogs",
    "TestPromoting",
    "TestPromotingExpiry",
    "TestPromotingGates",
    "TestPruning",
    "TestPruningLogs",
    "TestPuttingBackEnds",
    "TestPuttingBackLeavesAlone",
    "TestPuttingBackTimes",
    "TestReadingRules",
    "TestRenewing",
    "TestRuling",
    "TestSettling",
    "TestSettlingCancel",
    "TestSettlingFence",
    "TestSignalling",
    "TestSignallingAfterTheFact",
    "TestSparing",
    "TestStatistics",
    "TestTallying",
    "TestTellingEnds",
    "TestTellingWishes",
    "TestTenantsApart",
    "TestTrying",
    "TestUniqueness",
    "TestUnstorableNumbers",
    "TestUnstorableTexts",
]
