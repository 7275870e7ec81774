/* Options. */
#include "stable_option.h"

#include "field.h"
#include "heap.h"

Value option_inject(Value content) {
    if (content != VALUE_NULL && !value_has_kind(content, KIND_SOME)) {
        return content;
    }
    Value box = heap_allocate(KIND_SOME, 1);
    field_set(box, 0, content);
    return box;
}

Value option_project(Value option) {
    RTS_REQUIRE(option_is_some(option), "null has no content");
    return value_has_kind(option, KIND_SOME) ? field_get(option, 0) : option;
}
