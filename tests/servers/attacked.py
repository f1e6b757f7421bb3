"""A deployment under attack, behind nginx and Apache with the shipped files:
whatever waits, hangs, drips or guesses passwords, each port-out has its
verdict, each call the BXML of the flow, each order a 2xx. Too late is what the
web server's own time limit, 10 s as shipped, makes of it: then it answers, not
the responder.

BW_ATTACK: "full" for the sizes of a real attack. Names of attacks as arguments
of a test run only these."""

import contextlib
import os
import resource
import signal
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import apache  # noqa: E402
import attack  # noqa: E402
import client  # noqa: E402
import load  # noqa: E402
import payload  # noqa: E402
import process  # noqa: E402
import responder  # noqa: E402
import responder_site  # noqa: E402
import tap  # noqa: E402
import web_server  # noqa: E402

FLOW = os.path.join(HERE, "attacked")
FULL = os.environ.get("BW_ATTACK") == "full"
HUNG = 512 if FULL else 96
LOCKED = 128 if FULL else 64
# The memory for collecting holds 250 bodies of the largest size.
DRIPS = 400 if FULL else 300
GUESSERS = 40 if FULL else 12
UNREAD = 100 if FULL else 48
IDLE = 150
ROUNDS = 8 if FULL else 3
WORKERS = 3


class Apache(apache.Proxy):
    # An attack on Apache's own threads is not the subject here.
    limits = ("ServerLimit 48\nThreadsPerChild 25\nMaxRequestWorkers 1200\n"
              "StartServers 4")


class Site(responder_site.Deployment):
    """A responder with nginx and Apache before it."""

    def __init__(self):
        super().__init__(FLOW, WORKERS)
        self.store = os.path.join(self.flow, "events.db")
        self.apache = Apache(self)
        self.orders = []  # acknowledged
        self.respond()
        self.settle()

    def settle(self):
        """One request of each kind, so that the store is open."""
        for front in (self.nginx, self.apache):
            for kind in KINDS:
                kind(self, front)

    def reload(self):
        """A SIGHUP, and the new configuration in force."""
        before = self.responder.child.said().count("is in force")
        self.responder.child.signal(signal.SIGHUP)
        return tap.ok(process.wait_until(
            lambda: self.responder.child.said().count("is in force") > before),
            "the configuration is loaded again")

    def open_gate(self):
        with open(os.path.join(self.flow, "gate"), "w"):
            pass

    def close_gate(self):
        os.unlink(os.path.join(self.flow, "gate"))

    def post(self, front, path, body, kind, authorization=None):
        return client.send(
            front.url + path, "POST", body,
            [authorization or self.authorization(), kind], source="127.0.0.2")


def fault(answer, good):
    """What is wrong with an answer, or None."""
    if answer["Bwcallback-Fallback"]:
        return "the web server's fallback"
    if answer.status // 100 != 2 or not answer.whole:
        return repr(answer)
    return None if good in answer.text else repr(answer)


def call(site, front):
    body = payload.post(payload.Call().event("initiate"))
    a = site.post(front, "/voice", body, payload.JSON)
    return fault(a, "This is the flow.")


def port_out(site, front):
    body = payload.portout(payload.new_id("P"))
    a = site.post(front, "/portout", body, payload.XML)
    return fault(a, "<Portable>true</Portable>")


def order(site, front, authorization=None):
    """An order with so many numbers that it arrives in pieces."""
    body = payload.order(numbers=800)
    a = site.post(front, "/orders", body, payload.XML, authorization)
    wrong = fault(a, "")
    if wrong is None:
        site.orders.append(
            body.partition(b"<OrderId>")[2].partition(b"<")[0].decode())
    return wrong


KINDS = (call, port_out, order)


def probe(site, name):
    """Some requests of each kind through each web server, all at once."""
    faults = {}

    def one(kind, front):
        try:
            wrong = kind(site, front)
        except OSError as e:
            wrong = repr(e)
        if wrong is not None:
            faults.setdefault(kind.__name__, []).append(
                f"{type(front).__name__}: {wrong}")

    threads = [threading.Thread(target=one, args=(kind, front))
               for _ in range(ROUNDS) for kind in KINDS
               for front in (site.nginx, site.apache)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    tap.same(faults.get("port_out", []), [], f"{name}: each has its verdict")
    tap.same(faults.get("call", []), [], f"{name}: each call has its BXML")
    tap.same(faults.get("order", []), [], f"{name}: each order is accepted")


def twice(site, name):
    probe(site, name)
    site.reload()
    probe(site, f"{name}, after a reload")


def hung(site):
    with attack.hung_messages(site, HUNG):
        twice(site, f"{HUNG} messages for a hung program")
        site.open_gate()
    site.close_gate()


def locked(site):
    with attack.LockedStore(site, LOCKED):
        twice(site, "the store is locked")


def drip(site):
    with attack.Drip(site.apache.url, DRIPS, site.responder.pid):
        twice(site, f"{DRIPS} dripping bodies")


def restart(site):
    tap.same(site.responder.stop(), 0, "the responder ends")
    site.respond()


def guess(site):
    with attack.WrongPasswords(site, GUESSERS) as a:
        name = "wrong passwords"
        twice(site, name)
        restart(site)
        a.wait_for(1)
        probe(site, f"{name}, after a restart")
        new_password(site, a)


def new_password(site, guesses):
    """A password that was never verified has to be hashed, and gets a turn."""
    password = responder.make_password(
        os.path.join(site.flow, "passwd"), "another")
    site.reload()
    pair = ("Authorization", client.basic("another", password))
    guesses.wait_for(1)
    tap.same(order(site, site.nginx, pair), None,
             "wrong passwords: an order with a new password is accepted")


def unread(site):
    with attack.Unread(site, UNREAD):
        twice(site, f"{UNREAD} peers that read no answer")


def all_at_once(site):
    with contextlib.ExitStack() as held:
        held.enter_context(attack.Drip(site.apache.url, DRIPS, site.responder.pid))
        held.enter_context(attack.WrongPasswords(site, GUESSERS))
        held.enter_context(attack.hung_messages(site, HUNG))
        held.enter_context(attack.LockedStore(site, LOCKED))
        twice(site, "all at once")
        site.open_gate()
    site.close_gate()


def idle(site):
    """A responder with few descriptors."""
    site.responder.stop()
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, limits[1]))
    try:
        site.respond()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    with attack.Idle(site, IDLE):
        twice(site, f"64 descriptors, {IDLE} idle connections")


def check_orders(site):
    """Each acknowledged order is stored once."""
    process.wait_until(lambda: not load.spooled(site.store))
    tap.same(site.responder.stop(), 0, "the responder ends")
    stored = [name for _, name in load.stored(site.store)]
    wrong = [(name, stored.count(name)) for name in site.orders
             if stored.count(name) != 1]
    tap.ok(len(site.orders) > ROUNDS, "orders were acknowledged")
    tap.same(wrong, [], "each of them is stored, once")


def play(attacks):
    """The main function of a test."""
    responder_site.require()
    if web_server.find("apache2") is None:
        tap.skip_all("apache2 is not installed")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < 8192:
        tap.skip_all("needs 8192 descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, most))
    chosen = [a for a in attacks if a.__name__ in sys.argv[1:] or
              not sys.argv[1:]]
    if not chosen:
        tap.skip_all("none of the attacks named")
    site = Site()
    for attack_of in chosen:
        attack_of(site)
    check_orders(site)
