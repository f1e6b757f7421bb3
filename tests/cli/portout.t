#!/bin/sh
# bwcallback portout test: verdicts, reasons, exit codes.
set -u

# shellcheck source=tests/support/tap.sh
. "$BW_SRCDIR/tests/support/tap.sh"
data=$BW_TEST_DATA

try() {
	"$bin" portout test --config "$dir/c.xml" "$@" \
		>"$dir/out" 2>"$dir/err" <"$dir/in"
	code=$?
}

# configure ON-ERROR
configure() {
	echo "<callbacks><portout path='/p' on-error='$1'>" \
		"<subscribers file='s.csv'/></portout></callbacks>" >"$dir/c.xml"
}

: >"$dir/in"
configure deny
cat >"$dir/s.csv" <<EOF
number,account,pin,zip
9195550191,AC-9,0042,27601
9195550192,AC-9,0042,27601
9195550193,AC-9,,27601
EOF
try "$data/portout.validation.xml"
check 'a number that may go' "$code $(sed 's/.*: //;q' "$dir/out")" \
	'0 portable'
check 'and the verdict itself' \
	"$(grep -c '<Portable>true</Portable>' "$dir/out")" 1
sed 's/0042/42/;s/9195550191/9195550193/' "$data/portout.validation.xml" \
	>"$dir/in"
try -
check 'the reasons of a refusal' "$code $(head -4 "$dir/out")" \
	'1 -: denied
  +*******0192: 7513 PIN is not valid
  +*******0193: 7513 PIN is not valid
  +*******0193: the subscriber data have no value to compare'
try --reveal -
check 'with whole numbers' "$(sed -n 2p "$dir/out")" \
	'  +19195550192: 7513 PIN is not valid'
try --json --path /p -
check 'as JSON' "$(cut -c1-99 "$dir/out")" \
	'{"file":"-","portable":false,"error":null,"reasons":[{"number":"+*******0192","code":7513,"reason":'
echo '<PortOut' >"$dir/in"
try -
check 'what nobody can read is denied' \
	"$code $(sed 1q "$dir/out")" '1 -: denied by the on-error policy'
configure allow
try -
check 'or let go, as the policy says' \
	"$code $(sed 1q "$dir/out")" '0 -: portable by the on-error policy'
try --path /q -
check 'no such section' "$code $(cat "$dir/err")" \
	"66 bwcallback: $dir/c.xml: no <portout> section has this path"
echo 'number,account' >"$dir/s.csv"
try -
check 'data that cannot be used' "$code $(sed 's/.*csv: //' "$dir/err")" \
	'78 no column "pin": the first line names the columns'
try
check 'no file' "$code" 64
"$bin" portout >"$dir/out" 2>"$dir/err"
check 'no action' $? 64

echo "1..$points"
