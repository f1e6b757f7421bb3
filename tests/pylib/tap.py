"""Prints TAP for tests in Python: one point a line, the plan at the end."""

import os
import sys
import traceback

LONG = 2000  # longest part of a value that is printed

_points = 0
_failed = 0


def diag(text):
    for line in str(text).splitlines():
        print("#", line, flush=True)


def ok(good, name, why=""):
    """One point. The reason is printed only when the point fails."""
    global _points, _failed
    _points += 1
    print(f"{'ok' if good else 'not ok'} {_points} - {name}", flush=True)
    if not good:
        _failed += 1
        caller = sys._getframe(1)
        while caller.f_code.co_filename == __file__:
            caller = caller.f_back
        diag(f"{caller.f_code.co_filename}:{caller.f_lineno}: {name}")
        if why:
            diag(why)
    return good


def same(got, want, name):
    return ok(got == want, name, f" got: {repr(got)[:LONG]}\n"
              f"want: {repr(want)[:LONG]}")


def skip_all(reason):
    print(f"1..0 # SKIP {reason}", flush=True)
    sys.exit(0)


def builddir():
    return os.environ.get("BW_BUILDDIR", os.getcwd())


def program(*parts):
    """A program of the build folder, without libtool's wrapper: a script that
    takes longer to start than the program."""
    folder, name = os.path.split(os.path.join(builddir(), *parts))
    inside = os.path.join(folder, ".libs", name)
    return inside if os.path.exists(inside) else os.path.join(folder, name)


def srcdir():
    here = os.path.dirname(os.path.abspath(__file__))
    return os.environ.get("BW_SRCDIR", os.path.dirname(os.path.dirname(here)))


def _find_library():
    """Let those programs find the library that was just built."""
    folder = os.path.join(builddir(), "lib", ".libs")
    others = os.environ.get("LD_LIBRARY_PATH", "").split(":")
    if folder not in others:
        os.environ["LD_LIBRARY_PATH"] = ":".join([folder, *filter(None, others)])


_find_library()


def run(main):
    """Run a test program's main and print the plan at the end. After an
    exception there is no plan, which prove reports as a failure."""
    try:
        main()
    except SystemExit:
        raise
    except BaseException:
        diag(traceback.format_exc())
        sys.exit(1)
    print(f"1..{_points}", flush=True)
    sys.exit(1 if _failed else 0)
