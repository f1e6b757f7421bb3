/* Masking of values, keys and answers. */
#include <bwcallback/event.h>

#include "mask/mask.h"
#include "tests/tap/tap.h"

static struct bw_str
str(const char *s)
{
	return (struct bw_str){s, strlen(s)};
}

static struct bw_str
text_of(const struct bw_buf *b)
{
	return (struct bw_str){b->n > 0 ? b->p : "", b->n};
}

static const struct {
	enum bw_mask kind;
	const char *value;
	const char *masked;
	const char *revealed; /* NULL: same as the value */
} rows[] = {
    {BW_MASK_WORD, "c-12345678-9012", "c-12345678-9012", NULL},
    {BW_MASK_HIDDEN, "Hello", "5 bytes hidden", NULL},
    {BW_MASK_HIDDEN, "", "", NULL},
    {BW_MASK_KEYS, "8642#", "****", NULL},
    {BW_MASK_KEYS, "8", "****", NULL},
    {BW_MASK_KEYS, "", "", NULL},
    {BW_MASK_SECRET, "hunter2", "****", "****"},
    {BW_MASK_SECRET, "", "", NULL},

    {BW_MASK_NUMBER, "+19195550142", "+*******0142", NULL},
    {BW_MASK_NUMBER, "9195550142", "******0142", NULL},
    {BW_MASK_NUMBER, "+1 (919) 555-0142", "+* (***) ***-0142", NULL},
    {BW_MASK_NUMBER, "919.555.0142", "***.***.0142", NULL},
    {BW_MASK_NUMBER, "+1%20(919)%20555-0142", "+*%20(***)%20***-0142", NULL},
    {BW_MASK_NUMBER,
	"919 \xe2\x80\x93 555\xc2\xa0"
	"0142",
	"*** \xe2\x80\x93 ***\xc2\xa0"
	"0142",
	NULL},
    {BW_MASK_NUMBER, "1 - 9 - 1 - 9 - 5 - 5 - 5 - 0 - 1 - 4 - 2",
	"* - * - * - * - * - * - * - 0 - 1 - 4 - 2", NULL},
    {BW_MASK_NUMBER, "5550142", "***0142", NULL},
    {BW_MASK_NUMBER, "86420", "*****", NULL},
    {BW_MASK_NUMBER, "911", "911", NULL},
    {BW_MASK_NUMBER, "Anonymous", "Anonymous", NULL},
    {BW_MASK_NUMBER, "Restricted", "Restricted", NULL},
    {BW_MASK_NUMBER, "Alice", "****", NULL},
    {BW_MASK_NUMBER, "sip:alice@example.com", "sip:****@example.com", NULL},
    {BW_MASK_NUMBER, "sip:+19195550142@192.0.2.9:5060",
	"sip:+*******0142@192.0.2.9:5060", NULL},
    {BW_MASK_NUMBER, "SIPS:bob@h;pin=8642?X-Pin=8642", "SIPS:****@h;...", NULL},
    {BW_MASK_NUMBER, "sip:19195550142", "sip:*******0142", NULL},
    {BW_MASK_NUMBER, "sip%3A8642@h", "sip%3A****@h", NULL},
    {BW_MASK_NUMBER, "tel:+1-919-555-0142", "tel:+*-***-***-0142", NULL},
    {BW_MASK_NUMBER, "\"Alice\" <sip:+19195550142@h>", "sip:+*******0142@h;...",
	NULL},
    {BW_MASK_NUMBER, "+19195550142,+19195550143", "+*******0142,+*******0143",
	NULL},

    {BW_MASK_REMARK, "call +1 (919) 555-0142 & ask",
	"call +* (***) ***-0142 & ask", NULL},
    {BW_MASK_REMARK, "by 2026-03-01 10:00", "by 2026-03-01 10:00", NULL},
    {BW_MASK_REMARK, "+2026-03-0100", "+****-**-0100", NULL},
    {BW_MASK_REMARK, "2026-03-01-55", "****-**-01-55", NULL},
    {BW_MASK_REMARK, "code 7513, 4 of 11", "code 7513, 4 of 11", NULL},
    /* What is no number shows. */
    {BW_MASK_REMARK, "server at \"127.45.111.21\", port 5432 failed",
	"server at \"127.45.111.21\", port 5432 failed", NULL},
    {BW_MASK_REMARK, "192.168.100.200:5432: refused",
	"192.168.100.200:5432: refused", NULL},
    {BW_MASK_REMARK, "\"db1\" (10.20.30.40), port 5432",
	"\"db1\" (10.20.30.40), port 5432", NULL},
    {BW_MASK_REMARK, "//10.20.30.40/x", "//10.20.30.40/x", NULL},
    {BW_MASK_REMARK, "node 2 at 2 192.168.100.200:80",
	"node 2 at 2 192.168.100.200:80", NULL},
    {BW_MASK_REMARK, "from 10.0.0.121.", "from 10.0.0.121.", NULL},
    {BW_MASK_REMARK, "at 14:23:02.265871 4", "at 14:23:02.265871 4", NULL},
    {BW_MASK_REMARK, "5 2026-03-01 14:23:02.265871+00",
	"5 2026-03-01 14:23:02.265871+00", NULL},
    {BW_MASK_REMARK, "writer 8684b1c8-7041-4877-8123-6bd8ea4dc89f left",
	"writer 8684b1c8-7041-4877-8123-6bd8ea4dc89f left", NULL},
    {BW_MASK_REMARK, "f0000000-1234-5678-9012-345678901234",
	"f0000000-1234-5678-9012-345678901234", NULL},
    {BW_MASK_REMARK, "full: at most 1073741824 bytes",
	"full: at most 1073741824 bytes", NULL},

    /* What looks similar, and may be one. */
    {BW_MASK_REMARK, "call 20.79.46.11 now", "call **.**.46.11 now", NULL},
    {BW_MASK_REMARK, "01.42.68.53.00", "**.**.**.53.00", NULL},
    {BW_MASK_REMARK, "+33 1.42.68.53.00", "+** *.**.**.53.00", NULL},
    {BW_MASK_REMARK, "+45 20.79.46.111", "+** **.**.*6.111", NULL},
    {BW_MASK_REMARK, "+192.168.100.200", "+***.***.**0.200", NULL},
    {BW_MASK_REMARK, "1.212.255.0192", "*.***.***.0192", NULL},
    {BW_MASK_REMARK, "919.555.256.192", "***.***.**6.192", NULL},
    {BW_MASK_REMARK, "192.168.100.200.5550142", "***.***.***.***.***0142",
	NULL},
    {BW_MASK_REMARK, "919-5550142 bytes", "***-***0142 bytes", NULL},
    {BW_MASK_REMARK, "919 555 0142 bytes", "*** *** 0142 bytes", NULL},
    {BW_MASK_REMARK, "14:23:5550142", "14:23:***0142", NULL},
    {BW_MASK_REMARK, "14:23:02.9195550142", "14:23:**.******0142", NULL},
    {BW_MASK_REMARK, "8684b1c8-7041-4877-8123-6bd8ea4dc89",
	"8684b1c*-****-****-*123-6bd8ea4dc89", NULL},

    {BW_MASK_REMARK, "a%2B19195550142", "a%2B*******0142", NULL},
    {BW_MASK_REMARK, "919 55 1", "919 55 1", NULL},
    {BW_MASK_REMARK, "from http://u:hunter2@h/x", "from http://u:****@h/x",
	"from http://u:****@h/x"},
    {BW_MASK_SPEECH, "Your PIN is 8642, 5%42.", "Your PIN is ****, *%**.",
	NULL},

    {BW_MASK_URL, "/voice/menu?pin=8642", "/voice/menu?...", NULL},
    {BW_MASK_URL, "https://h:81/a#b", "https://h:81/a#...", NULL},
    {BW_MASK_URL, "https://h", "https://h", NULL},
    {BW_MASK_URL, "https://u:hunter2@h/9195550142/x?y",
	"https://****@h/******0142/x?...", "https://u:****@h/9195550142/x?y"},
    {BW_MASK_URL, "wss://u:a@b@h?x", "wss://****@h?...", "wss://u:****@h?x"},
};

