/* Ropes: against flat bytes kept outside the heap, through every operation, and while collectors move the parts. */
#include "../src/text.h"

#include "../src/bytes.h"
#include "../src/gc.h"
#include "../src/heap.h"
#include "../src/heap_check.h"
#include "../src/persistence.h"
#include "../src/roots.h"
#include "../src/span.h"
#include "../src/stable_memory.h"
#include "../src/utf8.h"
#include "check.h"
#include "random.h"

#define TEXTS 40
#define MAXIMUM_BYTES 4096
#define HEAP_BYTES (32 * PARTITION_SIZE)
#define DEEP_PARTS 30000

typedef struct Flat {
    uint8_t bytes[MAXIMUM_BYTES];
    size_t length;
} Flat;

static uint32_t random_code_point(Random *random) {
    static const uint32_t limits[] = {0x7F, 0x7FF, 0xFFFF, 0x10FFFF};
    for (;;) {
        uint32_t code_point = random_below(random, limits[random_below(random, 4)] + 1);
        if (code_point < 0xD800 || code_point > 0xDFFF) {
            return code_point;
        }
    }
}

static void random_flat(Random *random, Flat *flat) {
    flat->length = 0;
    for (uint32_t characters = random_below(random, 60); characters > 0; characters--) {
        flat->length += utf8_encode(random_code_point(random), flat->bytes + flat->length);
    }
}

static void check_text(const Flat *flat, Value text) {
    CHECK_EQUAL(text_bytes(text), flat->length, "a text knows its bytes");
    CHECK_EQUAL(text_length(text), utf8_count(flat->bytes, flat->length), "a text counts its characters");
    uint8_t copy[MAXIMUM_BYTES];
    text_copy(text, copy);
    CHECK(memcmp(copy, flat->bytes, flat->length) == 0, "a text is copied as it is");
    TextIterator iterator = text_iterate(text);
    size_t at = 0;
    uint32_t actual;
    while (text_next(&iterator, &actual)) {
        uint32_t expected = 0;
        size_t size = 0;
        CHECK_EQUAL(utf8_decode(flat->bytes + at, flat->length - at, &expected, &size), UTF8_OK, "characters remain");
        CHECK_EQUAL(actual, expected, "characters come in their order");
        at += size;
    }
    text_iterate_end(&iterator);
    CHECK_EQUAL(at, flat->length, "iterating ends with the text");
}

static int32_t sign_of(int32_t number) {
    return (number > 0) - (number < 0);
}

