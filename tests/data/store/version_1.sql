-- A store with tables of version 1, as the development snapshot of 0.1 of
-- 2026-11-24 wrote it: calls, messages with a re-delivery and a list, an order, a
-- port-out, and a consumer with a dead letter.
PRAGMA auto_vacuum = NONE;
PRAGMA journal_mode = WAL;
PRAGMA application_id = 1113023330;
PRAGMA user_version = 1;
CREATE TABLE event (seq INTEGER PRIMARY KEY, received INTEGER NOT NULL, batch
  INTEGER NOT NULL, idx INTEGER NOT NULL, deliveries INTEGER NOT NULL DEFAULT 1,
  last INTEGER NOT NULL, claim INTEGER NOT NULL, section TEXT NOT NULL, method
  TEXT NOT NULL, content_type TEXT, family TEXT NOT NULL, type TEXT NOT NULL,
  key TEXT, mark INTEGER, user TEXT, request TEXT, body BLOB NOT NULL, call_id
  TEXT, message_id TEXT, from_number TEXT, to_number TEXT, thread TEXT) STRICT;
CREATE INDEX event_call ON event (call_id, mark) WHERE call_id IS NOT NULL;
CREATE INDEX event_message ON event (message_id, mark) WHERE message_id IS NOT
  NULL;
CREATE INDEX event_mark ON event (mark) WHERE mark IS NOT NULL AND call_id IS
  NULL AND message_id IS NULL;
CREATE INDEX event_family ON event (family);
CREATE INDEX event_type ON event (type);
CREATE INDEX event_received ON event (received);
CREATE INDEX event_from ON event (from_number) WHERE from_number IS NOT NULL;
CREATE INDEX event_to ON event (to_number) WHERE to_number IS NOT NULL;
CREATE TABLE answer (seq INTEGER PRIMARY KEY, status INTEGER NOT NULL, fallback
  INTEGER NOT NULL, answered INTEGER NOT NULL, duration INTEGER NOT NULL,
  content_type TEXT, body BLOB) STRICT;
CREATE TABLE counter (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT
  NULL) STRICT;
