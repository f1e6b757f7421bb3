#ifndef BWC_CHECK_LOCATIONS_H
#define BWC_CHECK_LOCATIONS_H

#include <bwcallback/finding.h>
#include <bwcallback/tools/config.h>
#include <bwcallback/tools/graph.h>

/*
 * Print the line with which the web server hands over all sections of the
 * configuration, and no other path.
 */
void locations_print(const struct bw_config *, enum bw_server);

/*
 * Report each section that a configuration file of the web server does not hand
 * over. BW_ERR_NOFILE, BW_ERR_IO, BW_ERR_NOMEM; BW_ERR_CONFIG: not such a file.
 */
enum bw_err locations_compare(const struct bw_config *, enum bw_server,
    const char *file, const struct bw_reporter *, struct bw_error *) BW_CHECK;

#endif
