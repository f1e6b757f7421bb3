/*
 * Generates files from the BXML table at build time: "schema" writes bxml.rng,
 * "header" the public declarations of the builder, "source" the offsets of its
 * structs.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bxml/language.h"

struct name {
	char s[64];
};

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static char
upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* SpeakSentence becomes speak_sentence. */
static struct name
snake(const char *s)
{
	struct name n = {{0}};
	size_t used = 0;

	for (size_t i = 0; s[i] != '\0' && used + 2 < sizeof(n.s); i++) {
		bool begins = s[i] != lower(s[i]);

		if (begins && i > 0 && s[i - 1] != '_')
			n.s[used++] = '_';
		n.s[used++] = lower(s[i]);
	}
	return n;
}

/* xml:lang becomes xml_lang. */
static struct name
identifier(const char *s)
{
	struct name n = {{0}};

	for (size_t i = 0; s[i] != '\0' && i + 1 < sizeof(n.s); i++)
		n.s[i] = s[i] == ':' || s[i] == '-' ? '_' : s[i];
	return n;
}

static struct name
shout(const char *s)
{
	struct name n = identifier(s);

	for (size_t i = 0; n.s[i] != '\0'; i++)
		n.s[i] = upper(n.s[i]);
	return n;
}

static bool
is_root(const struct bwi_bxml_element *e)
{
	return e->parents[0] == '\0';
}

static bool
holds_elements(const struct bwi_bxml_element *e)
{
	for (size_t i = 0; i < bwi_bxml_nelements; i++) {
		if (bwi_bxml_stands_in(&bwi_bxml_elements[i], e->name))
			return true;
	}
	return false;
}

/* Does it have a function that writes the whole element? */
static bool
is_whole(const struct bwi_bxml_element *e)
{
	return e->text != BWI_BXML_NONE || !holds_elements(e);
}

static void
put_list(const struct bwi_bxml_words *list)
{
	printf("enum bw_bxml_%s {\n\tBW_BXML_%s_UNSET", list->id,
	    shout(list->id).s);
	for (size_t i = 0; i < list->n; i++) {
		const struct bwi_bxml_word *w = &list->words[i];

		printf(
		    ",\n\tBW_BXML_%s_%s", shout(list->id).s, shout(w->name).s);
		if (w->locale != NULL)
			printf(" /* %s, %s%s */", w->locale, w->gender,
			    w->source == BWI_BXML_SDK ? ", not documented"
						      : "");
		else if (w->source == BWI_BXML_SDK)
			printf(" /* not documented */");
	}
	puts("\n};\n");
}

/* Only if all values are words: SSML also allows numbers. */
static bool
is_enum(const struct bwi_bxml_attr *a)
{
	return a->type == BWI_BXML_ENUM || a->type == BWI_BXML_METHOD;
}

static void
put_type(const struct bwi_bxml_attr *a)
{
	if (is_enum(a))
		printf("\tenum bw_bxml_%s ", a->words->id);
	else if (a->type == BWI_BXML_BOOLEAN)
		printf("\tenum bw_flag ");
	else if (a->type == BWI_BXML_INTEGER)
		printf("\tint ");
	else if (a->type == BWI_BXML_DECIMAL)
		printf("\tdouble ");
	else
		printf("\tstruct bw_str ");
	printf("%s;", identifier(a->name).s);
}

static void
put_remark(const struct bwi_bxml_attr *a)
{
	const char *comma = "";

	if (!a->required && !a->ranged && a->length_max == 0 &&
	    a->default_value == NULL && a->source == BWI_BXML_DOCUMENTED) {
		puts("");
		return;
	}
	printf(" /* ");
	if (a->required)
		printf("required"), comma = ", ";
	if (a->ranged)
		printf("%s%g to %g%s%s", comma, a->min, a->max,
		    a->unit != NULL ? " " : "", a->unit != NULL ? a->unit : ""),
		    comma = ", ";
	if (a->length_max > 0)
		printf("%sup to %zu characters", comma, a->length_max),
		    comma = ", ";
	if (a->default_value != NULL)
		printf("%sdefault \"%s\"", comma, a->default_value),
		    comma = ", ";
	if (a->source == BWI_BXML_SDK)
		printf("%snot documented", comma);
	else if (a->source == BWI_BXML_RECENT)
		printf("%ssince 2025", comma);
	puts(" */");
}

static void
put_struct(const struct bwi_bxml_element *e)
{
	if (e->nattrs == 0)
		return;
	printf("struct bw_bxml_%s {\n", snake(e->id).s);
	for (size_t i = 0; i < e->nattrs; i++) {
		put_type(&e->attrs[i]);
		put_remark(&e->attrs[i]);
	}
	puts("};");
}

