/* Compiling the times of a rule: hours, dates and their zone. */
#include <bwcallback/tools/spell.h>

#include "base/alloc.h"
#include "base/str.h"
#include "config/loader.h"
#include "config/rule_loader.h"
#include "time/zone_name.h"

static void
report_unknown_zone(
    struct bwi_loader *l, const xmlNode *where, struct bw_str name)
{
	const char *instead = NULL;

	(void)bwi_zone_name_check(name, &instead);
	bwi_loader_error(l, where,
	    "<%s>: zone=\"%.60s\": no such time zone in " BWI_ZONE_DIR
	    " (package tzdata); write a name like \"%s\"",
	    (const char *)where->name, name.p,
	    instead != NULL ? instead : "America/New_York");
}

static void
check_zone(struct bwi_loader *l, const xmlNode *where, struct bw_str name)
{
	const char *element = (const char *)where->name, *instead;

	switch (bwi_zone_name_check(name, &instead)) {
	case BWI_ZONE_NO_SUMMER_TIME:
		bwi_loader_warn(l, where,
		    "<%s>: zone=\"%.60s\": %.60s has no summer time, did you "
		    "mean \"%s\"?",
		    element, name.p, name.p, instead);
		break;
	case BWI_ZONE_ARTIFICIAL:
		bwi_loader_warn(l, where,
		    "<%s>: zone=\"%.60s\": not the time zone of a place: write "
		    "a name like \"%s\"",
		    element, name.p, instead);
		break;
	case BWI_ZONE_VARIANT:
		bwi_loader_warn(l, where,
		    "<%s>: zone=\"%.60s\": a variant of the time zone of a "
		    "place, with leap seconds or other rules: write \"%.60s\"",
		    element, name.p, instead);
		break;
	case BWI_ZONE_GOOD:
		break;
	}
}

const struct bwi_tzfile *
bwi_loader_zone(struct bwi_loader *l, const xmlNode *where, struct bw_str name)
{
	struct bw_config *c = l->config;
	struct bwi_named_zone *zones;
	struct bw_error e = {0};
	struct bwi_tzfile *zone = NULL;

	for (size_t i = 0; i < c->nzones; i++) {
		if (bw_str_eq(c->zones[i].name, name))
			return c->zones[i].zone;
	}
	zones = bwi_grow(c->zones, c->nzones, &c->zones_cap, sizeof(*zones));
	if (zones == NULL) {
		bwi_loader_no_memory(l);
		return NULL;
	}
	c->zones = zones;
	if (bwi_tzfile_open(&zone, BWI_ZONE_DIR, name, &e) == BW_OK) {
		c->zones[c->nzones++] = (struct bwi_named_zone){name, zone};
		check_zone(l, where, name);
	} else if (e.code == BW_ERR_NOFILE) {
		report_unknown_zone(l, where, name);
	} else {
		bwi_loader_report_error(l, where, &e);
	}
	return zone;
}

static void
check_hours(
    struct bwi_loader *l, const xmlNode *node, const struct bwi_hours *h)
{
	int lost = bwi_hours_lost_minute(h), minute = lost % (24 * 60);

	if (bwi_hours_always(h))
		bwi_loader_warn(l, node,
		    "<on>: hours: they always hold: leave out hours and zone");
	if (lost >= 0)
		bwi_loader_warn(l, node,
		    "<on>: hours: the minute from %s %02d:%02d is in no "
		    "window, since a window ends before its end: write "
		    "%02d:%02d as the end",
		    bwi_weekday_name(lost / (24 * 60)), minute / 60,
		    minute % 60, (minute + 1) / 60, (minute + 1) % 60);
}

static bool
set_hours(struct bwi_loader *l, const xmlNode *node, struct bw_str hours,
    struct bwi_rule *rule)
{
	struct bw_error e = {0};

	if (bwi_hours_compile(&l->config->arena, hours, &rule->hours, &e) !=
	    BW_OK)
		bwi_loader_report_error(l, node, &e);
	else if (!l->compiled)
		check_hours(l, node, rule->hours);
	return rule->hours != NULL;
}

