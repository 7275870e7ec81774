/* The model of a heap. */
#include "heap_model.h"

#include "../src/bytes.h"
#include "../src/field.h"
#include "../src/heap.h"
#include "../src/heap_check.h"
#include "../src/span.h"
#include "check.h"

#define SCALAR_BITS 29
/* Spreads scalars over the whole width of a 64-bit word; on 32 bits the upper part falls away. */
#define SCALAR_SPREAD ((intptr_t)(sizeof(Word) == 8 ? 0x10001 : 1))

/* A walk down from a root gives up after so many fields. */
#define WALK_STEPS 12

/* Keeps the lengths of concatenations, whose parts may be shared, within a scalar of the model. */
#define MAXIMUM_TEXT_BYTES (1u << 24)

static bool is_object(ModelValue value) {
    return (value & 3) == 0;
}

static uint32_t object_number(ModelValue value) {
    return value >> 2;
}

static ModelValue model_object(uint32_t number) {
    return number << 2;
}

static ModelValue random_scalar(Random *random) {
    return (random_u32(random) >> (32 - SCALAR_BITS)) << 2 | 1;
}

static intptr_t scalar_content(const ModelObject *object, ModelValue value) {
    intptr_t number = (intptr_t)(value >> 2);
    /* A concatenation's length is what it is; everything else may be negative. */
    return object && object->kind == KIND_CONCAT ? number
                                                 : (number - ((intptr_t)1 << (SCALAR_BITS - 1))) * SCALAR_SPREAD;
}

ModelShape model_random_shape(Random *random, uint32_t maximum_objects) {
    static const uint32_t densities[] = {2, 6, 20, 60};
    uint32_t objects = random_between(random, 0, maximum_objects);
    return (ModelShape){
        .objects = objects,
        .later_objects = objects / 2 + 64,
        .maximum_fields = densities[random_below(random, 4)],
        .roots = 1 + random_below(random, random_chance(random, 50) ? 4 : objects / 16 + 2),
    };
}

static void plan_object(Model *model, ModelObject *object, uint32_t maximum_fields) {
    Random *random = &model->random;
    uint32_t dice = random_below(random, 1000);
    object->content = random_u32(random);
    if (dice < 350) {
        object->kind = KIND_RECORD;
        object->length = random_between(random, 0, maximum_fields);
    } else if (dice < 600) {
        object->kind = KIND_ARRAY;
        object->length = random_between(random, 0, maximum_fields);
    } else if (dice < 603) {
        object->kind = KIND_ARRAY;
        object->length = random_between(random, 0, 3000);
    } else if (dice < 700) {
        object->kind = KIND_MUTBOX;
        object->length = 1;
    } else if (dice < 780) {
        object->kind = KIND_SOME;
        object->length = 1;
    } else if (dice < 900) {
        object->kind = KIND_BLOB;
        object->length = random_between(random, 0, 40);
    } else if (dice < 940) {
        object->kind = KIND_BIGINT;
        object->length = random_between(random, 1, 12);
    } else {
        object->kind = KIND_CONCAT;
        object->length = 3;
    }
}

Model model_plan(ModelShape shape, uint64_t seed) {
    Model model = {.random = random_make(seed, 1)};
    model.planned = shape.objects + shape.later_objects;
    model.made = shape.objects;
    model.objects = span_allocate(model.planned * sizeof(ModelObject));
    model.text_numbers = span_allocate(model.planned * sizeof(uint32_t));
    for (uint32_t i = 0; i < model.planned; i++) {
        ModelObject *object = &model.objects[i];
        plan_object(&model, object, shape.maximum_fields);
        Word header = header_make(object->kind, object->length);
        object->first_field = (uint32_t)model.field_count;
        model.field_count += header_field_count(header);
        model.total_heap_size_bytes += header_object_bytes(header);
    }
    model.fields = span_allocate(model.field_count * sizeof(ModelValue));
    model.root_count = shape.roots;
    model.roots = span_allocate(model.root_count * sizeof(ModelValue));
    model.handles = span_allocate(model.root_count * sizeof(Root));
    return model;
}

