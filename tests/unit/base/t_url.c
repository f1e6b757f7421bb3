/* URLs as text: what cannot be called, and what is most likely a mistake. */
#include <stdio.h>

#include <bwcallback/tools/url.h>

#include "tests/tap/tap.h"

static struct bw_str
str(const char *s)
{
	return (struct bw_str){s, strlen(s)};
}

/* Invalid URLs, and the message for each. */
static const struct {
	enum bw_url_kind kind;
	const char *url;
	const char *why;
} wrong[] = {
    {BW_URL_HTTP, "https:///next", "no host, write https://example.com/path"},
    {BW_URL_HTTP, "https://a..example.com/",
	"\"a..example.com\" is no host: two dots, or one at its beginning"},
    {BW_URL_HTTP, "https://.example.com/",
	"\".example.com\" is no host: two dots, or one at its beginning"},
    {BW_URL_HTTP, "https://192.0.2.256/x",
	"\"192.0.2.256\" is no host: an IPv4 address has four numbers from 0 "
	"to 255"},
    {BW_URL_HTTP, "https://192.0.2/x",
	"\"192.0.2\" is no host: an IPv4 address has four numbers from 0 to "
	"255"},
    {BW_URL_HTTP, "http://", "no host, write https://example.com/path"},
    {BW_URL_HTTP, "https://?a=1", "no host, write https://example.com/path"},
    {BW_URL_HTTP, "https://:443/", "no host, write https://example.com/path"},
    {BW_URL_HTTP, "https://u:p@/x", "no host, write https://example.com/path"},
    {BW_URL_HTTP, "///x", "no host, write https://example.com/path"},
    {BW_URL_WS, "wss:///x", "no host, write wss://example.com/path"},
    {BW_URL_SIP, "sip:", "no host, write sip:user@example.com"},
    {BW_URL_SIP, "sip:bob@", "no host, write sip:user@example.com"},
    {BW_URL_SIP, "sip:bob@:5060;transport=tcp",
	"no host, write sip:user@example.com"},
    {BW_URL_HTTP, "https://a.example:0/",
	"port 0: write a number from 1 to 65535, or no port"},
    {BW_URL_HTTP, "https://a.example:65536/",
	"port 65536: write a number from 1 to 65535, or no port"},
    {BW_URL_HTTP, "https://a.example:abc",
	"port abc: write a number from 1 to 65535, or no port"},
    {BW_URL_HTTP, "https://a.example:-1/",
	"port -1: write a number from 1 to 65535, or no port"},
    {BW_URL_HTTP, "https://a.example:44300000000000000000000000/",
	"port 44300000000000000000...: write a number from 1 to 65535, or no "
	"port"},
    {BW_URL_WS, "wss://a.example:99999/",
	"port 99999: write a number from 1 to 65535, or no port"},
    {BW_URL_SIP, "sip:bob@a.example:70000",
	"port 70000: write a number from 1 to 65535, or no port"},
    {BW_URL_HTTP, "https://[::1]:x/",
	"port x: write a number from 1 to 65535, or no port"},
    {BW_URL_HTTP, "https://2001:db8::1/",
	"two colons in the host: write an IPv6 address in brackets, "
	"[2001:db8::1]"},
    {BW_URL_HTTP, "https://[::1/x",
	"\"[\" is no host: brackets hold an IPv6 address, [2001:db8::1]"},
    {BW_URL_HTTP, "https://[::1]a/x",
	"\"[::1]a\" is no host: brackets hold an IPv6 address, "
	"[2001:db8::1]"},
    {BW_URL_HTTP, "/a%zz",
	"\"%zz\": two hex digits must follow \"%\", write %25 for a percent "
	"sign"},
    {BW_URL_HTTP, "/100%",
	"\"%\": two hex digits must follow \"%\", write %25 for a percent "
	"sign"},
    {BW_URL_HTTP, "/a?b=%4",
	"\"%4\": two hex digits must follow \"%\", write %25 for a percent "
	"sign"},
    {BW_URL_SIP, "sip:a%g0b@a.example",
	"\"%g0\": two hex digits must follow \"%\", write %25 for a percent "
	"sign"},
    {BW_URL_HTTP, "https://%s/menu",
	"\"%s\" was not replaced: write its value, or %25 for a percent sign"},
    {BW_URL_HTTP, "/menu?to=%(to)s",
	"\"%(\" was not replaced: write its value, or %25 for a percent sign"},
    {BW_URL_HTTP, "/a\\b", "a backslash, write \"/\", or %5C if it is meant"},
    {BW_URL_HTTP, "https:\\\\a.example",
	"a backslash, write \"/\", or %5C if it is meant"},
    {BW_URL_HTTP, "/a b", "white space, write %20 for a space"},
    {BW_URL_HTTP, "a.example:8080/x",
	"no scheme before the host, write https://a.example:8080/x"},
    {BW_URL_HTTP, "localhost:3000/x",
	"no scheme before the host, write https://localhost:3000/x"},
};

