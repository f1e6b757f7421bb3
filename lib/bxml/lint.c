/*
 * Warnings about valid documents: verbs that never run, attributes without
 * effect, names that only one SDK has. Skipped entirely if the reporter has no
 * callback.
 */
#include "bxml/lint.h"

#include "base/utf8.h"
#include "bxml/unknown_names.h"
#include "bxml/value.h"
#include <bwcallback/tools/str.h>

typedef const struct bwi_bxml_element row_t;
typedef const struct bwi_bxml_values values_t;

static bool
is_row(row_t *row, enum bwi_bxml_id id)
{
	return row == &bwi_bxml_elements[id];
}

static bool
has(row_t *row, values_t *values, const char *attr)
{
	return bwi_bxml_value(row, values, attr).p != NULL;
}

/* Is it that word, or a placeholder that may produce it? */
static bool
may_be(row_t *row, values_t *values, const char *attr, const char *word)
{
	return bwi_bxml_is_open(row, values, attr) ||
	       bw_str_is(bwi_bxml_value(row, values, attr), word);
}

/*
 * Attributes that have no effect unless another one (needs) is present with
 * this value, or, with '!', with any other value. NULL: any value.
 */
static const struct {
	enum bwi_bxml_id element;
	const char *attr;
	const char *needs;
	const char *value;
} dependents[] = {
#define WHEN(element, attr, needs, value) \
	{ \
		BWI_BXML_ID_##element, attr, needs, value \
	}
    WHEN(Forward, "diversionReason", "diversionTreatment", "stack"),
    WHEN(Transfer, "diversionReason", "diversionTreatment", "stack"),
    WHEN(Record, "detectLanguage", "transcribe", "true"),
    WHEN(Record, "transcriptionAvailableUrl", "transcribe", "true"),
    WHEN(StartRecording, "detectLanguage", "transcribe", "true"),
    WHEN(StartRecording, "transcriptionAvailableUrl", "transcribe", "true"),
    WHEN(StartTranscription, "stabilized", "destination", NULL),
    WHEN(Gather, "hints", "input", "!dtmf"),
    WHEN(Gather, "language", "input", "!dtmf"),
    WHEN(Gather, "partialResultCallback", "input", "!dtmf"),
    WHEN(Gather, "profanityFilter", "input", "!dtmf"),
    WHEN(Gather, "speechModel", "input", "!dtmf"),
    WHEN(Gather, "speechTimeout", "input", "!dtmf"),
#undef WHEN
};

/* Attributes that are used only together. */
static const char *const pairs[][2] = {
    {"username", "password"},
    {"fallbackUsername", "fallbackPassword"},
    {"destinationUsername", "destinationPassword"},
};

static bool
is_satisfied(row_t *row, values_t *values, size_t i)
{
	const char *needs = dependents[i].needs, *value = dependents[i].value;

	if (value == NULL || bwi_bxml_is_open(row, values, needs))
		return has(row, values, needs);
	if (value[0] != '!')
		return bw_str_is(bwi_bxml_value(row, values, needs), value);
	return has(row, values, needs) &&
	       !bw_str_is(bwi_bxml_value(row, values, needs), value + 1);
}

static void
lint_dependents(struct bwi_bxml_checker *c, const xmlNode *node, row_t *row,
    values_t *values)
{
	for (size_t i = 0; i < sizeof(dependents) / sizeof(dependents[0]);
	     i++) {
		const char *value = dependents[i].value;
		const char *attr = dependents[i].attr;

		if (!is_row(row, dependents[i].element) ||
		    !has(row, values, attr) || is_satisfied(row, values, i))
			continue;
		if (value == NULL)
			bwi_bxml_warning(c, node, attr,
			    "%s: no effect in <%s> without %s", attr, row->name,
			    dependents[i].needs);
		else
			bwi_bxml_warning(c, node, attr,
			    "%s: no effect in <%s> unless %s=\"%s\"", attr,
			    row->name, dependents[i].needs,
			    value[0] == '!' ? "speech" : value);
	}
}