static void
check_values(struct bw_buf *b)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *revealed = rows[i].revealed;

		bw_buf_reset(b);
		bw_mask_add(b, rows[i].kind, str(rows[i].value), false);
		is_text(
		    text_of(b), rows[i].masked, "masked: %s", rows[i].value);
		bw_buf_reset(b);
		bw_mask_add(b, rows[i].kind, str(rows[i].value), true);
		is_text(text_of(b), revealed != NULL ? revealed : rows[i].value,
		    "revealed: %s", rows[i].value);
	}
	bw_buf_reset(b);
	bw_mask_add(b, BW_MASK_HIDDEN, (struct bw_str){NULL, 0}, false);
	is_int((long long)b->n, 0, "an absent value");
}

static const struct {
	const char *name;
	enum bw_mask kind;
} members[] = {
    {"callId", BW_MASK_WORD},
    {"from", BW_MASK_NUMBER},
    {"message.to.3", BW_MASK_NUMBER},
    {"message.to", BW_MASK_NUMBER},
    {"0.message.text", BW_MASK_HIDDEN},
    {"message.content.media.fileUrl", BW_MASK_HIDDEN},
    {"message.contents", BW_MASK_HIDDEN},
    {"digits", BW_MASK_KEYS},
    {"Notification.OrderId", BW_MASK_WORD},
    {"OrderId", BW_MASK_WORD},
    {"Notification.CompletedTelephoneNumbers.TelephoneNumber.12",
	BW_MASK_NUMBER},
    {"PortOutValidationRequest.Pin", BW_MASK_KEYS},
    {"unheardOf", BW_MASK_HIDDEN},
    {"unheardOf.status", BW_MASK_HIDDEN},
    {"", BW_MASK_HIDDEN},
    {".", BW_MASK_HIDDEN},
    {"tag", BW_MASK_HIDDEN},
};