/* URLs without a fault or a doubt. */
static const struct {
	enum bw_url_kind kind;
	const char *url;
} good[] = {
    {BW_URL_HTTP, "https://callbacks.example.com/voice/menu?a=b&c=%20#x"},
    {BW_URL_HTTP, "HTTPS://Callbacks.Example.COM:443/Voice"},
    {BW_URL_HTTP, "http://a.example:80"},
    {BW_URL_HTTP, "https://a.example:1024/"},
    {BW_URL_HTTP, "https://a.example:65535/"},
    {BW_URL_HTTP, "https://a.example:00443/"},
    {BW_URL_HTTP, "https://a.example:/"}, /* RFC 3986 §3.2.3 */
    {BW_URL_HTTP, "https://user:pass%40word@a.example/"},
    {BW_URL_HTTP, "https://user@b:c@a.example:8443/"},
    {BW_URL_HTTP, "https://[2001:db8::1]:8443/x"},
    {BW_URL_HTTP, "https://[::ffff:198.51.100.7]/x"},
    {BW_URL_HTTP, "https://b\xc3\xbc"
		  "cher.example/gr\xc3\xbc\xc3\x9f"
		  "e"},
    {BW_URL_HTTP, "https://xn--bcher-kva.example/"},
    {BW_URL_HTTP, "https://203.0.113.9/x"},
    {BW_URL_HTTP, "https://172.32.0.1/ and"}, /* see below */
    {BW_URL_HTTP, "https://nulls.example/x/null"},
    {BW_URL_HTTP, "https://mylocalhost.example/"},
    {BW_URL_HTTP, "//cdn.example.com/a.mp3"},
    {BW_URL_HTTP, "/voice/menu"},
    {BW_URL_HTTP, "menu"},
    {BW_URL_HTTP, "../menu?x=a:b@c"},
    {BW_URL_HTTP, "menu.php/next"},
    {BW_URL_HTTP, "greeting.mp3"},
    {BW_URL_HTTP, "greeting.fr"},
    {BW_URL_HTTP, "app.py/menu"},
    {BW_URL_HTTP, ".com/x"},
    {BW_URL_HTTP, "v1.2/greeting.wav"},
    {BW_URL_HTTP, "?step=2"},
    {BW_URL_HTTP, "#x"},
    {BW_URL_HTTP, "/undefinedness?x=undefineds"},
    {BW_URL_HTTP, "/x?json={\"a\":1}"},
    {BW_URL_HTTP, "/x?q=a<b"},
    {BW_URL_WS, "wss://media.example.com:8080/x?token=%2F"},
    {BW_URL_SIP, "sip:+19195550100@sip.example.com:5061;transport=tls"},
    {BW_URL_SIP, "sips:a;b?c=d@sip.example.com?X-A=%20b"},
    {BW_URL_SIP, "SIP:sip.example.com"},
    {BW_URL_SIP, "sip:bob@[2001:db8::7]:5060;x=1:2"},
    {BW_URL_SIP, "sip:bob@sip.example.com:443"},
};

