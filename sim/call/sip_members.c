/* Builds the members of initiate that come from SIP. */
#include "sim/call/sip_members.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <bwcallback/str.h>

#include "sim/base/json_members.h"
#include "sim/base/memory.h"

#define MAX_UUI 256

/* The default number from which a call was diverted. */
#define DIVERTED_FROM "+19195550143"

/* The syntax of each text, for messages. */
#define STIR_SHAKEN_FORM \
	"must be none, or A, B, C, TN-Validation-Passed, " \
	"TN-Validation-Failed, TN-Verification-Passed, " \
	"TN-Verification-Failed or NAME=VALUE, with commas between"
#define DIVERSION_FORM \
	"must be a number such as +19195550143, a reason such as user-busy, " \
	"no-answer or unconditional, or NAME=VALUE, with commas between"
#define UUI_FORM \
	"must be values that end in ;encoding=base64, ;encoding=jwt or " \
	";encoding=hex, with commas between, 256 characters in all"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS	"0123456789"

static const char *const verstats[] = {"TN-Validation-Passed",
    "TN-Validation-Failed", "TN-Verification-Passed", "TN-Verification-Failed",
    NULL};
static const char *const attestations[] = {"A", "B", "C", NULL};
static const char *const reasons[] = {"unknown", "user-busy", "no-answer",
    "unavailable", "unconditional", "time-of-day", "do-not-disturb",
    "deflection", "follow-me", "out-of-service", "away", NULL};

const char *
sim_sip_name(enum sim_sip_member kind)
{
	static const char *const names[] = {
	    [SIM_SIP_STIR_SHAKEN] = "stir-shaken",
	    [SIM_SIP_DIVERSION] = "diversion",
	    [SIM_SIP_UUI] = "uui",
	    [SIM_SIP_HEADERS] = "sip-headers",
	};

	return names[kind];
}

static bool
is_among(const char *const *list, struct bw_str word)
{
	for (; *list != NULL; list++) {
		if (bw_str_is(word, *list))
			return true;
	}
	return false;
}

/* The next of a list with commas; p NULL: no more. */
static struct bw_str
next_word(const char **list)
{
	struct bw_str word = {*list, strcspn(*list, ",")};

	if (**list == '\0')
		return (struct bw_str){NULL, 0};
	*list += word.n + ((*list)[word.n] == ',');
	return word;
}

/* Split NAME=VALUE; a name consists of these characters. */
static bool
split(struct bw_str word, const char *characters, struct bw_str *name,
    struct bw_str *value)
{
	size_t n = strspn(word.p, characters);

	if (n == 0 || n >= word.n || word.p[n] != '=')
		return false;
	*name = (struct bw_str){word.p, n};
	*value = (struct bw_str){word.p + n + 1, word.n - n - 1};
	return true;
}

static bool
is_number(struct bw_str word)
{
	return word.n > 1 && *word.p == '+' &&
	       strspn(word.p + 1, DIGITS) >= word.n - 1;
}

/* The member that a word without "=" sets; NULL: none. */
static const char *
member_of(enum sim_sip_member kind, struct bw_str word)
{
	if (kind == SIM_SIP_STIR_SHAKEN)
		return is_among(attestations, word) ? "attestationIndicator"
		       : is_among(verstats, word)   ? "verstat"
						    : NULL;
	if (kind == SIM_SIP_DIVERSION)
		return is_number(word)		 ? "origTo"
		       : is_among(reasons, word) ? "reason"
						 : NULL;
	return NULL;
}

static bool
take_word(enum sim_sip_member kind, struct bw_str word, struct bw_str *name,
    struct bw_str *value)
{
	const char *member = member_of(kind, word);

	if (kind == SIM_SIP_HEADERS)
		return split(word, LETTERS DIGITS "-_.", name, value) &&
		       name->n > 2 && strncasecmp(name->p, "X-", 2) == 0;
	if (member == NULL)
		return split(word, LETTERS, name, value);
	*name = (struct bw_str){member, strlen(member)};
	*value = word;
	return true;
}

