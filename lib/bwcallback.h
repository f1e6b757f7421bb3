#ifndef BWCALLBACK_H
#define BWCALLBACK_H

/*
 * All that a program needs which answers callbacks, reads stored events or
 * writes BXML. Not included: <bwcallback/tools/...>, interfaces for the
 * programs of this package, which any release may change.
 */
#include <bwcallback/alloc.h>
#include <bwcallback/buf.h>
#include <bwcallback/build.h>
#include <bwcallback/bxml.h>
#include <bwcallback/callback.h>
#include <bwcallback/config.h>
#include <bwcallback/error.h>
#include <bwcallback/event.h>
#include <bwcallback/finding.h>
#include <bwcallback/limits.h>
#include <bwcallback/module.h>
#include <bwcallback/request.h>
#include <bwcallback/response.h>
#include <bwcallback/store.h>
#include <bwcallback/str.h>
#include <bwcallback/version.h>

#endif
