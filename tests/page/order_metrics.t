#!/usr/bin/env python3
"""Metrics of orders are what the notifications say."""

import sqlite3

from inspected import Inspected, f  # first: it sets the path
from openmetrics import Metrics
from process import wait_until
import tap

site = Inspected()


def order(name, status, day, kind="portins"):
    f.ask(site.socket, "/orders", f"""<Notification>
<SubscriptionId>s-1</SubscriptionId><OrderType>{kind}</OrderType>
<OrderId>{name}</OrderId><Status>{status}</Status>
<LastModifiedDate>2026-03-{day:02}T10:00:00Z</LastModifiedDate>
</Notification>""".encode(), CONTENT_TYPE="application/xml")


def metrics(name):
    """The values of a metric."""
    text = f.ask(site.socket, "/metrics", method="GET",
                 HTTP_AUTHORIZATION=site.basic("ops")).body.decode()
    return {key[0]: n for key, n in Metrics(text).of(name).items()}


def orders():
    """Orders that are not done, by whom they wait for."""
    def are(bandwidth, us):
        """A later scrape may read the last notifications."""
        want = {"bandwidth": bandwidth, "us": us}
        tap.ok(wait_until(lambda: metrics("bwcallback_orders_open") == want),
               f"{bandwidth} in progress, {us} wait for us",
               metrics("bwcallback_orders_open"))

    def since():
        return metrics("bwcallback_orders_oldest_timestamp_seconds")

    def told(name):
        """When the first notification of an order came."""
        with sqlite3.connect(site.path("events.db")) as db:
            at = db.execute("SELECT min(received) FROM event WHERE "
                            "CAST(body AS TEXT) LIKE ?",
                            (f"%{name}<%",)).fetchone()[0]
        db.close()
        return at / 1000
    are(0, 0)
    tap.same(since(), {}, "none waits")
    order("m-1", "SUBMITTED", 1)
    order("m-2", "FOC", 2)
    order("m-2", "FOC", 3)
    order("m-3", "EXCEPTION", 2)
    order("m-3", "EXCEPTION", 3, "lsrorders")
    order("m-4", "COMPLETE", 4)
    order("m-5", "NEVER_HEARD_OF", 4)
    are(2, 2)
    tap.same(since(), {"bandwidth": told("m-1"), "us": told("m-3")},
             "since when the oldest waits")
    order("m-4", "FOC", 3)  # it came late
    order("m-1", "COMPLETE", 5)
    order("m-3", "FOC", 5)
    are(2, 1)
    tap.same(since()["bandwidth"], told("m-2"), "the oldest one is done")
    order("m-2", "CANCELLED", 6)
    order("m-3", "COMPLETE", 6)
    order("m-3", "COMPLETE", 7, "lsrorders")
    are(0, 0)


def again():
    """A process that starts reads the store."""
    order("r-1", "DRAFT", 1)
    tap.same(site.stop(), 0, "ends well")
    site.start()
    tap.ok(wait_until(lambda: metrics("bwcallback_orders_open") == {
        "bandwidth": 0, "us": 1}), "after a start, the same orders",
        metrics("bwcallback_orders_open"))


def main():
    site.configure('<metrics path="/metrics" credentials="ops"/>')
    site.start()
    orders()
    again()
    tap.same(site.stop(), 0, "ends well")


tap.run(main)
