/* How Bandwidth reads the answer to a port-out request. */
#include <string.h>

#include "sim/family/portout_response.h"

#include "tests/tap/tap.h"

#define PORTOUT_VERDICT(s) \
	"<?xml version='1.0'?>\n<PortOutValidationResponse>" s \
	"</PortOutValidationResponse>"
#define CODE(code) "<Error><Code>" code "</Code></Error>"
#define NO	   "<Portable>false</Portable>"
#define YES	   "<Portable>true</Portable>"
#define VALUES	   "<AcceptableValues><Pin>1</Pin></AcceptableValues>"

static const struct row {
	const char *name;
	const char *document;
	bool portable;
	int code;
	bool ends;
	bool harmless;
	const char *wrong; /* part of the expected error */
} rows[] = {
    {"yes", PORTOUT_VERDICT(YES), true, 0, false, false, NULL},
    {"yes, with the PON", PORTOUT_VERDICT(YES "<PON> P-1 </PON>"), true, 0,
	false, false, NULL},
    {"yes, with another PON", PORTOUT_VERDICT("<PON>P</PON>" YES), true, 0,
	false, true, "PON"},
    {"no", PORTOUT_VERDICT(NO "<Errors>" CODE("7513") "</Errors>" VALUES),
	false, 7513, false, false, NULL},
    {"with blanks",
	PORTOUT_VERDICT("<Portable>\n false </Portable><Errors>" CODE(
	    " 7513\n") "</Errors>" VALUES),
	false, 7513, false, false, NULL},
    {"no, for good",
	PORTOUT_VERDICT(NO "<Errors>" CODE("7516") "</Errors>" VALUES), false,
	7516, true, false, NULL},
    {"two reasons",
	PORTOUT_VERDICT(
	    NO "<Errors>" CODE("7510") CODE("7518") "</Errors>" VALUES),
	false, 7510, true, false, NULL},
    {"one reason that counts",
	PORTOUT_VERDICT(
	    NO "<Errors>" CODE("9999") CODE("7598") "</Errors>" VALUES),
	false, 7598, false, false, NULL},
    {"no acceptable values",
	PORTOUT_VERDICT(NO "<Errors>" CODE("7519") "</Errors>"), false, 7519,
	false, true, "AcceptableValues"},
    {"acceptable values without one",
	PORTOUT_VERDICT(NO "<Errors>" CODE(
	    "7519") "</Errors><AcceptableValues> </AcceptableValues>"),
	false, 7519, false, true, "AcceptableValues"},
    {"no reason", PORTOUT_VERDICT(NO VALUES), true, 0, false, false, "7510"},
    {"errors without a code",
	PORTOUT_VERDICT(NO "<Errors><Error/>x</Errors>" VALUES), true, 0, false,
	false, "7510"},
    {"a fatal error",
	PORTOUT_VERDICT(NO "<Errors>" CODE("7599") "</Errors>" VALUES), true, 0,
	false, false, "7510"},
    {"below all codes",
	PORTOUT_VERDICT(NO "<Errors>" CODE("7509") "</Errors>" VALUES), true, 0,
	false, false, "7510"},
    {"between the codes",
	PORTOUT_VERDICT(NO "<Errors>" CODE("7520") "</Errors>" VALUES), true, 0,
	false, false, "7510"},
    {"a longer number",
	PORTOUT_VERDICT(NO "<Errors>" CODE("75130") "</Errors>" VALUES), true,
	0, false, false, "7510"},
    {"no number",
	PORTOUT_VERDICT(NO "<Errors>" CODE("75l3") "</Errors>" VALUES), true, 0,
	false, false, "7510"},
    {"neither yes nor no", PORTOUT_VERDICT("<Portable>FALSE</Portable>" VALUES),
	true, 0, false, false, "neither"},
    {"nothing said", PORTOUT_VERDICT(""), true, 0, false, false, "neither"},
    {"another root", "<Response>" NO "</Response>", true, 0, false, false,
	"not a PortOutValidationResponse"},
    {"cut off", "<PortOutValidationResponse>" NO, true, 0, false, false,
	"well-formed"},
    {"text", "false", true, 0, false, false, "well-formed"},
    {"nothing", "", true, 0, false, false, "empty"},
    {"an entity from elsewhere",
	"<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/hostname'>]>"
	"<PortOutValidationResponse><Portable>&f;</Portable>"
	"</PortOutValidationResponse>",
	true, 0, false, false, "neither"},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct sim_portout_response v;

		sim_portout_response_read(&v,
		    (struct bw_str){r->document, strlen(r->document)}, "P-1");
		ok(v.portable == r->portable, "%s: portable", r->name);
		is_int(v.code, r->code, "%s: code", r->name);
		ok(v.ends == r->ends, "%s: ends", r->name);
		ok(v.harmless == r->harmless, "%s: harmless", r->name);
		if (r->wrong == NULL)
			is_str(v.wrong, NULL, "%s: right", r->name);
		else
			ok(v.wrong != NULL && strstr(v.wrong, r->wrong) != NULL,
			    "%s: %s", r->name, v.wrong);
	}
	return tap_done();
}
