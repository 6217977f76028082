/* The sender's side of a window; see window.h. */
#include "window.h"

#include "clock.h"

enum { LOOK_EVERY_US = 50 };

static uint64_t slowest(const struct window *window)
{
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < window->receivers; i++) {
        struct side_page *page = &shared->side[window->first + i];
        uint64_t progress = atomic_load_explicit(&page->progress, memory_order_relaxed);
        if (progress < least)
            least = progress;
    }
    return least;
}

struct window window_open(int first, int receivers, uint64_t width)
{
    return (struct window){first, receivers, width, width};
}

void window_wait(struct window *window, uint64_t sent)
{
    uint64_t least;
    while ((least = slowest(window)) + window->width <= sent)
        pause_ns(LOOK_EVERY_US * NS_PER_US);
    window->limit = least + window->width;
}