CREATE TABLE consumer (name TEXT PRIMARY KEY, position INTEGER NOT NULL, token
  INTEGER NOT NULL DEFAULT 0, family TEXT, type TEXT, call_id TEXT, message_id
  TEXT, number TEXT, since INTEGER NOT NULL, until INTEGER NOT NULL, created
  INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE work (consumer TEXT NOT NULL, seq INTEGER NOT NULL, thread TEXT,
  token INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0, since
  INTEGER NOT NULL DEFAULT 0, until INTEGER NOT NULL DEFAULT 0, dead INTEGER NOT
  NULL DEFAULT 0, why TEXT, PRIMARY KEY (consumer, seq)) STRICT, WITHOUT ROWID;
CREATE INDEX work_thread ON work (consumer, thread, seq) WHERE dead = 0;
INSERT INTO event VALUES (1, 1732464000000, 1, 0, 2, 1732464000094, 1732464008055, '/voice', 'POST', 'application/json', 'voice', 'initiate', '/voice|voice.initiate:9900100:c-c1626e53-a130-43b0-a6c4-8bbf33feff92', -986615420184120203, NULL, 'c8644c0700000000', CAST('{
  "eventType": "initiate",
  "eventTime": "2026-03-03T14:25:35.284Z",
  "accountId": "9900100",
  "applicationId": "4d8dbc74-2547-40f5-a904-dba41ecccc3f",
  "from": "+19195550101",
  "to": "+19195550102",
  "direction": "inbound",
  "callId": "c-c1626e53-a130-43b0-a6c4-8bbf33feff92",
  "callUrl": "https://voice.example/callUrl/43a8f5",
  "startTime": "2026-03-09T00:13:33.370Z",
  "uui": "aGVsbG8",
  "diversion": {
    "origTo": "+19195550103",
    "reason": "unknown",
    "screen": "yes",
    "privacy": "off",
    "counter": "counter-4092",
    "limit": "limit-8b5b"
  },
  "stirShaken": {
    "verstat": "TN-Verification-Passed",
    "attestationIndicator": "A",
    "originatingId": "7a767c76-fb00-4f86-aebb-2737f6a6f0fb"
  },
  "identity": "identity-23c6",
  "pai": "+19195550104",
  "sipCallId": "f5da2cec-2554-44e4-ab44-0034d6608697"
}
' AS BLOB), 'c-c1626e53-a130-43b0-a6c4-8bbf33feff92', NULL, '+19195550101', '+19195550102', 'call:c-c1626e53-a130-43b0-a6c4-8bbf33feff92');
INSERT INTO event VALUES (2, 1732464000119, 1, 0, 1, 1732464000119, 1732464008118, '/voice', 'POST', 'application/json', 'voice', 'gather', '/voice|voice.gather:9900100:c-967a64cb-1402-4d51-ac97-91e558e08baa:2026-03-02T14%3A00%3A21.566Z:42', -5755183444078365643, NULL, 'c8644c0700000002', CAST('{
  "eventType": "gather",
  "eventTime": "2026-03-02T14:00:21.566Z",
  "accountId": "9900100",
  "applicationId": "d8417358-1569-469e-a8b0-81006f7e3dfc",
  "from": "+19195550107",
  "to": "+19195550108",
  "direction": "inbound",
  "callId": "c-967a64cb-1402-4d51-ac97-91e558e08baa",
  "callUrl": "https://voice.example/callUrl/7196b5",
  "enqueuedTime": "2026-03-01T10:24:05.486Z",
  "startTime": "2026-03-05T16:41:12.254Z",
  "answerTime": "2026-03-09T00:05:16.836Z",
  "tag": "blue:7",
  "parentCallId": "c-24c1c099-724c-4f49-a1d4-072014b3ce10",
  "transferCallerId": "+19195550109",
  "transferTo": "+19195550110",
  "digits": "42",
  "terminatingDigit": "#"
}
' AS BLOB), 'c-967a64cb-1402-4d51-ac97-91e558e08baa', NULL, '+19195550107', '+19195550108', 'call:c-967a64cb-1402-4d51-ac97-91e558e08baa');
INSERT INTO event VALUES (3, 1732464000141, 1, 0, 1, 1732464000141, 1732464008143, '/voice', 'POST', 'application/json', 'voice', 'disconnect', '/voice|voice.disconnect:9900100:c-a0cf3186-56b3-46f0-aade-65c3b188cc10', -6335082549026185847, NULL, 'c8644c0700000003', CAST('{"eventType":"disconnect","eventTime":"2026-03-08T01:00:25.874Z","accountId":"9900100","applicationId":"d79e048c-07dd-4753-ada8-3d7c58dfe0d5","from":"+19195550139","to":"+19195550140","direction":"inbound","callId":"c-a0cf3186-56b3-46f0-aade-65c3b188cc10","callUrl":"https://voice.example/callUrl/2ddb83","enqueuedTime":"2026-03-04T09:47:25.962Z","startTime":"2026-03-09T07:51:25.473Z","answerTime":"2026-03-04T05:08:59.795Z","tag":"blue:7","endTime":"2026-03-02T20:12:30.657Z","cause":"hangup","errorMessage":"The line was busy","errorId":"74bde94f-b78c-4d5f-a8b7-9affd2b49c12","sipCallId":"a4b00629-8347-4eb4-ac52-96f62e338d74","sipResponseCode":8}' AS BLOB), 'c-a0cf3186-56b3-46f0-aade-65c3b188cc10', NULL, '+19195550139', '+19195550140', 'call:c-a0cf3186-56b3-46f0-aade-65c3b188cc10');
INSERT INTO event VALUES (4, 1732464000172, 1, 0, 1, 1732464000172, 1732464005171, '/messages', 'POST', 'application/json', 'messaging', 'message-delivered', '/messages|messaging.message-delivered:e4e81e11-e3f7-4aa7-a690-7508db2823cc:m84477391c94c8286793b2b023a60:+19195550192', -3994950784637700549, NULL, 'c8644c0700000004', CAST('[{"type":"message-delivered","time":"2026-03-04T18:27:25.219Z","description":"all is well","to":"+19195550192","carrierName":"Harbour Wireless","message":{"id":"m84477391c94c8286793b2b023a60","owner":"+19195550193","applicationId":"e4e81e11-e3f7-4aa7-a690-7508db2823cc","time":"2026-03-09T18:26:14.682Z","segmentCount":1,"direction":"inbound","to":["+19195550194","+19195550195"],"from":"+19195550196","text":"hello there","media":["https://files.example/a.jpg","https://files.example/b.jpg"],"tag":"blue:7","priority":"default","channel":"RBM"}}]' AS BLOB), NULL, 'm84477391c94c8286793b2b023a60', '+19195550196', '+19195550192', 'between:+19195550192,+19195550196');
INSERT INTO event VALUES (5, 1732464000205, 1, 0, 1, 1732464000205, 1732464005207, '/messages', 'POST', 'application/json', 'messaging', 'message-failed', '/messages|messaging.message-failed:d08b5ab9-315b-40e3-a34b-ff2aaf438c6b:m82f4dee6a63c59620e66869002b6:+19195550197:4405', -6266191888211651709, NULL, 'c8644c0700000005', CAST('[
  {
    "type": "message-failed",
    "time": "2026-03-01T11:34:21.673Z",
    "description": "all is well",
    "to": "+19195550197",
    "errorCode": 4405,
    "carrierName": "Harbour Wireless",
    "message": {
      "id": "m82f4dee6a63c59620e66869002b6",
      "owner": "+19195550198",
      "applicationId": "d08b5ab9-315b-40e3-a34b-ff2aaf438c6b",
      "time": "2026-03-05T21:01:58.197Z",
      "segmentCount": 1,
      "direction": "inbound",
      "to": [
        "+19195550199",
        "+19195550100"
      ],
      "from": "+19195550101",
      "text": "hello there",
      "media": [
        "https://files.example/a.jpg",
        "https://files.example/b.jpg"
      ],
      "tag": "blue:7",
      "priority": "default",
      "channel": "RBM"
    }
  }
]
' AS BLOB), NULL, 'm82f4dee6a63c59620e66869002b6', '+19195550101', '+19195550197', 'between:+19195550101,+19195550197');
INSERT INTO event VALUES (6, 1732464000238, 1, 0, 1, 1732464000238, 1732464005237, '/messages', 'POST', 'application/json', 'messaging', 'message-read', '/messages|messaging.message-read:eee21f5c-7ff4-4fc2-a70c-7173601e1c77:md44036c002e162aaef6076bc3346:+19195550102', 4700787281303897574, NULL, 'c8644c0700000006', CAST('[{"type":"message-read","time":"2026-03-05T16:27:49.749Z","description":"all is well","to":"+19195550102","eventTime":"2026-03-07T05:51:57.861Z","carrierName":"Harbour Wireless","message":{"id":"md44036c002e162aaef6076bc3346","owner":"+19195550103","applicationId":"eee21f5c-7ff4-4fc2-a70c-7173601e1c77","time":"2026-03-01T17:40:36.941Z","segmentCount":1,"direction":"inbound","to":["+19195550104","+19195550105"],"from":"+19195550106","text":"hello there","media":["https://files.example/a.jpg","https://files.example/b.jpg"],"tag":"blue:7","priority":"default","channel":"RBM"}}]' AS BLOB), NULL, 'md44036c002e162aaef6076bc3346', '+19195550106', '+19195550102', 'between:+19195550102,+19195550106');
INSERT INTO event VALUES (7, 1732464000264, 1, 0, 1, 1732464000264, 1732464005265, '/messages', 'POST', 'application/json', 'messaging', 'message-received', '/messages|messaging.message-received:e19a285e-d736-4c5c-aa4b-57bc9fa65c00:mf1ccacc27ad909f03fdd9e4a62bc:+19195550177', -7505578531333416118, NULL, 'c8644c0700000007', CAST('[
  {
    "type": "message-received",
    "time": "2026-03-04T18:29:35.242Z",
    "description": "all is well",
    "to": "+19195550177",
    "carrierName": "Harbour Wireless",
    "message": {
      "id": "mf1ccacc27ad909f03fdd9e4a62bc",
      "owner": "+19195550178",
      "applicationId": "e19a285e-d736-4c5c-aa4b-57bc9fa65c00",
      "time": "2026-03-03T03:15:29.578Z",
      "segmentCount": 1,
      "direction": "inbound",
      "to": [
        "+19195550179",
        "+19195550180"
      ],
      "from": "+19195550181",
      "text": "hello there",
      "media": [
        "https://files.example/a.jpg",
        "https://files.example/b.jpg"
      ],
      "priority": "default",
      "channel": "RBM",
      "content": {
        "text": "hello there",
        "media": {
          "fileUrl": "https://files.example/one.png",
          "thumbnailUrl": "https://files.example/one-small.png"
        }
      }
    }
  }
]
' AS BLOB), NULL, 'mf1ccacc27ad909f03fdd9e4a62bc', '+19195550181', '+19195550177', 'between:+19195550177,+19195550181');
INSERT INTO event VALUES (8, 1732464000297, 1, 0, 1, 1732464000297, 1732464005296, '/messages', 'POST', 'application/json', 'messaging', 'message-sending', '/messages|messaging.message-sending:08461c58-790d-42cf-a8a5-f1b461595919:mc48d2ae89b9c1ffb013ce94e1af4:+19195550182', 8774044954549216610, NULL, 'c8644c0700000008', CAST('[{"type":"message-sending","time":"2026-03-05T23:22:43.103Z","description":"all is well","to":"+19195550182","carrierName":"Harbour Wireless","message":{"id":"mc48d2ae89b9c1ffb013ce94e1af4","owner":"+19195550183","applicationId":"08461c58-790d-42cf-a8a5-f1b461595919","time":"2026-03-07T11:44:11.278Z","segmentCount":1,"direction":"inbound","to":["+19195550184","+19195550185"],"from":"+19195550186","text":"hello there","media":["https://files.example/a.jpg","https://files.example/b.jpg"],"tag":"blue:7","priority":"default","channel":"RBM"}}]' AS BLOB), NULL, 'mc48d2ae89b9c1ffb013ce94e1af4', '+19195550186', '+19195550182', 'between:+19195550182,+19195550186');
INSERT INTO event VALUES (9, 1732464000326, 1, 0, 1, 1732464000326, 1732464005332, '/messages', 'POST', 'application/json', 'messaging', 'message-sent', '/messages|messaging.message-sent:8e019bb8-723d-4955-acca-ccfab54d946a:mec38bcacf836ed5a148fd28cbc93:+19195550187', 7114240640773731370, NULL, 'c8644c0700000009', CAST('[
  {
    "type": "message-sent",
    "time": "2026-03-05T15:12:39.328Z",
    "description": "all is well",
    "to": "+19195550187",
    "carrierName": "Harbour Wireless",
    "message": {
      "id": "mec38bcacf836ed5a148fd28cbc93",
      "owner": "+19195550188",
      "applicationId": "8e019bb8-723d-4955-acca-ccfab54d946a",
      "time": "2026-03-02T13:04:32.003Z",
      "segmentCount": 1,
      "direction": "inbound",
      "to": [
        "+19195550189",
        "+19195550190"
      ],
      "from": "+19195550191",
      "text": "hello there",
      "media": [
        "https://files.example/a.jpg",
        "https://files.example/b.jpg"
      ],
      "tag": "blue:7",
      "priority": "default",
      "channel": "RBM"
    }
  }
]
' AS BLOB), NULL, 'mec38bcacf836ed5a148fd28cbc93', '+19195550191', '+19195550187', 'between:+19195550187,+19195550191');
INSERT INTO event VALUES (10, 1732464000360, 2, 0, 1, 1732464000360, 1732464005367, '/messages', 'POST', 'application/json', 'messaging', 'message-received', '/messages|messaging.message-received:e19a285e-d736-4c5c-aa4b-57bc9fa65c00:m-of-a-list-1:+19195550177', -5511081427301888972, NULL, 'c8644c070000000a', CAST('{"type": "message-received", "time": "2026-03-04T18:29:35.242Z", "description": "all is well", "to": "+19195550177", "carrierName": "Harbour Wireless", "message": {"id": "m-of-a-list-1", "owner": "+19195550178", "applicationId": "e19a285e-d736-4c5c-aa4b-57bc9fa65c00", "time": "2026-03-03T03:15:29.578Z", "segmentCount": 1, "direction": "inbound", "to": ["+19195550179", "+19195550180"], "from": "+19195550181", "text": "it''s 5 o''clock", "media": ["https://files.example/a.jpg", "https://files.example/b.jpg"], "priority": "default", "channel": "RBM", "content": {"text": "hello there", "media": {"fileUrl": "https://files.example/one.png", "thumbnailUrl": "https://files.example/one-small.png"}}}}' AS BLOB), NULL, 'm-of-a-list-1', '+19195550181', '+19195550177', 'between:+19195550177,+19195550181');
INSERT INTO event VALUES (11, 1732464000360, 2, 1, 1, 1732464000360, 1732464005367, '/messages', 'POST', 'application/json', 'messaging', 'message-received', '/messages|messaging.message-received:e19a285e-d736-4c5c-aa4b-57bc9fa65c00:m-of-a-list-2:+19195550177', -5004146266744701785, NULL, 'c8644c070000000a', CAST('{"type": "message-received", "time": "2026-03-04T18:29:35.242Z", "description": "all is well", "to": "+19195550177", "carrierName": "Harbour Wireless", "message": {"id": "m-of-a-list-2", "owner": "+19195550178", "applicationId": "e19a285e-d736-4c5c-aa4b-57bc9fa65c00", "time": "2026-03-03T03:15:29.578Z", "segmentCount": 1, "direction": "inbound", "to": ["+19195550179", "+19195550180"], "from": "+19195550181", "text": "hello there", "media": ["https://files.example/a.jpg", "https://files.example/b.jpg"], "priority": "default", "channel": "RBM", "content": {"text": "hello there", "media": {"fileUrl": "https://files.example/one.png", "thumbnailUrl": "https://files.example/one-small.png"}}}}' AS BLOB), NULL, 'm-of-a-list-2', '+19195550181', '+19195550177', 'between:+19195550177,+19195550181');
INSERT INTO event VALUES (12, 1732464000401, 1, 0, 1, 1732464000401, 1732464008403, '/orders', 'POST', 'application/xml', 'numbers', 'event', '/orders|numbers.event:42d74833-c270-41b2-aae6-96fa4bb7840d:MESSAGING_LOST:+19195550181,+19195550182:#8e77e7f6fc8703a8fabdec43f5cb92a2f5389b185458915e0e2587bdc0a56400', 1392587371879936983, NULL, 'c8644c070000000b', CAST('<?xml version="1.0"?>
<Notification>
  <SubscriptionId>42d74833-c270-41b2-aae6-96fa4bb7840d</SubscriptionId>
  <EventType>MESSAGING_LOST</EventType>
  <CompletedTelephoneNumbers>
    <TelephoneNumber>9195550182</TelephoneNumber>
    <TelephoneNumber>+19195550181</TelephoneNumber>
  </CompletedTelephoneNumbers>
</Notification>
' AS BLOB), NULL, NULL, NULL, NULL, NULL);
INSERT INTO event VALUES (13, 1732464000435, 1, 0, 1, 1732464000435, 1732464001334, '/portout', 'POST', 'application/xml', 'portout', 'validation-response', '/portout|portout.validation-response:#b253943058886116030b9e287eda6ba67b5970ae7b88015db6eb98b89cfd6578', 8317090293206078293, NULL, 'c8644c070000000c', CAST('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<PortOutValidationResponse><Portable>false</Portable><PON>PON-77A</PON><Errors><Error><Code>7513</Code><Description>wrong PIN</Description></Error><Error><Code>7515</Code><Description>wrong ZIP</Description></Error></Errors></PortOutValidationResponse>' AS BLOB), NULL, NULL, NULL, NULL, NULL);
INSERT INTO answer VALUES (1, 200, 0, 1732464000073, 72732, 'application/xml; charset=utf-8', CAST('<Response><SpeakSentence>Hello</SpeakSentence></Response>' AS BLOB));
INSERT INTO answer VALUES (2, 200, 1, 1732464000120, 1216, 'application/xml; charset=utf-8', CAST('<Response><Hangup/></Response>' AS BLOB));
INSERT INTO answer VALUES (3, 204, 0, 1732464000145, 4541, NULL, NULL);
INSERT INTO answer VALUES (4, 200, 0, 1732464000184, 11981, NULL, NULL);
INSERT INTO answer VALUES (5, 200, 0, 1732464000213, 8852, NULL, NULL);
INSERT INTO answer VALUES (6, 200, 0, 1732464000240, 1801, NULL, NULL);
INSERT INTO answer VALUES (7, 200, 0, 1732464000276, 11667, NULL, NULL);
INSERT INTO answer VALUES (8, 200, 0, 1732464000304, 7620, NULL, NULL);
INSERT INTO answer VALUES (9, 200, 0, 1732464000336, 9853, NULL, NULL);
INSERT INTO answer VALUES (10, 200, 0, 1732464000376, 16141, NULL, NULL);
INSERT INTO answer VALUES (11, 200, 0, 1732464000376, 16147, NULL, NULL);
INSERT INTO answer VALUES (12, 200, 0, 1732464000407, 6122, NULL, NULL);
INSERT INTO answer VALUES (13, 200, 0, 1732464000442, 7431, 'application/xml', CAST('<?xml version="1.0" encoding="UTF-8"?>
<PortOutValidationResponse><Portable>false</Portable><PON>PON-77A</PON><Errors><Error><Code>7518</Code><Description>Telephone number is not active</Description></Error></Errors></PortOutValidationResponse>
' AS BLOB));
INSERT INTO counter VALUES (1, 13);
INSERT INTO consumer VALUES ('sms', 13, 8, 'messaging', NULL, NULL, NULL, NULL, 0, 0, 1732464000492);
INSERT INTO work VALUES ('sms', 11, 'between:+19195550177,+19195550181', 0, 1, 1732464000645, 1732464001444, 1, 'sh: exit status 1');
