#!/bin/sh
# bwcallback events, with a store filled by CGI processes.
set -u

# shellcheck source=tests/support/tap.sh
. "$BW_SRCDIR/tests/support/tap.sh"
fcgi=$BW_BUILDDIR/fcgi/bwcallback.fcgi

events() {
	action=$1
	shift
	"$bin" events "$action" --config "$dir/callbacks.xml" "$@" \
		>"$dir/out" 2>"$dir/err"
	code=$?
}

# post PATH BODY: one CGI process; prints the status
post() {
	printf '%s' "$2" | env -i PATH="$PATH" \
		${LD_PRELOAD+"LD_PRELOAD=$LD_PRELOAD"} \
		${BW_AHEAD+"BW_AHEAD=$BW_AHEAD"} GATEWAY_INTERFACE=CGI/1.1 \
		REQUEST_METHOD=POST REQUEST_URI="$1" SCRIPT_NAME= \
		SERVER_PROTOCOL=HTTP/1.1 CONTENT_TYPE=application/json \
		CONTENT_LENGTH="$(printf '%s' "$2" | wc -c | tr -d ' ')" \
		"$fcgi" --config "$dir/callbacks.xml" 2>>"$dir/log" |
		sed -n '1s/^Status: \([0-9]*\).*/\1/p'
}

# message TYPE ID
message() {
	printf '[{"type":"%s","to":"+19195550102","message":{"id":"%s",' \
		"$1" "$2"
	printf '"from":"+19195550101","text":"the secret text"}}]'
}

cat >"$dir/callbacks.xml" <<'XML'
<callbacks mount="/bw">
  <store url="sqlite:events.db"/>
  <voice path="/voice">
    <on event="answer"><Response><Hangup/></Response></on>
    <fallback><Response><Hangup/></Response></fallback>
  </voice>
  <messaging path="/messages"/>
</callbacks>
XML

check 'a message is taken' \
	"$(post /bw/messages "$(message message-received m-1)")" 200
check 'and again' "$(post /bw/messages "$(message message-received m-1)")" 200
call='{"eventType":"answer","accountId":"9900100","callId":"c-1"}'
check 'a call, too' "$(post /bw/voice "$call")" 200

events list
check 'list: a line each and one above' "$code $(grep -c . "$dir/out")" '0 3'
check 'list: newest last' "$(tail -n 1 "$dir/out" | grep -c ' c-1$')" 1
check 'list: numbers are masked' "$(grep -c 19195550101 "$dir/out")" 0
check 'list: but for their end' "$(grep -c '[*]0101' "$dir/out")" 1
events list --reveal --number +19195550102
check 'list: whole numbers' "$(grep -c 19195550101 "$dir/out")" 1
events list --json --call c-1
check 'list: JSON' "$(python3 -c 'import json, sys
r = json.loads(sys.stdin.read())
print(r["family"], r["type"], r["answer"]["status"], r["deliveries"])' \
	<"$dir/out")" 'voice answer 200 1'
events list --since 1h --until 2000-01-01
check 'list: none' "$code $(cat "$dir/out")" '0 '

events show 1
check 'show: answer and deliveries' "$code $(grep -c -e '^answer  *200 at' \
	-e '^deliveries  *2,' "$dir/out")" '0 2'
check 'show: no text' "$(grep -c secret "$dir/out")" 0
events show 1 --reveal
check 'show: the text' "$(grep -c 'the secret text' "$dir/out")" 1
events show 77
check 'show: none' "$code $(cat "$dir/err")" '66 bwcallback: event 77: there is none'
events show one
check 'show: no number' "$code" 64

events export
check 'export: all' "$code $(grep -c . "$dir/out")" '0 2'
check 'export: no text' "$(grep -c secret "$dir/out")" 0
events count
check 'count' "$(grep -c -e '1  *2  *0 messaging.message-received' \
	-e '1  *1  *0 voice.answer' -e '2 in all' "$dir/out")" 3

events replay 2
check 'replay: the same' "$code $(cat "$dir/out")" \
	'0 answer        200, the same as before'
sed 's/<Hangup/<Pause/' "$dir/callbacks.xml" >"$dir/new" &&
	mv "$dir/new" "$dir/callbacks.xml"
events replay 2 --reveal
check 'replay: another' "$code $(grep -c -e '^--- before' -e '<Hangup/>' \
	-e '^+++ now' -e '<Pause/>' "$dir/out")" '0 4'
events count --json
check 'replay: is not stored' "$(grep -c '"deliveries":1,' "$dir/out")" 1