static void
lint_pairs(struct bwi_bxml_checker *c, const xmlNode *node, row_t *row,
    values_t *values)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		bool user = has(row, values, pairs[i][0]);
		bool password = has(row, values, pairs[i][1]);

		if (user != password)
			bwi_bxml_warning(c, node, pairs[i][password],
			    "%s: in <%s> without %s", pairs[i][password],
			    row->name, pairs[i][user]);
	}
}

/* "https://user:secret@host/": a '@' before the path. */
static bool
has_userinfo(struct bw_str url)
{
	for (size_t i = 0, slashes = 0; i < url.n; i++) {
		slashes += url.p[i] == '/';
		if (slashes > 2 || url.p[i] == '?' || url.p[i] == '#')
			return false;
		if (url.p[i] == '@')
			return slashes == 2;
	}
	return false;
}

/* A URL attribute, or the URL in an element's text. */
struct url_position {
	struct bwi_bxml_checker *checker;
	const xmlNode *node;
	const char *attr; /* NULL: the text */
	const char *name;
	struct bw_str value;
};

static void
on_doubt(void *arg, enum bw_url_doubt doubt, const char *why)
{
	const struct url_position *at = arg;
	const struct bw_str v = at->value;

	(void)doubt;
	bwi_bxml_warning(at->checker, at->node, at->attr,
	    at->attr != NULL ? "%s=\"%.*s%s\": %s" : "%s \"%.*s%s\": %s",
	    at->name, bwi_utf8_shown(v, 60), v.p, v.n > 60 ? "..." : "", why);
}

static void
lint_url(struct bwi_bxml_checker *c, const xmlNode *node, row_t *row,
    const struct bwi_bxml_attr *a, struct bw_str value)
{
	struct url_position at = {
	    c, node, a == &row->content ? NULL : a->name, a->name, value};
	enum bw_url_kind kind;
	struct bw_str url;

	if (!bwi_bxml_url_of(c, a, value, &kind, &url))
		return;
	bw_url_doubts(kind, url, on_doubt, &at);
	if (kind == BW_URL_SIP)
		return;
	if (has_userinfo(url))
		bwi_bxml_warning(c, node, at.attr,
		    "%s: credentials in the URL in <%s>, write them as "
		    "attributes",
		    a->name, row->name);
	if (bw_str_begins_lower(url, "http://") ||
	    bw_str_begins_lower(url, "ws://"))
		bwi_bxml_warning(c, node, at.attr,
		    "%s: %s in <%s>, not encrypted, so it can be read and "
		    "forged: write %s",
		    a->name, kind == BW_URL_WS ? "ws" : "http", row->name,
		    kind == BW_URL_WS ? "wss://" : "https://");
}

/*
 * The URL attribute that this attribute belongs to if that is absent, else
 * NULL.
 */
static const char *
missing_url(row_t *row, values_t *values, const char *attr)
{
	for (size_t i = 0; i < row->nattrs; i++) {
		const struct bwi_bxml_attr *a = &row->attrs[i];
		bool ours =
		    (a->method != NULL && strcmp(a->method, attr) == 0) ||
		    (a->fallback != NULL && strcmp(a->fallback, attr) == 0);

		if (ours && values->v[i].p == NULL)
			return a->name;
	}
	return NULL;
}

