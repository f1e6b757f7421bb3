#!/bin/sh
# Answer one text message. Started by bwcallback consume for each event; the
# event is one line of JSON on standard input, the most used of it is in BW_*.
set -eu

# What we do not know how to answer is done, too: exit status 0.
[ "$BW_EVENT" = message-received ] || exit 0

# jq (https://jqlang.github.io/jq/) reads JSON.
text=$(jq -r '.fields.message.text // ""')

case $(printf '%s' "$text" | tr '[:upper:]' '[:lower:]') in
hours*) reply='We are open Monday to Friday, 9 am to 5 pm.' ;;
# The network answers these itself; a reply to STOP would be unlawful.
stop* | unsubscribe* | help*) exit 0 ;;
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
