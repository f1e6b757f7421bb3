#include "config/rule_status.h"

#include <bwcallback/tools/delivery.h>

#define MAX_SENTENCE 400
static bool
is_answered(const struct bwi_section *s, const struct bwi_rule *rule,
    const struct bw_event_type *type, size_t row)
{
	return (rule->rows[row / 64] >> row % 64 & 1) != 0 &&
	       bwi_section_expects(s->kind, type->family) &&
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
