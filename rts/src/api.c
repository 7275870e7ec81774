/* The face of the release library: what a compiled program, or an embedder, may call.
 *
 * Values cross as words, sizes as word-sized integers. There are no imports: a broken invariant is a trap.
 */
#include "bigint.h"
#include "bitrel.h"
#include "continuation_table.h"
#include "crc32.h"
#include "field.h"
#include "gc.h"
#include "heap.h"
#include "persistence.h"
#include "principal_id.h"
#include "roots.h"
#include "span.h"
#include "stable_memory.h"
#include "stable_option.h"
#include "text.h"
#include "utf8.h"

/* Called from outside only, so there is no header with prototypes. */
#pragma clang diagnostic ignored "-Wmissing-prototypes"

#define EXPORT(name) __attribute__((export_name("rts_" #name)))

/* The heap and the collectors. */

EXPORT(heap_initialise) void api_heap_initialise(size_t capacity) {
    heap_initialise(capacity);
}

EXPORT(heap_try_allocate) Value api_heap_try_allocate(uint32_t kind, size_t length) {
    return heap_try_allocate((Kind)kind, length);
}

EXPORT(heap_used_bytes) size_t api_heap_used_bytes(void) {
    return heap_used_bytes();
}

EXPORT(field_get) Value api_field_get(Value object, size_t index) {
    return field_get(object, index);
}

EXPORT(field_set) void api_field_set(Value object, size_t index, Value value) {
    field_set(object, index, value);
}

EXPORT(value_kind) uint32_t api_value_kind(Value value) {
    return (uint32_t)value_kind(value);
}

EXPORT(value_length) size_t api_value_length(Value value) {
    return value_length(value);
}

EXPORT(value_bytes) void *api_value_bytes(Value value) {
    return value_bytes(value);
}

EXPORT(value_is_same) bool api_value_is_same(Value left, Value right) {
    return value_is_same(left, right);
}

EXPORT(root_add) Root api_root_add(Value value) {
    return root_add(value);
}

EXPORT(root_get) Value api_root_get(Root root) {
    return root_get(root);
}

EXPORT(root_set) void api_root_set(Root root, Value value) {
    root_set(root, value);
}

EXPORT(root_remove) void api_root_remove(Root root) {
    root_remove(root);
}

EXPORT(gc_collect) void api_gc_collect(size_t collector) {
    gc_collect(collector);
}

EXPORT(gc_step) bool api_gc_step(size_t collector, size_t work) {
    return gc_step(collector, work);
}

/* Upgrades. */

EXPORT(persistence_save) void api_persistence_save(void) {
    persistence_save();
}

EXPORT(persistence_restore) uint32_t api_persistence_restore(void) {
    return (uint32_t)persistence_restore();
}

EXPORT(stable_size) uint64_t api_stable_size(void) {
    return stable_size();
}

EXPORT(stable_grow) uint64_t api_stable_grow(uint64_t pages) {
    return stable_grow(pages);
}

EXPORT(stable_read) void api_stable_read(uint64_t offset, void *target, uint64_t length) {
    stable_read(offset, target, length);
}

EXPORT(stable_write) void api_stable_write(uint64_t offset, const void *source, uint64_t length) {
    stable_write(offset, source, length);
}

EXPORT(stable_read_u64) uint64_t api_stable_read_u64(uint64_t offset) {
    return stable_read_u64(offset);
}

EXPORT(stable_write_u64) void api_stable_write_u64(uint64_t offset, uint64_t value) {
    stable_write_u64(offset, value);
}

/* Integers. */

EXPORT(bigint_from_i64) Value api_bigint_from_i64(int64_t number) {
    return bigint_from_i64(number);
}

EXPORT(bigint_from_u64) Value api_bigint_from_u64(uint64_t number) {
    return bigint_from_u64(number);
}

EXPORT(bigint_to_i64) bool api_bigint_to_i64(Value integer, int64_t *number) {
    return bigint_to_i64(integer, number);
}

EXPORT(bigint_to_u64) bool api_bigint_to_u64(Value integer, uint64_t *number) {
    return bigint_to_u64(integer, number);
}

EXPORT(bigint_compare) int32_t api_bigint_compare(Value a, Value b) {
    return bigint_compare(a, b);
}

EXPORT(bigint_negate) Value api_bigint_negate(Value a) {
    return bigint_negate(a);
}

EXPORT(bigint_add) Value api_bigint_add(Value a, Value b) {
    return bigint_add(a, b);
}

EXPORT(bigint_subtract) Value api_bigint_subtract(Value a, Value b) {
    return bigint_subtract(a, b);
}

