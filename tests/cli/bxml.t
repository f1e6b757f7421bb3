#!/bin/sh
# bwcallback bxml: output, exit codes, messages.
set -u

# shellcheck source=tests/support/tap.sh
. "$BW_SRCDIR/tests/support/tap.sh"
data=$BW_TEST_DATA/bxml

bxml() {
	"$bin" bxml "$@" >"$dir/out" 2>"$dir/err"
	code=$?
}

cd "$dir" || exit 1
echo '<Response><Hangup/></Response>' >good.xml
printf '<Response>\n  <Gather maxDigit="1"/>\n</Response>\n' >bad.xml
echo '<Response><Forward to="+19195550104"/></Response>' >forward.xml
echo '<Response><Hangup/><Pause/></Response>' >dead.xml

bxml good.xml
check 'no text to speak' "$code$(cat out err)" 0
bxml <good.xml
check 'standard input' "$code$(cat out err)" 0
bxml - <bad.xml
check 'a finding on standard input' "$code $(sed 1q out)" '65 -:2:11: error: '\
'maxDigit: unknown attribute of <Gather>, did you mean maxDigits?'
bxml good.xml bad.xml
check 'one bad file among good ones' "$code $(grep -c error: out)" '65 1'
bxml --lenient bad.xml
check '--lenient' "$code $(grep -c warning: out)" '0 2'
echo '<Response><SendDtmf toneDuration="3">1</SendDtmf></Response>' >made-up.xml
bxml made-up.xml
check 'a value out of range' "$code" 65
bxml --lenient made-up.xml
check '--lenient takes it' "$code $(grep -c warning: out)" '0 1'
bxml --lenient --strict bad.xml
check '--strict' "$code" 65
bxml dead.xml
check 'a warning is no error' "$code $(cat out)" '0 dead.xml:1:20: warning: '\
'<Pause>: never runs, nor any verb after it: <Hangup> before it ends '\
'the document'
bxml forward.xml
check 'Forward by itself' "$code" 0
bxml --answering initiate forward.xml
check 'Forward after initiate' "$code" 0
bxml --answering gather forward.xml
check 'Forward after gather' "$code $(cut -c1-60 out)" '65 forward.xml:1:11: '\
'error: <Forward>: not allowed once the cal'
bxml --answering disconnect forward.xml
check 'an event without an answer' "$code $(sed 1q err | cut -c1-61)" \
	'64 bwcallback: bxml: --answering disconnect: must be initiate, a'
bxml --json bad.xml
check '--json' "$code $(sed 1q out)" '65 {"file":"bad.xml","line":2,'\
'"column":11,"severity":"error","message":"maxDigit: unknown attribute of '\
'<Gather>, did you mean maxDigits?"}'
cat >misplaced.xml <<'EOF'
<Response>
  <Transfer><PhoneNumber>sip:agent@sip.example.com</PhoneNumber></Transfer>
  <Redirect url="/next"/>
</Response>
EOF
bxml misplaced.xml
check 'what to write instead' "$code $(grep error: out)" '65 misplaced.xml:2:13: '\
'error: text "sip:agent@sip.example.com": not allowed in <PhoneNumber>, write '\
'<SipUri>sip:agent@sip.example.com</SipUri>
misplaced.xml:3:13: error: url: unknown attribute of <Redirect>, write '\
'redirectUrl'
cat >callbacks.xml <<'EOF'
<callbacks><voice path="/voice"><on event="initiate"><exec program="answer"/>
</on></voice></callbacks>
EOF
cat >answer <<'EOF'
#!/bin/sh
cat >/dev/null
echo '<?xml version="1.0" encoding="US-ASCII"?><Response><Tag>a</Tag></Response>'
EOF
chmod +x answer
"$bin" simulate call --flow callbacks.xml >out 2>err
check 'an answer that declares ASCII' "$? $(grep -c 'BXML is UTF-8' out) $(
	grep -c '    Tag' out)" '0 1 1'
bxml none.xml good.xml
check 'a file that is not there' "$code $(cat err)" \
	'66 bwcallback: none.xml: No such file or directory'
bxml --answering
check 'an option without its value' "$code" 64
bxml --nonsense
check 'an unknown option' "$code" 64
bxml --schema good.xml
check 'a schema of nothing' "$code" 64
(exec >/dev/full && "$bin" bxml --schema) 2>/dev/null
check 'a full disk' "$?" 74

bxml --schema
cp out bxml.rng
check '--schema' "$code $(grep -c '<define name="Gather">' bxml.rng)" '0 1'
if command -v xmllint >/dev/null 2>&1; then
	xmllint --noout --relaxng bxml.rng "$data"/valid/*.xml >out 2>&1
	check 'xmllint accepts what is valid' "$?" 0
	wrong=
	while IFS="$(printf '\t')" read -r file layer rest; do
		[ "$layer" = schema ] || continue
		xmllint --noout --relaxng bxml.rng "$data/invalid/$file" \
			>out 2>&1 && wrong="$wrong $file"
	done <"$data/invalid/MANIFEST.tsv"
	check 'xmllint refuses what is not' "$wrong" ''
else
	for what in valid invalid; do
		points=$((points + 1))
		echo "ok $points - $what # SKIP xmllint is not installed"
	done
fi
echo "1..$points"
