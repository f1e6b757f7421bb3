# BW_STATIC: check whether "make static" can link a file without shared
# libraries. It cannot with sanitizers, coverage or fuzzers.
AC_DEFUN([BW_STATIC], [
AC_CACHE_CHECK([for static libraries], [bw_cv_static], [
	bw_save_CFLAGS=$CFLAGS
	bw_save_LIBS=$LIBS
	CFLAGS="$CFLAGS -static-pie"
	bw_cv_static=no
	# Without libxml2: it needs symbols that only hosting/ defines.
	LIBS="$JSON_LIBS $NETTLE_LIBS $SQLITE_LIBS $CRYPT_LIBS $FCGI_LIBS $ZSTD_LIBS -lm"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([[]], [[]])], [
		AS_IF([test -f "`$PKG_CONFIG --variable=libdir libxml-2.0`/libxml2.a"],
			[bw_cv_static=yes])])
	CFLAGS=$bw_save_CFLAGS
	LIBS=$bw_save_LIBS
])
bw_static=$bw_cv_static
AS_IF([test "$enable_sanitizers$enable_coverage$enable_fuzzers" != nonono],
	[bw_static=no])
# Packed relocations take a few bytes instead of 24 each; the C library applies
# them at every start. Run a linked program to check that it supports them.
BW_STATIC_LDFLAGS=
AS_IF([test "$bw_static" = yes], [
	AC_CACHE_CHECK([for packed relocations], [bw_cv_relr], [
		bw_save_CFLAGS=$CFLAGS
		CFLAGS="$CFLAGS -static-pie -Wl,-z,pack-relative-relocs"
		AC_RUN_IFELSE([AC_LANG_PROGRAM([[static int a; static int *b = &a;]],
				[[return *b;]])],
			[bw_cv_relr=yes], [bw_cv_relr=no], [bw_cv_relr=no])
		CFLAGS=$bw_save_CFLAGS
	])
	AS_IF([test "$bw_cv_relr" = yes],
		[BW_STATIC_LDFLAGS=-Wl,-z,pack-relative-relocs])
])
AC_SUBST([BW_STATIC_LDFLAGS])
AM_CONDITIONAL([STATIC], [test "$bw_static" = yes])
])
