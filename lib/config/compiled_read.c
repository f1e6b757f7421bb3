/*
 * Reading the compiled form of a configuration. For any bytes, reads stay
 * inside the image and the result is a tree.
 */
#include "config/compiled.h"

#include "base/alloc.h"
#include "config/compiled_form.h"
#include "config/inspector.h"

/* The unread bytes; bad is set, and stays set, once a value does not fit. */
struct bytes {
	const char *p;
	size_t n;
	bool bad;
};

/* The beginning of an element; its attributes and content are unread. */
struct start {
	uint32_t line;
	uint32_t source;
	uint32_t nattrs;
	const char *name;
	struct bytes attrs; /* and the content after them */
};

/* State of building a tree. */
struct reading {
	struct bwi_loader *loader;
	struct bwi_source **sources; /* indexed by number */
	size_t nsources;
	const struct bwi_compiled_request *wanted;
	struct bw_str mount;
};

static void
take(struct bytes *b, void *out, size_t n)
{
	memset(out, 0, n);
	if (b->bad || b->n < n) {
		b->bad = true;
		return;
	}
	memcpy(out, b->p, n);
	b->p += n;
	b->n -= n;
}

static uint32_t
take_number(struct bytes *b)
{
	uint32_t v;

	take(b, &v, sizeof(v));
	return v;
}

/* NUL-terminated; "" after an error. */
static struct bw_str
take_string(struct bytes *b)
{
	struct bw_str s = {"", take_number(b)};

	if (b->bad || b->n <= s.n || b->p[s.n] != '\0') {
		b->bad = true;
		return BW_STR("");
	}
	s.p = b->p;
	b->p += s.n + 1;
	b->n -= s.n + 1;
	return s;
}

static struct start
take_start(struct bytes *b)
{
	struct start s = {0};
	struct bytes record = {b->p, 0, false};

	record.n = take_number(b);
	record.p = b->p;
	if (b->bad || record.n > b->n) {
		b->bad = true;
		s.name = "";
		return s;
	}
	b->p += record.n;
	b->n -= record.n;
	s.line = take_number(&record);
	s.source = take_number(&record);
	s.name = take_string(&record).p;
	s.nattrs = take_number(&record);
	b->bad = record.bad;
	s.attrs = record;
	return s;
}

/* An attribute's value, before its node exists; p NULL: absent. */
static struct bw_str
find_attr(const struct start *s, const char *name)
{
	struct bytes b = s->attrs;

	for (uint32_t i = 0; i < s->nattrs && !b.bad; i++) {
		struct bw_str prefix = take_string(&b);
		struct bw_str key = take_string(&b);
		struct bw_str value = take_string(&b);

		if (prefix.n == 0 && bw_str_is(key, name))
			return value;
	}
	return (struct bw_str){NULL, 0};
}

static void *
allocate(struct reading *r, size_t n)
{
	void *p = bwi_arena_alloc(&r->loader->config->arena, n);

	if (p != NULL)
		memset(p, 0, n);
	else
		bwi_loader_no_memory(r->loader);
	return p;
}

static const xmlChar *
as_xml(const char *s)
{
	return (const xmlChar *)s;
}

/* libxml2 stores large line numbers elsewhere (see xmlGetLineNo). */
static void
set_line(xmlNode *node, uint32_t line)
{
	node->line = line < 65535 ? (unsigned short)line : 65535;
	if (line >= 65535 && node->type == XML_TEXT_NODE)
		node->psvi = (void *)(uintptr_t)line;
}

/* libxml2 lacks const, but does not modify the text. */
static xmlChar *
content_of(struct bw_str s)
{
	xmlChar *content;

	memcpy(&content, &s.p, sizeof(content));
	return content;
}

static xmlNode *
make_text(struct reading *r, xmlNode *parent, struct bw_str s, uint32_t line)
{
	xmlNode *node = allocate(r, sizeof(*node));

	if (node == NULL)
		return NULL;
	node->type = XML_TEXT_NODE;
	node->name = as_xml("text");
	node->content = content_of(s);
	node->parent = parent;
	node->_private = parent->_private;
	set_line(node, line);
	return node;
}

static bool
make_attrs(struct reading *r, xmlNode *node, struct bytes *b, uint32_t n)
{
	xmlAttr **next = &node->properties;

	for (uint32_t i = 0; i < n && !b->bad; i++) {
		struct bw_str prefix = take_string(b);
		struct bw_str name = take_string(b);
		struct bw_str value = take_string(b);
		xmlAttr *a = b->bad ? NULL : allocate(r, sizeof(*a));

		if (a == NULL)
			return false;
		a->type = XML_ATTRIBUTE_NODE;
		a->name = as_xml(name.p);
		a->parent = node;
		if (prefix.n != 0) {
			a->ns = allocate(r, sizeof(*a->ns));
			if (a->ns == NULL)
				return false;
			a->ns->prefix = as_xml(prefix.p);
		}
		a->children = make_text(r, node, value, 0);
		if (a->children == NULL)
			return false;
		a->last = a->children;
		*next = a;
		next = &a->next;
	}
	return !b->bad;
}