static void
check_members(void)
{
	char longest[300];

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		is_int(bw_mask_of_member(str(members[i].name)), members[i].kind,
		    "member \"%s\"", members[i].name);
	memset(longest, 'a', sizeof(longest));
	is_int(bw_mask_of_member((struct bw_str){longest, sizeof(longest)}),
	    BW_MASK_HIDDEN, "a name that is too long");
}

#define K(family_, type_, key_, masked_) \
	{ \
		{.section = {"/v", 2}, \
		    .family = {family_, sizeof(family_) - 1}, \
		    .type = {type_, sizeof(type_) - 1}, \
		    .key = {key_, sizeof(key_) - 1}}, \
		    masked_ \
	}
#define HASH "#00000000000000000000000000000000000000000000000000000000000000ff"

static const struct {
	struct bw_store_event event;
	const char *masked;
} keys[] = {
    K("voice", "gather", "/v|voice.gather:9900100:c-1:2026-03-01T10%3A00Z:86",
	"/v|voice.gather:9900100:c-1:2026-03-01T10%3A00Z:****"),
    K("voice", "gather", "/v|voice.gather:9900100:c-1:2026-03-01T10%3A00Z:",
	"/v|voice.gather:9900100:c-1:2026-03-01T10%3A00Z:"),
    K("voice", "dtmf", "/v|voice.dtmf:9900100:c-1:now:%23",
	"/v|voice.dtmf:9900100:c-1:now:****"),
    K("voice", "initiate", "/v|voice.initiate:9900100:c-12345678",
	"/v|voice.initiate:9900100:c-12345678"),
    K("messaging", "message-sent",
	"/v|messaging.message-sent:app:id-12345678:+19195550142",
	"/v|messaging.message-sent:app:id-12345678:+*******0142"),
    K("messaging", "message-sent",
	"/v|messaging.message-sent:app:id:sip%3Abob@h",
	"/v|messaging.message-sent:app:id:sip%3A****@h"),
    K("numbers", "event",
	"/v|numbers.event:s:LOST:+19195550142,+19195550143:" HASH,
	"/v|numbers.event:s:LOST:+*******0142,+*******0143:" HASH),
    K("portout", "validation", "/v|portout.validation:P-9195550142:" HASH,
	"/v|portout.validation:P-******0142:" HASH),
    K("voice", "gather", "/v|voice.gather:c-1:8642",
	"/v|voice.gather:****:****"),
    K("voice", "sung", "/v|voice.sung:" HASH, "/v|voice.sung:" HASH),
    K("voice", "sung-9195550142", "/v|voice.sung-9195550142:" HASH,
	"/v|voice.sung-******0142:" HASH),
    K("nosuch", "gather", "/v|nosuch.gather:8642", "/v|nosuch.gather:****"),
    K("unparsed", "syntax", "/v|unparsed:" HASH, "/v|unparsed:" HASH),
    K("voice", "gather", "8642", "8642"),
    K("voice", "gather", "", ""),
};

static void
check_keys(struct bw_buf *b)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct bw_store_event *e = &keys[i].event;

		bw_buf_reset(b);
		bw_mask_key(b, e, false);
		is_text(text_of(b), keys[i].masked, "key %.*s", (int)e->key.n,
		    e->key.p);
		bw_buf_reset(b);
		bw_mask_key(b, e, true);
		ok(bw_str_eq(text_of(b), e->key), "revealed: unchanged");
	}
}

/* Each member that a recipe picks has its row: else keys hide what they may
 * show. */
