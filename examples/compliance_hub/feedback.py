"""What students mean: a classifier that is fitted on shipped feedback and asks nobody outside."""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from examples.compliance_hub.phrases import Said, make_feedback

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

SHIPPED: Final = 1_500
"""Pieces of feedback that it is fitted on."""


class Reading(NamedTuple):
    """What a piece of feedback is taken for.

    Attributes:
        mood: `"positive"`, `"neutral"` or `"negative"`.
        topic: what it is about.
        certainty: of the mood, 0 to 1.
    """

    mood: str
    topic: str
    certainty: float


class Analyst:
    """Reads feedback; fitted when it is first asked, which takes a second, imports included."""

    def __init__(self, shipped: Sequence[Said] | None = None) -> None:
        """Prepare to learn from this feedback; by default from what is shipped."""
        self._shipped = shipped
        self._lock = threading.Lock()
        self._fitted: tuple[Pipeline, Pipeline] | None = None

    def read(self, words: Sequence[str]) -> list[Reading]:
        """What each of these is taken for.

        Example:
            >>> Analyst().read(["The trainer was rude and always late"])[0].mood
            'negative'
        """
        if not words:
            return []
        moods, topics = self._models()
        likely = moods.predict_proba(words)
        about = topics.predict(words)
        known = list(moods.classes_)
        return [
            Reading(known[each.argmax()], str(topic), round(float(each.max()), 3))
            for each, topic in zip(likely, about, strict=True)
        ]

    def _models(self) -> "tuple[Pipeline, Pipeline]":
        with self._lock:
            if self._fitted is None:
                said = make_feedback(SHIPPED) if self._shipped is None else list(self._shipped)
                words = [each.words for each in said]
                moods = _model().fit(words, [each.mood for each in said])
                topics = _model().fit(words, [each.topic for each in said])
                self._fitted = moods, topics
            return self._fitted


def _model() -> "Pipeline":
    # Imported here: it takes a second, and only the job that reads feedback needs it.
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - see above
    from sklearn.naive_bayes import ComplementNB  # noqa: PLC0415 - see above
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415 - see above

    # Fitted in a tenth of a second, and of feedback that it has never seen the words of, it gets
    # more right than a regression does.
    return make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), ComplementNB(alpha=0.3)
    )
