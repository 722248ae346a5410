"""Say in one line, before anything is created, when this machine cannot run the engine.

Kept to syntax that Python 3.6 understands: it is run by whatever ``python3`` is there.
"""

import platform
import sys

# what the wheels of opensim 4.6 are built for
OLDEST_PYTHON = (3, 11)
NEWEST_PYTHON = (3, 13)
TESTED_PYTHON = (3, 11)
OLDEST_GLIBC = (2, 27)
OLDEST_MACOS = 15


def version_pair(text):
    """Return the first two numbers of a version such as '2.36' as a tuple."""
    numbers = [int(part) for part in text.split(".")[:2] if part.isdigit()]
    return tuple(numbers + [0] * (2 - len(numbers)))


def complaint(python, system, machine, glibc, macos, has_venv):
    """Return why the engine cannot be installed here, or '' when it can.

    Args: python: (major, minor). system, machine: as platform names them. glibc: version of
    the C library, '' where it is another one. macos: release, '' elsewhere. has_venv: whether
    Python can make a virtual environment.
    """
    found = f"Python {python[0]}.{python[1]}"
    libc = f"glibc {glibc}" if glibc else "another C library"
    if not OLDEST_PYTHON <= python <= NEWEST_PYTHON:
        return (
            f"expected Python 3.11 (3.12 and 3.13 are allowed, untested), found {found}, for which "
            "opensim 4.6 has no wheel. Install Python 3.11 and name it: make PYTHON=python3.11"
        )
    if system == "Linux" and machine != "x86_64":
        return (
            f"expected Linux on x86_64, found {machine}, for which opensim 4.6 has no wheel. "
            "Use an x86_64 machine."
        )
    if system == "Linux" and (not glibc or version_pair(glibc) < OLDEST_GLIBC):
        return (
            f"expected glibc 2.27 or newer (opensim 4.6 has no wheel for others), found {libc}. "
            "Use a newer distribution that is built on glibc."
        )
    if system == "Darwin" and version_pair(macos)[0] < OLDEST_MACOS:
        return (
            f"expected macOS 15 or newer, found macOS {macos}, for which opensim 4.6 has no wheel. "
            "Update macOS, or use Linux on x86_64."
        )
    if system not in ("Linux", "Darwin"):
        return f"expected Linux or macOS, found {system}. Use the Windows Subsystem for Linux."
    if not has_venv:
        return (
            f"expected {found} with the venv module, found it without. "
            "Install it (on Debian and Ubuntu: apt install python3-venv)."
        )
    return ""


def can_make_venv():
    """Return whether the modules that create a virtual environment are there."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return False
    return True


def main():
    """Print the complaint and return 2, or return 0; say when the Python is untested."""
    python = tuple(sys.version_info[:2])
    libc, glibc = platform.libc_ver()
    problem = complaint(
        python,
        platform.system(),
        platform.machine(),
        glibc if libc == "glibc" else "",
        platform.mac_ver()[0],
        can_make_venv(),
    )
    if problem:
        sys.stderr.write(f"strikelean: {problem}\n")
        return 2
    if python != TESTED_PYTHON:
        sys.stderr.write(
            f"strikelean: Python {python[0]}.{python[1]} is allowed but untested; "
            "the tests run on 3.11.\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
