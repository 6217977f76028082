/* What happens when the payload check fails; see stamp.h. Apart, so that the check itself stays small. */
#include "stamp.h"

#include "sides.h"

_Noreturn void stamp_broken(size_t size, size_t expected)
{
    fail("a broken message: %zu bytes where %zu were sent, or head and tail disagree", size, expected);
}

_Noreturn void stamp_misplaced(uint64_t sequence, uint64_t expected)
{
    fail("message %llu arrived where %llu was expected", (unsigned long long)sequence, (unsigned long long)expected);
}