static void
check_recipes(void)
{
	size_t n, terms = 0;
	const struct bw_event_type *types = bw_event_types(&n);

	for (size_t i = 0; i < n; i++) {
		for (const char *p = types[i].key; *p != '\0';) {
			size_t len = strcspn(p, " |?");
			const char *at = *p == '@' ? p + 1 : p;
			struct bw_str name = {at, len - (size_t)(at - p)};

			if (*p != '#' && len > 0) {
				terms++;
				if (bw_mask_of_member(name) == BW_MASK_HIDDEN)
					ok(false, "%.*s of %s has a row",
					    (int)name.n, name.p, types[i].name);
			}
			p += len;
			p += strspn(p, " |?");
		}
	}
	ok(terms > 100, "the recipes have over 100 terms");
}

static const struct {
	const char *thread;
	const char *masked;
} threads[] = {
    {"call:c-12345678", "call:c-12345678"},
    {"between:+19195550142,+19195550143", "between:+*******0142,+*******0143"},
    {"between:+19195550142,sip:bob@h", "between:+*******0142,sip:****@h"},
};

static void
check_threads(struct bw_buf *b)
{
	for (size_t i = 0; i < sizeof(threads) / sizeof(threads[0]); i++) {
		bw_buf_reset(b);
		bw_mask_thread(b, str(threads[i].thread), false);
		is_text(text_of(b), threads[i].masked, "%s", threads[i].thread);
		bw_buf_reset(b);
		bw_mask_thread(b, str(threads[i].thread), true);
		is_text(text_of(b), threads[i].thread, "revealed: unchanged");
	}
}

#define HIDES(n) n " bytes hidden"

static const struct {
	const char *answer;
	const char *masked;
	const char *revealed; /* NULL: same as the answer */
} answers[] = {
    {"<Response><SpeakSentence voice=\"julie\">Hi, 8642</SpeakSentence>"
     "<Hangup/></Response>",
	"<Response><SpeakSentence voice=\"julie\">Hi, ****</SpeakSentence>"
	"<Hangup/></Response>",
	NULL},
    {"<?xml version='1.0'?>\n<Response>\n <Transfer username=\"bw\" "
     "password = 'hunter2' fallbackPassword=\"a&quot;b\" tag=\"t1\" "
     "transferCallerId=\"+19195550142\" transferCompleteUrl=\"/x?pin=86\">"
     "<PhoneNumber>+19195550142</PhoneNumber><SipUri uui=\"abc\">"
     "sip:bob@h</SipUri></Transfer>\n</Response>",
	"<?xml version='1.0'?>\n<Response>\n <Transfer username=\"****\" "
	"password = '****' fallbackPassword=\"****\" tag=\"" HIDES(
	    "2") "\" transferCallerId=\"+*******0142\" "
		 "transferCompleteUrl=\"/x?...\">"
		 "<PhoneNumber>+*******0142</PhoneNumber><SipUri uui=\"" HIDES(
		     "3") "\">sip:****@h</SipUri></Transfer>\n</Response>",
	"<?xml version='1.0'?>\n<Response>\n <Transfer username=\"****\" "
	"password = '****' fallbackPassword=\"****\" tag=\"t1\" "
	"transferCallerId=\"+19195550142\" transferCompleteUrl=\"/x?pin=86\">"
	"<PhoneNumber>+19195550142</PhoneNumber><SipUri uui=\"abc\">"
	"sip:bob@h</SipUri></Transfer>\n</Response>"},
    {"<Response><SendDtmf>8642w1</SendDtmf><Tag>abc</Tag>"
     "<PlayAudio>https://u:hunter2@h/a.wav?t=1</PlayAudio></Response>",
	"<Response><SendDtmf>****</SendDtmf><Tag>" HIDES(
	    "3") "</Tag>"
		 "<PlayAudio>https://****@h/a.wav?...</PlayAudio></Response>",
	"<Response><SendDtmf>8642w1</SendDtmf><Tag>abc</Tag>"
	"<PlayAudio>https://u:****@h/a.wav?t=1</PlayAudio></Response>"},
    {"<Response><!-- hunter2 --><SpeakSentence><![CDATA[a 86]]>"
     "</SpeakSentence><Other x=\"1\">secret</Other></Response>",
	"<Response><!--" HIDES("9") "--><SpeakSentence><![CDATA[a **]]>"
				    "</SpeakSentence><Other x=\"1 byte "
				    "hidden\">" HIDES(
					"6") "</Other></Response>",
	NULL},
    {"<Response><Transfer password=hunter2 tag='a",
	"<Response><Transfer password=" HIDES("14"),
	"<Response><Transfer password=**** tag='a"},
    {"<PortOutValidationResponse><Portable>false</Portable><PON>P1</PON>"
     "<Errors><Error><Code>7513</Code><Description>PIN</Description></Error>"
     "</Errors><AcceptableValues><Pin>8642</Pin><ZipCode>27601</ZipCode>"
     "<TelephoneNumber>9195550142</TelephoneNumber></AcceptableValues>"
     "</PortOutValidationResponse>",
	"<PortOutValidationResponse><Portable>false</Portable><PON>P1</PON>"
	"<Errors><Error><Code>7513</Code><Description>PIN</Description>"
	"</Error></Errors><AcceptableValues><Pin>****</Pin><ZipCode>" HIDES(
	    "5") "</ZipCode><TelephoneNumber>******0142</TelephoneNumber>"
		 "</AcceptableValues></PortOutValidationResponse>",
	NULL},
    {"<Response><", "<Response><", NULL},
    {"<Response a", "<Response a", NULL},
    {"{\"name\":\"Front Desk\",\"apiPassword\" : \"a\\\"b\"}", HIDES("44"),
	"{\"name\":\"Front Desk\",\"apiPassword\" : \"****\"}"},
    {"", "", NULL},
};

