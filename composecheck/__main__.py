"""`python -m composecheck`."""

import sys

from composecheck.cli import main

sys.exit(main())
