#ifndef BWI_BASE_PHONE_NUMBER_H
#define BWI_BASE_PHONE_NUMBER_H

#include <stdint.h>

#include <bwcallback/buf.h>

/*
 * Convert a telephone number in any notation ("9195550100", "+1 (919)
 * 555-0100") to its E.164 digits, so that two notations of one number compare
 * equal. Ten digits, and eleven that begin with 1, are North American; other
 * numbers need a '+'. False when the text is not a telephone number.
 */
bool bwi_phone_number_parse(struct bw_str, uint64_t *number) BW_CHECK;

/* Append a number as "+19195550100". */
void bwi_phone_number_write(uint64_t number, struct bw_buf *);
/* Append a North American number as ten digits, any other as E.164. */
void bwi_phone_number_write_short(uint64_t number, struct bw_buf *);

#endif
