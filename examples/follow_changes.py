"""What has changed since this program ran last; it begins anew where the history did.

    pip install ./clients/python
    python examples/follow_changes.py http://127.0.0.1:8000 followed.txt

It prints a change a line, and keeps in the file where it ended.
"""

from __future__ import annotations

import sys
from pathlib import Path

from policy_claims import Client, HistoryChanged


def follow(base_url: str, state: Path) -> None:
    with Client(base_url) as client:
        changes = client.changes(since=state.read_text()) if state.exists() else client.changes()
        try:
            for change in changes:
                record = change["subject"]
                print(change["recorded_at"], change["change"], record["kind"], record["id"])
        except HistoryChanged:
            print("Another history: forget what you hold, all of it follows.")
            state.unlink()
            follow(base_url, state)
        else:
            state.write_text(changes.meta["next"] or "0")


if __name__ == "__main__":
    follow(sys.argv[1], Path(sys.argv[2]))
