# For tests in shell, sourced after "set -u": a folder of the test's own in $dir, and
# check. A test ends with echo "1..$points".
# shellcheck shell=sh
bin=$BW_BUILDDIR/cli/bwcallback
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
points=0

# check WHAT GOT WANT
check() {
	points=$((points + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $points - $1"
	else
		echo "not ok $points - $1"
		printf '%s\n' "got: $2" "want: $3" | sed 's/^/#   /'
	fi
}
