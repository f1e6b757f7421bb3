/*
 * Validates a tree as BXML against the table: names, nesting, values, and rules
 * between attributes. Used for answers of programs and modules and for a
 * <Response> in a configuration.
 */
#include "bxml/check.h"

#include <stdio.h>

#include <bwcallback/limits.h>

#include "base/str.h"
#include "base/utf8.h"
#include "bxml/advice.h"
#include "bxml/lint.h"
#include "bxml/unknown_names.h"
#include "bxml/value.h"

/* XInclude adds xml:base to a configuration: ignore it. */
static bool
is_base(const char *name)
{
	return strcmp(name, "xml:base") == 0;
}

/*
 * The text of these nodes, joined in the checker's buffer if there are several.
 */
static struct bw_str
content_of(struct bwi_bxml_checker *c, const xmlNode *nodes)
{
	const xmlNode *only = NULL;
	size_t pieces = 0;

	for (const xmlNode *n = nodes; n != NULL; n = n->next) {
		if (n->content == NULL ||
		    (n->type != XML_TEXT_NODE &&
			n->type != XML_CDATA_SECTION_NODE))
			continue;
		only = n;
		pieces++;
	}
	if (pieces == 0)
		return BW_STR("");
	if (pieces == 1)
		return (struct bw_str){(const char *)only->content,
		    strlen((const char *)only->content)};
	bw_buf_reset(&c->text);
	for (const xmlNode *n = nodes; n != NULL; n = n->next) {
		if (n->content != NULL &&
		    (n->type == XML_TEXT_NODE ||
			n->type == XML_CDATA_SECTION_NODE))
			bw_buf_puts(&c->text, (const char *)n->content);
	}
	c->no_memory = c->no_memory || c->text.err == BW_ERR_NOMEM;
	return (struct bw_str){c->text.p != NULL ? c->text.p : "", c->text.n};
}

/* Without entities, a value is a single text node. */
static struct bw_str
value_of(struct bwi_bxml_checker *c, const xmlNode *node, const xmlAttr *a)
{
	const xmlNode *text = a->children;

	if (text == NULL)
		return BW_STR("");
	if (text->next != NULL || text->type != XML_TEXT_NODE) {
		bwi_bxml_error(c, node, (const char *)a->name,
		    "%.60s: entities are not allowed", (const char *)a->name);
		return BW_STR("");
	}
	if (text->content == NULL)
		return BW_STR("");
	return (struct bw_str){
	    (const char *)text->content, strlen((const char *)text->content)};
}

bool
bwi_bxml_url_of(struct bwi_bxml_checker *c, const struct bwi_bxml_attr *attr,
    struct bw_str value, enum bw_url_kind *kind, struct bw_str *url)
{
	*url = value;
	if (!bwi_bxml_url_kind(attr, value, kind))
		return false;
	if (c->options->templates &&
	    (memchr(value.p, '{', value.n) != NULL ||
		memchr(value.p, '}', value.n) != NULL)) {
		bw_buf_reset(&c->url);
		bwi_str_outline(value, &c->url);
		c->no_memory = c->no_memory || c->url.err != BW_OK;
		*url =
		    (struct bw_str){c->url.p != NULL ? c->url.p : "", c->url.n};
	}
	return true;
}

/* What is wrong with a URL; false if it is none, or nothing is. */
static bool
explain_url(struct bwi_bxml_checker *c, const struct bwi_bxml_attr *attr,
    struct bw_str value, char why[BW_URL_WHY_SIZE])
{
	enum bw_url_kind kind;
	struct bw_str url;

	return value.n > 0 && bwi_bxml_url_of(c, attr, value, &kind, &url) &&
	       !bw_url_check(kind, url, why);
}

/* Describe what is wrong with a value, and what to write. */
static void
explain(struct bwi_bxml_checker *c, const xmlNode *node,
    const struct bwi_bxml_element *row, const struct bwi_bxml_attr *attr,
    struct bw_str value, char *text, size_t size)
{
	const char *near = bwi_bxml_near_word(attr->words, value);
	struct bwi_advice advice =
	    bwi_bxml_advise_value(row, node, attr, value);
	char why[BW_URL_WHY_SIZE], allowed[BWI_BXML_ALLOWED_SIZE];

	if (explain_url(c, attr, value, why)) {
		(void)snprintf(text, size, ": %s", why);
		return;
	}
	if (advice.text[0] != '\0') {
		(void)snprintf(text, size, "%s", advice.text);
		return;
	}
	bwi_bxml_value_allowed(attr, allowed);
	(void)snprintf(text, size, "%s%s%s, write %s",
	    near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "", allowed);
}

