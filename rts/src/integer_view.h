/* The inside of integer values, for the files that compute with them. */
#ifndef RTS_INTEGER_VIEW_H
#define RTS_INTEGER_VIEW_H

#include "bigint.h"

/* Sign and magnitude of either representation. Valid until the next step of a collector. */
typedef struct IntegerView {
    bool is_negative;
    size_t length; /* without leading zero limbs */
    uint32_t small[2];
    const uint32_t *large; /* null if `small` is meant */
} IntegerView;

IntegerView integer_view(Value integer);

static inline const uint32_t *integer_limbs(const IntegerView *view) {
    return view->large ? view->large : view->small;
}

/* Room for limbs: on the machine stack if they are few. Not to be copied. */
typedef struct LimbRoom {
    uint32_t few[64];
    uint32_t *many;
    size_t length;
} LimbRoom;

/* Returns `length` limbs, all zero. */
uint32_t *limb_room_take(LimbRoom *room, size_t length);
void limb_room_give_back(LimbRoom *room);

#endif
