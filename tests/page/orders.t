#!/usr/bin/env python3
"""The pages of orders and port-outs."""

from inspected import Inspected, Page, f  # first: it sets the path
import tap

site = Inspected()


def notify(**members):
    body = "".join(f"<{k}>{v}</{k}>" for k, v in members.items())
    return f.ask(site.socket, "/orders",
                 f"<Notification>{body}</Notification>".encode(),
                 CONTENT_TYPE="application/xml")


def order(name, status, day, **more):
    return notify(SubscriptionId="s-1", OrderType="portins", OrderId=name,
                  Status=status,
                  LastModifiedDate=f"2026-03-{day:02}T10:00:00Z", **more)


def rows(path):
    """The texts of the cells of each row."""
    page = Page(site.page(path))
    tap.same(page.faults, [], f"{path}: well-formed")
    return page


def orders():
    page = rows("/orders")
    tap.ok("No order has been told of yet." in page.text, "nothing yet")
    tap.same(site.page("/order/o-1").status, 404, "no such order")
    order("o-1", "SUBMITTED", 1, CustomerOrderId="spring")
    order("o-1", "FOC", 2)
    order("o-2", "COMPLETE", 3, CompletedTelephoneNumbers=(
        "<TelephoneNumber>9195550171</TelephoneNumber>"
        "<TelephoneNumber>9195550172</TelephoneNumber>"))
    order("o-3", "EXCEPTION", 4, Message="ask 919-555-0177 &lt;b&gt;")
    # It came late: what happened before must not undo what is known.
    order("o-3", "SUBMITTED", 2)
    site.stored(5)
    page = rows("/orders")
    links = [a for a in page.links() if a.startswith("order/")]
    tap.same(links, ["order/o-3", "order/o-2", "order/o-1"],
             "what waits for somebody comes first, then what changed last")
    for words in ("waits for you", "in progress", "done", "EXCEPTION", "FOC",
                  "COMPLETE"):
        tap.ok(words in page.text, words, page.text)
    tap.ok("SUBMITTED" not in page.text, "only where they stand")
    for state, want in (("act", ["order/o-3"]), ("open", ["order/o-1"]),
                        ("failed", [])):
        tap.same([a for a in rows(f"/orders?state={state}").links()
                  if a.startswith("order/")], want, f"in the state {state}")
    tap.same(site.page("/orders?state=odd").status, 400, "no such state")


def one_order():
    page = rows("/order/o-3")
    events = [a for a in page.links() if a.startswith("../event/")]
    tap.same(events, ["../event/5", "../event/4"], "its history")
    tap.ok("waits for you" in page.text and "EXCEPTION" in page.text and
           "SUBMITTED" in page.text, "where it stands", page.text)
    tap.ok("919-555-0177" not in page.text and not page.all("b"),
           "masked, and as text", page.text)
    tap.ok("2" in rows("/order/o-2").text, "with its numbers")


PORTOUT = """<PortOutValidationRequest><PON>%s</PON><Pin>0042</Pin>
<TelephoneNumbers><TelephoneNumber>9195550192</TelephoneNumber>
<TelephoneNumber>9195550191</TelephoneNumber></TelephoneNumbers>
</PortOutValidationRequest>"""


DECIDE = """<portout path="/no"><on event="validation">
<deny code="7513" description="wrong PIN"/></on></portout>
<portout path="/yes"><on event="validation"><portable/></on></portout>"""


def ask(path, pon):
    return f.ask(site.socket, path, (PORTOUT % pon).encode(),
                 CONTENT_TYPE="application/xml")


def portouts():
    tap.ok("No port-out has been asked for yet." in rows("/portouts").text,
           "nothing yet")
    ask("/no", "P-1")
    ask("/yes", "P-2")
    site.stored(7)
    page = rows("/portouts")
    tap.ok("denied" in page.text and "portable" in page.text and
           "P-1" in page.text and "P-2" in page.text, "both", page.text)
    tap.ok("7513 wrong PIN" in page.text, "with the reason", page.text)
    tap.ok("******0192 and 1 more" in page.text and
           "9195550192" not in page.text and "0042" not in page.text,
           "masked", page.text)
    for verdict, pon, other in (("denied", "P-1", "P-2"),
                                ("portable", "P-2", "P-1")):
        text = rows(f"/portouts?verdict={verdict}").text
        tap.ok(pon in text and other not in text, f"only {verdict}", text)
    tap.same(site.page("/portouts?verdict=odd").status, 400,
             "no such verdict")


def main():
    site.configure(DECIDE)
    site.start()
    orders()
    one_order()
    portouts()
    tap.same(site.stop(), 0, "ends well")


tap.run(main)
