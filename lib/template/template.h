#ifndef BWI_TEMPLATE_H
#define BWI_TEMPLATE_H

#include <bwcallback/buf.h>
#include <bwcallback/event.h>

#include "base/arena.h"
#include "data/table.h"

/*
 * A compiled answer: literal bytes with placeholders between them. The text
 * between braces in the configuration,
 *
 *	{from}  {from|spell}  {tag|default:none}  {staff[digits].phone}
 *
 * is parsed once, when the configuration is loaded; "{{" and "}}" stand for
 * braces. Rendering copies and escapes.
 */
struct bwi_template;

/* Where a placeholder stands, which decides how its value is escaped. */
enum bwi_sink {
	BWI_SINK_XML,	 /* element text, attribute value */
	BWI_SINK_URL,	 /* the same, a URL */
	BWI_SINK_SIP,	 /* the same, a SIP URI */
	BWI_SINK_CALLEE, /* the same, a number or a SIP URI */
	BWI_SINK_TEXT,	 /* plain text */
	BWI_SINK_JSON	 /* inside a JSON string */
};

struct bwi_slot {
	enum bwi_sink sink;
	bool required; /* an empty value is an error */
	bool markup;   /* literal text is already escaped */
};

struct bwi_segment;
struct bwi_placeholder;

/* Builds a template. Only the finished template is in the arena. */
struct bwi_template_builder {
	struct bwi_arena *arena;
	const struct bwi_tables *tables;
	struct bw_buf literal; /* not yet in a segment */
	struct bw_buf outline; /* of a URL, see url_guard.h */
	struct bwi_segment *segments;
	size_t n;
	size_t cap;
	unsigned depth; /* open checked parts */
	bool has_values;
};

void bwi_template_init(struct bwi_template_builder *, struct bwi_arena *,
    const struct bwi_tables *);
void bwi_template_free(struct bwi_template_builder *);

/* Append bytes verbatim; bwi_template_finish reports a failure. */
void bwi_template_literal(struct bwi_template_builder *, struct bw_str);

/*
 * Append text of the configuration with placeholders: the whole value of an
 * attribute, or the whole text of an element. Literal text is escaped for the
 * slot. BW_ERR_SYNTAX: the message says what is wrong and what to write.
 * BW_ERR_NOMEM.
 */
enum bw_err bwi_template_value(struct bwi_template_builder *,
    struct bw_str source, struct bwi_slot, struct bw_error *) BW_CHECK;

/*
 * Check a part of the answer at each rendering: fn gets the bytes between begin
 * and end, still escaped. If it returns false, rendering fails with why as the
 * reason. Parts nest up to four deep.
 */
struct bwi_template_check {
	bool (*fn)(const void *arg, struct bw_str, struct bwi_arena *);
	const void *arg;
	const char *why;
};

void bwi_template_begin(struct bwi_template_builder *);
/* check.arg must live as long as the template. */
void bwi_template_end(
    struct bwi_template_builder *, const struct bwi_template_check *);

/* The placeholder of the segment; NULL: it has none. */
struct bwi_placeholder *
bwi_template_placeholder(struct bwi_template_builder *, size_t segment);
/* Would rendering fail without a value of that segment's placeholder? */
bool bwi_template_needs(const struct bwi_template_builder *, size_t segment);
/*
 * Does the part from that segment to the end fail the check for every event:
 * are all its placeholders absent, and is the rest invalid on its own?
 */
bool bwi_template_always_fails(const struct bwi_template_builder *,
    size_t first, const struct bwi_template_check *);

/* Were placeholders added? Without any, the answer is constant. */
bool bwi_template_has_values(const struct bwi_template_builder *);

enum bw_err bwi_template_finish(struct bwi_template_builder *,
    const struct bwi_template **, struct bw_error *) BW_CHECK;

/* The text of a template without placeholders. */
struct bw_str bwi_template_text(const struct bwi_template *);

/*
 * Append the answer to an event. BW_ERR_BXML: a required placeholder has no
 * value. BW_ERR_NOMEM, or the buffer's own error. After an error the buffer has
 * its previous length.
 */
enum bw_err
bwi_template_render(const struct bwi_template *, const struct bw_event *,
    struct bwi_arena *, struct bw_buf *, struct bw_error *) BW_CHECK;

#endif
