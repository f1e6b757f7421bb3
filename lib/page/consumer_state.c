#include "page/consumer_state.h"

enum bwi_state
bwi_consumer_state(const struct bwi_view *v,
    const struct bw_store_consumer_state *s, const char **words)
{
	bool behind = s->pending + s->ahead > 0,
	     silent = s->seen != 0 && v->now - s->seen > BWI_CONSUMER_SILENCE;

	if (s->dead > 0) {
		*words = "gave up events";
		return BWI_STATE_BAD;
	}
	if (behind && silent) {
		*words = "is behind, and does not run";
		return BWI_STATE_WARN;
	}
	*words = behind ? "has work" : "has handled all";
	return behind ? BWI_STATE_WAIT : BWI_STATE_OK;
}

void
bwi_consumer_put_state(
    struct bwi_view *v, const struct bw_store_consumer_state *s)
{
	const char *words;
	enum bwi_state state = bwi_consumer_state(v, s, &words);

	bwi_view_state(v, state, words);
}
