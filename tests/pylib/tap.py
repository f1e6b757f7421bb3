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


def srcdir():
    here = os.path.dirname(os.path.abspath(__file__))
    return os.environ.get("BW_SRCDIR", os.path.dirname(os.path.dirname(here)))


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
