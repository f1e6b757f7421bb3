#ifndef BENCH_ANSWER_H
#define BENCH_ANSWER_H

/* What the do-nothing contenders say: the size of a real answer. */
#define BENCH_ANSWER \
	"Status: 200 OK\r\n" \
	"Content-Type: application/xml; charset=utf-8\r\n" \
	"Content-Length: 191\r\n\r\n" \
	"<Response><SpeakSentence voice=\"julie\">Connecting you to " \
	"sales.</SpeakSentence><Transfer " \
	"transferCompleteUrl=\"/voice/transferred\"><PhoneNumber>" \
	"+19195550101</PhoneNumber></Transfer></Response>"

#endif
