#ifndef BWI_TEMPLATE_H
#define BWI_TEMPLATE_H

#include <bwcallback/buf.h>
#include <bwcallback/event.h>

#include "base/arena.h"
#include "data/table.h"

/*
 * An answer, compiled: literal bytes with placeholders between them. What is
 * between braces in the configuration,
 *
 *	{from}  {from|spell}  {tag|default:none}  {staff[digits].phone}
 *
 * is parsed once, when the configuration is loaded; "{{" and "}}" are braces.
 * Rendering copies and escapes.
 */
struct bwi_template;

/* How a value enters the answer, by where the placeholder stands. */
enum bwi_sink {
	BWI_SINK_XML,	 /* element text, attribute value */
	BWI_SINK_URL,	 /* the same, holding a URL */
	BWI_SINK_SIP,	 /* the same, holding a SIP URI */
	BWI_SINK_CALLEE, /* the same, holding a number or a SIP URI */
	BWI_SINK_TEXT,	 /* plain text */
	BWI_SINK_JSON	 /* inside a JSON string */
};

struct bwi_slot {
	enum bwi_sink sink;
	bool required; /* an empty value is an error */
	bool markup;   /* literal text is markup already */
};

struct bwi_segment;

/* Collects a template; the result, and nothing else, lives in the arena. */
struct bwi_template_builder {
	struct bwi_arena *arena;
	const struct bwi_tables *tables;
	struct bw_buf literal; /* bytes not yet in a segment */
	struct bw_buf outline; /* of a URL, see urlguard.h */
	struct bwi_segment *segments;
	size_t n;
	size_t cap;
	unsigned depth; /* of parts that are looked at */
	bool has_values;
};

void bwi_template_init(struct bwi_template_builder *, struct bwi_arena *,
    const struct bwi_tables *);
void bwi_template_free(struct bwi_template_builder *);

/* Bytes of the answer as they are; failure shows in bwi_template_finish. */
void bwi_template_literal(struct bwi_template_builder *, struct bw_str);

/*
 * Text of the configuration with its placeholders: one attribute's value or
 * one element's text, whole. Literal text is escaped for the slot.
 * BW_ERR_SYNTAX: what is wrong and what to write. BW_ERR_NOMEM.
 */
enum bw_err bwi_template_value(struct bwi_template_builder *,
    struct bw_str source, struct bwi_slot, struct bw_error *) BW_CHECK;

/*
 * Look at what a part of the answer has become each time it is rendered: the
 * bytes between begin and end, escaped as they are. Pairs nest, four deep.
 * False: the answer is not sent, for that reason.
 */
struct bwi_template_check {
	bool (*fn)(const void *arg, struct bw_str, struct bwi_arena *);
	const void *arg;
	const char *why;
};

void bwi_template_begin(struct bwi_template_builder *);
/* What it points to lives as long as the template. */
void bwi_template_end(
    struct bwi_template_builder *, const struct bwi_template_check *);

/* Were there placeholders? Without any, the answer never changes. */
bool bwi_template_has_values(const struct bwi_template_builder *);

enum bw_err bwi_template_finish(struct bwi_template_builder *,
    const struct bwi_template **, struct bw_error *) BW_CHECK;

/* The text of a template without placeholders. */
struct bw_str bwi_template_text(const struct bwi_template *);

/*
 * Append the answer to an event. BW_ERR_BXML when a placeholder that must
 * have a value has none, BW_ERR_NOMEM, or what sticks in the buffer; the
 * buffer is then as long as it was.
 */
enum bw_err
bwi_template_render(const struct bwi_template *, const struct bw_event *,
    struct bwi_arena *, struct bw_buf *, struct bw_error *) BW_CHECK;

#endif
