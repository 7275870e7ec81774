/* Failing, with a message; and running seeds. */
#include "check.h"

#include "../src/heap.h"
#include "../src/roots.h"
#include "../src/span.h"
#include "../src/stable_memory.h"

__attribute__((import_module("host"), import_name("print"))) extern void host_print(const char *text, size_t length);

static struct {
    uint64_t seed;
    bool has_seed;
    uint64_t step;
} context;

typedef struct Line {
    char text[512];
    size_t length;
} Line;

static void append_text(Line *line, const char *text) {
    for (; *text && line->length < sizeof line->text; text++) {
        line->text[line->length++] = *text;
    }
}

static void append_number(Line *line, uint64_t number) {
    char digits[21];
    size_t at = sizeof digits;
    digits[--at] = '\0';
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    append_text(line, digits + at);
}

static Line begin_line(const char *file, uint32_t line_number, const char *what) {
    Line line = {.length = 0};
    append_text(&line, file);
    append_text(&line, ":");
    append_number(&line, line_number);
    append_text(&line, ": failed: ");
    append_text(&line, what);
    append_text(&line, " (");
    return line;
}

static _Noreturn void end_line(Line *line) {
    if (context.has_seed) {
        append_text(line, "seed ");
        append_number(line, context.seed);
    } else {
        append_text(line, "no seed");
    }
    append_text(line, ", step ");
    append_number(line, context.step);
    append_text(line, ")\n");
    host_print(line->text, line->length);
    __builtin_trap();
}

_Noreturn void check_failed(const char *file, uint32_t line_number, const char *what) {
    Line line = begin_line(file, line_number, what);
    end_line(&line);
}

void check_equal(const char *file, uint32_t line_number, uint64_t actual, uint64_t expected, const char *what) {
    if (actual != expected) {
        Line line = begin_line(file, line_number, what);
        append_number(&line, actual);
        append_text(&line, " is not ");
        append_number(&line, expected);
        append_text(&line, "; ");
        end_line(&line);
    }
}

/* What the runtime calls when one of its own invariants is broken. */
_Noreturn void check_report(const char *file, uint32_t line, const char *message);

_Noreturn void check_report(const char *file, uint32_t line, const char *message) {
    check_failed(file, line, message);
}

void check_step(uint64_t step) {
    context.step = step;
}

static void empty_everything(void) {
    heap_destroy();
    root_clear();
    stable_reset();
    CHECK_EQUAL(span_bytes_in_use(), 0, "a test gives back all memory");
}

void check_seeds(uint64_t first_seed, uint64_t seed_count, void (*test)(uint64_t seed)) {
    for (uint64_t i = 0; i < seed_count; i++) {
        context.seed = first_seed + i;
        context.has_seed = true;
        context.step = 0;
        test(context.seed);
        empty_everything();
    }
    context.has_seed = false;
}

void check_once(void (*test)(void)) {
    context.has_seed = false;
    context.step = 0;
    test();
    empty_everything();
}
