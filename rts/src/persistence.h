/* Keeping the heap across an upgrade: the live graph and the roots go to stable memory, and come back.
 *
 * Implemented by persistence_classical.c, which serialises, and by persistence_graph.c, which copies the graph in a
 * 64-bit layout. Both begin with the same header:
 *
 *      0  magic, 8 bytes             24  length of what follows the header, in bytes
 *      8  layout version, 4 bytes    32  number of objects
 *     12  unused, zero               40  number of root slots
 *     16  CRC-32 of what follows     48  head of the list of free roots
 *     20  unused, zero               56  unused, zero
 */
#ifndef RTS_PERSISTENCE_H
#define RTS_PERSISTENCE_H

#include "base.h"

#define PERSISTENCE_HEADER_BYTES ((uint64_t)64)

typedef enum PersistenceStatus {
    PERSISTENCE_OK,
    PERSISTENCE_ABSENT,          /* no magic: nothing was ever saved, or it is another program's */
    PERSISTENCE_UNKNOWN_VERSION, /* written by a later runtime: refused, and left untouched */
    PERSISTENCE_CORRUPT,
    PERSISTENCE_HEAP_TOO_SMALL,
} PersistenceStatus;

typedef struct PersistenceHeader {
    uint32_t version;
    uint32_t crc;
    uint64_t length;
    uint64_t object_count;
    uint64_t root_count;
    uint64_t root_free_head;
} PersistenceHeader;

/* The version that is written, and what this format's magic is. */
extern const uint32_t persistence_version;
extern const uint64_t persistence_magic;

/* Writes what is reachable from the roots. The heap stays as it is, also in the middle of an incremental cycle. */
void persistence_save(void);

/* Fills the present heap, which must be new, and replaces all roots. On failure heap and roots are not to be used. */
PersistenceStatus persistence_restore(void);

/* Common to both formats. */
void persistence_write_header(const PersistenceHeader *header);
PersistenceStatus persistence_read_header(PersistenceHeader *header);

#if RTS_EOP && defined(RTS_CHECK)
/* Writes as the first release did, so that reading it stays tested. */
void persistence_save_version_1(void);
#endif

#endif
