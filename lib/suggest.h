#ifndef BWI_SUGGEST_H
#define BWI_SUGGEST_H

#include <bwcallback/str.h>

/*
 * The name that somebody who wrote this most likely meant, or NULL when none
 * is near: at most a third of the letters differ, where swapping two
 * neighbours counts once and case not at all.
 */
const char *bwi_suggest(struct bw_str got, const char *const *names, size_t n);

#endif
