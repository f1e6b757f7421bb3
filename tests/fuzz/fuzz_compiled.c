/*
 * The compiled form of a configuration: any bytes after a valid header are
 * refused or give a consistent tree.
 */
#include "config/compiled.h"

#include <stdlib.h>

#include "config/compiled_form.h"
#include "fuzz.h"

static size_t
walk(const xmlNode *node, unsigned depth)
{
	size_t n = bwi_loader_line(node) < 0;

	if (depth > BWI_COMPILED_DEPTH + 2 || bwi_loader_file(node) == NULL)
		abort();
	if (node->type != XML_ELEMENT_NODE)
		return n + strlen((const char *)node->content);
	n += strlen((const char *)node->name);
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
		n += strlen((const char *)a->name) +
		     walk(a->children, depth + 1);
	for (const xmlNode *c = node->children; c != NULL; c = c->next) {
		if (c->parent != node)
			abort();
		n += walk(c, depth + 1);
	}
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct bwi_compiled_request wanted[] = {
	    {{"/v", 2}, true}, {{"/v", 2}, false}, {{"/none", 5}, true}};
	struct bwi_compiled_head head = {.magic = BWI_COMPILED_MAGIC};
	struct bw_buf image;
	size_t seen = 0;

	bw_buf_init(&image, BWI_COMPILED_MAX);
	head.size = sizeof(head) + n;
	head.sum = bwi_compiled_sum((const char *)p, n);
	bw_buf_add(&image, (const char *)&head, sizeof(head));
	bw_buf_add(&image, (const char *)p, n);
	(void)bwi_compiled_is_fresh((struct bw_str){image.p, image.n}, "c.xml");
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		struct bw_config config = {.mount = {NULL, 0}};
		struct bwi_loader l = {.config = &config};
		const xmlNode *root;

		bwi_arena_init(&config.arena);
		root = bwi_compiled_read(
		    &l, (struct bw_str){image.p, image.n}, "c.xml", &wanted[i]);
		if (root != NULL)
			seen += walk(root, 0);
		bwi_arena_free(&config.arena);
	}
	bw_buf_free(&image);
	if (seen > 8 * head.size) /* all strings are inside the image */
		abort();
	return 0;
}