static void
report_value(struct bwi_bxml_checker *c, const xmlNode *node,
    const struct bwi_bxml_element *row, const struct bwi_bxml_attr *attr,
    struct bw_str value)
{
	void (*say)(struct bwi_bxml_checker *, const xmlNode *, const char *,
	    const char *, ...) BW_PRINTF(4, 5) =
	    c->options->lenient ? bwi_bxml_warning : bwi_bxml_error;
	bool text = attr == &row->content;
	char what[BWI_BXML_ALLOWED_SIZE + 64];
	int n = bwi_utf8_shown(value, 60);

	explain(c, node, row, attr, value, what, sizeof(what));
	say(c, node, text ? NULL : attr->name,
	    text ? "%s \"%.*s%s\": not allowed in <%s>%s"
		 : "%s=\"%.*s%s\": not allowed in <%s>%s",
	    attr->name, n, value.p, (size_t)n < value.n ? "..." : "", row->name,
	    what);
}

/*
 * Check a value; true if it is valid. With placeholders it is not known yet,
 * but for the rest of a URL.
 */
static bool
check_value(struct bwi_bxml_checker *c, const xmlNode *node,
    const struct bwi_bxml_element *row, const struct bwi_bxml_attr *attr,
    struct bw_str value)
{
	char why[BW_URL_WHY_SIZE];
	bool good;

	if (c->options->templates && bwi_str_has_placeholder(value))
		good = !explain_url(c, attr, value, why);
	else
		good = bwi_bxml_value_ok(attr, value);
	if (!good)
		report_value(c, node, row, attr, value);
	return good;
}

static void
check_attr(struct bwi_bxml_checker *c, const xmlNode *node,
    const struct bwi_bxml_element *row, const struct bwi_bxml_attr *attr,
    struct bwi_bxml_values *values)
{
	size_t i = (size_t)(attr - row->attrs);

	if (c->options->templates && bwi_str_has_placeholder(values->v[i]))
		values->open |= UINT32_C(1) << i;
	(void)check_value(c, node, row, attr, values->v[i]);
}

/* Attributes and text of an element that another finding is about already. */
struct advised {
	uint32_t attrs;
	bool text;
};

static void
add_advised(struct advised *advised, const struct bwi_bxml_element *row,
    const struct bwi_bxml_attr *attr)
{
	if (attr == &row->content)
		advised->text = true;
	else if (attr != NULL)
		advised->attrs |= UINT32_C(1) << (attr - row->attrs);
}

static void
check_missing(struct bwi_bxml_checker *c, const xmlNode *node,
    const struct bwi_bxml_element *row, const struct bwi_bxml_values *values,
    struct advised advised)
{
	if (row->text == BWI_BXML_NONE)
		add_advised(&advised, row,
		    bwi_bxml_advise_text(row, bwi_bxml_text_of(node)).attr);
	for (size_t i = 0; i < row->nattrs; i++) {
		if (row->attrs[i].required && values->v[i].p == NULL &&
		    (advised.attrs >> i & 1) == 0)
			bwi_bxml_error(c, node, NULL,
			    "%s: required attribute of <%s> is missing",
			    row->attrs[i].name, row->name);
	}
}

/* Returns true if a finding says that an attribute should be the text. */
static bool
check_attrs(struct bwi_bxml_checker *c, const xmlNode *node,
    const struct bwi_bxml_element *row, struct bwi_bxml_values *values)
{
	struct advised advised = {0, false};
	char buf[64];

	for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
		const char *name = bwi_bxml_attr_name(a, buf, sizeof(buf));
		const struct bwi_bxml_attr *known = bwi_bxml_attr(row, name);

		if (known != NULL) {
			values->v[known - row->attrs] = value_of(c, node, a);
			check_attr(c, node, row, known, values);
		} else if (!c->options->templates || !is_base(name)) {
			add_advised(&advised, row,
			    bwi_bxml_unknown_attr(
				c, node, name, value_of(c, node, a), row));
		}
	}
	check_missing(c, node, row, values, advised);
	return advised.text;
}

static void
refuse_text(struct bwi_bxml_checker *c, const xmlNode *node,
    const struct bwi_bxml_element *row)
{
	struct bw_str text = {
	    (const char *)node->content, strlen((const char *)node->content)};

	bwi_bxml_error(c, node, NULL, "text: not allowed in <%s>%s", row->name,
	    bwi_bxml_advise_text(row, text).text);
}