static void
check_answers(struct bw_buf *b)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		const char *revealed = answers[i].revealed;

		bw_buf_reset(b);
		bw_mask_answer(b, str(answers[i].answer), false);
		is_text(text_of(b), answers[i].masked, "masked: %.60s",
		    answers[i].answer);
		bw_buf_reset(b);
		bw_mask_answer(b, str(answers[i].answer), true);
		is_text(text_of(b),
		    revealed != NULL ? revealed : answers[i].answer,
		    "revealed: %.60s", answers[i].answer);
	}
}

static const char *const bodies[][2] = {
    {"{\"text\":\"my password=1\",\"to\":\"+19195550142\"}", NULL},
    {"{\"u\":\"wss:\\/\\/bob:hunter2@h\\/x\"}",
	"{\"u\":\"wss:\\/\\/bob:****@h\\/x\"}"},
    {"u=wss%3A%2f%2Fbob%3Ahunter2%40h%2Fx&a=b",
	"u=wss%3A%2f%2Fbob%3A****%40h%2Fx&a=b"},
    {"http://h:80/a@b https://u@h:1/ ://", NULL},
};

static void
check_bodies(struct bw_buf *b)
{
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		const char *want = bodies[i][bodies[i][1] != NULL];

		bw_buf_reset(b);
		bw_mask_body(b, str(bodies[i][0]), true);
		is_text(text_of(b), want, "%s", bodies[i][0]);
	}
	bw_buf_reset(b);
	bw_mask_body(b, str(bodies[0][0]), false);
	is_text(text_of(b), HIDES("44"), "masked: its size");
}

static void
check_messages(void)
{
	struct bw_error e = {0};

	(void)bw_error_set(
	    &e, BW_ERR_IO, 0, "%s: refused", "https://u:hunter2@h/9195550142");
	is_str(e.msg, "https://u:*******@h/9195550142: refused",
	    "an error has no password");
}

/* Any prefix of anything: no password, no failure, and all of the memory. */
static void
check_cut(struct bw_buf *b)
{
	bool clean = true;

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		size_t n = strlen(answers[i].answer);

		for (size_t k = 0; k <= n; k++) {
			struct bw_str s = {answers[i].answer, k};

			bw_buf_reset(b);
			bw_mask_answer(b, s, false);
			bw_mask_answer(b, s, true);
			clean = clean && b->err == BW_OK &&
				(b->n == 0 || memmem(b->p, b->n,
						  "password = 'h", 13) == NULL);
		}
	}
	ok(clean, "documents truncated at any byte");
}

static void
check_memory(void)
{
	struct bw_buf b;
	unsigned long n = 0;
	bool failed = true;

	while (failed && n < 100) {
		bw_buf_init(&b, 1 << 20);
		tap_fail_alloc(++n);
		bw_mask_add(&b, BW_MASK_REMARK, str("call 9195550142"), false);
		bw_mask_answer(&b, str(answers[1].answer), false);
		bw_mask_key(&b, &keys[0].event, false);
		failed = b.err == BW_ERR_NOMEM;
		tap_fail_alloc(0);
		bw_buf_free(&b);
	}
	ok(n > 1 && !failed, "every allocation failed in turn (%lu)", n - 1);
}

int
main(void)
{
	struct bw_buf b;

	bw_buf_init(&b, 1 << 20);
	check_values(&b);
	check_members();
	check_keys(&b);
	check_recipes();
	check_threads(&b);
	check_answers(&b);
	check_bodies(&b);
	check_messages();
	check_cut(&b);
	check_memory();
	bw_buf_free(&b);
	return tap_done();
}
