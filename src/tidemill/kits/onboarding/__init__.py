"""Onboarding: steps that are done in order, or undone."""

from tidemill.kits.onboarding.kit import Onboarding
from tidemill.kits.onboarding.outcome import BeingUndone, Onboarded, StepOutcome, WrappedUp
from tidemill.kits.onboarding.step import Case, Step

__all__ = [
    "BeingUndone",
    "Case",
    "Onboarded",
    "Onboarding",
    "Step",
    "StepOutcome",
    "WrappedUp",
]