static bool
is_uui(const char *text)
{
	static const char *const ends[] = {
	    ";encoding=base64", ";encoding=jwt", ";encoding=hex"};
	struct bw_str word;

	if (*text == '\0' || strlen(text) > MAX_UUI)
		return false;
	while ((word = next_word(&text)).p != NULL) {
		bool good = false;

		for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
			size_t n = strlen(ends[i]);

			good |= word.n > n &&
				memcmp(word.p + word.n - n, ends[i], n) == 0;
		}
		if (!good)
			return false;
	}
	return true;
}

static bool
is_valid(enum sim_sip_member kind, const char *text)
{
	struct bw_str word, name, value;

	if (kind == SIM_SIP_UUI)
		return is_uui(text);
	if (kind == SIM_SIP_STIR_SHAKEN && strcmp(text, "none") == 0)
		return true;
	if (*text == '\0')
		return false;
	while ((word = next_word(&text)).p != NULL) {
		if (!take_word(kind, word, &name, &value))
			return false;
	}
	return true;
}

enum bw_err
sim_sip_check(enum sim_sip_member kind, const char *text, struct bw_error *e)
{
	static const char *const wanted[] = {
	    [SIM_SIP_STIR_SHAKEN] = STIR_SHAKEN_FORM,
	    [SIM_SIP_DIVERSION] = DIVERSION_FORM,
	    [SIM_SIP_UUI] = UUI_FORM,
	    [SIM_SIP_HEADERS] = "must be X-NAME=VALUE, with commas between",
	};

	if (is_valid(kind, text))
		return BW_OK;
	return bw_error_set(e, BW_ERR_USAGE, 0, "%s", wanted[kind]);
}

/* Bandwidth writes the names of SIP headers in lower case. */
static void
set_member(json_object *o, struct bw_str name, struct bw_str value, bool lower)
{
	char *text = sim_copy_str(value), *member = sim_copy_str(name);

	for (char *p = member; lower && *p != '\0'; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	}
	sim_json_text(o, member, text);
	free(member);
	free(text);
}

static void
set_members(json_object *o, enum sim_sip_member kind, const char *text)
{
	struct bw_str word, name, value;

	while ((word = next_word(&text)).p != NULL) {
		if (take_word(kind, word, &name, &value))
			set_member(o, name, value, kind == SIM_SIP_HEADERS);
	}
}

static void
add_stir_shaken(json_object *o, const char *text, const char *originating_id)
{
	json_object *stir;

	if (text == NULL ? originating_id == NULL : strcmp(text, "none") == 0)
		return;
	stir = json_object_new_object();
	sim_json_text(stir, "verstat", verstats[0]);
	sim_json_text(stir, "attestationIndicator", attestations[0]);
	sim_json_text(stir, "originatingId", originating_id);
	if (text != NULL)
		set_members(stir, SIM_SIP_STIR_SHAKEN, text);
	json_object_object_add(o, "stirShaken", stir);
}

void
sim_sip_add(
    json_object *o, const char *const *texts, const char *originating_id)
{
	json_object *more;

	add_stir_shaken(o, texts[SIM_SIP_STIR_SHAKEN], originating_id);
	if (texts[SIM_SIP_DIVERSION] != NULL) {
		more = json_object_new_object();
		sim_json_text(more, "origTo", DIVERTED_FROM);
		set_members(more, SIM_SIP_DIVERSION, texts[SIM_SIP_DIVERSION]);
		json_object_object_add(o, "diversion", more);
	}
	sim_json_text(o, "uui", texts[SIM_SIP_UUI]);
	if (texts[SIM_SIP_HEADERS] != NULL) {
		more = json_object_new_object();
		set_members(more, SIM_SIP_HEADERS, texts[SIM_SIP_HEADERS]);
		json_object_object_add(o, "sipHeaders", more);
	}
}
