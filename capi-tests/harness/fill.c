/* Filling a socket until it stays full (see fill.h). */
#include "fill.h"

#include "test.h"

#include <stdlib.h>

/* What was refused a moment ago may fit now, as the threads beneath move bytes on; full is what stays full. */
void fill_to_the_brim (void *socket)
{
    enum { SIZE = 100000, STEADY = 30 };
    char *text = test_keep (calloc (1, SIZE));
    int refusals = 0;
    memset (text, 'x', SIZE - 1);
    WAIT_UNTIL ((refusals = test_fill (socket, text, 10) == 0 ? refusals + 1 : 0) >= STEADY);
}
