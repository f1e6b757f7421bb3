"""Payloads like Bandwidth's, with test numbers and ids."""

import json
import time
import uuid
from urllib.parse import urlencode

ACCOUNT = "5500417"
APPLICATION = "3d0b7c52-64f1-4d0e-9a55-0c6fd1b7a2e9"
CALLER = "+19195550142"
OFFICE = "+19195550100"

JSON = ("Content-Type", "application/json")
JSON_UTF8 = ("Content-Type", "application/json; charset=utf-8")
XML = ("Content-Type", "application/xml; charset=utf-8")


_last = 0


def now():
    """UTC in milliseconds, later at each call: only the time distinguishes a
    second event of a call from a second delivery of the first."""
    global _last
    _last = max(_last + 1, time.time_ns() // 1000000)
    seconds, ms = divmod(_last, 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + \
        f".{ms:03}Z"


def new_id(kind):
    return f"{kind}-{uuid.uuid4()}"


class Call:
    """An inbound call and its events."""

    def __init__(self, caller=CALLER, office=OFFICE):
        self.id = new_id("c")
        self.started = now()
        self.answered = None
        self.tag = None
        self.caller = caller
        self.office = office

    def event(self, event_type, **fields):
        """The members of one event, as a dict."""
        e = {
            "eventType": event_type,
            "eventTime": now(),
            "accountId": ACCOUNT,
            "applicationId": APPLICATION,
            "from": self.caller,
            "to": self.office,
            "direction": "inbound",
            "callId": self.id,
            "callUrl": f"https://voice.bandwidth.com/api/v2/accounts/"
                       f"{ACCOUNT}/calls/{self.id}",
            "startTime": self.started,
        }
        if self.answered:
            e["answerTime"] = self.answered
        if self.tag is not None:
            e["tag"] = self.tag
        e.update(fields)
        return e


def post(event):
    return json.dumps(event).encode()


def query(event):
    return urlencode(event)


def message(text="Are you open on Friday?", to=OFFICE):
    return {
        "type": "message-received",
        "time": now(),
        "description": "Incoming message received",
        "to": to,
        "message": {
            "id": uuid.uuid4().hex,
            "time": now(),
            "to": [to],
            "from": CALLER,
            "text": text,
            "applicationId": APPLICATION,
            "owner": to,
            "direction": "in",
            "segmentCount": 1,
        },
    }


def order(status="COMPLETE", numbers=2):
    """An order of this many numbers, up to 9,900."""
    completed = "\n".join(
        f"    <TelephoneNumber>919555{n:04}</TelephoneNumber>"
        for n in range(100, 100 + numbers))
    return f"""<?xml version="1.0"?>
<Notification>
  <SubscriptionId>{uuid.uuid4()}</SubscriptionId>
  <OrderType>orders</OrderType>
  <OrderId>{uuid.uuid4()}</OrderId>
  <CustomerOrderId>spring-numbers</CustomerOrderId>
  <Status>{status}</Status>
  <CompletedTelephoneNumbers>
{completed}
  </CompletedTelephoneNumbers>
  <LastModifiedDate>{now()}</LastModifiedDate>
</Notification>
""".encode()


def portout(pon="SPRING-17"):
    return f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<PortOutValidationRequest>
  <PON>{pon}</PON>
  <Pin>4711</Pin>
  <AccountNumber>{ACCOUNT}</AccountNumber>
  <ZipCode>27601</ZipCode>
  <SubscriberName>Front Office</SubscriberName>
  <TelephoneNumbers>
    <TelephoneNumber>9195550100</TelephoneNumber>
  </TelephoneNumbers>
</PortOutValidationRequest>
""".encode()
