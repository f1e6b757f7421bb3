/* Duration of speech and files, and files that cannot be played. */
#include <stdlib.h>
#include <string.h>

#include <bwcallback/limits.h>

#include "sim/base/memory.h"
#include "sim/call/prompt.h"
#include "sim/deliver/deliver.h"

#define UNUSABLE "PlayAudio: neither WAV nor MP3"

/*
 * A file with one of these suffixes cannot be played; without a suffix, WAV is
 * assumed (Programmable Voice, PlayAudio).
 */
static bool
suffix_is_bad(const char *url)
{
	static const char *const others[] = {".ogg", ".oga", ".opus", ".flac",
	    ".aac", ".m4a", ".wma", ".aif", ".aiff", ".mid", ".webm", ".mp4"};
	size_t n = strcspn(url, "?#");

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		size_t len = strlen(others[i]);

		if (n > len && strncasecmp(url + n - len, others[i], len) == 0)
			return true;
	}
	return false;
}

static bool
type_is_good(const char *type)
{
	static const char *const types[] = {"audio/wav", "audio/x-wav",
	    "audio/mpeg", "audio/mpeg3", "audio/mp3"};
	size_t n = strcspn(type, "; ");

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strlen(types[i]) == n &&
		    strncasecmp(type, types[i], n) == 0)
			return true;
	}
	return false;
}

/* An audio Content-Type decides; otherwise the suffix does. */
static const char *
check_reply(const struct sim_reply *reply, const char *url)
{
	if (reply->failure != SIM_ANSWERED)
		return "PlayAudio: the file's server does not answer";
	if (reply->status < 200 || reply->status > 299)
		return "PlayAudio: the file's server answers with an error";
	if (reply->type != NULL && strncasecmp(reply->type, "audio/", 6) == 0)
		return type_is_good(reply->type) ? NULL : UNUSABLE;
	return suffix_is_bad(url) ? UNUSABLE : NULL;
}

static const char *
check_file(struct sim_world *w, const char *about, const xmlNode *node,
    const char *url)
{
	struct sim_request request = {
	    .method = "GET",
	    .url = url,
	    .user = sim_attr_given(node, "username"),
	    .password = sim_attr_given(node, "password"),
	    .time = sim_world_now(w),
	    .timeout = w->options.callback_timeout,
	};
	struct sim_reply reply;
	const char *wrong;

	sim_reply_init(&reply);
	sim_wire_send(w->wire, &request, &reply);
	sim_world_log(w, &(struct sim_log_entry){
			     .kind = SIM_LOG_REQUEST,
			     .call = about,
			     .name = "PlayAudio",
			     .request = &request,
			     .reply = &reply,
			 });
	wrong = check_reply(&reply, url);
	sim_reply_free(&reply);
	return wrong;
}

static struct sim_prompt
play_file(struct sim_world *w, const char *about, const xmlNode *node,
    const char *base)
{
	char *text = sim_node_text(node);
	char *url = sim_url_resolve(base, text);
	struct sim_prompt p = {w->options.audio, NULL};

	sim_world_log(w, &(struct sim_log_entry){
			     .kind = SIM_LOG_PLAYED,
			     .call = about,
			     .text = url != NULL ? url : text,
			 });
	if (url == NULL)
		p.wrong =
		    "PlayAudio: relative URL, and the document has no base URL";
	else if (w->options.fetch_audio)
		p.wrong = check_file(w, about, node, url);
	else if (suffix_is_bad(url))
		p.wrong = UNUSABLE;
	free(text);
	free(url);
	return p;
}

static bool
is_blank(struct bw_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (strchr(" \t\r\n", s.p[i]) == NULL)
			return false;
	}
	return true;
}

/* "1.5s" or "250ms". */
static int64_t
duration(const char *s)
{
	int64_t n = sim_thousandths(s);

	return strstr(s, "ms") != NULL ? n / 1000 : n;
}

/*
 * Collect the spoken text of SSML: aliases instead of their text, and the time
 * of breaks.
 */
static void
collect(const xmlNode *node, struct bw_buf *out, int64_t *pauses)
{
	for (; node != NULL; node = node->next) {
		const char *alias;

		if (node->type == XML_TEXT_NODE) {
			bw_buf_puts(out, (const char *)node->content);
			continue;
		}
		if (node->type != XML_ELEMENT_NODE)
			continue;
		if (sim_node_is(node, "break")) {
			const char *time = sim_attr_given(node, "time");

			*pauses += time != NULL ? duration(time) : 500;
			bw_buf_putc(out, ' ');
		} else if (sim_node_is(node, "sub") &&
			   (alias = sim_attr_given(node, "alias")) != NULL) {
			bw_buf_puts(out, alias);
		} else {
			collect(node->children, out, pauses);
		}
	}
}

/* Collapse white space in place and trim. Returns the number of words. */
static int64_t
squeeze(struct bw_buf *b)
{
	int64_t words = 0;
	size_t n = 0;
	bool gap = true;

	for (size_t i = 0; i < b->n; i++) {
		if (is_blank((struct bw_str){b->p + i, 1})) {
			gap = true;
			continue;
		}
		if (gap && n > 0)
			b->p[n++] = ' ';
		words += gap;
		gap = false;
		b->p[n++] = b->p[i];
	}
	b->n = n;
	return words;
}

static struct sim_prompt
speak(struct sim_world *w, const char *about, const xmlNode *node)
{
	struct sim_prompt p = {0, NULL};
	struct bw_buf text;
	int64_t words;

	bw_buf_init(&text, BW_MAX_BXML_TAKEN + 1);
	bw_buf_reserve(&text, 1);
	collect(node->children, &text, &p.lasts);
	words = squeeze(&text);
	bw_buf_putc(&text, '\0');
	p.lasts += words * 60000 / w->options.words_per_minute;
	sim_world_log(w, &(struct sim_log_entry){
			     .kind = SIM_LOG_SAID,
			     .call = about,
			     .name = sim_attr_given(node, "voice"),
			     .text = text.p,
			 });
	bw_buf_free(&text);
	return p;
}

struct sim_prompt
sim_prompt_play(struct sim_world *w, const char *about, const xmlNode *node,
    const char *base)
{
	if (sim_node_is(node, "PlayAudio"))
		return play_file(w, about, node, base);
	return speak(w, about, node);
}
