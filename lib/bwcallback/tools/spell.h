#ifndef BWCALLBACK_TOOLS_SPELL_H
#define BWCALLBACK_TOOLS_SPELL_H

/* An interface for the programs of this package: any release may change it. */

#include <bwcallback/export.h>
#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The name nearest to a misspelt one, or NULL when none is near: at most a
 * third of the letters differ, where swapping two neighbours counts once and
 * case not at all.
 */
BW_EXPORT const char *
bw_spell_suggest(struct bw_str got, const char *const *names, size_t n);

#ifdef __cplusplus
}
#endif

#endif
