#!/usr/bin/env python3
"""Set up CXL Designer with its development tools and run every check CI runs.

    python3 packaging/test.py [--only NAME[,NAME…]] [--list]

Needs nothing but Python; says what it does; lists whatever could not run and then exits non-zero.
Written so that an unfit Python, too, can read it far enough to say which versions fit.
"""

import sys

if not ((3, 11) <= sys.version_info[:2] <= (3, 14) and sys.maxsize > 2**32):
    sys.stderr.write(
        "CXL Designer needs 64-bit CPython 3.11, 3.12, 3.13 or 3.14; this is %s.\n"
        "Install one of these and start again with it, e.g.  python3.12 packaging/test.py\n"
        % sys.version.split()[0]
    )
    sys.exit(3)

from checks import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
