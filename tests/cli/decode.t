#!/bin/sh
# bwcallback decode: output, exit codes, messages.
set -u

# shellcheck source=tests/support/tap.sh
. "$BW_SRCDIR/tests/support/tap.sh"
data=$BW_TEST_DATA

decode() {
	"$bin" decode "$@" >"$dir/out" 2>"$dir/err"
	code=$?
}

q='eventType=answer&accountId=9&callId=c-1&tag=a%22b'
want='{"file":"-","family":"voice","type":"answer","key":"voice.answer:9:c-1"'
want=$want',"fields":{"eventType":"answer","accountId":"9","callId":"c-1"'
want=$want',"tag":"a\"b"}}'
echo "$q" >"$dir/in"
decode --query <"$dir/in"
check 'a query string on standard input' "$code $(cat "$dir/out")" "0 $want"
decode --content-type application/x-www-form-urlencoded - <"$dir/in"
check 'a form' "$code $(cut -c1-44 "$dir/out")" \
	'0 {"file":"-","family":"voice","type":"answer"'
decode "$data/emergency.calling-api.query"
check 'no key' "$code $(grep -c '"key":null' "$dir/out")" '0 1'
decode "$data/messaging.message-received.batch-of-two.json"
check 'a line for each event' "$code $(wc -l <"$dir/out" | tr -d ' ')" '0 2'
decode "$data/messaging.message-received.empty-array.json"
check 'nothing for an empty list' "$code $(wc -c <"$dir/out" | tr -d ' ')" \
	'0 0'

printf '{"a":\n 1 2}' >"$dir/bad.json"
decode "$dir/bad.json" "$data/webrtc.onLeave.json" "$dir/none"
check 'the first failure decides' "$code" 65
check 'the others are decoded' "$(grep -c onLeave "$dir/out")" 1
check 'each failure has its line' "$(cat "$dir/err")" \
	"bwcallback: $dir/bad.json: json: 2:4: expected ',' or '}'
bwcallback: $dir/none: No such file or directory"
decode "$dir/none"
check 'a file that is not there' "$code" 66
decode "$dir"
check 'a folder' "$code" 74
head -c 300000 /dev/zero | tr '\0' ' ' >"$dir/large"
decode "$dir/large"
check 'a file too large' "$code $(cat "$dir/err")" \
	"65 bwcallback: $dir/large: too large"

"$bin" decode "$data/webrtc.onLeave.json" >/dev/full 2>"$dir/err"
check 'a full disk' "$? $(grep -c 'standard output: No space' "$dir/err")" \
	'74 1'

decode --nonsense
check 'an unknown option' "$code" 64
decode --content-type
check 'an option without its value' "$code" 64
decode --types more
check 'a file where none is wanted' "$code" 64
decode --types
check 'a row of the list' "$(sed -n 's/  */ /gp' "$dir/out" |
	grep '^voice answer ')" \
	'voice answer bxml 200 accountId|applicationId? callId'
rows=$(wc -l <"$dir/out")
decode --types --json
check 'as many as JSON' "$(grep -c '^{"family":"' "$dir/out")" \
	"$(echo "$rows" | tr -d ' ')"

# Every row has a payload, and the program recognises it.
"$bin" decode --json "$data"/*.json "$data"/*.xml "$data"/*.query \
	>"$dir/out" 2>"$dir/err"
check 'everything in tests/data' "$? $(cat "$dir/err")" '0 '

if command -v script >"$dir/err" 2>&1; then
	printf '[{"type":"x","message":{},"l":[1,[]],"s":"{,:\\""}]' \
		>"$dir/in.json"
	script -qec "'$bin' decode '$dir/in.json'" /dev/null </dev/null |
		tr -d '\r' >"$dir/out"
	check 'spread over lines on a terminal' \
		"$(sed -n '/"fields"/,$p' "$dir/out")" '  "fields": {
    "type": "x",
    "message": {},
    "l": [
      1,
      []
    ],
    "s": "{,:\""
  }
}'
else
	points=$((points + 1))
	echo "ok $points - on a terminal # SKIP script(1) is not installed"
fi
echo "1..$points"
