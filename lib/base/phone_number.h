#ifndef BWI_BASE_PHONE_NUMBER_H
#define BWI_BASE_PHONE_NUMBER_H

#include <stdint.h>

#include <bwcallback/buf.h>

/*
 * A telephone number in any notation ("9195550100", "+1 (919) 555-0100") as
 * the digits of E.164, so that two notations of one number compare equal.
 * Ten digits, and eleven that begin with 1, are North American; others need a
 * '+'. False for what is no number.
 */
bool bwi_phone_number_parse(struct bw_str, uint64_t *number) BW_CHECK;

/* Append it as "+19195550100". */
void bwi_phone_number_write(uint64_t number, struct bw_buf *);
/* Append a North American number as ten digits, another as E.164. */
void bwi_phone_number_write_short(uint64_t number, struct bw_buf *);

#endif
