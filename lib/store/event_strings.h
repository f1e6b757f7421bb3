#ifndef BWI_STORE_EVENT_STRINGS_H
#define BWI_STORE_EVENT_STRINGS_H

/*
 * The strings of an event, in the order in which they are spooled, and passed
 * to PostgreSQL. A record in the spool may end before the query.
 */
#define BWI_STORE_EVENT_STRINGS(X) \
	X(section) \
	X(method) \
	X(content_type) \
	X(family) \
	X(type) \
	X(key) \
	X(user) \
	X(request) \
	X(body) \
	X(call) \
	X(message) \
	X(from) \
	X(to) \
	X(thread) \
	X(query)

/* The same and the strings of an answer that is known beforehand: all
 * strings that are copied. */
#define BWI_STORE_STRINGS(X) \
	BWI_STORE_EVENT_STRINGS(X) \
	X(answer.content_type) \
	X(answer.body) \
	X(answer.trace)

#endif