static const struct bwi_named_calendar *
find_calendar(struct bwi_loader *l, const xmlNode *node, struct bw_str name)
{
	const struct bw_config *c = l->config;
	const char *near = NULL;
	bool date = name.n != 0 && *name.p >= '0' && *name.p <= '9';

	for (size_t i = 0; i < c->ncalendars; i++) {
		if (bw_str_eq(c->calendars[i].id, name))
			return &c->calendars[i];
		if (near == NULL)
			near = bw_spell_suggest(name, &c->calendars[i].id.p, 1);
	}
	bwi_loader_error(l, node,
	    "<on>: dates: no <calendar id=\"%.*s\">%s%s%s",
	    (int)(name.n < 60 ? name.n : 60), name.p,
	    near != NULL ? ", did you mean \""
	    : date	 ? ": write the dates into a file, one in each line, "
			   "and name it: <calendar id=\"holidays\" "
			   "file=\"holidays.txt\"/>"
			 : "",
	    near != NULL ? near : "", near != NULL ? "\"?" : "");
	return NULL;
}

/* One name of a list; the list is what follows it, p NULL at the end. */
static struct bw_str
next_name(struct bw_str *list)
{
	const char *bar = list->n != 0 ? memchr(list->p, '|', list->n) : NULL;
	struct bw_str one = {
	    list->p, bar != NULL ? (size_t)(bar - list->p) : list->n};

	*list = bar != NULL ? (struct bw_str){bar + 1, list->n - one.n - 1}
			    : (struct bw_str){NULL, 0};
	return one;
}

/* The zone of a rule's dates: its own, or that of the calendar. */
static bool
set_date_zone(
    struct bwi_loader *l, const xmlNode *node, struct bwi_rule_dates *d)
{
	if (d->zone == NULL)
		d->zone = d->calendar->zone;
	if (d->zone == NULL)
		bwi_loader_error(l, node,
		    "<on>: dates: add zone=\"America/New_York\" here or to "
		    "<calendar id=\"%s\">",
		    d->calendar->id.p);
	return d->zone != NULL;
}

/* "holidays", "!holidays", "holidays|vacation" */
static bool
set_dates(struct bwi_loader *l, const xmlNode *node, struct bw_str list,
    struct bwi_rule *rule)
{
	struct bwi_rule_dates *d;
	size_t n = 1;

	for (size_t i = 0; i < list.n; i++)
		n += list.p[i] == '|';
	d = bwi_arena_alloc(&l->config->arena, n * sizeof(*d));
	if (d == NULL) {
		bwi_loader_no_memory(l);
		return false;
	}
	rule->outside = bwi_str_take(&list, '!');
	rule->dates = d;
	while (list.p != NULL) {
		const struct bwi_named_calendar *calendar =
		    find_calendar(l, node, next_name(&list));

		if (calendar == NULL)
			return false;
		*d = (struct bwi_rule_dates){calendar, rule->zone};
		if (!set_date_zone(l, node, d++))
			return false;
		rule->ndates++;
	}
	return true;
}

bool
bwi_loader_time(
    struct bwi_loader *l, const xmlNode *node, struct bwi_rule *rule)
{
	struct bw_str hours = bwi_loader_attr(l, node, "hours");
	struct bw_str dates = bwi_loader_attr(l, node, "dates");
	struct bw_str zone = bwi_loader_attr(l, node, "zone");
	bool good = true;

	if ((hours.p != NULL && zone.p == NULL) ||
	    (hours.p == NULL && dates.p == NULL && zone.p != NULL)) {
		bwi_loader_error(l, node,
		    "<on>: hours and zone go together: hours=\"Mon-Fri "
		    "09:00-17:00\" zone=\"America/New_York\"");
		return false;
	}
	if (zone.p != NULL) {
		rule->zone = bwi_loader_zone(l, node, zone);
		good = rule->zone != NULL;
	}
	if (hours.p != NULL)
		good = set_hours(l, node, hours, rule) && good;
	if (dates.p != NULL && good)
		good = set_dates(l, node, dates, rule);
	return good;
}
