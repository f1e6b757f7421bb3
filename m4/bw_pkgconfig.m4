# BW_PKGCONFIG: the folders in bwcallback.pc. Below the prefix they are relative
# to that file, so that an installed tree can be moved as a whole.
AC_DEFUN([BW_PKGCONFIG], [
bw_prefix=$prefix
test "$bw_prefix" != NONE || bw_prefix=$ac_default_prefix
bw_exec_prefix=$exec_prefix
test "$bw_exec_prefix" != NONE || bw_exec_prefix='${prefix}'

# bw_below_prefix PATH: make it relative to the prefix if it is below that.
bw_below_prefix() {
	bw_path=`AS_ECHO(["$[1]"]) | $SED \
	    -e "s|^.{exec_prefix}|$bw_exec_prefix|" \
	    -e "s|^.{prefix}|$bw_prefix|"`
	AS_CASE([$bw_path], ["$bw_prefix"/*],
		[bw_path=`AS_ECHO(["$bw_path"]) | $SED "s|^$bw_prefix/*||"`])
}

bw_below_prefix "$libdir"
BW_PC_LIBDIR=$bw_path
AS_CASE([$bw_path],
	[/*], [BW_PC_PREFIX=$bw_prefix],
	[BW_PC_PREFIX='${pcfiledir}/'`AS_ECHO(["$bw_path/pkgconfig"]) |
		$SED -e 's|//*|/|g' -e 's|@<:@^/@:>@@<:@^/@:>@*|..|g'`
	 BW_PC_LIBDIR='${prefix}/'$bw_path])
bw_below_prefix "$includedir"
AS_CASE([$bw_path], [/*], [BW_PC_INCLUDEDIR=$bw_path],
	[BW_PC_INCLUDEDIR='${prefix}/'$bw_path])
AC_SUBST([BW_PC_PREFIX])
AC_SUBST([BW_PC_LIBDIR])
AC_SUBST([BW_PC_INCLUDEDIR])
])
