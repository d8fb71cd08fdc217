"""What lower apps announce to upper ones, inside the transaction that does it.

`accounts_moved`: sent with `accounts` (set of ids), `state` (the new one) and `at`, after one update moved them all.
`accounts_renamed`: sent with `accounts` (set of ids) and `at`.
"""

from django.dispatch import Signal

accounts_moved = Signal()
accounts_renamed = Signal()
