/* The ports and hosts that Bandwidth can call. */
#include <bwcallback/tools/str.h>
#include <bwcallback/tools/url.h>

#include "base/hex.h"
#include "base/url_parts.h"

bool
bw_url_port_is_called(int64_t port)
{
	return port == 80 || port == 443 ||
	       (port >= 1024 && port <= BWI_URL_LAST_PORT);
}

/* Names that stand for the machine itself or are used inside a network only. */
static const struct {
	const char *name; /* the host, or the last labels of it */
	enum bw_url_reach reach;
} names[] = {
    {"localhost", BW_URL_LOOPBACK}, /* RFC 6761 */
    {"localdomain", BW_URL_LOOPBACK},
    {"local", BW_URL_PRIVATE},	   /* RFC 6762 */
    {"internal", BW_URL_PRIVATE},  /* ICANN 2024 */
    {"home.arpa", BW_URL_PRIVATE}, /* RFC 8375 */
    {"lan", BW_URL_PRIVATE},
};

/* IPv4 networks: address and length of the prefix (RFC 6890). */
static const struct {
	uint32_t address;
	unsigned bits;
	enum bw_url_reach reach;
} networks[] = {
    {UINT32_C(0x7f000000), 8, BW_URL_LOOPBACK},
    {UINT32_C(0x00000000), 8, BW_URL_LOOPBACK}, /* "this host" */
    {UINT32_C(0x0a000000), 8, BW_URL_PRIVATE},	/* RFC 1918 */
    {UINT32_C(0xac100000), 12, BW_URL_PRIVATE},
    {UINT32_C(0xc0a80000), 16, BW_URL_PRIVATE},
    {UINT32_C(0xa9fe0000), 16, BW_URL_PRIVATE}, /* link-local */
    {UINT32_C(0x64400000), 10, BW_URL_PRIVATE}, /* RFC 6598 */
};

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
ends_in(struct bw_str host, const char *name)
{
	size_t n = strlen(name);

	if (host.n < n || (host.n > n && host.p[host.n - n - 1] != '.'))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (lower(host.p[host.n - n + i]) != name[i])
			return false;
	}
	return true;
}

bool
bwi_url_ipv4(struct bw_str s, uint32_t *address)
{
	unsigned parts = 0, part = 0, digits = 0;

	*address = 0;
	for (size_t i = 0; i <= s.n; i++) {
		if (i < s.n && bw_is_digit(s.p[i]) && digits < 3) {
			part = part * 10 + (unsigned)(s.p[i] - '0');
			digits++;
		} else if ((i == s.n || s.p[i] == '.') && digits > 0 &&
			   part < 256 && parts < 4) {
			*address = *address << 8 | part;
			parts++;
			part = digits = 0;
		} else {
			return false;
		}
	}
	return parts == 4;
}

static enum bw_url_reach
reach_of_ipv4(uint32_t address)
{
	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
		unsigned rest = 32 - networks[i].bits;

		if (address >> rest == networks[i].address >> rest)
			return networks[i].reach;
	}
	return BW_URL_PUBLIC;
}

/* Read groups of hex digits; returns their number, at most 8. */
static size_t
read_groups(struct bw_str s, uint16_t *groups)
{
	size_t n = 0, i = 0;

	while (i < s.n && n < 8) {
		unsigned v = 0;
		size_t start = i;

		for (; i < s.n && i - start < 4 && bwi_hex_digit(s.p[i]) >= 0;
		     i++)
			v = v << 4 | (unsigned)bwi_hex_digit(s.p[i]);
		groups[n++] = (uint16_t)v;
		if (i == start || (i < s.n && s.p[i++] != ':'))
			break;
	}
	return n;
}

/* The offset of "::", or the length. */
static size_t
find_gap(struct bw_str s)
{
	for (size_t i = 0; i + 1 < s.n; i++) {
		if (s.p[i] == ':' && s.p[i + 1] == ':')
			return i;
	}
	return s.n;
}

/* "a.b.c.d" after the last colon: its offset and value. */
static bool
read_tail(struct bw_str s, size_t *at, uint32_t *address)
{
	size_t i = s.n;

	while (i > 0 && s.p[i - 1] != ':')
		i--;
	*at = i;
	return bwi_url_ipv4((struct bw_str){s.p + i, s.n - i}, address);
}

static void
read_ipv6(struct bw_str s, uint16_t groups[8])
{
	uint16_t head[8] = {0}, tail[8] = {0};
	size_t gap, nhead, ntail = 0, at;
	uint32_t ipv4;
	bool mixed = read_tail(s, &at, &ipv4);

	gap = find_gap(s);
	if (mixed)
		s.n = at > gap + 2 ? at - 1 : at;
	nhead = read_groups((struct bw_str){s.p, gap < s.n ? gap : s.n}, head);
	if (gap + 2 < s.n)
		ntail = read_groups(
		    (struct bw_str){s.p + gap + 2, s.n - gap - 2}, tail);
	memset(groups, 0, 8 * sizeof(groups[0]));
	memcpy(groups, head, nhead * sizeof(groups[0]));
	if (mixed) {
		groups[6] = (uint16_t)(ipv4 >> 16);
		groups[7] = (uint16_t)ipv4;
	}
	for (size_t i = 0, end = mixed ? 6 : 8; i < ntail && i < end; i++)
		groups[end - 1 - i] = tail[ntail - 1 - i];
}

/* An address in brackets, perhaps with a zone. */
static enum bw_url_reach
reach_of_ipv6(struct bw_str s)
{
	uint16_t g[8];
	unsigned any = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '%')
			s.n = i;
	}
	read_ipv6(s, g);
	for (size_t i = 0; i < 5; i++)
		any |= g[i];
	if (any == 0 && g[5] == 0xffff) /* IPv4-mapped */
		return reach_of_ipv4((uint32_t)g[6] << 16 | g[7]);
	if (any == 0 && g[5] == 0 && g[6] == 0 && g[7] <= 1)
		return BW_URL_LOOPBACK;
	if ((g[0] & 0xfe00) == 0xfc00 || (g[0] & 0xffc0) == 0xfe80)
		return BW_URL_PRIVATE;
	return BW_URL_PUBLIC;
}

enum bw_url_reach
bw_url_reach(struct bw_str host)
{
	uint32_t address;

	if (host.n > 2 && host.p[0] == '[')
		return reach_of_ipv6((struct bw_str){host.p + 1, host.n - 2});
	if (host.n > 1 && host.p[host.n - 1] == '.')
		host.n--;
	if (bwi_url_ipv4(host, &address))
		return reach_of_ipv4(address);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (ends_in(host, names[i].name))
			return names[i].reach;
	}
	return BW_URL_PUBLIC;
}