static void
append(xmlNode *parent, xmlNode *child)
{
	child->parent = parent;
	child->prev = parent->last;
	if (parent->last != NULL)
		parent->last->next = child;
	else
		parent->children = child;
	parent->last = child;
}

/* Create an element without its content. */
static xmlNode *
make_shell(struct reading *r, struct start *s)
{
	xmlNode *node;

	if (s->source >= r->nsources)
		return NULL;
	node = allocate(r, sizeof(*node));
	if (node == NULL)
		return NULL;
	node->type = XML_ELEMENT_NODE;
	node->name = as_xml(s->name);
	node->_private = r->sources[s->source];
	set_line(node, s->line);
	return make_attrs(r, node, &s->attrs, s->nattrs) ? node : NULL;
}

/* Read one child, an element or a text; NULL after an error. */
static xmlNode *
make_child(struct reading *, xmlNode *parent, struct bytes *, unsigned depth);

static xmlNode *
make_element(struct reading *r, struct start *s, unsigned depth)
{
	xmlNode *node = make_shell(r, s);

	if (node == NULL || depth == 0)
		return NULL;
	while (s->attrs.n != 0) {
		xmlNode *child = make_child(r, node, &s->attrs, depth - 1);

		if (child == NULL)
			return NULL;
		append(node, child);
	}
	return node;
}

static xmlNode *
make_child(struct reading *r, xmlNode *parent, struct bytes *b, unsigned depth)
{
	char kind;

	take(b, &kind, 1);
	if (kind == BWI_COMPILED_TEXT) {
		uint32_t line = take_number(b);
		struct bw_str text = take_string(b);

		return b->bad ? NULL : make_text(r, parent, text, line);
	}
	if (kind == BWI_COMPILED_ELEMENT) {
		struct start s = take_start(b);

		return b->bad ? NULL : make_element(r, &s, depth);
	}
	return NULL;
}

/* exact: a section that has the path itself, not only what is below it. */
static bool
is_routed(const struct reading *r, const struct start *s, bool exact)
{
	struct bw_str path = r->wanted->path, own = find_attr(s, "path");

	if (own.p == NULL || !bwi_config_below(r->mount, &path))
		return false;
	if (exact)
		return bw_str_eq(own, path);
	return (strcmp(s->name, "health") == 0 &&
		   bwi_health_part(own, path).p != NULL) ||
	       (strcmp(s->name, "inspector") == 0 &&
		   bwi_inspector_has(own, path));
}

/* Is this element of the root needed for the section? */
static bool
is_needed(const struct start *s, const struct start *section)
{
	struct bw_str id = find_attr(s, "id");

	if (strcmp(s->name, "credentials") == 0)
		return bw_str_eq(id, find_attr(section, "credentials"));
	/*
	 * A section uses a table or a calendar if it contains the name; other
	 * text may contain it by chance.
	 */
	if (strcmp(s->name, "table") == 0 || strcmp(s->name, "calendar") == 0)
		return id.n != 0 && memmem(section->attrs.p, section->attrs.n,
					id.p, id.n) != NULL;
	return find_attr(s, "path").p == NULL;
}

/* A section's content is needed only if the request may be authorized. */
static xmlNode *
make_section(struct reading *r, struct start *s)
{
	bool asks = find_attr(s, "credentials").p != NULL;

	return asks && !r->wanted->has_credentials
		   ? make_shell(r, s)
		   : make_element(r, s, BWI_COMPILED_DEPTH);
}

/* The next element of the root; false at the end or if damaged. */
static bool
next_element(struct bytes *b, struct start *s)
{
	while (b->n != 0 && !b->bad) {
		char kind;

		take(b, &kind, 1);
		if (kind == BWI_COMPILED_ELEMENT) {
			*s = take_start(b);
			return !b->bad;
		}
		if (kind != BWI_COMPILED_TEXT)
			b->bad = true;
		(void)take_number(b);
		(void)take_string(b);
	}
	return false;
}

static bool
find_section(
    const struct reading *r, struct bytes b, bool exact, struct start *section)
{
	while (next_element(&b, section)) {
		if (is_routed(r, section, exact))
			return true;
	}
	return false;
}

