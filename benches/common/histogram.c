/* Reading a histogram; see histogram.h. */
#include "histogram.h"

static double bucket_middle(int index)
{
    int doubling = index >> HISTOGRAM_FINE;
    double fine = index & ((1 << HISTOGRAM_FINE) - 1);
    if (doubling == 0)
        return fine;
    double width = (double)(1ull << (doubling - 1));
    return ((1 << HISTOGRAM_FINE) + fine + 0.5) * width;
}

double histogram_part(const struct histogram *h, double part)
{
    double wanted = part * (double)h->count;
    double seen = 0;
    for (int i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += h->bucket[i];
        if (h->bucket[i] > 0 && seen >= wanted)
            return bucket_middle(i);
    }
    return 0;
}