cat >"$dir/peer.py" <<'PY'
import http.server, sys
class Peer(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        good = self.headers["Authorization"] == "Basic dTpw" and b"c-1" in body
        self.send_response(200 if good else 403)
        self.end_headers()
        self.wfile.write(b"<Response><Hangup/></Response>")
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Peer)
with open(sys.argv[1], "w") as f:
    print(server.server_port, file=f)
server.handle_request()
server.handle_request()
PY
mkfifo "$dir/port"
python3 "$dir/peer.py" "$dir/port" &
read -r port <"$dir/port"
echo p >"$dir/password"
url=http://127.0.0.1:$port/voice
events replay 2 --url "$url" --user u --password-file "$dir/password"
check 'replay: to a URL' "$code $(cat "$dir/out")" \
	'0 answer        200, the same as before'
events replay 2 --url "$url"
check 'replay: another answer' "$code $(grep -c '^answer  *403' "$dir/out")" '0 1'
wait
events replay 2 --url "$url"
check 'replay: nobody there' "$code" 74

events backup "$dir/copy.db"
check 'backup' "$code" 0
"$bin" events list --store "sqlite:$dir/copy.db" >"$dir/out"
check 'backup: is a store' "$? $(grep -c . "$dir/out")" '0 3'
events backup "$dir/copy.db"
check 'backup: not over another' "$code" 74

events export --sqlite "$dir/sql.db" --family voice
check 'export: into a database' "$code $(cat "$dir/out")" '0 1 events exported'
"$bin" events list --reveal --store "sqlite:$dir/sql.db" >"$dir/out"
check 'export: is a store' "$? $(tail -n 1 "$dir/out" | grep -c ' c-1$')" '0 1'
events export --sqlite "$dir/sql.db"
check 'export: not over another' "$code $(grep -c sql.db "$dir/err")" '74 1'

# Twenty processes at once, each message from two of them.
for i in 1 2 3 4 5 6 7 8 9 10; do
	for again in 1 2; do
		post /bw/messages "$(message message-sent "p-$i")" \
			>"$dir/status-$i-$again" &
	done
done
wait
check 'twenty processes' "$(cat "$dir"/status-* | sort | uniq -c |
	tr -s ' ')" ' 20 200'
events count --type message-sent
check 'ten events' "$(sed -n 2p "$dir/out" | tr -s ' ')" \
	' 10 20 0 messaging.message-sent'

events prune --older 1d
check 'prune: nothing is that old' "$code $(cat "$dir/out")" \
	'0 0 events removed'
events prune --older 0s
check 'prune: wants an age' "$code" 64
for age in 100000000000000000d 99999999999h 36501d; do
	events prune --older $age
	check "prune: $age is no age" "$code $(cat "$dir/out")" '64 '
done
for size in 9999999999G 9223372037G 9223372036854775808k; do
	events prune --larger $size
	check "prune: $size is no size" "$code $(cat "$dir/out")" '64 '
done
events prune --older 36500d
check 'prune: a hundred years' "$code $(cat "$dir/out")" '0 0 events removed'
events prune --larger 9223372036G
check 'prune: the largest size' "$code $(cat "$dir/out")" '0 0 events removed'
events prune --larger 1k
check 'prune: by size' "$code $(cat "$dir/out")" '0 12 events removed'
events list --store sqlite:none.db
check 'no such store' "$code" 66
events dance
check 'no such action' "$code" 64

printf '{"eventType":"answ' >"$dir/broken"
check 'what nobody can read' "$(post /bw/messages "$(cat "$dir/broken")")" 200
events list --family unparsed
check 'is there to be looked at' "$(grep -c unparsed "$dir/out")" 1

# An event can also be found by its key.
key='/messages|messaging.message-received::k-1:'
post /bw/messages "$(message message-received k-1)" >"$dir/status"
events list --message k-1
id=$(sed -n '2s/^ *\([0-9]*\).*/\1/p' "$dir/out")
events show "$id"
check 'show: a number in the key is masked' \
	"$(sed -n 's/^key  *//p' "$dir/out")" "$key+*******0102"
events show "$key+*******0102"
check 'show: by that key' "$code $(sed -n 1p "$dir/out" | tr -s ' ')" \
	"0 event $id"
events show "$key+19195550102"
check 'show: by the whole key' "$code $(sed -n 1p "$dir/out" | tr -s ' ')" \
	"0 event $id"
events show "$key+19195550109"
check 'show: a key that no event has' "$code $(cat "$dir/err")" \
	"66 bwcallback: key $key+19195550109: no event has it"
post /bw/messages "$(message message-received k-1 |
	sed 's/550102/440102/')" >"$dir/status"
events show "$key+*******0102"
check 'show: a key that two events have' "$code $(cat "$dir/err")" \
	"64 bwcallback: key $key+*******0102: 2 events have it, the first is \
event $id: give the number of one"

echo "1..$points"
