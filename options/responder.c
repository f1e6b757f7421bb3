#include "options/responder.h"

/* Maximum number of programs; each is a process. */
#define MAX_PROGRAMS 1000

#define MAX_SECONDS 3600

/* Bandwidth gives up on a voice callback after 15 seconds. */
const struct responder_settings responder_defaults = {
    .programs = 16,
    .receive = 10,
    .drain = 20,
};

#define AT(member) .at = offsetof(struct responder_settings, member)
#define NUMBER(member, most) \
	.kind = OPTION_NUMBER, AT(member), .form = &option_count, .min = 1, \
	.max = (most)

const struct option_row responder_rows[] = {
    {"config", "FILE",
	"configuration; without it, BWCALLBACK_CONFIG in the environment, "
	"callbacks.xml beside this program, or " RESPONDER_CONFIG,
	.kind = OPTION_TEXT, AT(config)},
    {"overlay", "FILE",
	"elements of this file replace those of the configuration",
	.kind = OPTION_TEXT, AT(overlay)},
    {"check", "FILE", "only check a configuration", .kind = OPTION_TEXT,
	AT(check)},
    {"listen", "ADDRESS",
	"listen there: unix:PATH[,mode=0660][,group=GROUP], or HOST:PORT. "
	"Without it, the socket is descriptor 0 or LISTEN_FDS",
	.kind = OPTION_LIST, AT(listen)},
    {"workers", "N", "threads that answer (one more than there are processors)",
	NUMBER(workers, RESPONDER_MAX_WORKERS)},
    {"programs", "N", "programs that run at once (16)",
	NUMBER(programs, MAX_PROGRAMS)},
    {"log", "FILE|syslog", "instead of standard error", .kind = OPTION_TEXT,
	AT(log)},
    {"log-format", "logfmt|json", "how its lines are written (logfmt)",
	.kind = OPTION_TEXT, AT(log_format), .words = "logfmt|json"},
    {"confine", "yes|no",
	"allow this process only the system calls that it needs (if it can be "
	"had)",
	.kind = OPTION_TEXT, AT(confine), .words = "yes|no"},
    {"writable", "FOLDER",
	"change files only there, through Landlock (anywhere)",
	.kind = OPTION_LIST, AT(writable)},
    {"receive-timeout", "SECONDS", "for a whole request to arrive (10)",
	NUMBER(receive, MAX_SECONDS)},
    {"drain-timeout", "SECONDS", "for running requests at the end (20)",
	NUMBER(drain, MAX_SECONDS)},
    {"version", NULL, "print the version", .kind = OPTION_FLAG, AT(version)},
    {.name = NULL},
};
