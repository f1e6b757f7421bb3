/* The syntax of roles, and the actions of people who have them. */
#include <string.h>

#include "sim/person/role.h"

#include "tests/tap/tap.h"

/*
 * A sequence of situations and the actions in them: "1", "talk", "hangup", "-".
 */
struct step {
	enum sim_situation situation;
	int count;
	bool prompted;
	const char *terminating;
	const char *want;
	int64_t after;
};

static const char *
deed_name(const struct sim_action *d)
{
	static char key[2];

	switch (d->kind) {
	case SIM_ACTION_KEY:
		key[0] = d->key;
		return key;
	case SIM_ACTION_TALK:
		return d->words;
	case SIM_ACTION_HANGUP:
		return "hangup";
	case SIM_ACTION_ANSWER:
		return "answer";
	case SIM_ACTION_BUSY:
		return "busy";
	case SIM_ACTION_REJECT:
		return "reject";
	case SIM_ACTION_ERROR:
		return "error";
	case SIM_ACTION_NONE:
		break;
	}
	return "-";
}

static const struct {
	const char *words;
	struct step steps[12];
	const char
	    *undone; /* text of the unused act, "" if it has none, NULL: none */
} rows[] = {
    {"1,2#",
	{{SIM_LISTENS, 0, false, NULL, "-", 0},
	    {SIM_GATHERS, 0, false, NULL, "-", 0},
	    {SIM_GATHERS, 0, true, NULL, "1", 1000},
	    {SIM_LISTENS, 0, false, NULL, "-", 0},
	    {SIM_TALKS, 0, false, NULL, "hangup", 60000},
	    {SIM_GATHERS, 0, false, NULL, "-", 0},
	    {SIM_GATHERS, 0, true, NULL, "2", 1000},
	    {SIM_GATHERS, 1, true, NULL, "#", 300},
	    {SIM_GATHERS, 2, true, NULL, "-", 0}},
	NULL},
    {"12", {{SIM_GATHERS, 0, true, NULL, "1", 1000}}, "12"},
    {"1@0.5,3",
	{{SIM_GATHERS, 0, false, NULL, "1", 500},
	    {SIM_GATHERS, 1, false, NULL, "-", 0}},
	"3"},
    {"silence,4",
	{{SIM_GATHERS, 0, true, NULL, "-", 0},
	    {SIM_GATHERS, 0, true, NULL, "4", 1000}},
	NULL},
    {",4",
	{{SIM_GATHERS, 0, true, NULL, "-", 0},
	    {SIM_GATHERS, 0, true, NULL, "4", 1000}},
	NULL},
    {"hangup", {{SIM_LISTENS, 0, false, NULL, "-", 0}}, ""},
    {"hangup@7", {{SIM_LISTENS, 0, false, NULL, "hangup", 7000}}, NULL},
    {"hangup", {{SIM_TALKS, 0, false, NULL, "hangup", 1000}}, NULL},
    {"say=two words",
	{{SIM_RECORDS, 0, false, "#", "two words", 1000},
	    {SIM_RECORDS, 1, false, "#", "#", 1000}},
	NULL},
    {"say=two words,hangup",
	{{SIM_RECORDS, 0, false, "#", "two words", 1000},
	    {SIM_RECORDS, 1, false, "#", "hangup", 1000}},
	NULL},
    {"say=two words,#,5",
	{{SIM_RECORDS, 0, false, "#", "two words", 1000},
	    {SIM_RECORDS, 1, false, "#", "#", 1000},
	    {SIM_GATHERS, 0, true, NULL, "5", 1000}},
	NULL},
    {"5",
	{{SIM_RECORDS, 0, false, "#", "Hello, please call me back.", 1000},
	    {SIM_RECORDS, 1, false, "", "-", 0},
	    {SIM_GATHERS, 0, true, NULL, "5", 1000}},
	NULL},
    {"*#",
	{{SIM_RECORDS, 0, false, "#", "*", 1000},
	    {SIM_RECORDS, 1, false, "#", "#", 300}},
	NULL},
    {"", {{SIM_RINGS, 0, false, NULL, "answer", 3000}}, ""},
    {"busy", {{SIM_RINGS, 0, false, NULL, "busy", 3000}}, NULL},
    {"busy@1", {{SIM_RINGS, 0, false, NULL, "busy", 1000}}, NULL},
    {"rejects", {{SIM_RINGS, 0, false, NULL, "reject", 3000}}, NULL},
    {"unreachable", {{SIM_RINGS, 0, false, NULL, "error", 3000}}, NULL},
    {"absent", {{SIM_RINGS, 0, false, NULL, "-", 3000}}, NULL},
    {"answers@2,hangup@9",
	{{SIM_RINGS, 0, false, NULL, "answer", 2000},
	    {SIM_CONFERS, 0, false, NULL, "hangup", 9000}},
	NULL},
};

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct sim_act *left;
		struct sim_role r;
		struct sim_person p;

		sim_role_init(&r);
		ok(sim_role_parse(&r, rows[i].words, NULL) == BW_OK, "'%s'",
		    rows[i].words);
		p = sim_role_person(&r);
		for (const struct step *s = rows[i].steps; s->want != NULL;
		     s++) {
			struct sim_person_context m = {
			    .situation = s->situation,
			    .count = s->count,
			    .prompted = s->prompted,
			    .terminating = s->terminating};
			struct sim_action d = p.next(p.arg, &m);

			is_str(deed_name(&d), s->want, "'%s' step %d",
			    rows[i].words, (int)(s - rows[i].steps));
			is_int(d.after, s->after, "and when");
		}
		left = sim_role_undone(&r);
		is_str(left == NULL	    ? NULL
		       : left->text == NULL ? ""
					    : left->text,
		    rows[i].undone, "what is left of it");
		sim_role_free(&r);
	}
}

static void
test_nonsense(void)
{
	static const char *const words[] = {"1,,x", "12a", "hangup@", "1@-1",
	    "1@x", "1@1e9", "1,busy", "say", "HANGUP", "1@nan", " "};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct bw_error e = {BW_OK, 0, ""};
		struct sim_role r;

		sim_role_init(&r);
		ok(sim_role_parse(&r, words[i], &e) == BW_ERR_USAGE &&
			*e.msg != '\0',
		    "'%s' is nothing", words[i]);
		sim_role_free(&r);
	}
}

static void
test_cast(void)
{
	const struct sim_person_context m = {.situation = SIM_RINGS};
	struct sim_people people;
	struct sim_cast c;
	struct sim_person p;

	sim_cast_init(&c);
	sim_cast_role(&c, "+19195550101")->rings.kind = SIM_ACTION_BUSY;
	(void)sim_cast_role(&c, "+19195550102");
	ok(sim_cast_role(&c, "+19195550101")->rings.kind == SIM_ACTION_BUSY,
	    "a role is kept");
	people = sim_cast_people(&c);
	p = people.find(people.arg, "+19195550101");
	ok(p.next(p.arg, &m).kind == SIM_ACTION_BUSY, "one is busy");
	p = people.find(people.arg, "+19195550199");
	ok(p.next(p.arg, &m).kind == SIM_ACTION_ANSWER, "others answer");
	sim_cast_free(&c);
}

int
main(void)
{
	test_rows();
	test_nonsense();
	test_cast();
	return tap_done();
}