static void check_element(struct bwi_bxml_checker *, const xmlNode *,
    const struct bwi_bxml_element *row);

/* Returns true if the child is allowed there. */
static bool
check_child(struct bwi_bxml_checker *c, const xmlNode *node,
    const struct bwi_bxml_element *row)
{
	const struct bwi_bxml_element *child;

	child = bwi_bxml_element(row->name, (const char *)node->name);
	if (child == NULL)
		bwi_bxml_unknown_element(c, node, row->name);
	else
		check_element(c, node, child);
	return child != NULL;
}

/* Returns the number of allowed children. */
static size_t
check_children(struct bwi_bxml_checker *c, const xmlNode *node,
    const struct bwi_bxml_element *row)
{
	size_t children = 0;

	for (const xmlNode *n = node->children; n != NULL; n = n->next) {
		switch (n->type) {
		case XML_ELEMENT_NODE:
			children += check_child(c, n, row);
			break;
		case XML_TEXT_NODE:
		case XML_CDATA_SECTION_NODE:
			if (n->content == NULL ||
			    bwi_bxml_is_blank(
				(struct bw_str){(const char *)n->content,
				    strlen((const char *)n->content)}))
				break;
			c->spoken = true;
			if (row->text == BWI_BXML_NONE)
				refuse_text(c, n, row);
			break;
		case XML_ENTITY_REF_NODE:
			bwi_bxml_error(c, n, NULL,
			    "&%s;: entities are not allowed",
			    bwi_bxml_show((const char *)n->name).s);
			break;
		case XML_PI_NODE:
			if (!c->options->templates)
				bwi_bxml_error(c, n, NULL,
				    "<?%s?>: processing instructions are "
				    "not allowed",
				    bwi_bxml_show((const char *)n->name).s);
			break;
		default: /* comments, and nodes left by XInclude */
			break;
		}
		if (c->report.done)
			break;
	}
	return children;
}

static void
check_text(struct bwi_bxml_checker *c, const xmlNode *node,
    const struct bwi_bxml_element *row)
{
	struct bw_str text = bw_str_trim(content_of(c, node->children));

	if (text.n == 0 && row->text_required && node != c->advised)
		bwi_bxml_error(
		    c, node, NULL, "<%s>: text is missing", row->name);
	else if (text.n == 0 || check_value(c, node, row, &row->content, text))
		bwi_bxml_lint_text(c, node, row, text);
}

static void
check_count(struct bwi_bxml_checker *c, const xmlNode *node,
    const struct bwi_bxml_element *row, size_t n)
{
	if (n < row->children_min)
		bwi_bxml_error(c, node, NULL,
		    "<%s>: empty, at least one %s must stand in it", row->name,
		    row == &bwi_bxml_elements[BWI_BXML_ID_Transfer]
			? "<PhoneNumber> or <SipUri>"
		    : row == &bwi_bxml_elements[BWI_BXML_ID_Connect]
			? "<Endpoint>"
			: "<SipUri>");
	else if (row->children_max > 0 && n > row->children_max)
		bwi_bxml_error(c, node, NULL,
		    "<%s>: %zu elements inside, at most %zu are allowed",
		    row->name, n, row->children_max);
}

/* Argument of the callback that reports faults between attributes. */
struct fault_context {
	struct bwi_bxml_checker *checker;
	const xmlNode *node;
};

static void
on_fault(void *arg, const char *attr, const char *text)
{
	const struct fault_context *at = arg;

	bwi_bxml_error(at->checker, at->node, attr, "%s", text);
}

static bool
is_row(const struct bwi_bxml_element *row, enum bwi_bxml_id id)
{
	return row == &bwi_bxml_elements[id];
}

static void
check_content(struct bwi_bxml_checker *c, const xmlNode *node,
    const struct bwi_bxml_element *row, const struct bwi_bxml_values *values)
{
	bool speech = is_row(row, BWI_BXML_ID_SpeakSentence);
	bool p = is_row(row, BWI_BXML_ID_p), s = is_row(row, BWI_BXML_ID_s);
	struct fault_context at = {c, node};
	unsigned errors = c->report.errors;
	size_t children;

	if (speech)
		c->spoken = false;
	c->in_p += p;
	c->in_s += s;
	if (c->in_p > 1 || c->in_s > 1)
		bwi_bxml_error(c, node, NULL, "<%s>: not allowed in <%s>",
		    row->name, row->name);
	else if (p && c->in_s > 0)
		bwi_bxml_error(
		    c, node, NULL, "<p>: not allowed in <s>, write <s> in <p>");
	children = check_children(c, node, row);
	c->in_p -= p;
	c->in_s -= s;
	/* Not after an error: the text may be in an element that is refused. */
	if (speech && !c->spoken && c->report.errors == errors &&
	    node != c->advised)
		bwi_bxml_error(
		    c, node, NULL, "<%s>: text is missing", row->name);
	if (row->text != BWI_BXML_NONE && row->text != BWI_BXML_SSML)
		check_text(c, node, row);
	/*
	 * A misplaced child has been reported: do not also report it as
	 * missing.
	 */
	if (c->report.errors == errors && node != c->advised)
		check_count(c, node, row, children);
	bwi_bxml_check_rules(row, values, children, on_fault, &at);
}

