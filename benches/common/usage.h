/* What a process has used: processor time, context switches, memory. */
#ifndef BENCH_USAGE_H
#define BENCH_USAGE_H

struct usage {
    double cpu_s;    /* user and system time */
    double switches; /* voluntary and involuntary context switches */
    double peak_kb;  /* the most memory that was resident at a time */
};

/* The calling process so far, all its threads. peak_kb is left 0. */
struct usage usage_now(void);
/* A line of /proc/self/status that is in kB: VmHWM is the peak, RssAnon what the process itself has written to. */
double memory_kb(const char *name);

#endif
