"""Long repetitions: `make soak` draws a hundred times as many examples, anew each time; `make test` a few, the same."""

import os

from hypothesis import HealthCheck, settings

IS_SOAK = bool(os.environ.get("SPICO_SOAK"))
TIMES = 100 if IS_SOAK else 1

settings.register_profile(
    "spico",
    deadline=None,
    derandomize=not IS_SOAK,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("spico")


def examples(few: int) -> settings:
    """So many in `make test`, a hundred times more in `make soak`."""
    return settings(max_examples=few * TIMES)
