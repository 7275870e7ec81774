/* Fields and the write barrier. */
#include "field.h"

#if RTS_INCREMENTAL
#include "gc_incremental.h"
#endif

Value field_get(Value object, size_t index) {
    Object *target = object_of(object);
    RTS_ASSERT(index < header_field_count(target->header), "a field beyond the object is read");
    return target->payload[index];
}

void field_set(Value object, size_t index, Value value) {
    Object *target = object_of(object);
    RTS_ASSERT(index < header_field_count(target->header), "a field beyond the object is written");
#if RTS_INCREMENTAL
    value = gc_write_barrier(target->payload[index], value);
#endif
    target->payload[index] = value;
}
