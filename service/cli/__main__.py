"""``python -m service.cli``: the same as the command ``policy-claims``."""

import sys

from service.cli import main

sys.exit(main())
