/*
 * Calls with others: Transfer and its legs, Forward, Refer, Connect, Bridge.
 */
#include <stdlib.h>

#include "tests/support/sim_fixture.h"

#include "tests/tap/tap.h"

#define BYE  "<SpeakSentence>Bye now</SpeakSentence>"
#define B    "+19195550144"
#define C    "+19195550155"
#define LEG  "<PhoneNumber transferDisconnectUrl='/td'>" B "</PhoneNumber>"
#define BOTH LEG "<PhoneNumber transferDisconnectUrl='/td2'>" C "</PhoneNumber>"
#define WHISPER \
	"<PhoneNumber transferAnswerUrl='/ta' transferDisconnectUrl='/td' " \
	"tag='leg'>" B "</PhoneNumber>"

static const struct fixture transfers[] = {
    ROW("Transfer: two numbers, the second answers, whispers, hangs up",
	"initiate -> <Transfer transferCompleteUrl='/tc' tag='t'>"
	"<PhoneNumber transferDisconnectUrl='/td1'>" C "</PhoneNumber>" WHISPER
	"</Transfer>\n"
	"transferAnswer -> <SpeakSentence>A call for you</SpeakSentence>\n"
	"transferComplete -> " BYE,
	"; " B " R:a T:h@9000; " C,
	"initiate\n"
	"transferDisconnect @url=http://app.example/td1 cause=cancel "
	"transferTo=" C " answerTime!\n"
	"transferAnswer direction=outbound from=+19195550111 "
	"to=+19195550100 transferCallerId=+19195550111 transferTo=" B
	" parentCallId~ tag=leg answerTime=2026-02-02T02:40:01.123Z\n"
	"transferDisconnect @url=http://app.example/td cause=hangup tag=leg\n"
	"transferComplete @url=http://app.example/tc direction=inbound "
	"transferTo=" B " cause=hangup tag=t errorMessage!\n"
	"disconnect cause=hangup tag=t",
	.log = "said A call for you\nstate\nsaid Bye now"),
    ROW("Transfer without transferCompleteUrl: next verb",
	"initiate -> <Transfer transferCallerId='+19195550100'>" LEG
	"</Transfer>" BYE,
	"; " B " R:a T:h",
	"initiate\ntransferDisconnect cause=hangup "
	"transferCallerId=+19195550100\ndisconnect cause=hangup",
	.log = "said Bye now"),
    ROW("Transfer: no leg answers, each for a different reason",
	"initiate -> <Transfer transferCompleteUrl='/tc' callTimeout='12'>" BOTH
	"<SipUri transferDisconnectUrl='/td3'>sip:x@example.com</SipUri>"
	"<PhoneNumber>+19195550166</PhoneNumber></Transfer>\n"
	"transferComplete -> " BYE,
	"; " B " R:b; " C " R:r@2000; sip:x@example.com R:e@3000",
	"initiate\n"
	"transferDisconnect cause=busy errorMessage=Callee_is_busy errorId~\n"
	"transferDisconnect cause=rejected transferTo=" C "\n"
	"transferDisconnect cause=error transferTo=sip:x@example.com\n"
	"transferComplete cause=timeout transferTo=+19195550166 "
	"errorMessage~ eventTime=2026-02-02T02:40:12.123Z\n"
	"disconnect cause=hangup"),
    ROW("Transfer: no leg answers, no URL: next verb",
	"initiate -> <Transfer>" LEG "</Transfer>" BYE, "; " B " R:b",
	"initiate\ntransferDisconnect cause=busy\ndisconnect cause=hangup",
	.log = "said Bye now"),
    ROW("Transfer: rate limited",
	"initiate -> <Transfer transferCompleteUrl='/tc'>" BOTH
	"</Transfer>\ntransferComplete -> " BYE,
	"; " B " R:b",
	"initiate\ntransferDisconnect cause=account-limit errorMessage="
	"Account_call_creation_rate_limit_exceeded\n"
	"transferDisconnect cause=busy\n"
	"transferComplete cause=busy\ndisconnect",
	.assume = "calls-per-second=1"),
    ROW("Transfer: more calls than may be up",
	"initiate -> <Transfer transferCompleteUrl='/tc'>" LEG
	"</Transfer>\ntransferComplete -> <Transfer "
	"transferCompleteUrl='/tc'>" BOTH "</Transfer>\n"
	"transferComplete -> " BYE,
	"; " B " R:b; " C " R:b",
	"initiate\ntransferDisconnect cause=busy\ntransferComplete\n"
	"transferDisconnect cause=account-limit errorMessage="
	"Account_concurrent_call_limit_exceeded transferTo=" C "\n...\n"
	"transferComplete cause=timeout\ndisconnect",
	.assume = "concurrent-calls=1"),
    ROW("Transfer: all are refused at once",
	"initiate -> <Transfer transferCompleteUrl='/tc'>" LEG "</Transfer>\n"
	"transferComplete -> <Transfer transferCompleteUrl='/tc'>" BOTH
	"</Transfer>\ntransferComplete -> " BYE,
	"; " B " R:b@10",
	"initiate\ntransferDisconnect\ntransferComplete cause=busy\n"
	"transferDisconnect cause=account-limit\n"
	"transferDisconnect cause=account-limit\n"
	"transferComplete cause=account-limit\ndisconnect",
	.assume = "calls-per-second=1"),
    ROW("Transfer: the first call hangs up while they ring",
	"initiate -> <Transfer transferCompleteUrl='/tc'>" BOTH "</Transfer>",
	"W:h; " B "; " C,
	"initiate\ntransferDisconnect cause=cancel\n"
	"transferDisconnect cause=cancel\ndisconnect cause=hangup"),
    ROW("Transfer: the first call hangs up while joined",
	"initiate -> <Transfer transferCompleteUrl='/tc'>" LEG "</Transfer>",
	"T:h@5000; " B " R:a",
	"initiate\ntransferDisconnect cause=hangup answerTime~\n"
	"disconnect cause=hangup"),
    ROW("Transfer: the answer's document hangs up",
	"initiate -> <Transfer transferCompleteUrl='/tc'>" WHISPER
	"</Transfer>\ntransferAnswer -> <Hangup/>\ntransferComplete -> " BYE,
	"; " B " R:a",
	"initiate\ntransferAnswer\ntransferDisconnect cause=hangup\n"
	"transferComplete cause=hangup\ndisconnect"),
    ROW("Transfer: the answer's document has what it may not",
	"initiate -> <Transfer transferCompleteUrl='/tc'>" WHISPER
	"</Transfer>\ntransferAnswer -> <Conference>x</Conference>\n"
	"transferComplete -> " BYE,
	"; " B " R:a",
	"initiate\ntransferAnswer\ntransferDisconnect cause=invalid-bxml\n"
	"transferComplete cause=invalid-bxml errorMessage~\ndisconnect"),
    ROW("Transfer: the same in what follows on the leg",
	"initiate -> <Transfer>" WHISPER "</Transfer>\n"
	"transferAnswer -> <Gather gatherUrl='/lg' maxDigits='1'/>\n"
	"gather -> <Transfer>" LEG "</Transfer>",
	"; " B " R:a G:k1",
	"initiate\ntransferAnswer\n"
	"gather digits=1 parentCallId~ transferTo=" B
	" tag=leg\ntransferDisconnect cause=invalid-bxml\ndisconnect"),
    ROW("Transfer: transferAnswer fails",
	"initiate -> <Transfer transferCompleteUrl='/tc'>" WHISPER
	"</Transfer>\ntransferAnswer -> 500\ntransferComplete -> " BYE,
	"; " B " R:a",
	"initiate\ntransferAnswer\ntransferDisconnect cause=callback-error\n"
	"transferComplete cause=callback-error\ndisconnect"),
    ROW("Transfer: the leg gathers, records, redirects, then is joined",
	"initiate -> <Transfer transferCompleteUrl='/tc'>" WHISPER
	"</Transfer>\n"
	"transferAnswer -> <Record recordingAvailableUrl='/ra' "
	"recordCompleteUrl='/rc'/>\n"
	"recordComplete -> <Redirect redirectUrl='/lr' tag='l2'/>\n"
	"redirect -> <StartGather dtmfUrl='/d'/>\ntransferComplete -> " BYE,
	"T:n; " B " R:a C:k# T:k5 T:h",
	"initiate\ntransferAnswer\nrecordComplete parentCallId~ transferTo=" B
	"\nredirect parentCallId~ tag=l2\ndtmf digit=5 parentCallId~\n"
	"recordingAvailable parentCallId~ transferCallerId~\n"
	"transferDisconnect cause=hangup tag=l2\ntransferComplete\n"
	"disconnect tag!"),
    ROW("Transfer: the called party hangs up before it is joined",
	"initiate -> <Transfer transferCompleteUrl='/tc'>" WHISPER
	"</Transfer>\ntransferAnswer -> <Pause duration='60'/>\n"
	"transferComplete -> " BYE,
	"; " B " R:a L:h",
	"initiate\ntransferAnswer\ntransferDisconnect cause=hangup\n"
	"transferComplete cause=hangup\ndisconnect"),
    ROW("Transfer: the first call hangs up while the other listens",
	"initiate -> <Transfer transferCompleteUrl='/tc'>" WHISPER
	"</Transfer>\ntransferAnswer -> <Pause duration='60'/>",
	"W:h@5000; " B " R:a",
	"initiate\ntransferAnswer\ntransferDisconnect cause=hangup\n"
	"disconnect cause=hangup"),
    ROW("Transfer: a leg has the call's tag where an account has it so",
	"initiate -> <Transfer tag='t'>" LEG "</Transfer>", "; " B " R:b",
	"initiate\ntransferDisconnect tag=t\ndisconnect",
	.assume = "leg-inherits-tag=true"),
    ROW("Transfer: a leg has no tag of its own",
	"initiate -> <Transfer tag='t'>" LEG "</Transfer>", "; " B " R:b",
	"initiate\ntransferDisconnect tag!\ndisconnect tag=t"),
    ROW("Transfer of an outbound call passes its callee's number on",
	"answer -> <Transfer>" LEG "</Transfer>", "R:a; " B " R:b",
	"answer\ntransferDisconnect transferCallerId=+19195550111\ndisconnect",
	.outbound = true),
    ROW("keys in a conversation: dtmf of who started it",
	"initiate -> <StartGather dtmfUrl='/d'/><Transfer>" LEG "</Transfer>",
	"T:k1 T:h; " B " R:a T:k2",
	"initiate\ndtmf digit=1 parentCallId!\ntransferDisconnect\n"
	"disconnect"),
};

