#ifndef SIM_EXPLORE_LEXICON_H
#define SIM_EXPLORE_LEXICON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bwcallback/str.h>

#include "sim/explore/caller.h"

/*
 * Keys and words for callers to try, and times of calls: from the rules of a
 * flow and from its speech ("press 1 or the star key").
 */

/* Maximum words of each kind: beyond that they are data, not a menu. */
#define SIM_MAX_WORDS 256
/* Maximum length of a word, as in a move. */
#define SIM_MAX_WORD 51

#define SIM_MAX_CALENDARS 8

struct sim_words {
	char (*words)[SIM_MAX_WORD + 1];
	size_t n;
};

struct sim_lexicon {
	struct sim_words keys;	    /* 0-9 * # */
	struct sim_words phrases;   /* for speech */
	int minutes[SIM_MAX_WORDS]; /* minutes of a day at which opening hours
				       change */
	size_t minutes_n;
	char *calendars[SIM_MAX_CALENDARS]; /* files of dates */
	size_t calendars_n;
	struct sim_sip_texts *sip; /* of inbound calls */
	size_t sip_n;
};

void sim_lexicon_free(struct sim_lexicon *);

/* Add a word unless it is known, too long or empty, or the list is full. */
void sim_words_add(struct sim_words *, struct bw_str);

/* Add the alternatives and globs of a rule's attribute: "1|2|9*". */
void sim_lexicon_match(
    struct sim_lexicon *, const char *attribute, struct bw_str value);
/* Add the file of a calendar; takes ownership of the name (sim_alloc). */
void sim_lexicon_calendar_take(struct sim_lexicon *, char *file);
/* Add SIP members of a call. */
void sim_lexicon_sip(struct sim_lexicon *, const struct sim_sip_texts *);
/* Add the numbers in a table's file that could be keys. */
void sim_lexicon_data(struct sim_lexicon *, struct bw_str);
/* Add the keys named in speech: digits, number words, "star", "pound". */
void sim_lexicon_add(struct sim_lexicon *, struct bw_str);

#endif
