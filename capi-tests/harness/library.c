/* Tells zmqrs from libzmq, and stops a test that runs on the wrong one (see library.h). */
#define _GNU_SOURCE /* dladdr, RTLD_DEFAULT */
#include "library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *library_name (void)
{
    return dlsym (RTLD_DEFAULT, "zmqrs_version") ? "zmqrs" : "libzmq";
}

__attribute__ ((constructor)) static void refuse_the_wrong_library (void)
{
    const char *wanted = getenv ("CAPI_TESTS_LIBRARY");
    if (!wanted || strcmp (wanted, library_name ()) == 0)
        return;
    Dl_info loaded = { 0 };
    dladdr (dlsym (RTLD_DEFAULT, "zmq_ctx_new"), &loaded);
    fprintf (stderr, "wrong library: %s wanted, %s loaded from %s\n", wanted, library_name (),
            loaded.dli_fname ? loaded.dli_fname : "?");
    _exit (99);
}
