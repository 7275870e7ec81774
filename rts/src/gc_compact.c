/* Jonkers' threaded mark-compact collector.
 *
 * The difficulty is to update every reference to an object that is about to move without a forwarding word and
 * without a table. Each object's header becomes the head of a list of all the places that refer to it: a place is
 * *threaded* by swapping it with the header, so that the place holds the former header (or the place threaded before)
 * and the header holds the place's address. Addresses of places are even and headers odd, so the end of the list is
 * recognised and gives the header back. When the new address is known, the list is walked and every place is set.
 *
 * Objects slide down in address order, so new addresses are known in address order too:
 *
 *   pass 1  visits each live object: the places threaded so far (roots, and fields at lower addresses) get its new
 *           address; then its own fields are threaded. References to higher addresses are settled in this pass.
 *   pass 2  visits each live object again: what was threaded since (fields at higher addresses, and its own) gets the
 *           new address; then the object moves. No field is threaded any more when its object moves, because it
 *           refers to a lower address, or to itself, and those were settled before.
 *
 * In between, the header of an object with threaded places is not readable. A size is therefore taken only right
 * after unthreading, and the bitmap, not the headers, says where objects begin.
 */
#include "gc_flat.h"

#include "bytes.h"
#include "heap_flat.h"
#include "mark_bitmap.h"
#include "mark_stack.h"
#include "poison.h"
#include "roots.h"

static void mark(MarkBitmap *bitmap, WordStack *stack, Value value) {
    if (!value_is_pointer(value)) {
        return;
    }
    Object *object = (Object *)value;
    RTS_ASSERT(heap_contains(object), "a reference out of the heap is met while marking");
    if (mark_bitmap_set(bitmap, object)) {
        RTS_ASSERT(header_is_valid(object->header), "a broken header is met while marking");
        if (header_field_count(object->header) > 0) {
            mark_stack_push(stack, object, 0);
        }
    }
}

static void mark_reachable(MarkBitmap *bitmap, const Value *roots, size_t root_count) {
    WordStack stack = WORD_STACK_EMPTY;
    for (size_t i = 0; i < root_count; i++) {
        mark(bitmap, &stack, roots[i]);
    }
    Object *object;
    size_t first;
    while (mark_stack_pop(&stack, &object, &first)) {
        size_t fields = header_field_count(object->header);
        for (size_t i = first; i < fields; i++) {
            mark(bitmap, &stack, object->payload[i]);
        }
    }
    word_stack_free(&stack);
}

static void thread(Value *place) {
    if (value_is_pointer(*place)) {
        Object *object = (Object *)*place;
        *place = object->header;
        object->header = (Word)place;
    }
}

static void unthread(Object *object, uint8_t *new_address) {
    Word link = object->header;
    while (!(link & 1)) {
        Value *place = (Value *)link;
        link = *place;
        *place = (Value)new_address;
    }
    object->header = link;
}

void gc_collect_compact(void) {
    uintptr_t base = heap_base();
    uintptr_t end = (uintptr_t)flat_heap.top;
    size_t root_count;
    Value *roots = root_slots(&root_count);
    MarkBitmap bitmap;
    mark_bitmap_initialise(&bitmap, base, heap_extent());
    mark_reachable(&bitmap, roots, root_count);

    for (size_t i = 0; i < root_count; i++) {
        thread(&roots[i]);
    }
    uint8_t *target = flat_heap.base;
    for (uintptr_t at = mark_bitmap_next(&bitmap, base, end); at < end;) {
        Object *object = (Object *)at;
        unthread(object, target);
        size_t bytes = header_object_bytes(object->header);
        size_t fields = header_field_count(object->header);
        for (size_t i = 0; i < fields; i++) {
            thread(&object->payload[i]);
        }
        target += bytes;
        at = mark_bitmap_next(&bitmap, at + bytes, end);
    }

    target = flat_heap.base;
    for (uintptr_t at = mark_bitmap_next(&bitmap, base, end); at < end;) {
        Object *object = (Object *)at;
        unthread(object, target);
        size_t bytes = header_object_bytes(object->header);
        memmove(target, object, bytes);
        target += bytes;
        at = mark_bitmap_next(&bitmap, at + bytes, end);
    }
    mark_bitmap_free(&bitmap);
    poison(target, (size_t)(flat_heap.end - target));
    flat_heap.top = target;
}
