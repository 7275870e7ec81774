/* A number for every object: a side table over the heap, for walks that must not write into it. */
#ifndef RTS_OBJECT_MAP_H
#define RTS_OBJECT_MAP_H

#include "object.h"

typedef struct ObjectMap {
    uintptr_t base;
    size_t places;
    uint32_t *numbers;
} ObjectMap;

/* Covers the heap as it is; valid until the next step of a collector. */
void object_map_initialise(ObjectMap *map);
void object_map_free(ObjectMap *map);

/* Zero if none was given. */
uint32_t object_map_get(const ObjectMap *map, const Object *object);
void object_map_set(ObjectMap *map, const Object *object, uint32_t number);

#endif
