"""What the machine has and what the process took of it."""

import os
import re
import sys

__all__ = ["available_cores", "peak_rss_mb"]


def available_cores() -> int:
    """Cores this process may use: fewer than the machine has in a container or under taskset."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS or Windows
        return os.cpu_count() or 1


def peak_rss_mb() -> float | None:
    """Most memory that this process held at one time, in MB (10^6 bytes); None where the system does not say."""
    try:
        # On Linux getrusage also counts what the parent held when it started this process.
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:  # noqa: PTH123
            found = re.search(r"^VmHWM:\s+(\d+) kB", status.read(), re.MULTILINE)
        if found is not None:
            return round(int(found[1]) * 1024 / 1e6, 1)
    except OSError:
        pass
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)