void model_free(Model *model) {
    span_free(model->objects, model->planned * sizeof(ModelObject));
    span_free(model->text_numbers, model->planned * sizeof(uint32_t));
    span_free(model->fields, model->field_count * sizeof(ModelValue));
    span_free(model->roots, model->root_count * sizeof(ModelValue));
    span_free(model->handles, model->root_count * sizeof(Root));
}

size_t model_heap_capacity(const Model *model) {
    size_t twice = 2 * model->total_heap_size_bytes;
    return twice > 3 * PARTITION_SIZE ? twice : 3 * PARTITION_SIZE;
}

static uint32_t text_length_in_bytes(const Model *model, uint32_t number) {
    const ModelObject *object = &model->objects[number];
    return object->kind == KIND_BLOB ? object->length : model->fields[object->first_field + 2] >> 2;
}

/* The bytes of blobs and bigints; of a bigint the first limb is its sign. */
static uint8_t content_byte(const ModelObject *object, size_t index) {
    if (object->kind == KIND_BIGINT && index < sizeof(uint32_t)) {
        return index == 0 ? object->content & 1 : 0;
    }
    /* Seven bits: a blob is a valid text. */
    return (uint8_t)((object->content + index * 0x9E3779B1u) >> 25);
}

/* Decides the content of the fields of an object, which may refer to those numbered below `limit`. */
static void plan_fields(Model *model, uint32_t number, uint32_t limit) {
    Random *random = &model->random;
    ModelObject *object = &model->objects[number];
    ModelValue *fields = model->fields + object->first_field;
    if (object->kind == KIND_BLOB) {
        model->text_numbers[model->texts++] = number;
    }
    if (object->kind == KIND_CONCAT) {
        fields[0] = fields[1] = MODEL_NULL;
        fields[2] = 1;
        if (model->texts > 0) {
            uint32_t left = model->text_numbers[random_below(random, model->texts)];
            uint32_t right = model->text_numbers[random_below(random, model->texts)];
            uint32_t bytes = text_length_in_bytes(model, left) + text_length_in_bytes(model, right);
            if (bytes < MAXIMUM_TEXT_BYTES) {
                fields[0] = model_object(left);
                fields[1] = model_object(right);
                fields[2] = bytes << 2 | 1;
                model->text_numbers[model->texts++] = number;
                return;
            }
        }
        /* Nothing to concatenate: a record of the same size. */
        object->kind = KIND_RECORD;
        fields[2] = MODEL_NULL;
        return;
    }
    size_t count = header_field_count(header_make(object->kind, object->length));
    for (size_t i = 0; i < count; i++) {
        uint32_t dice = random_below(random, 100);
        fields[i] = dice < 65 && limit > 0 ? model_object(random_below(random, limit))
                    : dice < 90            ? random_scalar(random)
                                           : MODEL_NULL;
    }
}

static Value allocate(const ModelObject *object) {
    Value value = heap_try_allocate(object->kind, object->length);
    if (value != VALUE_NONE && object->kind >= KIND_BLOB) {
        size_t bytes = header_payload_bytes(header_make(object->kind, object->length));
        uint8_t *target = value_bytes(value);
        for (size_t i = 0; i < bytes; i++) {
            target[i] = content_byte(object, i);
        }
    }
    return value;
}

/* The value in the heap of a scalar or null of the model. */
static Value plain_value(const ModelObject *object, ModelValue value) {
    return value == MODEL_NULL ? VALUE_NULL : value_from_scalar(scalar_content(object, value));
}

