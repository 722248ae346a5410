"""Make the environment that requirements.txt asks for, and never touch one that is somebody else's.

An environment of this project carries a marker file, written before anything else is put beside
it: what an interrupted run left behind is recognised and made anew. Any other environment is used
as it is where it holds every package asked for, and refused, unchanged, where it does not.

Kept to syntax that Python 3.6 understands: it is run by whatever ``python3`` is there.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import check_machine

MARKER = "made-by-strikelean"
UNFINISHED, COMPLETE = "unfinished\n", "complete\n"
NO_PYTHON = "a Python that runs"
# run by the environment's own Python, which is the one that knows what it holds
ASK = """
import sys
from importlib import metadata
for pin in sys.argv[1:]:
    name, _, version = pin.partition("==")
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        found = None
    if found != version:
        print(pin)
"""


def read_pins(requirements):
    """Return the lines ``name==version`` of a file of requirements."""
    lines = requirements.read_text(encoding="utf-8").splitlines()
    return [line for line in (line.split("#")[0].strip() for line in lines) if line]


def missing_from(folder, pins):
    """Return what an environment lacks: pins, or a Python."""
    python = folder / "bin" / "python"
    try:
        answer = subprocess.run([str(python), "-c", ASK, *pins], stdout=subprocess.PIPE, check=True)
    except (OSError, subprocess.CalledProcessError):
        return [NO_PYTHON]
    return answer.stdout.decode().splitlines()


def marker_text(folder):
    """Return what this project's marker in a folder says, '' where there is none."""
    marker = folder / MARKER
    return marker.read_text(encoding="utf-8") if marker.is_file() else ""


def stranger(folder):
    """Return what stands in the folder's place and is not this project's, or ''."""
    if folder.is_symlink():
        return f"a link to {folder.resolve()}"
    if not folder.exists():
        return ""
    if not folder.is_dir():
        return "a file"
    ours = marker_text(folder) or not any(folder.iterdir())
    return "" if ours else "a folder that this project did not make"


def refusal(folder, requirements, found, missing):
    """Return in one line why an environment is neither used nor changed."""
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    return (
        f"strikelean: expected {folder} to be absent, made by this project, or to hold every "
        f"package of {requirements.name}, found {found} without {missing[0]}{more}. It was left as "
        "it is: remove or rename it, or name another place: make VENV=folder\n"
    )


def clear(folder):
    """Remove everything in a folder of this project but its marker; links are not followed."""
    for path in folder.iterdir():
        if path.name == MARKER:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(str(path))
        else:
            path.unlink()


def install(folder, requirements):
    """Put what a file of requirements asks for into an environment; 0 when all is in."""
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    return told(folder, [*pip, "--disable-pip-version-check", "-r", str(requirements)])


def told(folder, command):
    """Run a step that fills an environment; return its exit code, having said that it failed."""
    code = subprocess.call(command)
    if code:
        sys.stderr.write(
            f"strikelean: expected to fill {folder}, found that {command[2]} failed (above). "
            "Mend what it names and run again.\n"
        )
    return code


def create(folder, requirements):
    """Make an environment in a folder that is absent, empty or this project's; 0 when all is in."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text(UNFINISHED, encoding="utf-8")
    clear(folder)
    code = told(folder, [sys.executable, "-m", "venv", str(folder)])
    code = code or install(folder, requirements)
    if code:
        return code
    (folder / MARKER).write_text(COMPLETE, encoding="utf-8")
    return 0


def main(folder, requirements):
    """Use, make or refuse the environment in a folder; return the exit code."""
    missing = missing_from(folder, read_pins(requirements))
    if not missing and marker_text(folder) != UNFINISHED:
        return 0
    found = stranger(folder)
    if found:
        sys.stderr.write(refusal(folder, requirements, found, missing or ["its last step"]))
        return 2
    if check_machine.main():
        return 2
    major, minor = sys.version_info[:2]
    sys.stderr.write(
        f"strikelean: making {folder} with Python {major}.{minor}: "
        "1.1 GB on disk, a minute or more, once\n"
    )
    return create(folder, requirements)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
