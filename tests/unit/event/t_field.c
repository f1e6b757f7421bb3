/* The table of fields compared with the payloads in tests/data. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/event.h"
#include "event/field.h"

#include "tests/tap/tap.h"

/* Members of the payloads that Bandwidth has not published. */
static const struct {
	const char *type;
	const char *name;
} undocumented[] = {
    {"initiate", "newMember.x"},
    {"initiate", "newMember.x.y"},
    {"initiate", "tag"},
    {"referComplete", "referTo"},
    {"validation", "@version"},
};

static const struct bw_field *fields;
static size_t nfields;

static bool
ends_in(const char *name, const char *suffix)
{
	size_t n = strlen(name), k = strlen(suffix);

	return n >= k && strcmp(name + n - k, suffix) == 0;
}

static enum bw_family
family_of(const char *file)
{
	for (int f = 0; f < BW_FAMILY__MAX; f++) {
		const char *name = bw_family_name((enum bw_family)f);
		size_t n = strlen(name);

		if (strncmp(file, name, n) == 0 && file[n] == '.')
			return (enum bw_family)f;
	}
	return BW_FAMILY_OTHER;
}

static bool
is_documented(const struct bw_event_type *type, struct bw_str name)
{
	for (size_t i = 0; i < nfields; i++) {
		if (bwi_field_matches(&fields[i], name) &&
		    bw_field_is_of(&fields[i], type))
			return true;
	}
	for (size_t i = 0; i < sizeof(undocumented) / sizeof(undocumented[0]);
	     i++) {
		if (strcmp(type->name, undocumented[i].type) == 0 &&
		    bw_str_is(name, undocumented[i].name))
			return true;
	}
	return false;
}

/* Check the values below node i, whose dotted name is in the buffer. */
static void
check_node(
    const char *file, const struct bw_event *e, uint32_t i, struct bw_buf *name)
{
	const struct bwi_tree *t = e->tree;
	const struct bwi_node *node = &t->nodes[i];
	size_t before = name->n;

	if (bwi_node_is_scalar(node)) {
		ok(is_documented(
		       bw_event_row(e), (struct bw_str){name->p, name->n}),
		    "%s: %.*s", file, (int)name->n, name->p);
		return;
	}
	for (uint32_t c = i + 1; c < node->end; c = t->nodes[c].end) {
		if (t->nodes[c].name != NULL && name->n != 0)
			bw_buf_putc(name, '.');
		if (t->nodes[c].name != NULL)
			bw_buf_str(name, bwi_node_name(&t->nodes[c]));
		check_node(file, e, c, name);
		name->n = before;
	}
}

static unsigned
check_file(const char *file)
{
	struct bw_decoder *d = bw_decoder_new();
	const struct bw_event *const *events = NULL;
	struct bw_payload in = {.hint = family_of(file)};
	char path[1024];
	size_t n = 0, size = 0;
	unsigned tried = 0;
	char *body;

	(void)snprintf(path, sizeof(path), "%s/%s", tap_data_dir(), file);
	body = tap_read_file(path, &size);
	in.body = (struct bw_str){body != NULL ? body : "", size};
	if (ends_in(file, ".query")) {
		in.get = true;
		in.query =
		    (struct bw_str){in.body.p, strcspn(in.body.p, "\r\n")};
	}
	if (bw_decode(d, &in, &events, &n, NULL) != BW_OK)
		n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct bw_event_type *row = bw_event_row(events[i]);
		struct bw_buf name;

		if (row == bwi_event_type_other(row->family) ||
		    row->answer == BW_ANSWER_NOTHING)
			continue;
		bw_buf_init(&name, 1000);
		check_node(file, events[i], events[i]->node, &name);
		bw_buf_free(&name);
		tried++;
	}
	bw_decoder_free(d);
	free(body);
	return tried;
}

int
main(void)
{
	DIR *d = opendir(tap_data_dir());
	const struct dirent *entry;
	unsigned tried = 0;

	fields = bw_fields(&nfields);
	while (d != NULL && (entry = readdir(d)) != NULL) {
		if (ends_in(entry->d_name, ".json") ||
		    ends_in(entry->d_name, ".xml") ||
		    ends_in(entry->d_name, ".query"))
			tried += check_file(entry->d_name);
	}
	ok(tried > 100, "%u events were looked at", tried);
	if (d != NULL)
		closedir(d);
	return tap_done();
}