static void
lint_value(struct bwi_bxml_checker *c, const xmlNode *node, row_t *row,
    values_t *values, size_t i)
{
	const struct bwi_bxml_attr *a = &row->attrs[i];
	const struct bwi_bxml_word *word =
	    bwi_bxml_word(a->words, values->v[i]);
	const char *url = missing_url(row, values, a->name);

	if (a->source == BWI_BXML_SDK)
		bwi_bxml_warning(c, node, a->name,
		    "%s: in <%s> not documented, only official SDKs have it",
		    a->name, row->name);
	if (word != NULL && word->source == BWI_BXML_SDK)
		bwi_bxml_warning(c, node, a->name,
		    "%s=\"%s\": in <%s> not documented, only an official SDK "
		    "has it",
		    a->name, word->name, row->name);
	if (url != NULL)
		bwi_bxml_warning(c, node, a->name,
		    "%s: no effect in <%s> without %s", a->name, row->name,
		    url);
	lint_url(c, node, row, a, values->v[i]);
	if (a->type == BWI_BXML_CALLER && bwi_bxml_hides_number(values->v[i]))
		bwi_bxml_warning(c, node, a->name,
		    "%s=\"%.*s\": in <%s> outdated since 2025: write "
		    "privacy=\"true\" and the word in %s",
		    a->name, (int)values->v[i].n, values->v[i].p, row->name,
		    is_row(row, BWI_BXML_ID_Forward)
			? "callerDisplayName"
			: "transferCallerDisplayName");
	if (a->type == BWI_BXML_UUI && values->v[i].n > 256)
		bwi_bxml_warning(c, node, a->name,
		    "%s: in <%s> longer than 256 characters, one page of the "
		    "documentation allows 350",
		    a->name, row->name);
}

static void
lint_speech(struct bwi_bxml_checker *c, const xmlNode *node, row_t *row,
    values_t *values)
{
	if (!has(row, values, "voice"))
		return;
	for (const char *const *attr =
		 (const char *const[]){"gender", "locale", NULL};
	     *attr != NULL; attr++) {
		if (has(row, values, *attr))
			bwi_bxml_warning(c, node, *attr,
			    "%s: no effect in <%s> with a voice", *attr,
			    row->name);
	}
}

static void
lint_gather(struct bwi_bxml_checker *c, const xmlNode *node, row_t *row,
    values_t *values)
{
	struct bw_str keys = bwi_bxml_value(row, values, "terminatingDigits");

	if (!bw_str_is(bwi_bxml_value(row, values, "maxDigits"), "1"))
		return;
	if (has(row, values, "interDigitTimeout"))
		bwi_bxml_warning(c, node, "interDigitTimeout",
		    "interDigitTimeout: no effect in <%s> with maxDigits=\"1\"",
		    row->name);
	if (keys.n > 0)
		bwi_bxml_warning(c, node, "terminatingDigits",
		    "terminatingDigits: in <%s> with maxDigits=\"1\" they only "
		    "make the answer empty",
		    row->name);
}

static void
lint_record(struct bwi_bxml_checker *c, const xmlNode *node, row_t *row,
    values_t *values)
{
	struct bw_str silence = bwi_bxml_value(row, values, "silenceTimeout");
	struct bw_str longest = bwi_bxml_value(row, values, "maxDuration");

	if (silence.p == NULL ||
	    bwi_bxml_is_open(row, values, "silenceTimeout") ||
	    bwi_bxml_is_open(row, values, "maxDuration"))
		return;
	if (bwi_bxml_number(silence) >
	    (longest.p != NULL ? bwi_bxml_number(longest) : 60))
		bwi_bxml_warning(c, node, "silenceTimeout",
		    "silenceTimeout: no effect in <%s>: longer than "
		    "maxDuration",
		    row->name);
}

/* StartRecording in a conference ignores these attributes. */
static void
lint_conference(struct bwi_bxml_checker *c, const xmlNode *node, row_t *row,
    values_t *values)
{
	static const char *const ignored[] = {"transcribe",
	    "transcriptionAvailableUrl", "detectLanguage", "multiChannel",
	    "tag"};

	if (c->options->contexts != BWI_BXML_BIT(CONFERENCE))
		return;
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
		if (has(row, values, ignored[i]))
			bwi_bxml_warning(c, node, ignored[i],
			    "%s: no effect in <%s> in a conference", ignored[i],
			    row->name);
	}
}

