/* Completions for bash: two functions that know the tables, and one that asks
 * them. */
#include "cli/completion/completion.h"

/* Sets values: the words allowed for an option. */
static void
put_values(struct bw_buf *b, const struct command *c)
{
	const struct option_row *row;

	for (size_t i = 0; (row = completion_row(c, i)) != NULL; i++) {
		if (option_word(row, 0).p == NULL)
			continue;
		bw_buf_printf(b, "\t'%s --%s'", c->name, row->name);
		if (row->letter != '\0')
			bw_buf_printf(b, " | '%s -%c'", c->name, row->letter);
		bw_buf_puts(b, ") values='");
		completion_put_words(b, row);
		bw_buf_puts(b, "' ;;\n");
	}
}

static bool
is_any(const struct option_row *row)
{
	return row != NULL;
}

static bool
takes_value(const struct option_row *row)
{
	return row->kind != OPTION_FLAG;
}

/* Append " name='--option ...'" with the options that a test selects. */
static void
put_options(struct bw_buf *b, const struct command *c, const char *name,
    bool (*is)(const struct option_row *))
{
	const struct option_row *row;

	bw_buf_printf(b, " %s='", name);
	for (size_t i = 0; (row = completion_row(c, i)) != NULL; i++) {
		if (!is(row))
			continue;
		bw_buf_printf(b, " --%s", row->name);
		if (row->letter != '\0' && is != is_any)
			bw_buf_printf(b, " -%c", row->letter);
	}
	bw_buf_puts(b, is == is_any ? " --help'" : "'");
}

static void
put_command(struct bw_buf *b, const struct command *c)
{
	bw_buf_printf(b, "\t'%s')", c->name);
	put_options(b, c, "options", is_any);
	put_options(b, c, "takes", takes_value);
	put_options(b, c, "again", completion_is_repeated);
	put_options(b, c, "files", completion_is_file);
	bw_buf_puts(b, c->takes_files ? " arguments=files ;;\n" : " ;;\n");
}

static void
put_names(struct bw_buf *b, const struct command *const *commands)
{
	for (size_t i = 0; commands[i] != NULL; i++)
		bw_buf_printf(b, "%s ", commands[i]->name);
}

/* The actions of a command, also after "help". */
static void
put_actions(struct bw_buf *b, const struct command *c)
{
	bw_buf_printf(b, "\t'%s' | 'help %s') words='", c->name, c->name);
	for (const struct command *a = c->actions; a->name != NULL; a++)
		bw_buf_printf(b, "%s ", completion_name(a));
	bw_buf_puts(b, "' options=--help ;;\n");
}

static const char last[] =
    "_bwcallback()\n"
    "{\n"
    "\tlocal words= options= takes= again= files= arguments= values=\n"
    "\tlocal path= option= given=' ' ended= before= i word\n"
    "\tlocal cur=${COMP_WORDS[COMP_CWORD]}\n"
    "\n"
    "\tCOMPREPLY=()\n"
    "\t[[ ${1##*/} != bwcallback.fcgi ]] || path=bwcallback.fcgi\n"
    "\t_bwcallback_options \"$path\"\n"
    "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
    "\t\tword=${COMP_WORDS[i]}\n"
    "\t\tif [[ -n $option ]]; then\n"
    "\t\t\t# bash makes a word of the \"=\" in --name=value.\n"
    "\t\t\t[[ $word == '=' ]] || option=\n"
    "\t\telif [[ -n $words && $word != -* ]]; then\n"
    "\t\t\tpath+=${path:+ }$word\n"
    "\t\t\t_bwcallback_options \"$path\"\n"
    "\t\telif [[ -z $ended && $word == -* ]]; then\n"
    "\t\t\tgiven+=\"${word%%=*} \"\n"
    "\t\t\t[[ $word != -- ]] || ended=1\n"
    "\t\t\t[[ \" $takes \" != *\" $word \"* ]] || option=$word\n"
    "\t\tfi\n"
    "\tdone\n"
    "\n"
    "\tif [[ -n $option && $cur == '=' ]]; then\n"
    "\t\tcur=\n"
    "\telif [[ -z $option && -z $ended && $cur == --*=* ]]; then\n"
    "\t\toption=${cur%%=*} before=${cur%%=*}= cur=${cur#*=}\n"
    "\tfi\n"
    "\tif [[ -n $option ]]; then\n"
    "\t\t_bwcallback_values \"$path $option\"\n"
    "\t\twords=$values arguments=\n"
    "\t\t[[ \" $files \" != *\" $option \"* ]] || arguments=files\n"
    "\telif [[ -z $ended && $cur == -* ]]; then\n"
    "\t\twords= arguments=\n"
    "\t\tfor word in $options; do\n"
    "\t\t\t[[ $given == *\" $word \"* && \" $again \" != *\" $word \"* ]] ||\n"
    "\t\t\t\twords+=\"$word \"\n"
    "\t\tdone\n"
    "\telif [[ -n $ended ]]; then\n"
    "\t\targuments=files\n"
    "\tfi\n"
    "\tif [[ -n $words ]]; then\n"
    "\t\tCOMPREPLY=($(compgen -P \"$before\" -W \"$words\" -- \"$cur\"))\n"
    "\telif [[ -n $arguments ]]; then\n"
    "\t\tcompopt -o default\n"
    "\tfi\n"
    "}\n"
    "complete -F _bwcallback bwcallback bwcallback.fcgi\n";

static void
put(struct bw_buf *b, const struct command *const *commands)
{
	bw_buf_puts(b,
	    "# bash completion of bwcallback. Written by \"bwcallback help "
	    "--completion bash\".\n\n_bwcallback_values()\n{\n\tcase $1 in\n"
	    "\t'help --completion') values='bash fish zsh' ;;\n");
	completion_each(b, commands, put_values);
	put_values(b, &completion_responder);
	bw_buf_puts(b, "\tesac\n}\n\n_bwcallback_options()\n{\n"
		       "\twords= options= takes= again= files= arguments=\n"
		       "\tcase $1 in\n\t'') words='help ");
	put_names(b, commands);
	bw_buf_puts(b, "' options='--help --version' ;;\n\t'help') words='");
	put_names(b, commands);
	bw_buf_puts(
	    b, "' options='--json --completion' takes=--completion ;;\n");
	for (size_t i = 0; commands[i] != NULL; i++) {
		if (commands[i]->actions != NULL)
			put_actions(b, commands[i]);
	}
	completion_each(b, commands, put_command);
	put_command(b, &completion_responder);
	bw_buf_puts(b, "\tesac\n}\n\n");
	bw_buf_puts(b, last);
}

const struct completion_shell completion_bash = {"bash", put};
