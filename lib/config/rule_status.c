#include "config/rule_status.h"

#include <bwcallback/tools/delivery.h>

#define MAX_SENTENCE 400
#define BIT(family)  (1U << BW_FAMILY_##family)

/* The families that come to the URLs of a section, as bits. */
static const unsigned families[] = {
    [BWI_SECTION_VOICE] = BIT(VOICE) | BIT(CONFERENCE),
    [BWI_SECTION_MESSAGING] = BIT(MESSAGING) | BIT(MESSAGING_INTL),
    [BWI_SECTION_MFA] = BIT(MFA),
    [BWI_SECTION_NUMBERS] = BIT(NUMBERS) | BIT(NUMBERS_V2),
    [BWI_SECTION_PORTOUT] = BIT(PORTOUT),
    [BWI_SECTION_PORTING] = BIT(PORTING_GLOBAL),
    [BWI_SECTION_ENDUSER] = BIT(ENDUSER),
    [BWI_SECTION_TOLLFREE] = BIT(TFV),
    [BWI_SECTION_BRTC] = BIT(BRTC) | BIT(WEBRTC),
    [BWI_SECTION_EMERGENCY] = BIT(EMERGENCY),
};

_Static_assert(sizeof(families) / sizeof(families[0]) == BWI_SECTION__MAX,
    "every section has its families");

static bool
is_answered(const struct bwi_section *s, const struct bwi_rule *rule,
    const struct bw_event_type *type, size_t row)
{
	return (rule->rows[row / 64] >> row % 64 & 1) != 0 &&
	       (families[s->kind] >> type->family & 1) != 0 &&
	       type->answer != BW_ANSWER_NOTHING;
}

/* What to write instead. */
static void
put_advice(const struct bw_event_type *type, struct bw_buf *b)
{
	if (type->answer == BW_ANSWER_BXML)
		bw_buf_puts(b, ": answer with <Response>");
	else
		bw_buf_printf(b, ": write status=\"%d\"",
		    type->answer == BW_ANSWER_JSON ? 200 : type->status);
}

void
bwi_rule_status_check(struct bwi_loader *l, const xmlNode *node,
    const struct bwi_section *s, const struct bwi_rule *rule)
{
	const struct bw_event_type *types;
	struct bw_buf b;
	size_t n;

	if (rule->action.kind != BWI_ACTION_REPLY)
		return;
	types = bw_event_types(&n);
	for (size_t i = 0; i < n; i++) {
		enum bw_status_effect effect =
		    bw_delivery_effect(&types[i], rule->action.status);

		/* A 2xx to a call that waits for BXML is an error already. */
		if (effect == BW_STATUS_TAKEN ||
		    !is_answered(s, rule, &types[i], i) ||
		    (types[i].answer == BW_ANSWER_BXML &&
			rule->action.status < 300))
			continue;
		bw_buf_init(&b, MAX_SENTENCE);
		bw_delivery_explain(&types[i], effect, &b);
		put_advice(&types[i], &b);
		bwi_loader_warn(l, node, "<reply>: status=\"%d\": %.*s",
		    rule->action.status, (int)b.n, b.n != 0 ? b.p : "");
		bw_buf_free(&b);
		return;
	}
}
