/* Spans: contiguous runs of wasm pages, the only way in which the runtime takes linear memory. */
#ifndef RTS_SPAN_H
#define RTS_SPAN_H

#include "base.h"

#define SPAN_PAGE_BYTES ((size_t)65536)

/* Returns at least `bytes` bytes, aligned to a page, with undefined content. Fatal when the memory cannot grow. */
void *span_allocate(size_t bytes);

/* As `span_allocate`, filled with zeroes. */
void *span_allocate_zeroed(size_t bytes);

/* Gives back a span; `bytes` is what it was asked for with. A null span is ignored. */
void span_free(void *span, size_t bytes);

/* Bytes, in whole pages, that were allocated and not freed. A test that leaks is seen here. */
size_t span_bytes_in_use(void);

#endif
