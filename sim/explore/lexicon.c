/* The keys and words that callers try. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/base/memory.h"
#include "sim/explore/lexicon.h"

/* Longer numbers in data are telephone numbers and the like. */
#define MAX_NUMBER 8

static const struct {
	const char *said;
	const char *key;
} spoken[] = {
    {"zero", "0"},
    {"one", "1"},
    {"two", "2"},
    {"three", "3"},
    {"four", "4"},
    {"five", "5"},
    {"six", "6"},
    {"seven", "7"},
    {"eight", "8"},
    {"nine", "9"},
    {"star", "*"},
    {"pound", "#"},
    {"hash", "#"},
};

void
sim_lexicon_free(struct sim_lexicon *l)
{
	free(l->keys.words);
	free(l->phrases.words);
	for (size_t i = 0; i < l->calendars_n; i++)
		free(l->calendars[i]);
	free(l->sip);
	*l = (struct sim_lexicon){0};
}

void
sim_words_add(struct sim_words *w, struct bw_str s)
{
	if (s.n == 0 || s.n > SIM_MAX_WORD || w->n == SIM_MAX_WORDS)
		return;
	for (size_t i = 0; i < w->n; i++) {
		if (bw_str_is(s, w->words[i]))
			return;
	}
	if (w->words == NULL) {
		w->words =
		    sim_resize(NULL, 0, SIM_MAX_WORDS, sizeof(*w->words));
	}
	memcpy(w->words[w->n], s.p, s.n);
	w->n++;
}

void
sim_lexicon_sip(struct sim_lexicon *l, const struct sim_sip_texts *sip)
{
	for (size_t i = 0; i < l->sip_n; i++) {
		if (memcmp(&l->sip[i], sip, sizeof(*sip)) == 0)
			return;
	}
	if (l->sip_n == SIM_MAX_WORDS)
		return;
	l->sip = sim_resize(l->sip, l->sip_n, l->sip_n + 1, sizeof(*l->sip));
	l->sip[l->sip_n++] = *sip;
}

static bool
is_key(char c)
{
	return (c >= '0' && c <= '9') || c == '*' || c == '#';
}

/*
 * "*" is a key and a wildcard: add the pattern with it, without it, and with
 * some key in its place.
 */
static void
add_pattern(struct sim_words *words, struct bw_str s)
{
	static const char *const stand_in[] = {"*", "", "5"};

	for (size_t k = 0; k < 3; k++) {
		char word[SIM_MAX_WORD + 1];
		size_t n = 0;

		for (size_t i = 0; i < s.n && n < SIM_MAX_WORD; i++) {
			if (s.p[i] != '*')
				word[n++] = s.p[i];
			else if (*stand_in[k] != '\0')
				word[n++] = *stand_in[k];
		}
		sim_words_add(words, (struct bw_str){word, n});
	}
}

static bool
all_keys(struct bw_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!is_key(s.p[i]))
			return false;
	}
	return true;
}

static void
add_minute(struct sim_lexicon *l, int minute)
{
	for (size_t i = 0; i < l->minutes_n; i++) {
		if (l->minutes[i] == minute)
			return;
	}
	if (l->minutes_n < SIM_MAX_WORDS)
		l->minutes[l->minutes_n++] = minute;
}

/* Add every HH:MM in */
static void
add_hours(struct sim_lexicon *l, struct bw_str s)
{
	for (size_t i = 0; i + 5 <= s.n; i++) {
		const char *p = s.p + i;

		if (isdigit((unsigned char)p[0]) &&
		    isdigit((unsigned char)p[1]) && p[2] == ':' &&
		    isdigit((unsigned char)p[3]) &&
		    isdigit((unsigned char)p[4])) {
			int hour = (p[0] - '0') * 10 + p[1] - '0';
			int minute = (p[3] - '0') * 10 + p[4] - '0';

			add_minute(l, (hour * 60 + minute) % (24 * 60));
		}
	}
}

void
sim_lexicon_match(
    struct sim_lexicon *l, const char *attribute, struct bw_str value)
{
	if (strcmp(attribute, "hours") == 0) {
		add_hours(l, value);
		return;
	}
	if (strcmp(attribute, "dates") == 0 || strcmp(attribute, "zone") == 0)
		return;
	while (value.n > 0) {
		const char *bar = memchr(value.p, '|', value.n);
		struct bw_str one = {
		    value.p, bar != NULL ? (size_t)(bar - value.p) : value.n};

		if (strcmp(attribute, "text") == 0)
			add_pattern(&l->phrases, one);
		else if (all_keys(one))
			add_pattern(&l->keys, one);
		if (bar == NULL)
			return;
		value.n -= one.n + 1;
		value.p += one.n + 1;
	}
}

/* The next run of letters or of keys; n is 0 at the end. */
static struct bw_str
next_word(struct bw_str *s)
{
	struct bw_str word;
	size_t n = 0;

	while (s->n > 0 && !isalpha((unsigned char)*s->p) && !is_key(*s->p)) {
		s->p++;
		s->n--;
	}
	word = *s;
	if (s->n > 0 && is_key(*s->p)) {
		while (n < s->n && is_key(s->p[n]))
			n++;
	} else {
		while (n < s->n && isalpha((unsigned char)s->p[n]))
			n++;
	}
	word.n = n;
	s->p += n;
	s->n -= n;
	return word;
}

void
sim_lexicon_calendar_take(struct sim_lexicon *l, char *file)
{
	if (l->calendars_n < SIM_MAX_CALENDARS)
		l->calendars[l->calendars_n++] = file;
	else
		free(file);
}

void
sim_lexicon_data(struct sim_lexicon *l, struct bw_str s)
{
	for (;;) {
		struct bw_str word = next_word(&s);

		if (word.n == 0)
			return;
		if (is_key(*word.p) && word.n <= MAX_NUMBER)
			sim_words_add(&l->keys, word);
	}
}

void
sim_lexicon_add(struct sim_lexicon *l, struct bw_str s)
{
	for (;;) {
		struct bw_str word = next_word(&s);

		if (word.n == 0)
			return;
		if (is_key(*word.p)) {
			if (word.n <= MAX_NUMBER)
				sim_words_add(&l->keys, word);
			continue;
		}
		for (size_t i = 0; i < sizeof(spoken) / sizeof(spoken[0]);
		     i++) {
			if (word.n == strlen(spoken[i].said) &&
			    strncasecmp(word.p, spoken[i].said, word.n) == 0) {
				sim_words_add(&l->keys,
				    (struct bw_str){spoken[i].key, 1});
			}
		}
	}
}
