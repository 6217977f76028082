/* Runs the self-test of one class of libczmq, on the library that the first argument says: real or ours. */
#include <czmq.h>
#include <dlfcn.h>

typedef void self_test (bool verbose);

int main (int argc, char **argv)
{
    char name[64];
    if (argc != 3)
        return 2;
    /* The search path could have led to the other library. */
    bool ours = dlsym (RTLD_DEFAULT, "zmqrs_version") != NULL;
    if (ours != streq (argv[1], "ours")) {
        fprintf (stderr, "this is not the library to be tested\n");
        return 2;
    }
    snprintf (name, sizeof name, "%s_test", argv[2]);
    self_test *run;
    *(void **) &run = dlsym (RTLD_DEFAULT, name);
    if (!run) {
        fprintf (stderr, "libczmq has no %s\n", name);
        return 2;
    }
    zsys_init ();
    run (false);
    return 0;
}