#define FORWARD	 "initiate -> <Forward to='" B "' callTimeout='20'/>"
#define FROM_SIP .from = "sip:one@pbx.example.com"
#define REFER \
	"initiate -> <Refer referCompleteUrl='/rc'>" \
	"<SipUri>sip:other@pbx.example.com</SipUri></Refer>" BYE "\n"
#define OTHER "; sip:other@pbx.example.com "
#define CONNECT \
	"initiate -> <Connect eventCallbackUrl='/e'><Endpoint>e-1</Endpoint>" \
	"<Endpoint>e-2</Endpoint></Connect>" BYE

static const struct fixture others[] = {
    ROW("Forward: joined, no event until one party hangs up", FORWARD,
	"; " B " R:a T:h", "initiate\ndisconnect cause=hangup answerTime~"),
    ROW("Forward: the caller hangs up", FORWARD, "T:h; " B " R:a",
	"initiate\ndisconnect cause=hangup"),
    ROW("Forward: busy", FORWARD, "; " B " R:b",
	"initiate\ndisconnect cause=busy answerTime! errorMessage~"),
    ROW("Forward: no answer", FORWARD, "; " B,
	"initiate\ndisconnect cause=timeout "
	"endTime=2026-02-02T02:40:20.123Z"),
    ROW("Forward: an error", FORWARD, "; " B " R:e",
	"initiate\ndisconnect cause=error"),
    ROW("Forward: the caller gives up", FORWARD, "W:h; " B,
	"initiate\ndisconnect cause=cancel"),
    ROW("Refer: the target takes the call", REFER, OTHER "R:a",
	"initiate\nreferComplete referCallStatus=success referTo!\n"
	"disconnect cause=hangup",
	FROM_SIP),
    ROW("Refer: refused", REFER "referComplete -> " BYE, OTHER "R:r",
	"initiate\nreferComplete referCallStatus=failure referTo! "
	"referSipResponseCode=603 notifySipResponseCode!\ndisconnect",
	FROM_SIP, .log = "said Bye now"),
    ROW("Refer: the target fails", REFER "referComplete -> " BYE, OTHER "R:b",
	"initiate\nreferComplete referCallStatus=failure "
	"referSipResponseCode=202 notifySipResponseCode=486\ndisconnect",
	FROM_SIP),
    ROW("Refer: no final NOTIFY in 30 s", REFER "referComplete -> " BYE, "",
	"initiate\nreferComplete referCallStatus=failure "
	"notifySipResponseCode! eventTime=2026-02-02T02:40:30.123Z\n"
	"disconnect",
	FROM_SIP),
    ROW("Refer without a URL: next verb",
	"initiate -> <Refer><SipUri>sip:other@pbx.example.com</SipUri>"
	"</Refer>" BYE,
	OTHER "R:b", "initiate\ndisconnect", FROM_SIP, .log = "said Bye now"),
    ROW("Refer: the caller hangs up", REFER, "W:h",
	"initiate\ndisconnect cause=hangup", FROM_SIP),
    ROW("Refer: not of a number", REFER, "",
	"initiate\ndisconnect cause=application-error"),
    ROW("Connect: the endpoint is reached and leaves", CONNECT, "; e-1 R:a T:h",
	"initiate\nconnectStatus status=INITIATED endpointId=e-1\n"
	"connectStatus status=COMPLETED\ndisconnect",
	.log = "said Bye now"),
    ROW("Connect: the second is reached", CONNECT, "T:h; e-1 R:b; e-2 R:a",
	"initiate\nconnectStatus status=INITIATED\n"
	"connectStatus status=DENIED\nconnectStatus endpointId=e-2\n"
	"connectStatus status=COMPLETED\ndisconnect"),
    ROW("Connect: no endpoint answers", CONNECT, "",
	"initiate\nconnectStatus\nconnectStatus status=TIMED_OUT\n"
	"connectStatus\nconnectStatus status=TIMED_OUT\ndisconnect",
	.log = "said Bye now"),
    ROW("Connect: an endpoint cannot be reached",
	"initiate -> <Connect eventCallbackUrl='/e'><Endpoint>e-1</Endpoint>"
	"</Connect>",
	"; e-1 R:e",
	"initiate\nconnectStatus\nconnectStatus status=FAILED "
	"errorMessage~ errorId~\ndisconnect"),
    ROW("Connect: the caller hangs up", CONNECT, "W:h",
	"initiate\nconnectStatus\nconnectStatus status=CANCELED\ndisconnect"),
};