/* Valid URLs with one doubt. */
static const struct {
	enum bw_url_kind kind;
	const char *url;
	const char *why;
} doubtful[] = {
    {BW_URL_HTTP, "https://a.example:444/",
	"port 444 is never called: Bandwidth calls 80, 443 and ports from "
	"1024 on, write one of them"},
    {BW_URL_HTTP, "//a.example:1023/",
	"port 1023 is never called: Bandwidth calls 80, 443 and ports from "
	"1024 on, write one of them"},
    {BW_URL_WS, "wss://a.example:81/",
	"port 81 is never called: Bandwidth calls 80, 443 and ports from "
	"1024 on, write one of them"},
    {BW_URL_HTTP, "http://localhost:3000/x",
	"localhost is the machine itself, which Bandwidth cannot call: write "
	"the host's public name"},
    {BW_URL_HTTP, "https://LOCALHOST./x",
	"LOCALHOST. is the machine itself, which Bandwidth cannot call: write "
	"the host's public name"},
    {BW_URL_HTTP, "https://user@127.0.0.1/",
	"127.0.0.1 is the machine itself, which Bandwidth cannot call: write "
	"the host's public name"},
    {BW_URL_HTTP, "https://[::1]/",
	"[::1] is the machine itself, which Bandwidth cannot call: write the "
	"host's public name"},
    {BW_URL_WS, "ws://10.1.2.3:8080/",
	"10.1.2.3 is in a private network, which Bandwidth cannot call: write "
	"the host's public name"},
    {BW_URL_SIP, "sip:bob@192.168.1.7",
	"192.168.1.7 is in a private network, which Bandwidth cannot reach: "
	"write the host's public name"},
    {BW_URL_HTTP, "undefined/menu",
	"\"undefined\" is no value: a variable was not set, write its value"},
    {BW_URL_HTTP, "null",
	"\"null\" is no value: a variable was not set, write its value"},
    {BW_URL_HTTP, "/None/menu",
	"\"None\" is no value: a variable was not set, write its value"},
    {BW_URL_HTTP, "https://undefined/menu",
	"\"undefined\" is no value: a variable was not set, write its value"},
    {BW_URL_HTTP, "https://a.example/voice/undefined",
	"\"undefined\" is no value: a variable was not set, write its value"},
    {BW_URL_HTTP, "/menu?a=1&id=undefined#x",
	"\"undefined\" is no value: a variable was not set, write its value"},
    {BW_URL_SIP, "sip:undefined@sip.example.com",
	"\"undefined\" is no value: a variable was not set, write its value"},
    {BW_URL_HTTP, "/calls/{callId}",
	"\"{callId}\" was not replaced: write its value"},
    {BW_URL_HTTP, "/calls/${callId}/x",
	"\"${callId}\" was not replaced: write its value"},
    {BW_URL_HTTP, "https://{{host}}/x",
	"\"{{host}}\" was not replaced: write its value"},
    {BW_URL_HTTP, "https://{host}:{port}/x", NULL}, /* a port is a number */
    {BW_URL_HTTP, "/a?b={0}&c={}", "\"{0}\" was not replaced: write its value"},
    {BW_URL_HTTP, "/a?b={}", "\"{}\" was not replaced: write its value"},
    {BW_URL_HTTP, "/a/<id>", "\"<id>\" was not replaced: write its value"},
    {BW_URL_HTTP, "/a/%7Bid%7D",
	"\"%7Bid%7D\" was not replaced: write its value"},
    {BW_URL_SIP, "sip:{number}@sip.example.com",
	"\"{number}\" was not replaced: write its value"},
    {BW_URL_HTTP, "www.example.com/menu",
	"www.example.com is read as the name of a file, relative to the URL "
	"of this document: write https://www.example.com/menu"},
    {BW_URL_HTTP, "callbacks.example.com",
	"callbacks.example.com is read as the name of a file, relative to the "
	"URL of this document: write https://callbacks.example.com"},
    {BW_URL_HTTP, "Example.CO.UK?x=1",
	"Example.CO.UK is read as the name of a file, relative to the URL of "
	"this document: write https://Example.CO.UK?x=1"},
    {BW_URL_HTTP, "example.fr/x",
	"example.fr is read as the name of a file, relative to the URL of "
	"this document: write https://example.fr/x"},
    {BW_URL_HTTP, "203.0.113.9/x",
	"203.0.113.9 is read as the name of a file, relative to the URL of "
	"this document: write https://203.0.113.9/x"},
    {BW_URL_HTTP, "localhost/x",
	"localhost is the machine itself, which Bandwidth cannot call: write "
	"the host's public name"},
};

