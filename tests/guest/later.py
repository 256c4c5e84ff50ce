"""A house whose clock goes ahead: by a library in front of the C library's, which the target hospes_later makes."""

import os
import sys
import time

DAY = 86_400
LIBRARY = os.environ.get("HOSPES_LATER_LIB")
if not LIBRARY:
    print("skipped: HOSPES_LATER_LIB names no library; the target hospes_later makes it")
    sys.exit(77)


def ahead(seconds):
    """The environment of a process whose clock is `seconds` ahead."""
    return {**os.environ, "LD_PRELOAD": LIBRARY, "HOSPES_LATER": str(int(seconds))}


def start_later(house, began, seconds):
    """The same house, started anew `seconds` after `began`."""
    status = house.stop()
    assert status == 0, status
    house.environment = ahead(began + seconds - time.time())
    house.start()
