"""A network of a test's own, in which this machine has other addresses and
names."""

import os
import subprocess
import sys

import process
import tap

# Set in the program that was started again.
INSIDE = "BW_TEST_NAMESPACE"


def run(*argv):
    """Why a command failed; None if it did not."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else f"{argv[0]}: {done.stderr.strip()}"


def start_again(*kinds):
    """Start the program again, with namespaces of these kinds. Returns only
    inside. Only root can: PostgreSQL does not run as the root of a user
    namespace, which has no other user."""
    if os.environ.get(INSIDE) is not None:
        return
    argv = ["unshare", *kinds]
    if os.geteuid() != 0 or run(*argv, "true") is not None:
        tap.skip_all("only root can have namespaces of its own")
    os.environ[INSIDE] = "yes"
    os.execvp(argv[0], [*argv, sys.executable, *sys.argv])


def enter(hosts):
    """Go on in a network where this machine has these addresses: address ->
    name."""
    start_again("--net", "--mount", "--uts")
    path = os.path.join(process.folder(), "hosts")
    with open(path, "w", encoding="ascii") as f:
        f.write("127.0.0.1 localhost\n")
        f.writelines(f"{address} {name}\n" for address, name in hosts.items())
    failed = run("ip", "link", "set", "lo", "up") or \
        run("mount", "--bind", path, "/etc/hosts")
    for address in hosts:
        failed = failed or run("ip", "address", "add", address, "dev", "lo")
    if failed is not None:
        raise RuntimeError(failed)