/* With parts that are not known yet. */
static const struct {
	const char *url;
	const char *why; /* NULL: neither wrong nor doubtful */
} open[] = {
    {"\x01", NULL},
    {"\x01/menu", NULL},
    {"\x01:99999/x", NULL},
    {"https://\x01/menu?a=\x01", NULL},
    {"https://\x01:\x01/", NULL},
    {"https://a.example:8\x01/", NULL},
    {"https://local\x01/", NULL},
    {"www.\x01.com/x", NULL},
    {"/a%\x01", NULL},
    {"/a%4\x01", NULL},
    {"https://\x01:81/",
	"port 81 is never called: Bandwidth calls 80, 443 and ports from "
	"1024 on, write one of them"},
    {"https:///\x01", "no host, write https://example.com/path"},
    {"/\x01%zz",
	"\"%zz\": two hex digits must follow \"%\", write %25 for a percent "
	"sign"},
    {"undefined/\x01",
	"\"undefined\" is no value: a variable was not set, write its value"},
};

/* The first sentence, and how many there were. */
struct said {
	char first[BW_URL_WHY_SIZE];
	int count;
};

static void
on_doubt(void *arg, enum bw_url_doubt doubt, const char *why)
{
	struct said *said = arg;

	(void)doubt;
	if (said->count++ == 0)
		snprintf(said->first, sizeof(said->first), "%s", why);
}

static void
look(enum bw_url_kind kind, struct bw_str url, struct said *said)
{
	memset(said, 0, sizeof(*said));
	if (!bw_url_check(kind, url, said->first))
		said->count = -1;
	else
		bw_url_doubts(kind, url, on_doubt, said);
}

static void
test_wrong(void)
{
	struct said said;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		look(wrong[i].kind, str(wrong[i].url), &said);
		is_int(said.count, -1, "%s: wrong", wrong[i].url);
		is_str(said.first, wrong[i].why, "%s: why", wrong[i].url);
	}
}

static void
test_good(void)
{
	struct said said;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct bw_str url = str(good[i].url);

		url.n = strcspn(good[i].url, " ");
		look(good[i].kind, url, &said);
		is_int(said.count, 0, "%s: good", good[i].url);
		is_str(said.first, "", "%s: silent", good[i].url);
	}
}

static void
test_doubtful(void)
{
	struct said said;

	for (size_t i = 0; i < sizeof(doubtful) / sizeof(doubtful[0]); i++) {
		look(doubtful[i].kind, str(doubtful[i].url), &said);
		is_int(said.count, doubtful[i].why != NULL ? 1 : -1,
		    "%s: doubtful", doubtful[i].url);
		if (doubtful[i].why != NULL)
			is_str(said.first, doubtful[i].why, "%s: why",
			    doubtful[i].url);
	}
	look(BW_URL_HTTP, BW_STR("http://localhost:81/{a}/undefined"), &said);
	is_int(said.count, 4, "all doubts about one URL");
}

static void
test_open(void)
{
	struct said said;

	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		look(BW_URL_HTTP, str(open[i].url), &said);
		is_str(said.first, open[i].why != NULL ? open[i].why : "",
		    "open URL %zu", i);
	}
}

static void
test_ports(void)
{
	static const struct {
		int64_t port;
		bool called;
	} ports[] = {{-1, false}, {0, false}, {79, false}, {80, true},
	    {81, false}, {443, true}, {444, false}, {1023, false}, {1024, true},
	    {65535, true}, {65536, false}};

	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		is_int(bw_url_port_is_called(ports[i].port), ports[i].called,
		    "port %lld", (long long)ports[i].port);
}