static void
second_bridges(struct sim_world *w, struct sim_call *c)
{
	(void)c;
	fixture_call(w, "T:h@20000", 5000);
}

static void
second_leaves(struct sim_world *w, struct sim_call *c)
{
	(void)c;
	fixture_call(w, "T:h@2000", 5000);
}

static void
third_bridges(struct sim_world *w, struct sim_call *c)
{
	second_bridges(w, c);
	fixture_call(w, "", 6000);
}

/* TARGET is the id of the first call. */
#define BRIDGE(attributes) "<Bridge " attributes ">TARGET</Bridge>"
#define WAITS		   "initiate from=+19195550111 -> <Pause duration='60'/>\n"

static const struct fixture bridges[] = {
    ROW("Bridge: the target leaves first",
	WAITS "initiate -> " BRIDGE(
	    "bridgeCompleteUrl='/x' "
	    "bridgeTargetCompleteUrl='/y' tag='b'") "\n"
						    "bridgeComplete -> " BYE,
	"T:h@3000",
	"initiate\ninitiate\ndisconnect from=+19195550111\n"
	"bridgeComplete from=+19195550122 cause! tag=b "
	"@url=http://app.example/x\ndisconnect",
	.more = second_bridges),
    ROW("Bridge: the target leaves first, no URL: next verb",
	WAITS "initiate -> " BRIDGE("") BYE, "T:h@3000",
	"initiate\ninitiate\ndisconnect\ndisconnect from=+19195550122",
	.more = second_bridges, .log = "said Bye now"),
    ROW("Bridge: the call that made it leaves first",
	WAITS "initiate -> " BRIDGE(
	    "bridgeCompleteUrl='/x' "
	    "bridgeTargetCompleteUrl='/y'") "\n"
					    "bridgeTargetComplete -> " BYE,
	"",
	"initiate\ninitiate\ndisconnect from=+19195550122\n"
	"bridgeTargetComplete from=+19195550111 cause! "
	"@url=http://app.example/y\ndisconnect from=+19195550111",
	.more = second_leaves, .log = "said Bye now"),
    ROW("Bridge: the call that made it leaves, no URL: both end",
	WAITS "initiate -> " BRIDGE("bridgeCompleteUrl='/x'"), "",
	"initiate\ninitiate\ndisconnect cause=hangup\n"
	"disconnect cause=hangup",
	.more = second_leaves),
    ROW("Bridge: the target is bridged already",
	WAITS "initiate -> " BRIDGE(
	    "bridgeCompleteUrl='/x'") "\n"
				      "initiate -> " BRIDGE(
					  "bridgeCompleteUrl='/z'") "\n"
								    "bridgeComp"
								    "lete "
								    "cause="
								    "busy "
								    "-> " BYE
								    "\nbridgeCo"
								    "mplete "
								    "-> " BYE,
	"T:h@30000",
	"initiate\ninitiate\ninitiate\n"
	"bridgeComplete cause=busy errorMessage~ errorId~\n...",
	.more = third_bridges),
    ROW("Bridge: unknown call",
	"initiate -> <Bridge bridgeCompleteUrl='/x'>c-nobody</Bridge>\n"
	"bridgeComplete -> " BYE,
	"",
	"initiate\nbridgeComplete cause=unknown errorMessage="
	"Call_c-nobody_does_not_exist\ndisconnect"),
    ROW("Bridge: with itself", "initiate -> " BRIDGE(""), "",
	"initiate\ndisconnect", .log = "wrong Bridge (Call c-"),
    ROW("Bridge: it fails without a URL: next verb",
	"initiate -> <Bridge>c-nobody</Bridge>" BYE, "", "initiate\ndisconnect",
	.log = "said Bye now"),
    ROW("Bridge: the target has ended",
	"initiate from=+19195550111 -> <Hangup/>\n"
	"initiate -> " BRIDGE(
	    "bridgeCompleteUrl='/x'") "\n"
				      "bridgeComplete -> " BYE,
	"",
	"initiate\ndisconnect\ninitiate\nbridgeComplete cause=rejected\n"
	"disconnect",
	.more = second_bridges),
    ROW("Bridge: the target is in Forward",
	"initiate from=+19195550111 -> <Forward to='" B "'/>\n"
	"initiate -> " BRIDGE(
	    "bridgeCompleteUrl='/x'") "\n"
				      "bridgeComplete -> " BYE,
	"; " B, "initiate\ninitiate\nbridgeComplete cause=rejected\n...",
	.more = second_bridges),
    ROW("Bridge: the target is not answered",
	"initiate -> " BRIDGE(
	    "bridgeCompleteUrl='/x'") "\n"
				      "bridgeComplete -> " BYE,
	"", "initiate\nbridgeComplete cause=rejected\n...",
	.more = second_bridges, .outbound = true),
    ROW("Bridge takes the target out of a Transfer",
	"initiate from=+19195550111 -> <Transfer transferCompleteUrl='/tc'>" LEG
	"</Transfer>\ninitiate -> " BRIDGE(
	    "bridgeCompleteUrl='/x'") "\n"
				      "bridgeComplete -> " BYE,
	"T:h; " B,
	"initiate\ninitiate\ntransferDisconnect cause=cancel\n"
	"disconnect from=+19195550111\nbridgeComplete\ndisconnect",
	.more = second_bridges),
};

int
main(void)
{
	FIXTURE_ROWS(transfers);
	FIXTURE_ROWS(others);
	FIXTURE_ROWS(bridges);
	return tap_done();
}
