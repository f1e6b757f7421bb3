#!/usr/bin/env python3
"""Load of all families through a real nginx on two responders whose database has
three nodes, while the primary, standbys, whole hosts, all nodes and responders
are killed: nothing that was acknowledged is lost or stored twice, every call
gets BXML in time, and what Bandwidth does not repeat is never refused.
BW_TORTURE: how many kills, 20 otherwise. BW_POWERCUT: how many power cuts of the
primary and of all nodes instead, as root. BW_KINDS: only these, by commas."""

import collections
import os
import random
import signal
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import cut_disk  # noqa: E402
import database_site  # noqa: E402
import load  # noqa: E402
import namespace  # noqa: E402
import nginx  # noqa: E402
import patroni  # noqa: E402
import postgresql  # noqa: E402
import process  # noqa: E402
import tap  # noqa: E402

CUTS = int(os.environ.get("BW_POWERCUT", "0"))
KILLS = CUTS or int(os.environ.get("BW_TORTURE", "20"))
DISK = 3 << 30  # size of a node's file system; the file is sparse
SENDERS = 4

# For so long, at most, nginx does not try a responder that has failed. While it
# avoids one, the other one may not fail.
NGINX = 3


def primary(s):
    """PostgreSQL on the primary crashes."""
    s.cluster.leader().kill_postgres()


def primary_host(s):
    """The host of the primary is gone until another has taken over. (None does
    if that primary had no synchronous standby yet: then it must return.)"""
    node = s.cluster.leader()
    node.kill()
    process.wait_until(lambda: s.cluster.leader() not in (None, node), 60)
    node.start()


def standby(s):
    """The synchronous one, or the other one."""
    node = s.cluster.of_role(random.choice(("sync_standby", "replica")))
    random.choice((node.kill_postgres, node.kill))()
    node.start()


def switchover(s):
    """An administrator lets the standby take over."""
    s.cluster.leader().switch_to(s.cluster.of_role("sync_standby"))


def all_nodes(s):
    for node in s.cluster.nodes:
        node.kill()
    for node in s.cluster.nodes:
        node.start()


def responder(s):
    i = random.randrange(2)
    s.responders[i].child.signal(signal.SIGKILL)
    s.responders[i].child.stop()  # forgets it
    s.respond(i)
    time.sleep(NGINX)


def cut(s, nodes):
    for node in nodes:
        s.disks[node.name].cut()
    time.sleep(random.uniform(0, 0.5))
    for node in nodes:
        node.kill()


def power(s, nodes):
    for node in nodes:
        disk = s.disks[node.name]
        disk.unmount()
        why = disk.mount()
        if why is not None:
            raise RuntimeError(why)
        node.start()


def cut_primary(s):
    node = s.cluster.leader()
    cut(s, [node])
    power(s, [node])


def cut_all(s):
    """What is acknowledged meanwhile is doubtful: the kernel may call a failed
    fsync a success, and here on all nodes."""
    nodes = random.sample(s.cluster.nodes, len(s.cluster.nodes))
    s.doubt.set()
    cut(s, nodes)
    s.doubt.clear()
    power(s, nodes)


# By weight.
KINDS = {primary: 7, primary_host: 2, switchover: 1, standby: 4, all_nodes: 1,
         responder: 5}
CUT_KINDS = {cut_primary: 3, cut_all: 1}


def kinds():
    wanted = os.environ.get("BW_KINDS")
    return {kind: weight for kind, weight in
            (CUT_KINDS if CUTS else KINDS).items()
            if wanted is None or kind.__name__ in wanted.split(",")}


def torture(s, deliveries):
    stop = threading.Event()
    senders = [load.Sender(deliveries.deliver, n, stop,
                           database_site.makers(), s.doubt)
               for n in range(SENDERS)]
    for sender in senders:
        sender.daemon = True
        sender.start()
    watch = database_site.Watch(s, senders)
    pauses = collections.defaultdict(list)
    for number in range(KILLS):
        time.sleep(random.uniform(0.5, 2))
        weights = kinds()
        kind, = random.choices(list(weights), list(weights.values()))
        began = time.monotonic()
        kind(s)
        if not s.cluster.wait_until_whole():
            raise RuntimeError(s.cluster.said())
        time.sleep(1)
        pauses[kind.__name__].append(
            deliveries.pause(began, time.monotonic()))
        tap.diag(f"{number + 1}: {kind.__name__}: "
                 f"{pauses[kind.__name__][-1]:.1f} s")
        lost = watch.lost()
        if lost:
            tap.diag(f"{kind.__name__} lost {len(lost)}: {lost[:9]}")
            break
    stop.set()
    for sender in senders:
        sender.join()
    report(pauses)
    return senders


def report(pauses):
    tap.diag(f"{sum(map(len, pauses.values()))} kills; seconds without an "
             "acknowledged message: median, longest")
    for name, found in sorted(pauses.items()):
        found = sorted(found)
        tap.diag(f"{name} ({len(found)}): {found[len(found) // 2]:.1f}, "
                 f"{found[-1]:.1f}")


def make_disks(folder):
    """One for each node; its folder is on it."""
    disks = {f"db{n}": cut_disk.Disk(folder, f"db{n}", DISK)
             for n in range(1, patroni.NODES + 1)}
    for disk in disks.values():
        why = disk.make()
        if why is not None:
            tap.skip_all(f"no file system to cut off: {why}")
    return disks


def deploy():
    if not CUTS:
        return database_site.Site(postgresql.folder())
    disks = make_disks(process.folder())
    s = database_site.Site(postgresql.folder(),
                           [disk.path for disk in disks.values()])
    s.disks = disks
    os.sync()  # the certificates
    return s


def main():
    missing = patroni.needed() or (
        "nginx" if nginx.program() is None else None)
    if missing is not None:
        tap.skip_all(f"{missing} is not installed")
    if CUTS:
        # Another program that copies the mounts would keep a disk from being
        # mounted again.
        namespace.start_again("--mount")
    seed = int(os.environ.get("BW_SEED", str(time.time_ns() % 1000000)))
    tap.diag(f"BW_SEED={seed}")
    random.seed(seed)
    s = deploy()
    s.doubt = threading.Event()
    deliveries = database_site.Deliveries(s.nginx.url)
    senders = torture(s, deliveries)
    tap.ok(s.settle(), "all is up again, and the spools are empty")
    tap.same([r.stop() for r in s.responders], [0, 0], "both end well")
    acknowledged = load.compare(
        senders, [name for _, name in s.stored()])
    tap.ok(acknowledged >= KILLS, "there were acknowledgements")
    tap.diag(f"{deliveries.calls} deliveries for calls, {deliveries.late} "
             "answered after more than 2 s, the slowest after "
             f"{deliveries.slowest:.1f} s")
    tap.same(deliveries.wrong, [],
             "calls got BXML, port-outs a verdict, the rest was taken")
    tap.same(deliveries.fallbacks, 0, "nginx never had to answer a call")
    tap.ok(deliveries.slowest < database_site.LONGEST,
           "every call was answered in time")
    for node in s.cluster.nodes:
        node.stop()


tap.run(main)
