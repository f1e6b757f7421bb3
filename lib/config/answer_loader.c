/* Compiling the action inside an <on>. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/decimal.h"
#include "config/field_check.h"
#include "config/rule_loader.h"

static struct bwi_tables
tables_of(const struct bwi_loader *l)
{
	return (struct bwi_tables){l->config->tables, l->config->ntables};
}

/* How values are escaped in a body of that type; false: unknown type. */
static bool
sink_of_type(const char *type, enum bwi_sink *sink)
{
	size_t n = strcspn(type, "; ");

	if (n == 10 && strncmp(type, "text/plain", n) == 0)
		*sink = BWI_SINK_TEXT;
	else if (n >= 4 && strncmp(type + n - 4, "json", 4) == 0)
		*sink = BWI_SINK_JSON;
	else if ((n >= 3 && strncmp(type + n - 3, "xml", 3) == 0) ||
		 (n == 9 && strncmp(type, "text/html", n) == 0))
		*sink = BWI_SINK_XML;
	else
		return false;
	return true;
}

static bool
is_header_value(const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s < ' ' || *s > '~')
			return false;
	}
	return true;
}

static bool
set_status(struct bwi_loader *l, const xmlNode *node, struct bwi_action *a)
{
	struct bw_str s = bwi_loader_attr(l, node, "status");
	const char *why = NULL;
	int64_t status = 0;

	if (!bwi_decimal_parse(s, 599, &status) || status < 200)
		why = "write a status from 200 to 299 or 400 to 599";
	else if (status >= 300 && status < 400)
		why = "Bandwidth does not follow redirects: return the answer "
		      "itself";
	else if (status == 401 || status == 407)
		why = "reserved for authentication: use the section's "
		      "credentials";
	if (why != NULL) {
		bwi_loader_error(l, node, "<reply>: status: %s", why);
		return false;
	}
	a->status = (int)status;
	return true;
}

/*
 * The body of a reply: literal bytes are copied verbatim, so that JSON and XML
 * can be written; values are escaped for the type.
 */
static bool
set_body(struct bwi_loader *l, const xmlNode *node, struct bw_str text,
    struct bwi_action *a)
{
	struct bwi_tables tables = tables_of(l);
	struct bwi_template_builder b;
	struct bwi_slot slot = {BWI_SINK_TEXT, false, true};
	struct bw_error e = {0};
	bool known = sink_of_type(a->type, &slot.sink);

	bwi_template_init(&b, &l->config->arena, &tables);
	if (bwi_template_value(&b, text, slot, &e) != BW_OK ||
	    bwi_template_finish(&b, &a->text, &e) != BW_OK)
		bwi_loader_report_error(l, node, &e);
	else
		bwi_field_check_values(l, node, &b, 0, "reply");
	a->prepared = !bwi_template_has_values(&b);
	bwi_template_free(&b);
	if (a->text != NULL && !known && !a->prepared) {
		bwi_loader_error(l, node,
		    "<reply>: type=\"%.60s\": {...} can be escaped for "
		    "text/plain, text/html, JSON and XML only",
		    a->type);
		return false;
	}
	return a->text != NULL;
}

static bool
compile_reply(struct bwi_loader *l, const xmlNode *node, struct bwi_action *a)
{
	struct bw_str type = bwi_loader_attr(l, node, "type");
	struct bw_str text = bwi_loader_text(l, node);

	a->kind = BWI_ACTION_REPLY;
	a->type = type.p != NULL ? type.p : "text/plain; charset=utf-8";
	if (!set_status(l, node, a) || text.p == NULL)
		return false;
	if (text.n == 0)
		return true;
	if (a->status == 204 || a->status == 205) {
		bwi_loader_error(l, node,
		    "<reply>: a %d has no body: remove "
		    "the text, or write status=\"200\"",
		    a->status);
		return false;
	}
	if (!is_header_value(a->type) || strchr(a->type, '/') == NULL) {
		bwi_loader_error(
		    l, node, "<reply>: type: write it as \"text/plain\"");
		return false;
	}
	return set_body(l, node, text, a);
}

