#!/bin/sh
# Answer one text message. Started by bwcallback consume for each event; the
# event is one line of JSON on standard input, the most used of it is in BW_*.
set -eu

# What we do not know how to answer is done, too: exit status 0.
[ "$BW_EVENT" = message-received ] || exit 0

# jq (https://jqlang.github.io/jq/) reads JSON.
text=$(jq -r '.fields.message.text // ""')

# The words alone, in lower case.
word=$(printf '%s' "$text" | tr '[:upper:]' '[:lower:]' | tr -cs 'a-z' ' ')
word=${word# }
word=${word% }

# Nobody but you keeps a list of those who want no more messages, see README.md.
# Lines are only added, so several programs may do it at once; the last line for
# two numbers counts.
names=${OPT_OUTS-opt-outs}
state=in
if [ -e "$names" ]; then
	state=$(grep -F "$BW_FROM $BW_TO " "$names" | tail -n 1)
	state=${state##* }
fi

# note in|out TEXT: for toll-free numbers the network answers STOP and START
# itself, and lets nothing through after a STOP. For local numbers and short codes
# it does neither.
note() {
	echo "$BW_FROM $BW_TO $1" >>"$names"
	case $BW_TO in
	+1800* | +1833* | +1844* | +1855* | +1866* | +1877* | +1888*) exit 0 ;;
	esac
	reply=$2
}

case $state:$word in
*:stop | *:"stop "* | *:stopall | *:unsubscribe | *:cancel | *:end | *:quit | \
	*:revoke | *:"opt out" | *:optout)
	note out 'You are unsubscribed and will get no more messages.'
	;;
out:start | out:unstop | out:yes) note in 'You will get messages again.' ;;
out:*) exit 0 ;;
*:help | *:info)
	reply='Example Ltd, help@example.com. Text STOP to unsubscribe.'
	;;
*:hours*) reply='We are open Monday to Friday, 9 am to 5 pm.' ;;
*) reply='Text HOURS for our opening hours.' ;;
esac

# jq writes the JSON, so that no character of a text can break it. The tag comes
# back with every later event of the message, and says what it was for.
body=$(jq -cn --arg to "$BW_FROM" --arg from "$BW_TO" --arg text "$reply" \
	--arg application "${BANDWIDTH_APPLICATION-}" --arg tag "$BW_ID" \
	'{to: [$to], from: $from, text: $text, applicationId: $application,
	  tag: $tag}')

if [ -z "${BANDWIDTH_USER-}" ]; then
	printf '%s\n' "would send: $body"
	exit 0
fi

# The password goes through a file descriptor, not the command line, which
# others on the machine can read. --fail makes a 4xx or 5xx an exit status,
# and with it another try.
printf 'user = "%s:%s"\n' "$BANDWIDTH_USER" "$BANDWIDTH_PASSWORD" |
	curl --config - --silent --show-error --fail --max-time 30 \
		--output /dev/null --header 'Content-Type: application/json' \
		--data-binary "$body" \
		"${BANDWIDTH_API-https://messaging.bandwidth.com/api/v2}/users/$BANDWIDTH_ACCOUNT/messages"