void
bwi_bxml_lint_element(struct bwi_bxml_checker *c, const xmlNode *node,
    row_t *row, values_t *values)
{
	if (c->report.to == NULL || c->report.to->fn == NULL)
		return;
	for (size_t i = 0; i < row->nattrs; i++) {
		if (values->v[i].p != NULL)
			lint_value(c, node, row, values, i);
	}
	lint_dependents(c, node, row, values);
	lint_pairs(c, node, row, values);
	if (is_row(row, BWI_BXML_ID_SpeakSentence))
		lint_speech(c, node, row, values);
	else if (is_row(row, BWI_BXML_ID_Gather))
		lint_gather(c, node, row, values);
	else if (is_row(row, BWI_BXML_ID_Record))
		lint_record(c, node, row, values);
	else if (is_row(row, BWI_BXML_ID_StartRecording))
		lint_conference(c, node, row, values);
	else if (is_row(row, BWI_BXML_ID_Transfer))
		c->lint.ndestinations = 0;
	if (is_row(row, BWI_BXML_ID_StartTranscription) &&
	    has(row, values, "preferredLanguages") &&
	    may_be(row, values, "detectLanguage", "true"))
		bwi_bxml_warning(c, node, "preferredLanguages",
		    "preferredLanguages: no effect in <%s> with "
		    "detectLanguage=\"true\"",
		    row->name);
}

/* Is the name in the list? If not, add it. */
static bool
find_or_add(struct bw_str *names, size_t *n, size_t max, struct bw_str name)
{
	for (size_t i = 0; i < *n; i++) {
		if (bw_str_eq(names[i], name))
			return true;
	}
	if (*n < max)
		names[(*n)++] = name;
	return false;
}

/* Does the URL's path end in the suffix? */
static bool
ends_in(struct bw_str url, const char *suffix)
{
	size_t n = strlen(suffix), end = 0;

	while (end < url.n && url.p[end] != '?' && url.p[end] != '#')
		end++;
	return end >= n && memcmp(url.p + end - n, suffix, n) == 0;
}

static bool
is_unplayable(struct bw_str url)
{
	static const char *const kinds[] = {
	    ".ogg", ".opus", ".flac", ".m4a", ".aac", ".wma", ".mp4"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (ends_in(url, kinds[i]))
			return true;
	}
	return false;
}

void
bwi_bxml_lint_text(struct bwi_bxml_checker *c, const xmlNode *node, row_t *row,
    struct bw_str text)
{
	struct bwi_bxml_lint *l = &c->lint;

	if (c->report.to == NULL || c->report.to->fn == NULL)
		return;
	lint_url(c, node, row, &row->content, text);
	if (row->text == BWI_BXML_URL && is_unplayable(text))
		bwi_bxml_warning(c, node, NULL,
		    "text: <%s> plays .wav and .mp3, anything else ends the "
		    "call",
		    row->name);
	/* Text joined in the checker's buffer is overwritten later: skip it. */
	if (strcmp(row->parents, "Transfer") == 0 && text.p != c->text.p &&
	    find_or_add(l->destinations, &l->ndestinations,
		sizeof(l->destinations) / sizeof(l->destinations[0]), text))
		bwi_bxml_warning(c, node, NULL,
		    "<%s>: the same destination twice in one <Transfer>",
		    row->name);
}

/* Names of streams and transcriptions must be unique. */
static void
lint_name(struct bwi_bxml_checker *c, const xmlNode *node, row_t *row,
    values_t *values)
{
	struct bwi_bxml_lint *l = &c->lint;
	bool stream = is_row(row, BWI_BXML_ID_StartStream);
	struct bw_str name = bwi_bxml_value(row, values, "name");

	if (name.p == NULL || bwi_bxml_is_open(row, values, "name"))
		return;
	if (stream
		? find_or_add(l->streams, &l->nstreams, 16, name)
		: find_or_add(l->transcriptions, &l->ntranscriptions, 16, name))
		bwi_bxml_warning(c, node, "name",
		    "name=\"%.*s\": used by two <%s>: the second is rejected "
		    "unless the first was stopped",
		    (int)(name.n < 60 ? name.n : 60), name.p, row->name);
}

