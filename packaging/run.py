#!/usr/bin/env python3
"""Set up CXL Designer and open it on its example platform. Arguments go to the program.

    python3 packaging/run.py [FILE or any other argument of cxldesigner]

Needs nothing but Python; says what it does. Without a usable display it plays the example without
a window and leaves a report and a recording behind. Written so that an unfit Python, too, can read
it far enough to say which versions fit.
"""

import sys

if not ((3, 11) <= sys.version_info[:2] <= (3, 14) and sys.maxsize > 2**32):
    sys.stderr.write(
        "CXL Designer needs 64-bit CPython 3.11, 3.12, 3.13 or 3.14; this is %s.\n"
        "Install one of these and start again with it, e.g.  python3.12 packaging/run.py\n"
        % sys.version.split()[0]
    )
    sys.exit(3)

from launch import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
