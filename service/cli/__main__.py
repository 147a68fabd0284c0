"""``python -m service.cli``: the same as the command ``policy-claims``."""

from __future__ import annotations

import sys

from service.cli import main

sys.exit(main())