static void
test_reach(void)
{
	static const struct {
		const char *host;
		enum bw_url_reach reach;
	} hosts[] = {
	    {"example.com", BW_URL_PUBLIC},
	    {"localhost", BW_URL_LOOPBACK},
	    {"app.localhost", BW_URL_LOOPBACK},
	    {"localhost.localdomain", BW_URL_LOOPBACK},
	    {"printer.local", BW_URL_PRIVATE},
	    {"Host.Docker.Internal", BW_URL_PRIVATE},
	    {"nas.home.arpa", BW_URL_PRIVATE},
	    {"local.example", BW_URL_PUBLIC},
	    {"notlocal", BW_URL_PUBLIC},
	    {"", BW_URL_PUBLIC},
	    {"0.0.0.0", BW_URL_LOOPBACK},
	    {"127.255.0.9", BW_URL_LOOPBACK},
	    {"128.0.0.1", BW_URL_PUBLIC},
	    {"10.0.0.0", BW_URL_PRIVATE},
	    {"11.0.0.0", BW_URL_PUBLIC},
	    {"172.15.255.255", BW_URL_PUBLIC},
	    {"172.16.0.0", BW_URL_PRIVATE},
	    {"172.31.255.255", BW_URL_PRIVATE},
	    {"172.32.0.0", BW_URL_PUBLIC},
	    {"192.168.255.255", BW_URL_PRIVATE},
	    {"192.169.0.0", BW_URL_PUBLIC},
	    {"169.254.169.254", BW_URL_PRIVATE},
	    {"100.64.0.1", BW_URL_PRIVATE},
	    {"100.128.0.1", BW_URL_PUBLIC},
	    {"10.0.0.256", BW_URL_PUBLIC},
	    {"10.0.0", BW_URL_PUBLIC},
	    {"10.0.0.1.2", BW_URL_PUBLIC},
	    {"10.0.0.1.example", BW_URL_PUBLIC},
	    {"[::]", BW_URL_LOOPBACK},
	    {"[::1]", BW_URL_LOOPBACK},
	    {"[0:0:0:0:0:0:0:1]", BW_URL_LOOPBACK},
	    {"[::2]", BW_URL_PUBLIC},
	    {"[1::]", BW_URL_PUBLIC},
	    {"[::ffff:10.0.0.1]", BW_URL_PRIVATE},
	    {"[0:0:0:0:0:FFFF:127.0.0.1]", BW_URL_LOOPBACK},
	    {"[::ffff:a00:1]", BW_URL_PRIVATE},
	    {"[::ffff:8.8.8.8]", BW_URL_PUBLIC},
	    {"[fc00::1]", BW_URL_PRIVATE},
	    {"[FDff:1:2:3:4:5:6:7]", BW_URL_PRIVATE},
	    {"[fe00::1]", BW_URL_PUBLIC},
	    {"[fe80::1%25eth0]", BW_URL_PRIVATE},
	    {"[febf::1]", BW_URL_PRIVATE},
	    {"[fec0::1]", BW_URL_PUBLIC},
	    {"[2001:db8::1]", BW_URL_PUBLIC},
	    {"[]", BW_URL_PUBLIC},
	    {"[1:2:3:4:5:6:7:8:9]", BW_URL_PUBLIC},
	};

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		is_int(bw_url_reach(str(hosts[i].host)), hosts[i].reach, "%s",
		    hosts[i].host);
}

/* Any bytes are taken, of any kind. */
static void
test_bytes(void)
{
	static const char bytes[] = "a0:/?#[]@%.\\{}<$\x01 \xc3\xbc";
	uint32_t seed = 11;
	struct said said;
	char text[24];
	int wrongs = 0;

	for (int i = 0; i < 30000; i++) {
		struct bw_str url = {text, (size_t)i % sizeof(text)};

		for (size_t k = 0; k < url.n; k++) {
			seed = seed * 1664525 + 1013904223;
			text[k] = bytes[(seed >> 8) % (sizeof(bytes) - 1)];
		}
		look((enum bw_url_kind)(i % 3), url, &said);
		(void)bw_url_reach(url);
		wrongs += said.count < 0;
	}
	ok(wrongs > 1000 && wrongs < 30000, "%d of 30000 wrong", wrongs);
}

int
main(void)
{
	test_wrong();
	test_good();
	test_doubtful();
	test_open();
	test_ports();
	test_reach();
	test_bytes();
	return tap_done();
}
