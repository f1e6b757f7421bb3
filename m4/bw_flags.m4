# BW_TRY_FLAG(VARIABLE, FLAG): add FLAG to VARIABLE if the compiler accepts it.
AC_DEFUN([BW_TRY_FLAG], [
AS_VAR_PUSHDEF([cv], [bw_cv_flag_$2])
AC_CACHE_CHECK([whether $CC takes $2], [cv], [
	bw_save_CFLAGS=$CFLAGS
	CFLAGS="$CFLAGS -Werror $2"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([[]], [[]])],
		[AS_VAR_SET([cv], [yes])], [AS_VAR_SET([cv], [no])])
	CFLAGS=$bw_save_CFLAGS
])
AS_VAR_IF([cv], [yes], [$1="$$1 $2"])
AS_VAR_POPDEF([cv])
])

# BW_TRY_FLAGS(VARIABLE, FLAGS): the same for several. Usually the compiler
# accepts all, so ask once.
AC_DEFUN([BW_TRY_FLAGS], [
AC_CACHE_CHECK([whether $CC takes all flags of $1], [bw_cv_flags_$1], [
	bw_save_CFLAGS=$CFLAGS
	CFLAGS="$CFLAGS -Werror m4_normalize([$2])"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([[]], [[]])],
		[bw_cv_flags_$1=yes], [bw_cv_flags_$1=no])
	CFLAGS=$bw_save_CFLAGS
])
AS_IF([test "$bw_cv_flags_$1" = yes], [$1="$$1 m4_normalize([$2])"],
	[m4_foreach_w([BW_FLAG], [$2], [BW_TRY_FLAG([$1], BW_FLAG)
])])
])

# BW_FLAGS: our own flags, in BW_CFLAGS and BW_LDFLAGS. CFLAGS and LDFLAGS
# belong to the user and stay as given.
AC_DEFUN([BW_FLAGS], [
BW_CFLAGS=-std=c11
BW_CPPFLAGS=
BW_LDFLAGS=
BW_TRY_FLAGS([BW_CFLAGS], [-Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes
	-Wmissing-prototypes -Wwrite-strings -Wcast-qual -Wpointer-arith
	-Wformat=2 -Wundef -Wvla -Wconversion -Wsign-conversion
	-Wimplicit-fallthrough -Wnull-dereference
	-fvisibility=hidden -fno-common
	-fstack-protector-strong -fstack-clash-protection -fcf-protection
	-fno-semantic-interposition])
# The library calls its own public functions directly, not through the PLT: a
# program cannot replace them (-fno-semantic-interposition and -Bsymbolic...).
BW_TRY_FLAGS([BW_LDFLAGS], [-Wl,-z,relro -Wl,-z,now -Wl,--as-needed
	-Wl,-Bsymbolic-functions])
BW_PIE_CFLAGS=
BW_PIE_LDFLAGS=
BW_TRY_FLAG([BW_PIE_CFLAGS], [-fPIE])
BW_TRY_FLAG([BW_PIE_LDFLAGS], [-pie])
AC_SUBST([BW_CFLAGS])
AC_SUBST([BW_LDFLAGS])
AC_SUBST([BW_PIE_CFLAGS])
AC_SUBST([BW_PIE_LDFLAGS])
AC_SUBST([BW_CPPFLAGS])
])

# BW_SWITCH(NAME, HELP): --enable-NAME, off by default.
AC_DEFUN([BW_SWITCH], [
AC_ARG_ENABLE([$1], [AS_HELP_STRING([--enable-$1], [$2])],,
	[enable_$1=no])
])

AC_DEFUN([BW_SWITCHES], [
BW_SWITCH([werror], [turn warnings into errors])
BW_SWITCH([sanitizers], [build with the address and undefined sanitizers, or
	with =thread the thread sanitizer])
BW_SWITCH([coverage], [build for gcov])
BW_SWITCH([fuzzers], [build the fuzz targets (needs clang)])

AS_IF([test "$enable_sanitizers" != no], [
	AS_CASE([$enable_sanitizers],
		[yes], [BW_SAN=-fsanitize=address,undefined],
		[thread], [BW_SAN=-fsanitize=thread],
		[AC_MSG_ERROR([--enable-sanitizers: yes, no or thread])])
	AC_DEFINE([BW_SANITIZERS], [1], [Define to 1 if sanitizers are built in.])
	AS_IF([test "$enable_fuzzers" = yes],
		[BW_SAN="$BW_SAN,fuzzer-no-link"])
	BW_CFLAGS="$BW_CFLAGS $BW_SAN -fno-sanitize-recover=all"
	BW_CFLAGS="$BW_CFLAGS -fno-omit-frame-pointer"
	BW_LDFLAGS="$BW_LDFLAGS $BW_SAN"
], [
	AS_IF([test "$enable_fuzzers" = yes], [
		BW_CFLAGS="$BW_CFLAGS -fsanitize=fuzzer-no-link"
		BW_LDFLAGS="$BW_LDFLAGS -fsanitize=fuzzer-no-link"
	])
	# FORTIFY only without sanitizers: both intercept the same functions.
	# It needs optimisation, so it is off with -O0.
	BW_CPPFLAGS='-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2'
	AS_CASE([" $CFLAGS "], [*" -O0 "*], [BW_CPPFLAGS=],
		[*" -O"*], [], [BW_CPPFLAGS=])
])
AS_IF([test "$enable_fuzzers" = yes], [
	AC_MSG_CHECKING([whether $CC has libFuzzer])
	bw_save_CFLAGS=$CFLAGS
	CFLAGS="$CFLAGS -fsanitize=fuzzer"
	AC_LINK_IFELSE([AC_LANG_SOURCE([[
		#include <stddef.h>
		#include <stdint.h>
		int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
		int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
		{ return p != NULL && n == 0; }]])],
		[AC_MSG_RESULT([yes])],
		[AC_MSG_RESULT([no])
		AC_MSG_ERROR([--enable-fuzzers needs CC=clang and its runtime])])
	CFLAGS=$bw_save_CFLAGS
])
AS_IF([test "$enable_coverage" = yes], [
	BW_CFLAGS="$BW_CFLAGS --coverage"
	BW_LDFLAGS="$BW_LDFLAGS --coverage"
])
# Last: a probe with -Werror would otherwise fail on its own warnings.
AS_IF([test "$enable_werror" = yes], [BW_CFLAGS="$BW_CFLAGS -Werror"])
AM_CONDITIONAL([FUZZERS], [test "$enable_fuzzers" = yes])
AM_CONDITIONAL([SANITIZERS], [test "$enable_sanitizers" != no])
])