static bool
make_needed(struct reading *r, xmlNode *root, struct bytes b)
{
	struct start section, s;

	if (!find_section(r, b, true, &section) &&
	    !find_section(r, b, false, &section))
		return true; /* a path that matches no request */
	while (next_element(&b, &s)) {
		xmlNode *node;

		if (s.attrs.p == section.attrs.p)
			node = make_section(r, &s);
		else if (is_needed(&s, &section))
			node = make_element(r, &s, BWI_COMPILED_DEPTH);
		else
			continue;
		if (node == NULL)
			return false;
		append(root, node);
	}
	return !b.bad;
}

/* The bytes after the header. */
static struct bytes
open_image(struct bw_str image, struct bwi_compiled_head *head)
{
	struct bytes b = {image.p, image.n, false};

	take(&b, head, sizeof(*head));
	return b;
}

bool
bwi_compiled_is_whole(struct bw_str image)
{
	struct bwi_compiled_head head;
	struct bytes b = open_image(image, &head);

	return !b.bad &&
	       memcmp(head.magic, BWI_COMPILED_MAGIC, sizeof(head.magic)) ==
		   0 &&
	       head.size == image.n && head.sum == bwi_compiled_sum(b.p, b.n) &&
	       bw_str_eq(take_string(&b), bwi_compiled_version());
}

/* The path of a file as the loader forms it: beside the configuration. */
static void
put_path(struct bw_buf *path, const char *file, struct bw_str name)
{
	bw_buf_reset(path);
	if (name.n != 0 && name.p[0] != '/')
		bw_buf_add(path, file, bwi_compiled_folder(file));
	bw_buf_add(path, name.p, name.n + 1);
}

/* Is the file unchanged? Consumes its name and identity. */
static bool
is_same(
    struct bytes *b, const char *file, struct bw_buf *path, struct bw_str *name)
{
	struct bwi_compiled_identity was, is;
	struct stat st;

	*name = take_string(b);
	take(b, &was, sizeof(was));
	put_path(path, file, *name);
	if (b->bad || path->err != BW_OK || stat(path->p, &st) != 0)
		return false;
	is = bwi_compiled_identity(&st);
	return memcmp(&is, &was, sizeof(is)) == 0;
}

bool
bwi_compiled_is_fresh(struct bw_str image, const char *file)
{
	struct bwi_compiled_head head;
	struct bytes b = open_image(image, &head);
	struct bw_str name = {"", 0};
	struct bw_buf path;
	uint32_t n;
	bool same;

	if (!bwi_compiled_is_whole(image))
		return false;
	(void)take_string(&b);
	bw_buf_init(&path, BWI_COMPILED_MAX);
	n = take_number(&b);
	same = n != 0;
	for (uint32_t i = 0; i < n && same; i++)
		same = is_same(&b, file, &path, &name);
	bw_buf_free(&path);
	/* The last one is the file that was read first: the configuration. */
	return same && bw_str_is(name, file + bwi_compiled_folder(file));
}

/* Create the sources of nodes, for findings and relative file names. */
static bool
make_sources(struct reading *r, struct bytes *b, const char *file)
{
	struct bw_buf path;

	r->nsources = take_number(b);
	if (r->nsources > BW_MAX_INCLUDES + 1)
		return false;
	r->sources = allocate(r, r->nsources * sizeof(*r->sources));
	bw_buf_init(&path, BWI_COMPILED_MAX);
	for (size_t i = 0; r->sources != NULL && i < r->nsources; i++) {
		struct bw_str name = take_string(b);
		struct bwi_compiled_identity was;
		struct bwi_source *s = allocate(r, sizeof(*s));

		take(b, &was, sizeof(was));
		put_path(&path, file, name);
		if (s == NULL || b->bad || path.err != BW_OK)
			break;
		s->path = allocate(r, path.n);
		if (s->path == NULL)
			break;
		memcpy(s->path, path.p, path.n);
		r->sources[i] = s;
	}
	bw_buf_free(&path);
	return r->nsources != 0 && r->sources != NULL &&
	       r->sources[r->nsources - 1] != NULL;
}

const xmlNode *
bwi_compiled_read(struct bwi_loader *l, struct bw_str image, const char *file,
    const struct bwi_compiled_request *wanted)
{
	struct reading r = {.loader = l, .wanted = wanted};
	struct bwi_compiled_head head;
	struct bytes b = open_image(image, &head);
	struct start s;
	xmlNode *root;
	char kind;

	(void)take_string(&b);
	if (!make_sources(&r, &b, file))
		return NULL;
	take(&b, &kind, 1);
	if (kind != BWI_COMPILED_ELEMENT)
		return NULL;
	s = take_start(&b);
	r.mount = find_attr(&s, "mount");
	if (r.mount.n != 0 && r.mount.p[r.mount.n - 1] == '/')
		r.mount.n--;
	root = b.bad ? NULL : make_shell(&r, &s);
	/* After the attributes of the root, its content follows. */
	if (root == NULL || !make_needed(&r, root, s.attrs))
		return NULL;
	return root;
}