/* Check that a verb is allowed in the answer to this event. */
static void
check_context(struct bwi_bxml_checker *c, const xmlNode *node,
    const struct bwi_bxml_element *verb)
{
	unsigned unfit =
	    c->options->contexts & ~(verb->allowed | verb->unlisted);

	if ((unfit & BWI_BXML_BIT(CONFERENCE)) != 0)
		bwi_bxml_error(c, node, NULL,
		    "<%s>: not allowed in the answer to a conference event: "
		    "use <PlayAudio>, <SpeakSentence> and recording verbs only",
		    verb->name);
	else if ((unfit & BWI_BXML_BIT(TRANSFER)) != 0)
		bwi_bxml_error(c, node, NULL,
		    "<%s>: not allowed in the answer to transferAnswer",
		    verb->name);
	else if ((unfit & BWI_BXML_BIT(ANSWERED)) != 0)
		bwi_bxml_error(c, node, NULL,
		    "<%s>: not allowed once the call is answered: only in the "
		    "answer to initiate or a redirect that follows it",
		    verb->name);
	if ((c->options->contexts & verb->unlisted) != 0)
		bwi_bxml_warning(c, node, NULL,
		    "<%s>: not among the verbs documented for the answer to "
		    "transferAnswer",
		    verb->name);
}

static bool
has_namespace(const xmlNode *node)
{
	return node->ns != NULL || node->nsDef != NULL;
}

static void
check_element(struct bwi_bxml_checker *c, const xmlNode *node,
    const struct bwi_bxml_element *row)
{
	struct bwi_bxml_values values = {.open = 0};
	bool verb = row->allowed != 0 && node->parent == c->root;

	if (c->depth == BW_MAX_BXML_DEPTH) {
		bwi_bxml_error(c, node, NULL,
		    "<%s>: nested more than %d levels deep", row->name,
		    BW_MAX_BXML_DEPTH);
		return;
	}
	if (has_namespace(node)) {
		bwi_bxml_error(c, node, NULL,
		    "<%s>: namespaces are not allowed, leave out xmlns",
		    row->name);
		return;
	}
	c->depth++;
	if (verb)
		check_context(c, node, row);
	if (check_attrs(c, node, row, &values))
		c->advised = node;
	bwi_bxml_lint_element(c, node, row, &values);
	check_content(c, node, row, &values);
	if (verb)
		bwi_bxml_lint_verb(c, node, row, &values);
	c->depth--;
}

enum bw_err
bwi_bxml_check_node(const struct bwi_bxml_checking *options,
    const xmlNode *root, const struct bw_reporter *to, struct bw_error *error)
{
	struct bwi_bxml_checker c = {
	    .options = options,
	    .report = {.file = options->file,
		.to = to,
		.error = error,
		.code = BW_ERR_BXML},
	    .root = root,
	};
	const struct bwi_bxml_element *row;
	enum bw_err err;

	bw_buf_init(&c.text, BW_MAX_CONFIG);
	bw_buf_init(&c.url, BW_MAX_CONFIG);
	row = bwi_bxml_element(NULL, (const char *)root->name);
	if (row == NULL)
		bwi_bxml_error(&c, root, NULL,
		    "<%s>: not BXML, the root must be <Response>",
		    bwi_bxml_show((const char *)root->name).s);
	else
		check_element(&c, root, row);
	if (row != NULL && !c.report.done)
		bwi_bxml_lint_end(&c);
	err = c.report.errors > 0 ? BW_ERR_BXML : BW_OK;
	if (c.no_memory)
		err = bw_error_set(
		    error, BW_ERR_NOMEM, 0, "%s: out of memory", options->file);
	bw_buf_free(&c.text);
	bw_buf_free(&c.url);
	return err;
}
