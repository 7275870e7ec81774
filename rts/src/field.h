/* Reading and writing the fields of objects, with the barriers that a collector at work needs. */
#ifndef RTS_FIELD_H
#define RTS_FIELD_H

#include "object.h"

Value field_get(Value object, size_t index);

/* Also to be used to initialise a new object: during an update phase an old address must not slip in. */
void field_set(Value object, size_t index, Value value);

#endif