static bool
check_program(struct bwi_loader *l, const xmlNode *node, const char *path)
{
	struct stat st;

	if (path == NULL)
		return false;
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
		bwi_loader_error(l, node, "<%s>: program: %s: no such file",
		    (const char *)node->name, path);
		return false;
	}
	if (access(path, X_OK) != 0) {
		bwi_loader_error(l, node,
		    "<%s>: program: %s: not executable: chmod +x it",
		    (const char *)node->name, path);
		return false;
	}
	return true;
}

const char *const *
bwi_loader_argv(struct bwi_loader *l, const xmlNode *node)
{
	const char **argv;
	const xmlNode *arg;
	size_t n = 2;

	for (arg = bwi_node_element(node->children); arg != NULL;
	     arg = bwi_node_element(arg->next))
		n++;
	argv = bwi_arena_alloc(&l->config->arena, n * sizeof(*argv));
	if (argv == NULL) {
		bwi_loader_no_memory(l);
		return NULL;
	}
	n = 0;
	argv[n++] = bwi_loader_exact_path(l, node, "program");
	if (!check_program(l, node, argv[0]))
		return NULL;
	for (arg = bwi_node_element(node->children); arg != NULL;
	     arg = bwi_node_element(arg->next)) {
		argv[n] = bwi_loader_text(l, arg).p;
		if (argv[n++] == NULL)
			return NULL;
	}
	argv[n] = NULL;
	return argv;
}

static bool
compile_exec(struct bwi_loader *l, const struct bwi_section *s,
    const xmlNode *node, struct bwi_action *a)
{
	a->kind = BWI_ACTION_EXEC;
	a->timeout = s->deadline;
	if (xmlHasProp(node, (const xmlChar *)"timeout") != NULL &&
	    !bwi_loader_duration(l, node, "timeout", s->deadline, &a->timeout))
		return false;
	a->input_event = bw_str_is(bwi_loader_attr(l, node, "input"), "event");
	a->argv = bwi_loader_argv(l, node);
	return a->argv != NULL;
}

static bool
compile_deny(struct bwi_loader *l, const xmlNode *node, struct bwi_action *a)
{
	struct bw_str code = bwi_loader_attr(l, node, "code");
	struct bw_str text = bwi_loader_attr(l, node, "description");
	const char *reason;
	int64_t n = 0;

	a->kind = BWI_ACTION_PORTOUT_VERDICT;
	(void)bwi_decimal_parse(code, 9999, &n);
	reason = bwi_portout_verdict_reason(n);
	if (reason == NULL) {
		bwi_loader_error(l, node,
		    "<deny>: code=\"%.20s\" would allow the port-out: %s; "
		    "write one of "
#define X(number, reason) #number " "
#include "portout/portout.def"
#undef X
		    "(see callbacks.xml(5))",
		    code.p != NULL ? code.p : "",
		    n == 7599 ? "Bandwidth treats a processing error as consent"
			      : "Bandwidth treats an unknown code as consent");
		return false;
	}
	if (text.n == 0)
		text = (struct bw_str){reason, strlen(reason)};
	if (bwi_portout_verdict_make(
		&a->portout_verdict, &l->config->arena, (int)n, text))
		return true;
	bwi_loader_no_memory(l);
	return false;
}

static bool
compile_portable(struct bwi_loader *l, struct bwi_action *a)
{
	a->kind = BWI_ACTION_PORTOUT_VERDICT;
	if (bwi_portout_verdict_make(&a->portout_verdict, &l->config->arena, 0,
		(struct bw_str){"", 0}))
		return true;
	bwi_loader_no_memory(l);
	return false;
}

bool
bwi_loader_answer(struct bwi_loader *l, const struct bwi_section *s,
    const xmlNode *node, struct bwi_action *a)
{
	bool values = false;

	if (bwi_node_is(node, "reply"))
		return compile_reply(l, node, a);
	if (bwi_node_is(node, "exec"))
		return compile_exec(l, s, node, a);
	if (bwi_node_is(node, "module"))
		return bwi_loader_module(l, node, a);
	if (bwi_node_is(node, "deny"))
		return compile_deny(l, node, a);
	if (bwi_node_is(node, "portable"))
		return compile_portable(l, a);
	a->kind = BWI_ACTION_RESPONSE;
	a->text = bwi_loader_response(l, node, a->contexts, &values);
	a->fit = bwi_loader_fit(node);
	a->prepared = !values;
	return a->text != NULL;
}