static bool build_edges(Model *model, const Value *values) {
    for (uint32_t i = 0; i < model->made; i++) {
        const ModelObject *object = &model->objects[i];
        size_t count = header_field_count(header_make(object->kind, object->length));
        for (size_t field = 0; field < count; field++) {
            ModelValue value = model->fields[object->first_field + field];
            field_set(values[i], field, is_object(value) ? values[object_number(value)] : plain_value(object, value));
        }
    }
    for (uint32_t i = 0; i < model->root_count; i++) {
        bool is_null = model->made == 0 || random_chance(&model->random, 5);
        uint32_t number = is_null ? 0 : random_below(&model->random, model->made);
        model->roots[i] = is_null ? MODEL_NULL : model_object(number);
        model->handles[i] = root_add(is_null ? VALUE_NULL : values[number]);
    }
    return true;
}

bool model_try_build(Model *model) {
    for (uint32_t i = 0; i < model->made; i++) {
        plan_fields(model, i, model->made);
    }
    size_t bytes = model->made * sizeof(Value);
    Value *values = span_allocate(bytes);
    bool has_room = true;
    for (uint32_t i = 0; i < model->made && has_room; i++) {
        values[i] = allocate(&model->objects[i]);
        has_room = values[i] != VALUE_NONE;
    }
    if (has_room) {
        build_edges(model, values);
    }
    span_free(values, bytes);
    return has_room;
}

void model_build(Model *model) {
    heap_initialise(model_heap_capacity(model));
    CHECK(model_try_build(model), "a heap of twice the size of all objects has room for them");
}

/* Goes down from a random root, in model and heap at once. False if there is no object there. */
static bool walk(Model *model, uint32_t *number, Value *value) {
    Random *random = &model->random;
    uint32_t root = random_below(random, model->root_count);
    if (!is_object(model->roots[root])) {
        return false;
    }
    *number = object_number(model->roots[root]);
    *value = root_get(model->handles[root]);
    for (uint32_t steps = random_below(random, WALK_STEPS); steps > 0; steps--) {
        const ModelObject *object = &model->objects[*number];
        uint32_t count = (uint32_t)header_field_count(header_make(object->kind, object->length));
        if (count == 0) {
            break;
        }
        uint32_t field = random_below(random, count);
        ModelValue next = model->fields[object->first_field + field];
        if (is_object(next)) {
            *value = field_get(*value, field);
            *number = object_number(next);
        }
    }
    return true;
}

/* Makes the next planned object; its fields refer to what `other` is, or to nothing. */
static Value make_later(Model *model, bool has_other, uint32_t other_number, Value other, uint32_t *number) {
    *number = model->made++;
    plan_fields(model, *number, 0);
    const ModelObject *object = &model->objects[*number];
    Value value = allocate(object);
    CHECK(value != VALUE_NONE, "the heap has room for what was planned");
    size_t count = header_field_count(header_make(object->kind, object->length));
    for (size_t field = 0; field < count; field++) {
        ModelValue *content = &model->fields[object->first_field + field];
        /* A concatenation of texts that may be garbage by now cannot be made by a program: make it a record. */
        if (is_object(*content) || object->kind == KIND_CONCAT) {
            *content = MODEL_NULL;
        }
        if (has_other && random_chance(&model->random, 30)) {
            *content = model_object(other_number);
        }
        field_set(value, field, is_object(*content) ? other : plain_value(object, *content));
    }
    return value;
}

