#!/bin/sh
# Call the colleague about one call that came in. Started by bwcallback consume
# for each, which is one line of JSON on standard input. Without
# BANDWIDTH_USER it prints what it would ask for. Needs jq, and curl.
set -eu

: "${COLLEAGUE:=+19195550177}" "${HOST:=https://callbacks.example.com}"

body=$(jq -c --arg to "$COLLEAGUE" --arg host "$HOST" \
	--arg application "${BANDWIDTH_APPLICATION:-}" '{
	from: .to,
	to: $to,
	applicationId: $application,
	answerUrl: ($host + "/voice/bridge/colleague"),
	username: "bandwidth",
	password: $ENV.CALLBACK_PASSWORD,
	callTimeout: 35,
	tag: .fields.callId
}')

if [ -z "${BANDWIDTH_USER:-}" ]; then
	printf 'would call: %s\n' "$body"
	exit 0
fi
api="${BANDWIDTH_API:-https://voice.bandwidth.com/api/v2}"
# The password does not stand on the command line, where others could see it.
printf 'user = "%s:%s"\n' "$BANDWIDTH_USER" "$BANDWIDTH_PASSWORD" |
	curl --config - --silent --show-error --fail --max-time 20 \
		--header 'Content-Type: application/json' --data "$body" \
		--output /dev/null "$api/accounts/$BANDWIDTH_ACCOUNT/calls"