/* Write the prototype, up to its closing parenthesis. */
static void
put_prototype(const struct bwi_bxml_element *e, bool whole)
{
	struct name name = snake(e->id);

	printf("bw_bxml_%s%s(struct bw_bxml *b", whole ? "" : "begin_", name.s);
	if (whole && e->text != BWI_BXML_NONE)
		printf(", struct bw_str text");
	if (e->nattrs > 0)
		printf(",\n    const struct bw_bxml_%s *o", name.s);
	printf(")");
}

static void
put_declarations(const struct bwi_bxml_element *e)
{
	put_struct(e);
	if (is_whole(e)) {
		printf("BW_EXPORT void\n");
		put_prototype(e, true);
		puts(";");
	}
	if (holds_elements(e)) {
		printf("BW_EXPORT void\n");
		put_prototype(e, false);
		puts(";");
	}
	puts("");
}

static void
put_header(void)
{
	puts("/* Made from the tables of BXML, see <bwcallback/build.h>. */\n"
	     "/* clang-format off */\n"
	     "#ifndef BWCALLBACK_VERBS_H\n#define BWCALLBACK_VERBS_H\n\n"
	     "#include <bwcallback/export.h>\n"
	     "#include <bwcallback/str.h>\n\n"
	     "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
	     "struct bw_bxml;\n\n"
	     "enum bw_flag {\n\tBW_UNSET,\n\tBW_YES,\n\tBW_NO\n};\n");
	for (size_t i = 0; i < bwi_bxml_nlists; i++) {
		const char *id = bwi_bxml_lists[i]->id;

		/* An option that also takes a number is a string. */
		if (strcmp(id, "pitch") != 0 && strcmp(id, "rate") != 0 &&
		    strcmp(id, "volume") != 0)
			put_list(bwi_bxml_lists[i]);
	}
	for (size_t i = 0; i < bwi_bxml_nelements; i++) {
		if (!is_root(&bwi_bxml_elements[i]))
			put_declarations(&bwi_bxml_elements[i]);
	}
	puts("#ifdef __cplusplus\n}\n#endif\n\n#endif");
}

static void
put_fields(const struct bwi_bxml_element *e)
{
	printf("static const size_t fields_%s[] = {\n", e->id);
	for (size_t i = 0; i < e->nattrs; i++)
		printf("\toffsetof(struct bw_bxml_%s, %s),\n", snake(e->id).s,
		    identifier(e->attrs[i].name).s);
	puts("};\n");
}

static void
put_definition(const struct bwi_bxml_element *e, bool whole)
{
	const char *options = e->nattrs > 0 ? "o" : "NULL";

	printf("void\n");
	put_prototype(e, whole);
	if (whole)
		printf("\n{\n\tbwi_builder_whole(b, BWI_BXML_ID_%s, %s, %s);\n"
		       "}\n\n",
		    e->id,
		    e->text != BWI_BXML_NONE ? "text"
					     : "(struct bw_str){NULL, 0}",
		    options);
	else
		printf(
		    "\n{\n\tbwi_builder_begin(b, BWI_BXML_ID_%s, %s);\n}\n\n",
		    e->id, options);
}

static void
put_source(void)
{
	puts("/* Made from the tables of BXML. */\n"
	     "/* clang-format off */\n"
	     "#include <bwcallback/build.h>\n\n#include \"bxml/builder.h\"\n");
	for (size_t i = 0; i < bwi_bxml_nelements; i++) {
		if (bwi_bxml_elements[i].nattrs > 0)
			put_fields(&bwi_bxml_elements[i]);
	}
	puts("const struct bwi_builder_fields "
	     "bwi_builder_fields[BWI_BXML__ELEMENTS] = {");
	for (size_t i = 0; i < bwi_bxml_nelements; i++) {
		const struct bwi_bxml_element *e = &bwi_bxml_elements[i];

		if (e->nattrs > 0)
			printf("\t[BWI_BXML_ID_%s] = {fields_%s,\n\t    "
			       "sizeof(struct bw_bxml_%s)},\n",
			    e->id, e->id, snake(e->id).s);
	}
	puts("};\n");
	for (size_t i = 0; i < bwi_bxml_nelements; i++) {
		const struct bwi_bxml_element *e = &bwi_bxml_elements[i];

		if (!is_root(e) && is_whole(e))
			put_definition(e, true);
		if (!is_root(e) && holds_elements(e))
			put_definition(e, false);
	}
}

static int
put_schema(void)
{
	struct bw_buf b;
	int failed;

	bw_buf_init(&b, 1 << 20);
	bw_bxml_schema(&b);
	failed = b.err != BW_OK || fwrite(b.p, 1, b.n, stdout) != b.n;
	bw_buf_free(&b);
	return failed;
}

int
main(int argc, char **argv)
{
	const char *what = argc == 2 ? argv[1] : "";
	int failed = 0;

	if (strcmp(what, "header") == 0)
		put_header();
	else if (strcmp(what, "source") == 0)
		put_source();
	else if (strcmp(what, "schema") == 0)
		failed = put_schema();
	else
		failed = 1;
	return fflush(stdout) != 0 || failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
