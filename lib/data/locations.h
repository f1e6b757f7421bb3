#ifndef BWI_DATA_LOCATIONS_H
#define BWI_DATA_LOCATIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <bwcallback/buf.h>

/*
 * Where callers are, for the emergency calling API: a CSV file (as in table.h)
 * with a line for each number that may call, read again as renewal.h says.
 */
struct bwi_locations;

/*
 * The column "number", and those of locations.def, of which only "aeui" must
 * be there. Each line must be an answer that is documented as valid: with a
 * location_id, or lat and lon, or all three; a radius only with all three.
 * Errors are those of watch.h and table.h.
 */
enum bw_err bwi_locations_open(
    struct bwi_locations **, const char *file, struct bw_error *) BW_CHECK;
void bwi_locations_free(struct bwi_locations *);

/* Why a changed file was not taken, as bw_config_take_warning says. */
bool bwi_locations_take_warning(struct bwi_locations *, struct bw_error *);

/*
 * Append what is known of a number, in any notation, as a JSON object; *found
 * is false, and nothing appended, when that is nothing. Errors are those of
 * the file.
 */
enum bw_err bwi_locations_find(struct bwi_locations *, struct bw_str number,
    struct bw_buf *, bool *found, struct bw_error *) BW_CHECK;

#endif
