/* Checks for files that others may read or change, or the responder may not. */
#include "cli/doctor/doctor_files.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bwcallback/tools/config.h>

struct looking {
	struct doctor_report *report;
	const struct person *responder;
};

static void
check_file(const struct looking *l, const char *file, bool secret)
{
	struct stat st;

	if (stat(file, &st) != 0)
		return;
	if (secret && (st.st_mode & S_IROTH) != 0) {
		struct person nobody = person_nobody();

		/* A folder above the file may deny access. */
		if (person_may(&nobody, file, R_OK))
			doctor_found(l->report, DOCTOR_FILE_OPEN, file, NULL,
			    DOCTOR_ANY, "mode %04o",
			    (unsigned)st.st_mode & 07777);
	}
	if ((st.st_mode & S_IWOTH) != 0)
		doctor_found(l->report, DOCTOR_FILE_WRITABLE, file, NULL,
		    DOCTOR_ANY, "mode %04o", (unsigned)st.st_mode & 07777);
	if (l->responder != NULL && !person_may(l->responder, file, R_OK))
		doctor_found(l->report, DOCTOR_FILE_CLOSED, file, NULL,
		    DOCTOR_ANY, "mode %04o, owner %u, group %u; it runs as %s",
		    (unsigned)st.st_mode & 07777, (unsigned)st.st_uid,
		    (unsigned)st.st_gid, l->responder->name);
}

static void
check_secret(void *arg, const char *file)
{
	check_file(arg, file, true);
}

void
doctor_files(struct doctor_report *r, const char *file,
    const struct bw_config *config, const struct person *responder)
{
	struct looking l = {r, responder};

	check_file(&l, file, false);
	if (config != NULL)
		bw_config_secrets(config, check_secret, &l);
}
