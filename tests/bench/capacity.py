#!/usr/bin/env python3
"""What one, two and ten stores serve, computed from measured figures.

Reads what "make bench" and "make bench-growth" have printed, of one machine:

    make bench >figures && make bench-growth >>figures
    make bench-postgresql >>figures && make bench-growth-postgresql >>figures
    tests/bench/capacity.py figures

The last two are for stores in PostgreSQL, and may be left out.

Each store is taken to have a disk like the measured one for itself. It gets half
of the measured requests in its busiest second. The mean over a day is the
busiest second divided by --share.
"""
import argparse
import math
import re
import sys

DAY = 86400
GOAL = 10 ** 9  # callbacks a day

RATE = re.compile(r"^  bwcallback, SQLite +(\d+) +([\d.]+) +([\d.]+) ", re.M)
TABLE = re.compile(r"^Messages, \d+ connections$", re.M)
SIZE = re.compile(r"^\d+ events, (\d+) bytes for each$", re.M)

# Of the database.
DATABASE_RATE = re.compile(
    r"^  PostgreSQL, one responder +(\d+) +\d+ +([\d.]+) +([\d.]+) ", re.M)
DATABASE_SIZE = re.compile(
    r"^\d+ events, grown in .* (\d+) bytes on the disk of a node, "
    r"(\d+) bytes of WAL$", re.M)


class Missing(Exception):
    pass


def read_figures(text):
    """Requests a second, microseconds of processor for each in web server and
    responder, bytes that each event takes."""
    table = TABLE.search(text)
    rate = RATE.search(text, table.end()) if table else None
    if not rate or int(rate[1]) == 0:
        raise Missing("no durable messages a second: add what "
                      "\"make bench\" prints")
    size = SIZE.findall(text)
    if not size:
        raise Missing("no bytes for an event: add what "
                      "\"make bench-growth\" prints")
    return {"rate": int(rate[1]), "us": float(rate[2]) + float(rate[3]),
            "bytes": int(size[-1])}


def read_database(text):
    """The same of a database; None: it was not measured."""
    rates = DATABASE_RATE.findall(text)
    size = DATABASE_SIZE.findall(text)
    if not rates or not size or int(rates[-1][0]) == 0:
        return None
    rate, app, server = rates[-1]  # with the most connections
    return {"rate": int(rate), "us": float(app) + float(server),
            "bytes": int(size[-1][0]), "wal": int(size[-1][1])}


def capacity(figures, stores, share, days):
    """What this number of stores serves."""
    second = stores * figures["rate"] / 2
    day = second * DAY / share
    return {"stores": stores, "second": second, "day": day,
            "processors": second * figures["us"] / 1e6,
            "daily": day * figures["bytes"],
            "kept": day * figures["bytes"] * days / stores}


def big(n):
    """12.3 M"""
    for unit in "", " k", " M", " G", " T":
        if n < 1000 or unit == " T":
            return f"{n:.0f}{unit}" if n >= 100 or not unit else \
                f"{n:.1f}{unit}"
        n /= 1000
    return None


def database_page(figures, share, days):
    if figures is None:
        return ["Not measured, so not here: databases, and what goes over the "
                "network to standbys."]
    lines = [
        "## In PostgreSQL", "",
        f"Measured with a synchronous standby on the same machine: "
        f"{figures['rate']} durable messages a second with one responder, "
        f"{figures['us']:.0f} microseconds of processor for each in responder "
        f"and both servers, {figures['bytes']} bytes on the disk of each node "
        f"and {figures['wal']} bytes of WAL for each event. Each standby gets "
        "that WAL over the network.", "",
        "| primaries | callbacks a second | rows a day | processors | "
        "WAL a second to each standby | WAL a day | bytes of each node |",
        "| --- | --- | --- | --- | --- | --- | --- |"]
    for stores in 1, 2, 10:
        c = capacity(figures, stores, share, days)
        lines.append(
            f"| {stores} | {big(c['second'])} | {big(c['day'])} | "
            f"{math.ceil(c['processors'])} | "
            f"{big(c['second'] * figures['wal'] / stores)} | "
            f"{big(c['day'] * figures['wal'])} | {big(c['kept'])} |")
    need = math.ceil(GOAL / capacity(figures, 1, share, days)["day"])
    return lines + [
        "", f"{big(GOAL)} callbacks a day need {need} primaries.", "",
        "While a primary fails over, its share of messages gets a 503 and "
        "comes again; calls are answered, and the rest goes to the spools of "
        "its responders. Nothing that was acknowledged is lost, unless the "
        "primary and the synchronous standby are lost for good.", "",
        "Not measured, so not here: databases on machines of their own."]


def page(figures, database, share, days):
    lines = [
        "# Capacity", "",
        f"Measured: {figures['rate']} durable messages a second with one "
        f"store, {figures['us']:.0f} microseconds of processor for each in "
        f"web server and responder, {figures['bytes']} bytes for each event.",
        "", "A store gets half of that in its busiest second, and the mean "
        f"over a day is 1/{share:g} of the busiest second. Events are kept "
        f"for {days} days.", "",
        "| stores | callbacks a second | a day | processors | new bytes a day "
        "| bytes of each store |", "| --- | --- | --- | --- | --- | --- |"]
    for stores in 1, 2, 10:
        c = capacity(figures, stores, share, days)
        lines.append(
            f"| {stores} | {big(c['second'])} | {big(c['day'])} | "
            f"{math.ceil(c['processors'])} | {big(c['daily'])} | "
            f"{big(c['kept'])} |")
    need = math.ceil(GOAL / capacity(figures, 1, share, days)["day"])
    lines += [
        "", f"{big(GOAL)} callbacks a day need {need} stores.", "",
        "While one of N stores is away, 1/N of the callbacks is concerned: "
        "calls are answered, messages get a 503 and come again, everything "
        "else goes to the spool and is stored later. Consumers of that store "
        "are late. Nothing that was acknowledged is lost, unless the disk of "
        "the store or of its spool is lost for good.", ""]
    return "\n".join(lines + database_page(database, share, days))


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("figures", nargs="+", help="what the benchmarks printed")
    p.add_argument("--share", type=float, default=4,
                   help="the busiest second against the mean (4)")
    p.add_argument("--days", type=int, default=90,
                   help="how long events are kept (90)")
    args = p.parse_args()
    if args.share < 1 or args.days < 1:
        p.error("--share and --days must be at least 1")
    text = ""
    for name in args.figures:
        with open(name, encoding="utf-8") as f:
            text += f.read()
    try:
        print(page(read_figures(text), read_database(text), args.share,
                   args.days))
    except Missing as why:
        sys.exit(f"capacity: {why}")


if __name__ == "__main__":
    main()
