#ifndef BWI_PAGE_VIEW_H
#define BWI_PAGE_VIEW_H

#include <bwcallback/store.h>
#include <bwcallback/tools/mask.h>

#include "config/inspector.h"
#include "page/html.h"
#include "page/page.h"
#include "page/params.h"

/* Rows of a list, and bytes of a body, on one page. */
#define BWI_VIEW_ROWS 50
#define BWI_VIEW_BODY (64 * 1024)

/* Longest relative address of the first page, with its NUL. */
#define BWI_VIEW_UP 256

/* A page of the <inspector> while it is written. */
struct bwi_view {
	const struct bwi_page_request *request;
	struct bw_response *response;
	const struct bwi_inspector_page *page;
	struct bw_str user;
	struct bw_str id; /* the part of the address after the name */
	struct bw_buf id_text;
	struct bwi_params params; /* of the query */
	struct bwi_params form;	  /* of a POST */
	bool json;		  /* the address ends in ".json" */
	bool reveal;		  /* this answer shows numbers and texts */
	bool again;		  /* and what today's flow would answer */
	struct bw_buf *out;	  /* written by html.c only */
	struct bw_buf *data;	  /* the same, for JSON */
	struct bw_buf *location;  /* of a redirection */
	struct bwi_play *play;	  /* the answer waits for it; NULL: for none */
	struct bwi_live *live;	  /* the answer is live; NULL: it is not */
	struct bwi_html html;
	char up[BWI_VIEW_UP]; /* before addresses below the inspector's path */
	int64_t now;	      /* time of day */
	int64_t begun;	      /* CLOCK_MONOTONIC, nanoseconds */
	int64_t until;	      /* for the store, the same */
};

/* One kind of page. */
struct bwi_inspector_page {
	const char *name;	   /* first part of the address */
	const char *title;	   /* in the bar; NULL: not there */
	const char *under;	   /* the page of the bar that it belongs to */
	char key;		   /* opens it, after "g"; 0: none */
	const char *const *params; /* names, and NULL; NULL: none */
	bool has_id;		   /* a second part follows */
	bool looks_up;		   /* by an index, whatever there is */
	bool has_json;		   /* the address may end in ".json" */
	enum bwi_permission needs;
	/* Write the page, or the same facts as JSON. */
	void (*write)(struct bwi_view *);
	/* Do what a form of it asks for; NULL: it has none. */
	void (*post)(struct bwi_view *);
};

/* frame.c: head, bar, and title of a page; what follows is its content. */
void bwi_frame_begin(struct bwi_view *, const char *title);
/* Close the title's line: notes may have been added to it. */
void bwi_frame_titled(struct bwi_view *);
void bwi_frame_end(struct bwi_view *);
/* The whole page is one sentence. */
void bwi_frame_sentence(
    struct bwi_view *, int status, const char *title, const char *sentence);

/* view.c */
bool bwi_view_may(const struct bwi_view *, enum bwi_permission);
/* The store. NULL: the page says why there is none, as a sentence. */
struct bw_store *bwi_view_store(struct bwi_view *);
/* The same without a sentence. */
struct bw_store *bwi_view_stored(struct bwi_view *);
/*
 * What to say of an error of the store, in place of what could not be read.
 * false: there is none.
 */
bool bwi_view_store_failed(struct bwi_view *, enum bw_err);

/* The page of something that is not there, or could not be read. */
void bwi_view_missing(
    struct bwi_view *, const char *title, enum bw_err, const char *sentence);

/* An attribute with an address below the inspector's path. */
void bwi_view_attr_up(struct bwi_view *, const char *name, const char *address);
/* The same with a value at the end, encoded. */
void bwi_view_attr_query(struct bwi_view *, const char *name,
    const char *address, struct bw_str value);
/* Open a link to a page; an id with p NULL: the page has none. */
void bwi_view_link(
    struct bwi_view *, const char *class, const char *page, struct bw_str id);
void bwi_view_link_int(
    struct bwi_view *, const char *class, const char *page, uint64_t id);
/* An element with a text. */
void bwi_view_put(
    struct bwi_view *, const char *name, const char *class, const char *text);
/*
 * A masked value, isolated from the direction of the text around it. One key
 * is a choice in a menu, and is shown; several may be a PIN.
 */
void bwi_view_value(struct bwi_view *, enum bw_mask, struct bw_str);
/* A time of day: "10:00:00" today, otherwise with its date. */
void bwi_view_time(struct bwi_view *, int64_t ms);
/* "31 s ago" */
void bwi_view_age(struct bwi_view *, int64_t ms);
/* "0.04", "1.4" */
void bwi_view_ms(struct bwi_view *, int64_t us);

/* A state has a shape, a colour and words. */
enum bwi_state {
	BWI_STATE_NONE,
	BWI_STATE_OK,
	BWI_STATE_WAIT,
	BWI_STATE_WARN,
	BWI_STATE_BAD
};
void bwi_view_state(struct bwi_view *, enum bwi_state, const char *words);
/* How an event was answered. */
enum bwi_state bwi_view_answer_state(const struct bw_store_row *);
void bwi_view_answer(struct bwi_view *, const struct bw_store_row *);

/*
 * Answer with a redirection to an address below the inspector's path; nothing
 * was written. value, if p is not NULL, is appended, encoded.
 */
void
bwi_view_redirect(struct bwi_view *, const char *address, struct bw_str value);

/* The same to this page, with a parameter that says what was done. */
void
bwi_view_redirect_back(struct bwi_view *, const char *name, const char *value);

/* A page's parameter; p NULL: it is not there, or empty. */
struct bw_str bwi_view_param(const struct bwi_view *, const char *name);

/*
 * The attribute href: this page with its parameters, but without one (NULL:
 * with all), and with before=N if that is not 0.
 */
void
bwi_view_link_again(struct bwi_view *, const char *without, uint64_t before);

/* The pages. */
void bwi_now_write(struct bwi_view *);
/* Its part that is not the table of events. */
void bwi_now_write_state(struct bwi_view *);
void bwi_messages_write(struct bwi_view *);
void bwi_message_write(struct bwi_view *);
void bwi_orders_write(struct bwi_view *);
void bwi_order_write(struct bwi_view *);
void bwi_portouts_write(struct bwi_view *);
void bwi_calls_write(struct bwi_view *);
void bwi_call_write(struct bwi_view *);
void bwi_consumers_write(struct bwi_view *);
void bwi_consumer_write(struct bwi_view *);
void bwi_consumer_post(struct bwi_view *);
void bwi_events_write(struct bwi_view *);
void bwi_event_write(struct bwi_view *);
void bwi_event_post(struct bwi_view *);
void bwi_find_write(struct bwi_view *);
void bwi_stream_write(struct bwi_view *);
void bwi_poll_write(struct bwi_view *);
void bwi_flow_write(struct bwi_view *);
void bwi_play_write(struct bwi_view *);
void bwi_play_post(struct bwi_view *);
void bwi_telephone_write(struct bwi_view *);
void bwi_telephone_post(struct bwi_view *);

#endif