static void mutate_once(Model *model) {
    Random *random = &model->random;
    uint32_t number = 0;
    uint32_t target = 0;
    Value value = VALUE_NULL;
    Value target_value = VALUE_NULL;
    bool has_value = walk(model, &number, &value);
    bool has_target = walk(model, &target, &target_value);
    uint32_t dice = random_below(random, 100);
    if (dice < 20 && model->made < model->planned) {
        value = make_later(model, has_value, number, value, &number);
        has_value = true;
    }
    uint32_t root = random_below(random, model->root_count);
    const ModelObject *object = &model->objects[target];
    uint32_t count = has_target ? (uint32_t)header_field_count(header_make(object->kind, object->length)) : 0;
    if (dice >= 95 || count == 0 || object->kind == KIND_CONCAT) {
        /* Write a root; seldom let one go, or soon everything would be unreachable. */
        if (has_value || random_chance(random, 10)) {
            model->roots[root] = has_value ? model_object(number) : MODEL_NULL;
            root_set(model->handles[root], has_value ? value : VALUE_NULL);
        }
        return;
    }
    uint32_t field = random_below(random, count);
    ModelValue *content = &model->fields[object->first_field + field];
    if (dice < 60 && has_value) {
        *content = model_object(number);
        field_set(target_value, field, value);
    } else if (dice < 75) {
        *content = random_scalar(random);
        field_set(target_value, field, plain_value(object, *content));
    } else if (is_object(*content)) {
        /* Move the reference to where a collector may have looked already, and overwrite where it was. */
        model->roots[root] = *content;
        root_set(model->handles[root], field_get(target_value, field));
        *content = MODEL_NULL;
        field_set(target_value, field, VALUE_NULL);
    }
}

void model_mutate(Model *model, uint32_t operations) {
    for (uint32_t i = 0; i < operations; i++) {
        mutate_once(model);
    }
}

typedef struct Comparison {
    const Model *model;
    Value *found;     /* by number: where the object was met first */
    uint32_t *queue;
    uint32_t queued;
} Comparison;

static void compare_value(Comparison *comparison, const ModelObject *holder, ModelValue expected, Value actual) {
    if (!is_object(expected)) {
        CHECK_EQUAL(actual, plain_value(holder, expected), "a field or root holds the scalar that was written");
        return;
    }
    CHECK(value_is_pointer(actual), "a field or root holds a reference");
    CHECK(heap_contains((const Object *)actual), "a reference leads into the heap");
    uint32_t number = object_number(expected);
    if (comparison->found[number] == VALUE_NONE) {
        comparison->found[number] = value_from_object(object_of(actual));
        comparison->queue[comparison->queued++] = number;
    } else {
        CHECK(value_is_same(comparison->found[number], actual), "two references to one object stay two to one");
    }
}

static void compare_object(Comparison *comparison, uint32_t number) {
    const ModelObject *object = &comparison->model->objects[number];
    Value value = comparison->found[number];
    CHECK_EQUAL(object_of(value)->header, header_make(object->kind, object->length), "an object keeps its header");
    size_t count = header_field_count(header_make(object->kind, object->length));
    for (size_t field = 0; field < count; field++) {
        compare_value(comparison, object, comparison->model->fields[object->first_field + field],
                      field_get(value, field));
    }
    if (object->kind >= KIND_BLOB) {
        const uint8_t *bytes = value_bytes(value);
        size_t length = header_payload_bytes(object_of(value)->header);
        for (size_t i = 0; i < length; i++) {
            CHECK_EQUAL(bytes[i], content_byte(object, i), "an object keeps its bytes");
        }
    }
}

size_t model_check(const Model *model) {
    size_t found_bytes = (size_t)model->planned * sizeof(Value);
    size_t queue_bytes = (size_t)model->planned * sizeof(uint32_t);
    Comparison comparison = {model, span_allocate_zeroed(found_bytes), span_allocate(queue_bytes), 0};
    for (uint32_t i = 0; i < model->root_count; i++) {
        compare_value(&comparison, NULL, model->roots[i], root_get(model->handles[i]));
    }
    for (uint32_t next = 0; next < comparison.queued; next++) {
        compare_object(&comparison, comparison.queue[next]);
    }
    /* Were two objects of the model one in the heap, the heap would count fewer. */
    CHECK_EQUAL(heap_check().objects, comparison.queued, "the heap reaches as many objects as the model");
    span_free(comparison.found, found_bytes);
    span_free(comparison.queue, queue_bytes);
    return comparison.queued;
}
