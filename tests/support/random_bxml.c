#include "random_bxml.h"

#include <stdio.h>
#include <stdlib.h>

#include "bxml/builder.h"
#include "bxml/value.h"

unsigned
dice_roll(struct dice *d, unsigned sides)
{
	unsigned v = 0;

	for (int i = 0; i < 2 && d->n > 0; i++) {
		v = v << 8 | *d->p++;
		d->n--;
	}
	return v % sides;
}

static const char *const samples[BWI_BXML__TYPES][3] = {
    [BWI_BXML_NONE] = {"", "", ""},
    [BWI_BXML_STRING] = {"plain", "<b>&\"'\xc3\xa9", "a b"},
    [BWI_BXML_BOOLEAN] = {"true", "false", "true"},
    [BWI_BXML_URL] = {"/next?a=1&b=2", "https://a.example.com/x", "../y"},
    [BWI_BXML_WSURL] = {"wss://a.example.com/", "ws://b", "WSS://c:1/d"},
    [BWI_BXML_NUMBER] = {"+19195550101", "+4912", "+123456789012345"},
    [BWI_BXML_CALLER] = {"+19195550101", "Anonymous", "Private"},
    [BWI_BXML_CALLEE] = {"+19195550101", "sip:a@b.example.com", "sips:c"},
    [BWI_BXML_SIP_URI] = {"sip:a@b.example.com", "SIP:x", "sips:y;z=1"},
    [BWI_BXML_DISPLAY] = {"Restricted", "Private", "Unavailable"},
    [BWI_BXML_CALL_ID] = {"c-1", "c-9f", "x"},
    [BWI_BXML_CALL_IDS] = {"c-1,c-2", "", "c-3"},
    [BWI_BXML_NAME] = {"room", "a.b-c_1", "Z"},
    [BWI_BXML_KEYS] = {"#", "", "0123456789*ABCDabcd"},
    [BWI_BXML_DTMF] = {"1", "12,w,W34", "#*A"},
    [BWI_BXML_UUI] = {"a;encoding=jwt", "b;encoding=hex,c;encoding=base64",
	"d=;encoding=base64"},
    [BWI_BXML_LOCALE] = {"en-US", "deu", "zh-Hant-TW"},
    [BWI_BXML_LOCALES] = {"en-US,es-US", "fr", "de-DE , it"},
    [BWI_BXML_DURATION] = {"1s", "250ms", "9.5s"},
    [BWI_BXML_PERCENT] = {"100%", "12.5%", "1%"},
    [BWI_BXML_CHANGE] = {"+10%", "-5.5%", "3%"},
    [BWI_BXML_DECIBEL] = {"+6dB", "-0.5dB", "+1dB"},
    [BWI_BXML_SSML] = {"Hello.", "a <b> & c", "\xf0\x9f\x93\x9e"},
};

struct bw_str
sample_value(const struct bwi_bxml_attr *a, unsigned which)
{
	static char number[32];
	const char *s = samples[a->type][which % 3];

	if (a->type == BWI_BXML_ENUM || a->type == BWI_BXML_METHOD) {
		s = a->words->words[which % a->words->n].name;
	} else if (a->type == BWI_BXML_INTEGER || a->type == BWI_BXML_DECIMAL) {
		snprintf(number, sizeof(number), "%g",
		    a->ranged ? (which % 2 == 0 ? a->min : a->max) : 3.0);
		s = number;
	}
	return (struct bw_str){s, strlen(s)};
}

/* Any bytes, for text that the builder must refuse or escape. */
static struct bw_str
hostile(struct dice *d)
{
	static const char *const texts[] = {"", " \n ", "\x01\x1f\x7f\xff",
	    "]]><Hangup/>", "\" onload=\"", "\xef\xbf\xbe", "http://", "1e9",
	    "+1 919", "a\tb\r\n"};
	const char *s = texts[dice_roll(d, sizeof(texts) / sizeof(texts[0]))];

	return (struct bw_str){s, strlen(s)};
}

