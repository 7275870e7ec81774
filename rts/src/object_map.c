/* The side table behind object_map.h. */
#include "object_map.h"

#include "heap.h"
#include "span.h"

void object_map_initialise(ObjectMap *map) {
    map->base = heap_base();
    map->places = heap_extent() / OBJECT_ALIGNMENT;
    map->numbers = span_allocate_zeroed(map->places * sizeof(uint32_t));
}

void object_map_free(ObjectMap *map) {
    span_free(map->numbers, map->places * sizeof(uint32_t));
    map->numbers = NULL;
}

static size_t place_of(const ObjectMap *map, const Object *object) {
    size_t place = ((uintptr_t)object - map->base) / OBJECT_ALIGNMENT;
    RTS_ASSERT(place < map->places, "an address outside the object map");
    return place;
}

uint32_t object_map_get(const ObjectMap *map, const Object *object) {
    return map->numbers[place_of(map, object)];
}

void object_map_set(ObjectMap *map, const Object *object, uint32_t number) {
    map->numbers[place_of(map, object)] = number;
}
