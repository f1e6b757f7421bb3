/* Pages for the operator, seen from outside. */
#include "cli/doctor/doctor_page.h"

#include <string.h>

/* Is it the answer of a page, and not one of the web server? */
static bool
is_page(const struct doctor_answer *a, const char *element)
{
	if (strcmp(element, "metrics") == 0)
		return doctor_holds(a, "bwcallback_build_info");
	if (strcmp(element, "inspector") == 0)
		return strncmp(a->type, "text/html", 9) == 0 &&
		       doctor_holds(a, "bwcallback");
	return strncmp(a->type, "text/plain", 10) == 0 &&
	       (doctor_begins(a, "ok\n") || doctor_begins(a, "store") ||
		   doctor_begins(a, "spool") ||
		   doctor_begins(a, "configuration"));
}

/* bwcallback asks for the password, or refuses a page without TLS. */
static bool
is_refused(const struct doctor_answer *a)
{
	return (a->status == 401 && doctor_begins(a, "missing")) ||
	       (a->status == 403 && doctor_begins(a, "These pages are for "));
}

void
doctor_page(struct doctor *d, const struct doctor_path *p, const char *element)
{
	struct doctor_ask q = doctor_question(d, p);
	struct doctor_answer a = {.status = 0};
	bool health = strcmp(element, "health") == 0;

	doctor_step(p->url, "as a page");
	q.get = true;
	if (!doctor_ask(d, &q, &a))
		goto out;
	if (is_page(&a, element) && !health)
		doctor_report_path(d, p, PAGE_OPEN,
		    "<%s> without credentials: status %ld", element, a.status);
	else if (is_page(&a, element))
		doctor_report_path(
		    d, p, PAGE_REACHED, "<health>: status %ld", a.status);
	else if (is_refused(&a) && health)
		doctor_report_path(
		    d, p, HEALTH_REFUSED, "<health>: status %ld", a.status);
	else if (is_refused(&a))
		doctor_report_path(
		    d, p, PAGE_REACHED, "<%s>: status %ld", element, a.status);
out:
	doctor_answer_free(&a);
}