EXPORT(bigint_multiply) Value api_bigint_multiply(Value a, Value b) {
    return bigint_multiply(a, b);
}

EXPORT(bigint_divide) Value api_bigint_divide(Value a, Value b, Value *remainder) {
    return bigint_divide(a, b, remainder);
}

EXPORT(bigint_shift_left) Value api_bigint_shift_left(Value a, uint32_t bits) {
    return bigint_shift_left(a, bits);
}

EXPORT(bigint_shift_right) Value api_bigint_shift_right(Value a, uint32_t bits) {
    return bigint_shift_right(a, bits);
}

EXPORT(bigint_to_decimal) Value api_bigint_to_decimal(Value integer) {
    return bigint_to_decimal(integer);
}

EXPORT(bigint_from_decimal) Value api_bigint_from_decimal(const uint8_t *text, size_t length) {
    return bigint_from_decimal(text, length);
}

EXPORT(bigint_to_leb128) Value api_bigint_to_leb128(Value integer, bool is_signed) {
    return bigint_to_leb128(integer, is_signed);
}

EXPORT(bigint_from_leb128)
Value api_bigint_from_leb128(const uint8_t **source, const uint8_t *end, bool is_signed) {
    return bigint_from_leb128(source, end, is_signed);
}

/* Texts, options, identifiers, relations, continuations. */

EXPORT(text_from_bytes) Value api_text_from_bytes(const uint8_t *bytes, size_t length) {
    return text_from_bytes(bytes, length);
}

EXPORT(text_bytes) size_t api_text_bytes(Value text) {
    return text_bytes(text);
}

EXPORT(text_length) size_t api_text_length(Value text) {
    return text_length(text);
}

EXPORT(text_concatenate) Value api_text_concatenate(Value left, Value right) {
    return text_concatenate(left, right);
}

EXPORT(text_flatten) Value api_text_flatten(Value text) {
    return text_flatten(text);
}

EXPORT(text_compare) int32_t api_text_compare(Value left, Value right) {
    return text_compare(left, right);
}

EXPORT(utf8_validate) uint32_t api_utf8_validate(const uint8_t *bytes, size_t length, size_t *position) {
    return (uint32_t)utf8_validate(bytes, length, position);
}

EXPORT(crc32) uint32_t api_crc32(uint32_t crc, const uint8_t *bytes, size_t length) {
    return crc32_update(crc, bytes, length);
}

EXPORT(principal_encode) size_t api_principal_encode(const uint8_t *bytes, size_t length, char *text) {
    return principal_encode(bytes, length, text);
}

EXPORT(principal_decode)
uint32_t api_principal_decode(const char *text, size_t text_length, uint8_t *bytes, size_t *length) {
    return (uint32_t)principal_decode(text, text_length, bytes, length);
}

EXPORT(option_inject) Value api_option_inject(Value content) {
    return option_inject(content);
}

EXPORT(option_project) Value api_option_project(Value option) {
    return option_project(option);
}

EXPORT(bitrel_make) void api_bitrel_make(Bitrel *relation, uint32_t rows, uint32_t columns) {
    *relation = bitrel_make(rows, columns);
}

EXPORT(bitrel_is_visited) bool api_bitrel_is_visited(const Bitrel *relation, bool p, uint32_t i, uint32_t j) {
    return bitrel_is_visited(relation, p, i, j);
}

EXPORT(bitrel_visit) void api_bitrel_visit(const Bitrel *relation, bool p, uint32_t i, uint32_t j) {
    bitrel_visit(relation, p, i, j);
}

EXPORT(bitrel_is_related) bool api_bitrel_is_related(const Bitrel *relation, bool p, uint32_t i, uint32_t j) {
    return bitrel_is_related(relation, p, i, j);
}

EXPORT(bitrel_disprove) void api_bitrel_disprove(const Bitrel *relation, bool p, uint32_t i, uint32_t j) {
    bitrel_disprove(relation, p, i, j);
}

EXPORT(continuation_table_make) void api_continuation_table_make(ContinuationTable *table) {
    *table = continuation_table_make();
}

EXPORT(continuation_remember) uint32_t api_continuation_remember(ContinuationTable *table, Value continuation) {
    return continuation_remember(table, continuation);
}

EXPORT(continuation_recall) Value api_continuation_recall(ContinuationTable *table, uint32_t number) {
    return continuation_recall(table, number);
}

/* Raw memory, for whoever must hand bytes over. */

EXPORT(span_allocate) void *api_span_allocate(size_t bytes) {
    return span_allocate(bytes);
}

EXPORT(span_free) void api_span_free(void *span, size_t bytes) {
    span_free(span, bytes);
}
