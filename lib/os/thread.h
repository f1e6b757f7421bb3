#ifndef BWI_OS_THREAD_H
#define BWI_OS_THREAD_H

#include <pthread.h>

#include <bwcallback/error.h>

/*
 * Start a thread of the library's own. Signals are for the program that uses
 * the library: all but those that a fault raises are blocked in the thread, so
 * that none is delivered there. Returns an error number, as pthread_create()
 * does.
 */
int bwi_thread_start(pthread_t *, void *(*)(void *), void *arg) BW_CHECK;

#endif
