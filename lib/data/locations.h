#ifndef BWI_DATA_LOCATIONS_H
#define BWI_DATA_LOCATIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <bwcallback/buf.h>

/*
 * Locations of callers, for the emergency calling API: a CSV file (see table.h)
 * with a line for each number that may call. The file is read again when it
 * changes (see file_reload.h).
 */
struct bwi_locations;

/*
 * Columns are "number" and those of locations.def; only "number" and "aeui" are
 * required. Each line must be an answer that is documented as valid: a
 * location_id, or lat and lon, or all three; a radius only with all three.
 * Errors are those of file_watch.h and table.h.
 */
enum bw_err bwi_locations_open(
    struct bwi_locations **, const char *file, struct bw_error *) BW_CHECK;
void bwi_locations_free(struct bwi_locations *);

/*
 * Take the warning why a changed file is not in use, as
 * bw_config_take_warning() does.
 */
bool bwi_locations_take_warning(struct bwi_locations *, struct bw_error *);

/*
 * Append the location of a number, in any notation, as a JSON object. When the
 * number has none, *found is false and nothing is appended. Errors are those of
 * the file.
 */
enum bw_err bwi_locations_find(struct bwi_locations *, struct bw_str number,
    struct bw_buf *, bool *found, struct bw_error *) BW_CHECK;

#endif
