/* How a broken invariant ends the program. */
#include "base.h"

#ifdef RTS_CHECK
/* Given by the test module, which has a host to print to. */
_Noreturn void check_report(const char *file, uint32_t line, const char *message);

_Noreturn void rts_fatal(const char *file, uint32_t line, const char *message) {
    check_report(file, line, message);
}
#else
_Noreturn void rts_fatal(const char *file, uint32_t line, const char *message) {
    (void)file, (void)line, (void)message;
    __builtin_trap();
}
#endif
