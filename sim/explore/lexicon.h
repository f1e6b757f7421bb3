#ifndef SIM_EXPLORE_LEXICON_H
#define SIM_EXPLORE_LEXICON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bwcallback/str.h>

/*
 * What callers could press, say and when they could call: words that a flow's
 * rules name, or that it speaks of ("press 1 or the star key").
 */

/* Most words of each kind: beyond, a flow is data, not a menu. */
#define SIM_MAX_WORDS 256
/* Longest word; the longest that a turn can hold. */
#define SIM_MAX_WORD 51

struct sim_words {
	char (*words)[SIM_MAX_WORD + 1];
	size_t n;
};

struct sim_lexicon {
	struct sim_words keys;	    /* 0-9 * # */
	struct sim_words phrases;   /* what is said */
	int minutes[SIM_MAX_WORDS]; /* of a day, at which something changes */
	size_t minutes_n;
};

void sim_lexicon_free(struct sim_lexicon *);

/* Add a word unless it is there, too long, empty, or one too many. */
void sim_words_add(struct sim_words *, struct bw_str);

/* What a rule's attribute matches: alternatives and globs, "1|2|9*". */
void sim_lexicon_match(
    struct sim_lexicon *, const char *attribute, struct bw_str value);
/* What a table's file has that could be keys. */
void sim_lexicon_data(struct sim_lexicon *, struct bw_str);
/* What somebody hears: numbers in digits and in words, "star", "pound". */
void sim_lexicon_add(struct sim_lexicon *, struct bw_str);

#endif
