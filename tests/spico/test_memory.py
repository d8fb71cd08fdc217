"""A process that serves pages is settled once all is loaded."""

import subprocess
import sys

WHAT = "import gc; import spico.wsgi; print(gc.get_freeze_count() > 100_000, gc.get_threshold())"


def test_the_server_of_pages_does_not_walk_through_what_stays() -> None:
    told = subprocess.run([sys.executable, "-c", WHAT], check=True, capture_output=True, text=True)
    assert told.stdout.split("\n")[0] == "True (50000, 20, 100)"
