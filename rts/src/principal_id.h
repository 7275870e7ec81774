/* The textual form of byte identifiers: base32 of a CRC-32 and the bytes, in lower case, in groups of five. */
#ifndef RTS_PRINCIPAL_ID_H
#define RTS_PRINCIPAL_ID_H

#include "base.h"

#define PRINCIPAL_MAXIMUM_BYTES 29
#define PRINCIPAL_MAXIMUM_TEXT 63 /* 53 digits and 10 dashes */

typedef enum PrincipalStatus {
    PRINCIPAL_OK,
    PRINCIPAL_TOO_LONG,
    PRINCIPAL_TOO_SHORT,      /* no room for a checksum */
    PRINCIPAL_BAD_CHARACTER,  /* upper case is one, too: there is one form an identifier */
    PRINCIPAL_BAD_GROUPING,   /* a dash that is missing, misplaced or last */
    PRINCIPAL_BAD_LENGTH,     /* a number of digits that no number of bytes has, or bits left over that are not zero */
    PRINCIPAL_BAD_CHECKSUM,
} PrincipalStatus;

/* Writes at most PRINCIPAL_MAXIMUM_TEXT characters; returns how many. `length` is at most PRINCIPAL_MAXIMUM_BYTES. */
size_t principal_encode(const uint8_t *bytes, size_t length, char *text);

/* Writes at most PRINCIPAL_MAXIMUM_BYTES; sets `*length` only if all is well. */
PrincipalStatus principal_decode(const char *text, size_t text_length, uint8_t *bytes, size_t *length);

#endif