/* Set one option in the element's struct. */
static void
set_option(struct dice *d, const struct bwi_bxml_attr *a, char *at)
{
	bool odd = dice_roll(d, 500) == 0;
	struct bw_str s = odd ? hostile(d) : sample_value(a, dice_roll(d, 60));
	double v;
	int i;

	switch (a->type) {
	case BWI_BXML_BOOLEAN:
		i = (int)dice_roll(d, odd ? 5 : 3);
		memcpy(at, &i, sizeof(i));
		break;
	case BWI_BXML_ENUM:
	case BWI_BXML_METHOD:
		i = (int)dice_roll(d, (unsigned)a->words->n + 1 + odd);
		if (a->required && i == 0 && !odd)
			i = 1;
		memcpy(at, &i, sizeof(i));
		break;
	case BWI_BXML_INTEGER:
		i = odd ? (int)dice_roll(d, 60000) - 9 : atoi(s.p);
		memcpy(at, &i, sizeof(i));
		break;
	case BWI_BXML_DECIMAL:
		v = odd ? dice_roll(d, 60000) / 7.0 - 9 : atof(s.p);
		if (v == 0 && dice_roll(d, 2) == 0)
			v = BW_BXML_ZERO;
		memcpy(at, &v, sizeof(v));
		break;
	default:
		memcpy(at, &s, sizeof(s));
		break;
	}
}

static void
call(struct dice *d, struct bw_bxml *b, enum bwi_bxml_id id)
{
	const struct bwi_bxml_element *row = &bwi_bxml_elements[id];
	const struct bwi_builder_fields *fields = &bwi_builder_fields[id];
	static union {
		char bytes[1024];
		double align;
		void *p;
	} options;
	struct bw_str text;
	bool given = row->nattrs > 0 && fields->size <= sizeof(options);

	memset(&options, 0, sizeof(options));
	for (size_t i = 0; given && i < row->nattrs; i++) {
		const struct bwi_bxml_attr *a = &row->attrs[i];

		if (a->required ? dice_roll(d, 500) != 0 : dice_roll(d, 4) == 0)
			set_option(d, a, options.bytes + fields->offsets[i]);
	}
	text = dice_roll(d, 200) == 0
		   ? hostile(d)
		   : sample_value(&row->content, dice_roll(d, 3));
	/* Only elements with children can be begun. */
	if (row->text == BWI_BXML_NONE ||
	    (row->text == BWI_BXML_SSML && dice_roll(d, 3) == 0))
		bwi_builder_begin(b, id, given ? options.bytes : NULL);
	else
		bwi_builder_whole(b, id, text, given ? options.bytes : NULL);
	if (row->text == BWI_BXML_NONE && dice_roll(d, 2) == 0)
		bw_bxml_end(b);
}

/* Usually one that is allowed in the open element. */
static enum bwi_bxml_id
choose(struct dice *d, const struct bw_bxml *b)
{
	const struct bwi_bxml_element *in = b->levels[b->depth - 1].element;
	unsigned start = dice_roll(d, BWI_BXML__ELEMENTS);

	for (unsigned i = 0; i < BWI_BXML__ELEMENTS; i++) {
		unsigned id = (start + i) % BWI_BXML__ELEMENTS;

		if (bwi_bxml_stands_in(&bwi_bxml_elements[id], in->name))
			return (enum bwi_bxml_id)id;
	}
	return (enum bwi_bxml_id)start;
}

enum bw_err
random_bxml(struct dice *d, struct bw_buf *out, struct bw_str *answering)
{
	static const char *const events[] = {NULL, NULL, "initiate", "gather",
	    "transferAnswer", "conferenceCreated"};
	const char *event = events[dice_roll(d, 6)];
	unsigned calls = dice_roll(d, 24);
	struct bw_bxml b;

	*answering = event != NULL ? (struct bw_str){event, strlen(event)}
				   : (struct bw_str){NULL, 0};
	bw_bxml_begin(&b, out, *answering);
	for (unsigned i = 0; i < calls; i++) {
		switch (dice_roll(d, 6)) {
		case 0:
			if (b.depth > 1 || dice_roll(d, 100) == 0)
				bw_bxml_end(&b);
			break;
		case 1:
			if (b.depth > 1)
				bw_bxml_text(&b, BW_STR("more "));
			break;
		default:
			call(d, &b, choose(d, &b));
			break;
		}
	}
	while (b.depth > 1 && b.error.code == BW_OK && dice_roll(d, 100) != 1)
		bw_bxml_end(&b);
	return bw_bxml_finish(&b, NULL);
}
