/*
 * Replaces parts of libxml2's dependencies that are not used: FTP and HTTP,
 * compressed files, and ICU's 30 MB of character sets. UTF-8, UTF-16, ISO
 * 8859-1 and ASCII remain. These are libxml2's internal names: if one were
 * missing here, the linker would add libxml2's own file and report duplicate
 * symbols.
 */
#include <config.h>

#include <stddef.h>

/* ICU's names end in its version; the build reads it from libxml2. */
#include "icu_version.h"

#define JOIN(a, b)     a##b
#define EXPAND(a, b)   JOIN(a, b)
#define ICU(name)      EXPAND(name, BW_ICU_VERSION)
#define ICU_NO_SUCH_CS 4 /* U_FILE_ACCESS_ERROR */

void *ICU(ucnv_open)(const char *, int *);

void *
ICU(ucnv_open)(const char *name, int *err)
{
	(void)name;
	*err = ICU_NO_SUCH_CS;
	return NULL;
}

/*
 * Opening fails, and libxml2 then tries its next method; the other functions
 * are never called. Arguments are passed in registers, so they need no
 * declaration.
 */
#define ABSENT(name) \
	void *name(void); \
	void *name(void) \
	{ \
		return NULL; \
	}

ABSENT(ICU(ucnv_close))
ABSENT(ICU(ucnv_convertEx))
ABSENT(ICU(ucnv_setFromUCallBack))
ABSENT(ICU(ucnv_setToUCallBack))
ABSENT(ICU(UCNV_FROM_U_CALLBACK_STOP))
ABSENT(ICU(UCNV_TO_U_CALLBACK_STOP))

ABSENT(xmlNanoFTPOpen)
ABSENT(xmlNanoFTPRead)
ABSENT(xmlNanoFTPClose)
ABSENT(xmlNanoHTTPOpen)
ABSENT(xmlNanoHTTPRead)
ABSENT(xmlNanoHTTPClose)
ABSENT(xmlNanoHTTPMethod)
ABSENT(xmlNanoHTTPRedir)
ABSENT(xmlNanoHTTPEncoding)
ABSENT(xmlNanoHTTPMimeType)
ABSENT(xmlNanoHTTPReturnCode)

ABSENT(__libxml2_xzopen)
ABSENT(__libxml2_xzdopen)
ABSENT(__libxml2_xzread)
ABSENT(__libxml2_xzclose)
ABSENT(__libxml2_xzcompressed)

ABSENT(gzopen64)
ABSENT(gzdopen)
ABSENT(gzread)
ABSENT(gzwrite)
ABSENT(gzclose)
ABSENT(gzdirect)
ABSENT(deflateInit2_)
ABSENT(deflate)
ABSENT(deflateEnd)
ABSENT(crc32)

/* Writing HTML, and dumps for debugging libxml2. The parser is there, because
 * it has the names of HTML entities, which a message explains. */
ABSENT(htmlDocContentDumpFormatOutput)
ABSENT(htmlGetMetaEncoding)
ABSENT(htmlIsBooleanAttr)
ABSENT(htmlNodeDumpFormatOutput)
ABSENT(htmlNodeDumpOutput)
ABSENT(htmlSetMetaEncoding)
ABSENT(xmlDebugDumpAttr)
ABSENT(xmlDebugDumpOneNode)
ABSENT(xmlDebugDumpString)
