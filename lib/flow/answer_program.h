#ifndef BWI_FLOW_ANSWER_PROGRAM_H
#define BWI_FLOW_ANSWER_PROGRAM_H

#include "flow/rule.h"
#include "os/program.h"
#include "os/program_slots.h"

/* What only a program that runs needs: few do, of many requests that wait. */
struct bwi_exec_run {
	struct bwi_program program;
	struct bw_process process;
	const char *env[7];
	struct bw_buf input;
	struct bw_buf out;
	struct bw_process_said said;
	struct bw_process_result result;
	struct bw_error error;
	bool started;
};

/* A program that answers an event. Zero it before its first use. */
struct bwi_exec {
	struct bwi_program_slot slot;
	struct bwi_exec_run *run; /* NULL: waits for the slot */
};

/*
 * Answer an event with a program: it gets the event as JSON on standard input
 * and writes the answer to standard output. The answer is BXML for a call,
 * which is checked, and JSON for the emergency calling API. For any other event
 * the output is ignored; only the exit status counts. false: it is not done
 * yet; the handling's parking says what to wait for, then call this again.
 * *err: as in os/program.h, and BW_ERR_BXML; after an error the response is
 * unchanged but for what it tells about the program.
 */
bool bwi_answer_program(const struct bwi_section *, const struct bwi_action *,
    const struct bw_event *, const struct bwi_handling *, struct bw_response *,
    enum bw_err *, struct bw_error *) BW_CHECK;

#endif
