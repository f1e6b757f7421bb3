#include <pthread.h>

#include <libxml/parser.h>

#include <bwcallback/tools/xml.h>

void
bw_xml_init(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, xmlInitParser);
}
