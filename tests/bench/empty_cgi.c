/*
 * A CGI program that does nothing: it reads the body, as it must, and always
 * sends the same answer. Measures the cost of starting a process.
 */
#include <stdlib.h>
#include <unistd.h>

#include "answer.h"

int
main(void)
{
	static const char answer[] = BENCH_ANSWER;
	const char *length = getenv("CONTENT_LENGTH");
	char piece[16384];
	size_t left = 0;
	ssize_t n = 1;

	for (; length != NULL && *length >= '0' && *length <= '9'; length++)
		left = left * 10 + (size_t)(*length - '0');
	while (left > 0 && n > 0) {
		n = read(0, piece, left < sizeof(piece) ? left : sizeof(piece));
		left -= n > 0 ? (size_t)n : 0;
	}
	return write(1, answer, sizeof(answer) - 1) < 0;
}
