/* Writing the compiled form of a configuration. */
#include <config.h>

#include "config/compiled.h"
#include "config/compiled_form.h"
#include "config/data_file.h"

#include "config/callbacks_rng_sum.h"

struct bw_str
bwi_compiled_version(void)
{
	return BW_STR(VERSION " " BWI_SCHEMA_SUM);
}

struct bwi_compiled_identity
bwi_compiled_identity(const struct stat *st)
{
	return (struct bwi_compiled_identity){
	    .device = (int64_t)st->st_dev,
	    .inode = (int64_t)st->st_ino,
	    .size = st->st_size,
	    .modified = {st->st_mtim.tv_sec, st->st_mtim.tv_nsec},
	    .changed = {st->st_ctim.tv_sec, st->st_ctim.tv_nsec},
	};
}

/* Eight bytes at a time, since every request computes it. */
uint64_t
bwi_compiled_sum(const char *p, size_t n)
{
	uint64_t sum = 0x9e3779b97f4a7c15u ^ n, word;

	for (; n >= sizeof(word); p += sizeof(word), n -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		sum = (sum ^ word) * 0xff51afd7ed558ccdu;
		sum ^= sum >> 32;
	}
	word = 0;
	memcpy(&word, p, n);
	sum = (sum ^ word) * 0xff51afd7ed558ccdu;
	return sum ^ sum >> 32;
}

size_t
bwi_compiled_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

static void
put_number(struct bw_buf *b, size_t n)
{
	uint32_t v = (uint32_t)n;

	bw_buf_add(b, (const char *)&v, sizeof(v));
}

static void
put_string(struct bw_buf *b, const char *s)
{
	size_t n = strlen(s);

	put_number(b, n);
	bw_buf_add(b, s, n + 1);
}

/* The number of a node's file in the loader's list. */
static size_t
number_of(const struct bwi_loader *l, const xmlNode *node)
{
	size_t n = 0;

	for (const struct bwi_source *s = l->sources;
	     s != NULL && s != node->_private; s = s->next)
		n++;
	return n;
}

static void
put_attr(struct bw_buf *b, const xmlAttr *a)
{
	const xmlNode *value = a->children;

	put_string(b, a->ns != NULL && a->ns->prefix != NULL
			  ? (const char *)a->ns->prefix
			  : "");
	put_string(b, (const char *)a->name);
	put_string(b, value != NULL && value->content != NULL
			  ? (const char *)value->content
			  : "");
}

static void
put_text(struct bw_buf *b, const char *text, int line)
{
	bw_buf_putc(b, BWI_COMPILED_TEXT);
	put_number(b, (size_t)line);
	put_string(b, text);
}

/* Replace the element's own text, which is white space, by its file's text. */
static void
put_data(const struct bwi_loader *l, struct bw_buf *b, const xmlNode *node)
{
	struct bw_str text = bwi_data_file_text(l, node);

	if (text.p != NULL)
		put_text(b, text.p, bwi_loader_line(node));
}

static void
put_children(const struct bwi_loader *, struct bw_buf *, const xmlNode *);

/*
 * A valid configuration has namespaces in attributes only; otherwise no form is
 * written.
 */
static void
put_element(const struct bwi_loader *l, struct bw_buf *b, const xmlNode *node)
{
	size_t begin, n = 0;
	uint32_t size;

	if (node->ns != NULL)
		b->err = BW_ERR_UNSUPPORTED;
	bw_buf_putc(b, BWI_COMPILED_ELEMENT);
	put_number(b, 0);
	begin = b->n;
	put_number(b, (size_t)bwi_loader_line(node));
	put_number(b, number_of(l, node));
	put_string(b, (const char *)node->name);
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
		n++;
	put_number(b, n);
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
		put_attr(b, a);
	if (bwi_data_file_is(node))
		put_data(l, b, node);
	else
		put_children(l, b, node);
	if (b->err != BW_OK)
		return;
	size = (uint32_t)(b->n - begin);
	memcpy(b->p + begin - sizeof(size), &size, sizeof(size));
}

static void
put_children(const struct bwi_loader *l, struct bw_buf *b, const xmlNode *node)
{
	for (const xmlNode *c = node->children; c != NULL; c = c->next) {
		if (c->type == XML_ELEMENT_NODE)
			put_element(l, b, c);
		else if (c->type == XML_TEXT_NODE && c->content != NULL)
			put_text(
			    b, (const char *)c->content, bwi_loader_line(c));
	}
}

/* File names below the configuration's folder are written relative to it. */
static void
put_sources(const struct bwi_loader *l, struct bw_buf *b)
{
	const struct bwi_source *first = l->sources;
	size_t dir;

	while (first->includer != NULL)
		first = first->next;
	dir = bwi_compiled_folder(first->path);
	put_number(b, l->nsources);
	for (const struct bwi_source *s = l->sources; s != NULL; s = s->next) {
		struct bwi_compiled_identity id =
		    bwi_compiled_identity(&s->seen);

		put_string(b, strncmp(s->path, first->path, dir) == 0
				  ? s->path + dir
				  : s->path);
		bw_buf_add(b, (const char *)&id, sizeof(id));
	}
}

void
bwi_compiled_write(
    const struct bwi_loader *l, const xmlNode *root, struct bw_buf *b)
{
	struct bwi_compiled_head head = {.magic = BWI_COMPILED_MAGIC};

	bw_buf_add(b, (const char *)&head, sizeof(head));
	put_string(b, bwi_compiled_version().p);
	put_sources(l, b);
	put_element(l, b, root);
	if (b->err != BW_OK)
		return;
	head.size = b->n;
	head.sum = bwi_compiled_sum(b->p + sizeof(head), b->n - sizeof(head));
	memcpy(b->p, &head, sizeof(head));
}
