/* A model of a heap, kept outside of it: what the collectors and persistence are checked against.
 *
 * The model knows every object that was ever made, its fields, and the roots. The program that the tests play is
 * allowed what a real one is: it reaches an object only from a root, by reading fields. Model and heap are walked in
 * step, so that no address is ever kept across a collector's work.
 */
#ifndef RTS_TESTS_HEAP_MODEL_H
#define RTS_TESTS_HEAP_MODEL_H

#include "../src/object.h"
#include "../src/roots.h"
#include "random.h"

/* As a value, with an object's number in place of its address: number << 2, scalar << 2 | 1, or 2 for null. */
typedef uint32_t ModelValue;

#define MODEL_NULL ((ModelValue)2)

typedef struct ModelObject {
    Kind kind;
    uint32_t length;
    uint32_t first_field; /* in `fields` */
    uint32_t content;     /* what its bytes are derived from */
} ModelObject;

typedef struct Model {
    Random random;
    ModelObject *objects;
    uint32_t planned; /* objects that can ever exist */
    uint32_t made;    /* those that do: the first ones */
    uint32_t texts;   /* numbers of texts among them, for concatenations */
    uint32_t *text_numbers;
    ModelValue *fields;
    size_t field_count;
    ModelValue *roots;
    Root *handles;
    uint32_t root_count;
    size_t total_heap_size_bytes; /* of all planned objects */
} Model;

typedef struct ModelShape {
    uint32_t objects;        /* made at the beginning */
    uint32_t later_objects;  /* that mutations may make */
    uint32_t maximum_fields; /* of a record or array; a few arrays in a thousand are longer */
    uint32_t roots;
} ModelShape;

/* A shape for at most `maximum_objects` objects: any number, sparse or dense, few roots or many. */
ModelShape model_random_shape(Random *random, uint32_t maximum_objects);

/* Plans all objects; makes none. */
Model model_plan(ModelShape shape, uint64_t seed);
void model_free(Model *model);

/* What a heap for this model must hold: a dense graph overflows any fixed number of partitions. */
size_t model_heap_capacity(const Model *model);

/* Makes the first objects and all edges and roots in the present, empty heap. False if the heap becomes full. */
bool model_try_build(Model *model);

/* As `model_try_build` in a new heap of `model_heap_capacity`, which must suffice. */
void model_build(Model *model);

/* Plays the program: so many writes to fields and roots, moves of references, and allocations. */
void model_mutate(Model *model, uint32_t operations);

/* Compares everything reachable, both ways; returns how many objects are. */
size_t model_check(const Model *model);

#endif