static void
remove_name(struct bw_str *names, size_t *n, struct bw_str name)
{
	size_t left = 0;

	for (size_t i = 0; i < *n; i++) {
		if (name.p != NULL && !bw_str_eq(names[i], name))
			names[left++] = names[i];
	}
	*n = left;
}

/*
 * Track recordings, streams and transcriptions, which run in parallel to the
 * verbs.
 */
static void
lint_running(struct bwi_bxml_checker *c, const xmlNode *node, row_t *row,
    values_t *values)
{
	struct bwi_bxml_lint *l = &c->lint;
	struct bw_str name = bwi_bxml_value(row, values, "name");

	if (is_row(row, BWI_BXML_ID_StartRecording)) {
		if (l->recording)
			bwi_bxml_warning(c, node, NULL,
			    "<%s>: no effect: one is already running",
			    row->name);
		l->recording = true;
	} else if (is_row(row, BWI_BXML_ID_StopRecording)) {
		l->recording = false;
	} else if (is_row(row, BWI_BXML_ID_StartStream) ||
		   is_row(row, BWI_BXML_ID_StartTranscription)) {
		lint_name(c, node, row, values);
	} else if (is_row(row, BWI_BXML_ID_StopStream)) {
		remove_name(l->streams, &l->nstreams, name);
	} else if (is_row(row, BWI_BXML_ID_StopTranscription)) {
		remove_name(l->transcriptions, &l->ntranscriptions, name);
	}
}

static bool
answers(row_t *row, values_t *values)
{
	if (is_row(row, BWI_BXML_ID_Ring))
		return !may_be(row, values, "answerCall", "false");
	return row->answers;
}

void
bwi_bxml_lint_verb(struct bwi_bxml_checker *c, const xmlNode *node, row_t *row,
    values_t *values)
{
	struct bwi_bxml_lint *l = &c->lint;
	bool ends;

	if (c->report.to == NULL || c->report.to->fn == NULL)
		return;
	if (l->ended_by != NULL && !l->unreachable_reported) {
		bwi_bxml_warning(c, node, NULL,
		    "<%s>: never runs, nor any verb after it: <%s>%s%s before "
		    "it ends the document",
		    row->name, l->ended_by->name,
		    l->ended_by->ends[0] != '\0' ? " with " : "",
		    l->ended_by->ends);
		l->unreachable_reported = true;
	}
	if (is_row(row, BWI_BXML_ID_Forward) && l->answered_by != NULL)
		bwi_bxml_warning(c, node, NULL,
		    "<%s>: only for unanswered calls, but <%s> before it "
		    "answers",
		    row->name, l->answered_by->name);
	if (l->answered_by == NULL && answers(row, values))
		l->answered_by = row;
	lint_running(c, node, row, values);
	ends = row->ends != NULL &&
	       (row->ends[0] == '\0' || has(row, values, row->ends));
	if (l->ended_by == NULL && ends)
		l->ended_by = row;
	l->last = row;
	l->last_node = node;
}

/* At the end of a document: would the call end unintentionally? */
void
bwi_bxml_lint_end(struct bwi_bxml_checker *c)
{
	const struct bwi_bxml_lint *l = &c->lint;
	row_t *row = l->last;

	if (row == NULL || l->ended_by != NULL ||
	    c->options->contexts == BWI_BXML_BIT(CONFERENCE) ||
	    c->options->contexts == BWI_BXML_BIT(TRANSFER))
		return;
	if (strncmp(row->name, "Start", 5) == 0)
		bwi_bxml_warning(c, l->last_node, NULL,
		    "<%s>: the last verb, so the call ends at once", row->name);
	else if (is_row(row, BWI_BXML_ID_Gather))
		bwi_bxml_warning(c, l->last_node, NULL,
		    "<%s>: the last verb and without gatherUrl, so the digits "
		    "are lost and the call ends",
		    row->name);
}