static int32_t compare_flat(const Flat *a, const Flat *b) {
    int32_t order = sign_of(memcmp(a->bytes, b->bytes, a->length < b->length ? a->length : b->length));
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

static void against_flat_bytes(Random *random, Flat *flats) {
    Root roots[TEXTS];
    heap_initialise(HEAP_BYTES);
    for (uint32_t i = 0; i < TEXTS; i++) {
        random_flat(random, &flats[i]);
        roots[i] = root_add(text_from_bytes(flats[i].bytes, flats[i].length));
    }
    for (uint32_t round = 0; round < 400; round++) {
        uint32_t left = random_below(random, TEXTS);
        uint32_t right = random_below(random, TEXTS);
        uint32_t target = random_below(random, TEXTS);
        if (flats[left].length + flats[right].length <= MAXIMUM_BYTES) {
            root_set(roots[target], text_concatenate(root_get(roots[left]), root_get(roots[right])));
            static Flat joined;
            joined.length = flats[left].length + flats[right].length;
            memcpy(joined.bytes, flats[left].bytes, flats[left].length);
            memcpy(joined.bytes + flats[left].length, flats[right].bytes, flats[right].length);
            memcpy(&flats[target], &joined, sizeof joined);
        } else {
            random_flat(random, &flats[target]);
            root_set(roots[target], text_from_bytes(flats[target].bytes, flats[target].length));
        }
        if (round % 8 == 0) {
            check_text(&flats[target], root_get(roots[target]));
        }
        CHECK_EQUAL(sign_of(text_compare(root_get(roots[left]), root_get(roots[target]))),
                    compare_flat(&flats[left], &flats[target]), "ropes compare like their bytes");
        if (random_chance(random, 5)) {
            gc_step(round % gc_collector_count(), random_below(random, 3000));
        }
        if (random_chance(random, 4)) {
            Value flat = text_flatten(root_get(roots[target]));
            CHECK_EQUAL(value_kind(flat), KIND_BLOB, "a flat text is one blob");
            CHECK_EQUAL(text_compare(flat, root_get(roots[target])), 0, "and the same text");
            CHECK(value_is_same(text_flatten(flat), flat), "flattening twice does nothing");
            root_set(roots[target], flat);
        }
    }
    for (size_t collector = 0; collector < gc_collector_count(); collector++) {
        gc_collect(collector);
    }
    persistence_save();
    heap_initialise(HEAP_BYTES);
    root_clear();
    CHECK_EQUAL(persistence_restore(), PERSISTENCE_OK, "texts are restored");
    for (uint32_t i = 0; i < TEXTS; i++) {
        check_text(&flats[i], root_get(roots[i]));
    }
    heap_destroy();
    root_clear();
    stable_reset();
}

/* As deep as it is long, to either side: nothing may recurse. */
static void deep_ropes(Random *random) {
    heap_initialise(HEAP_BYTES);
    uint8_t piece[40];
    for (size_t i = 0; i < sizeof piece; i++) {
        piece[i] = (uint8_t)random_between(random, 'a', 'z');
    }
    Value part = text_from_bytes(piece, sizeof piece);
    Value left_leaning = part;
    Value right_leaning = part;
    for (uint32_t i = 1; i < DEEP_PARTS; i++) {
        left_leaning = text_concatenate(left_leaning, part);
        right_leaning = text_concatenate(part, right_leaning);
    }
    Root left_root = root_add(left_leaning);
    Root right_root = root_add(right_leaning);
    CHECK_EQUAL(text_length(left_leaning), DEEP_PARTS * sizeof piece, "a deep rope counts its characters");
    CHECK_EQUAL(text_compare(left_leaning, right_leaning), 0, "leaning does not matter");
    gc_collect(0);
    CHECK_EQUAL(heap_check().objects, 2 * (DEEP_PARTS - 1) + 1, "a rope shares its parts");
    Value flat = text_flatten(root_get(left_root));
    CHECK_EQUAL(text_compare(flat, root_get(right_root)), 0, "flattening does not matter");
    value_bytes(flat)[text_bytes(flat) - 1]++;
    CHECK(text_compare(flat, root_get(right_root)) > 0, "the last byte does");
    heap_destroy();
    root_clear();
}

static void small_cases(void) {
    heap_initialise(HEAP_BYTES);
    Value empty = text_from_bytes((const uint8_t *)"", 0);
    Value word = text_from_bytes((const uint8_t *)"word", 4);
    CHECK_EQUAL(text_length(empty), 0, "an empty text has no characters");
    CHECK(value_is_same(text_concatenate(empty, word), word), "nothing before a text is the text");
    CHECK(value_is_same(text_concatenate(word, empty), word), "nothing behind a text is the text");
    CHECK_EQUAL(value_kind(text_concatenate(word, word)), KIND_BLOB, "short texts are joined by copying");
    Value line = text_from_bytes((const uint8_t *)"more than thirty-two bytes are in this", 38);
    Value rope = text_concatenate(line, word);
    CHECK_EQUAL(value_kind(rope), KIND_CONCAT, "long texts are not");
    CHECK(text_compare(line, rope) < 0 && text_compare(rope, line) > 0, "a beginning is below the whole");
    CHECK_EQUAL(text_compare(empty, empty), 0, "empty texts are equal");
    CHECK(text_compare(empty, word) < 0, "an empty text is below all others");
    Value high = text_from_bytes((const uint8_t *)"\xF0\x9F\x98\x80", 4);
    Value low = text_from_bytes((const uint8_t *)"\xEF\xBF\xBD", 3);
    CHECK(text_compare(low, high) < 0, "texts are ordered by code points, not by UTF-16 units");
    heap_destroy();
}

static void one_seed(uint64_t seed) {
    Random random = random_make(seed, 580);
    small_cases();
    Flat *flats = span_allocate(TEXTS * sizeof(Flat));
    for (uint32_t round = 0; round < 40; round++) {
        check_step(round);
        against_flat_bytes(&random, flats);
    }
    span_free(flats, TEXTS * sizeof(Flat));
    check_step(100);
    deep_ropes(&random);
}

TEST_MODULE(text) {
    check_seeds(first_seed, seed_count, one_seed);
}
