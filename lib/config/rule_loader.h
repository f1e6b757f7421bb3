#ifndef BWI_CONFIG_RULE_LOADER_H
#define BWI_CONFIG_RULE_LOADER_H

#include "bxml/language.h"
#include "config/loader.h"
#include "flow/rule.h"

/* A section whose rules are being compiled. */
struct bwi_section_loading {
	struct bwi_section *section;
	const xmlNode *node;
};

/* rule_loader.c: all <on> and <fallback> of a section. */
void bwi_loader_rules(struct bwi_loader *, struct bwi_section_loading *);

/* time_loader.c: when the rule matches; false after an error. */
bool bwi_loader_time(struct bwi_loader *, const xmlNode *, struct bwi_rule *);

/* portout_loader.c: a <subscribers> and a <notify>. */
void bwi_loader_subscribers(
    struct bwi_loader *, struct bwi_section_loading *, const xmlNode *);
void bwi_loader_notify(
    struct bwi_loader *, struct bwi_section_loading *, const xmlNode *);

/* locations_loader.c: a <locations>. */
void bwi_loader_locations(
    struct bwi_loader *, struct bwi_section_loading *, const xmlNode *);

/* answer_loader.c: argv of an <exec> or <notify>, NULL after an error. */
const char *const *bwi_loader_argv(struct bwi_loader *, const xmlNode *);

/* answer_module_loader.c: a <module>; false after an error. */
bool
bwi_loader_module(struct bwi_loader *, const xmlNode *, struct bwi_action *);

/* answer_loader.c: the action inside an <on>; false after an error. */
bool bwi_loader_answer(struct bwi_loader *, const struct bwi_section *,
    const xmlNode *, struct bwi_action *);

/*
 * answer_bxml_loader.c: a <Response>, checked for all of these contexts (bits,
 * see language.h) and compiled; NULL after an error. *values: it has
 * placeholders.
 */
const struct bwi_template *bwi_loader_response(
    struct bwi_loader *, const xmlNode *, unsigned contexts, bool *values);

/* The contexts, as bits, that allow all its verbs. */
unsigned bwi_loader_fit(const xmlNode *response);

/*
 * url_credentials.c: write the attributes with our credentials for the URLs of
 * this element, to be placed in its start tag.
 */
void bwi_loader_inject(struct bwi_loader *, const xmlNode *,
    const struct bwi_bxml_element *, struct bwi_template_builder *);

#endif
