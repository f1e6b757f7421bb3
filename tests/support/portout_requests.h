#ifndef TEST_SUPPORT_PORTOUT_REQUESTS_H
#define TEST_SUPPORT_PORTOUT_REQUESTS_H

/* Port-out requests and their expected verdicts. */

#define NUMBER(n) "<TelephoneNumber>" n "</TelephoneNumber>"
#define REQUEST(fields, numbers) \
	"<PortOutValidationRequest>" fields "<TelephoneNumbers>" numbers \
	"</TelephoneNumbers></PortOutValidationRequest>"
#define ACCOUNT(a) "<AccountNumber>" a "</AccountNumber>"
#define PIN(p)	   "<Pin>" p "</Pin>"
#define ZIP(z)	   "<ZipCode>" z "</ZipCode>"
#define NAME(n)	   "<SubscriberName>" n "</SubscriberName>"
#define PON(p)	   "<PON>" p "</PON>"
#define RIGHT	   ACCOUNT("AC-900") PIN("0042") ZIP("02154")
#define SEVEN	   ACCOUNT("7") PIN("1234") ZIP("27601")
#define UNKNOWN(what, fields, numbers) \
	{ \
		what, "/p", REQUEST(fields, numbers), "7598", NULL \
	}
#define N192 NUMBER("9195550192")
#define N195 NUMBER("9195550195")

/* codes: expected codes of the verdict, "" if the numbers may leave. */
static const struct {
	const char *what;
	const char *path;
	const char *body;
	const char *codes;
	const char *holds; /* text in the answer; NULL: not checked */
} rows[] = {
    {"all right", "/p", REQUEST(PON("A-1") RIGHT, N192), "", "<PON>A-1</PON>"},
    {"E.164", "/p", REQUEST(RIGHT, NUMBER("+19195550192")), "", NULL},
    {"eleven digits", "/p", REQUEST(RIGHT, NUMBER("19195550192")), "", NULL},
    {"spaces around a number", "/p", REQUEST(RIGHT, NUMBER(" 9195550192\n")),
	"", NULL},
    {"a comment", "/p", REQUEST(RIGHT "<!-- 9195550199 -->", N192), "", NULL},
    {"attributes of the root", "/p",
	"<PortOutValidationRequest version='2' xmlns='urn:2001'>" RIGHT
	"<TelephoneNumbers a='b'><TelephoneNumber kind='main'>9195550192"
	"</TelephoneNumber></TelephoneNumbers></PortOutValidationRequest>",
	"", NULL},
    {"the same PON twice", "/p", REQUEST(PON("A") PON("A") RIGHT, N192), "",
	"<PON>A</PON>"},
    {"two numbers", "/p", REQUEST(RIGHT, N192 NUMBER("+19195550191")), "",
	NULL},
    {"the account in lower case", "/p",
	REQUEST(ACCOUNT(" ac 900") PIN("0042") ZIP("02154"), N192), "", NULL},
    {"ZIP+4", "/p",
	REQUEST(ACCOUNT("AC900") PIN("0042") ZIP("02154-9999"), N192), "",
	NULL},
    {"ZIP+4 without a dash", "/p",
	REQUEST(ACCOUNT("AC900") PIN("0042") ZIP("021549999"), N192), "", NULL},
    {"a ZIP without its zero", "/p",
	REQUEST(ACCOUNT("AC900") PIN("0042") ZIP("2154"), N192), "", NULL},
    {"the data's ZIP+4", "/p", REQUEST(SEVEN, N195), "", NULL},
    {"a name that is not required", "/p",
	REQUEST(RIGHT NAME("Somebody else"), N192), "", NULL},
    {"spaces around a PIN", "/p",
	REQUEST(ACCOUNT("AC900") PIN(" 0042\n") ZIP("02154"), N192), "", NULL},

    {"no account", "/p", REQUEST(PIN("0042") ZIP("02154"), N192), "7510", NULL},
    {"an empty account", "/p",
	REQUEST(ACCOUNT("") PIN("0042") ZIP("02154"), N192), "7510", NULL},
    {"an account of dashes", "/p",
	REQUEST(ACCOUNT("--") PIN("0042") ZIP("02154"), N192), "7510", NULL},
    {"another account", "/p",
	REQUEST(ACCOUNT("AC-901") PIN("0042") ZIP("02154"), N192), "7511",
	NULL},
    {"no PIN", "/p", REQUEST(ACCOUNT("AC900") ZIP("02154"), N192), "7512",
	NULL},
    {"another PIN", "/p",
	REQUEST(ACCOUNT("AC900") PIN("0043") ZIP("02154"), N192), "7513", NULL},
    {"a PIN without its zeros", "/p",
	REQUEST(ACCOUNT("AC900") PIN("42") ZIP("02154"), N192), "7513", NULL},
    {"a PIN with one more digit", "/p",
	REQUEST(ACCOUNT("AC900") PIN("00421") ZIP("02154"), N192), "7513",
	NULL},
    {"no ZIP", "/p", REQUEST(ACCOUNT("AC900") PIN("0042"), N192), "7514", NULL},
    {"another ZIP", "/p",
	REQUEST(ACCOUNT("AC900") PIN("0042") ZIP("02155"), N192), "7515", NULL},
    {"an unknown number", "/p", REQUEST(RIGHT, NUMBER("9195550100")), "7516",
	NULL},
    {"one unknown number of two", "/p",
	REQUEST(RIGHT, N192 NUMBER("9195550100")), "7516",
	"<TelephoneNumber>9195550192</TelephoneNumber></TelephoneNumbers>"},
    {"a number not in service", "/p", REQUEST(SEVEN, NUMBER("9195550193")),
	"7518", NULL},
    {"a locked number", "/p", REQUEST(SEVEN, NUMBER("9195550194")), "7598",
	"is locked"},
    {"a lock of an unknown value", "/p",
	REQUEST(ACCOUNT("8") PIN("1234") ZIP("27601"), NUMBER("9195550197")),
	"7598", "is locked"},
    {"a locked number does not reveal the PIN", "/p",
	REQUEST(ACCOUNT("1") PIN("1") ZIP("1"), NUMBER("9195550194")), "7598",
	NULL},
    {"no PIN in the data", "/p", REQUEST(SEVEN, NUMBER("9195550196")), "7513",
	NULL},
    {"an empty PIN for no PIN in the data", "/p",
	REQUEST(ACCOUNT("7") PIN("") ZIP("27601"), NUMBER("9195550196")),
	"7512", NULL},
    {"two accounts in one request", "/p", REQUEST(RIGHT, N192 N195),
	"7511 7513 7515", NULL},
    {"everything wrong", "/p",
	REQUEST(ACCOUNT("1") PIN("1") ZIP("99999"), N192), "7511 7513 7515",
	NULL},
    {"everything missing", "/p", REQUEST("", N192), "7510 7512 7514", NULL},
    {"missing and wrong", "/p", REQUEST(PIN("1") ZIP("02154"), N192),
	"7510 7513", NULL},
    {"the answer does not contain the PIN", "/tell",
	REQUEST(ACCOUNT("AC900") PIN("1") ZIP("02154"), N192), "7513",
	"<AcceptableValues><AccountNumber>AC-900</AccountNumber>"
	"<ZipCode>02154</ZipCode><SubscriberName>Reed, &quot;A&quot; &amp; "
	"Sons</SubscriberName><TelephoneNumbers><TelephoneNumber>9195550192"},
    {"numbers are repeated as they came", "/p",
	REQUEST(ACCOUNT("AC900") PIN("1") ZIP("02154"), NUMBER("+19195550192")),
	"7513", "<TelephoneNumber>+19195550192</TelephoneNumber>"},
    {"too many numbers", "/tell",
	REQUEST(RIGHT, N192 NUMBER("9195550191") N195), "7517", NULL},
    {"the maximum of numbers", "/tell",
	REQUEST(RIGHT, N192 NUMBER("9195550191")), "", NULL},
    {"the name alone", "/name", REQUEST(NAME("REED A & Sons"), N192), "7598",
	NULL},
    {"the name alone, well-formed", "/name",
	REQUEST(NAME("REED A &amp; sons"), N192), "", NULL},
    {"no name", "/name", REQUEST("", N192), "7519", NULL},
    {"another name", "/name", REQUEST(NAME("Vale"), N192), "7519", NULL},
    {"a rule before the data", "/rule", REQUEST(PON("STOP-1") RIGHT, N192),
	"7519", NULL},
    {"and the data after it", "/rule", REQUEST(PON("GO-1") RIGHT, N192), "",
	NULL},
    {"by SQL", "/sql", REQUEST(RIGHT, N192), "", NULL},
    {"by SQL in E.164", "/sql", REQUEST(SEVEN, NUMBER("+19195550195")), "",
	NULL},
    {"a PIN by SQL", "/sql",
	REQUEST(ACCOUNT("AC900") PIN("42") ZIP("02154"), N192), "7513", NULL},
    {"no row by SQL", "/sql", REQUEST(RIGHT, NUMBER("9195550100")), "7516",
	NULL},
    {"a query that never ends", "/slow", REQUEST(RIGHT, N192), "7598", NULL},
    {"two rows by SQL", "/sql", REQUEST(SEVEN, NUMBER("9195550199")), "7598",
	NULL},

    /* what cannot be judged */
    {"nothing", "/p", "", "7598", NULL},
    {"no XML", "/p", "Hello", "7598", NULL},
    {"cut off", "/p", "<PortOutValidationRequest><PON>1</PON>", "7598", NULL},
    {"two roots", "/p", REQUEST(RIGHT, N192) REQUEST(RIGHT, N192), "7598",
	NULL},
    {"an entity", "/p", REQUEST(PIN("&pin;"), N192), "7598", NULL},
    {"a document type", "/p", "<!DOCTYPE a>" REQUEST(RIGHT, N192), "7598",
	NULL},
    {"another root", "/p", "<PortOut>" RIGHT "</PortOut>", "7598", NULL},
    {"broken UTF-8", "/p", REQUEST(PON("\xff") RIGHT, N192), "7598", NULL},
    {"JSON", "/p", "{\"PON\":\"1\"}", "7598", NULL},
    {"an empty list", "/p", "[]", "7598", NULL},
    {"no numbers", "/p", REQUEST(RIGHT, ""), "7598", NULL},
    {"no list of numbers", "/p",
	"<PortOutValidationRequest>" RIGHT "</PortOutValidationRequest>",
	"7598", NULL},
    {"a number of letters", "/p", REQUEST(RIGHT, N192 NUMBER("none")), "7598",
	NULL},
    {"an empty number", "/p", REQUEST(RIGHT, N192 NUMBER("")), "7598", NULL},
    {"a number that is too short", "/p", REQUEST(RIGHT, NUMBER("555-0192")),
	"7598", NULL},
    {"an element in a number", "/p",
	REQUEST(RIGHT, N192 NUMBER("<b>9195550192</b>")), "7598", NULL},
    {"two PINs", "/p", REQUEST(RIGHT PIN("1"), N192), "7598", NULL},
    {"a second list of numbers", "/p",
	REQUEST("<TelephoneNumbers>" NUMBER(
		    "9195550100") "</TelephoneNumbers>" RIGHT,
	    N192),
	"7516", NULL},
    {"a number beside the list", "/p",
	REQUEST(NUMBER("9195550100") RIGHT, N192), "7516", NULL},
    {"another element in the list", "/p",
	REQUEST(RIGHT, N192 "<Number>9195550100</Number>"), "7598", NULL},
    {"a list in the list", "/p",
	REQUEST(RIGHT, N192 "<TelephoneNumbers>" N195 "</TelephoneNumbers>"),
	"7598", NULL},
    UNKNOWN("a list in another element",
	RIGHT "<More><TelephoneNumbers>" N195 "</TelephoneNumbers></More>",
	N192),
    UNKNOWN("a list in lower case",
	RIGHT "<telephoneNumbers>" N195 "</telephoneNumbers>", N192),
    UNKNOWN(
	"a list of another name", RIGHT "<Numbers>" N195 "</Numbers>", N192),
    UNKNOWN("a range", RIGHT "<Range><From>1</From><To>2</To></Range>", N192),
    UNKNOWN("an empty element", RIGHT "<Extra/>", N192),
    UNKNOWN("an element in a value",
	ACCOUNT("AC-900<b/>") PIN("0042") ZIP("02154"), N192),
    UNKNOWN("a list in a value",
	ACCOUNT("AC-900" N195) PIN("0042") ZIP("02154"), N192),
    UNKNOWN("a list in the PON", PON("A" N195) RIGHT, N192),
    UNKNOWN("an element beside a number", RIGHT,
	NUMBER("9195550192<To>9195550195</To>")),
    UNKNOWN("an empty element in the list", RIGHT, N192 "<Extra/>"),
    UNKNOWN("text in the list", RIGHT, "9195550195" N192),
    UNKNOWN("text after a number", RIGHT, N192 "9195550195"),
    UNKNOWN("text in the request", "9195550195" RIGHT, N192),
    UNKNOWN("CDATA in the request", RIGHT "<![CDATA[9195550195]]>", N192),
    UNKNOWN("two PONs", PON("A") PON("B") RIGHT, N192),
    UNKNOWN("an attribute with digits", RIGHT,
	"<TelephoneNumber to='0199'>9195550192</TelephoneNumber>"),
    UNKNOWN("an attribute of a value", RIGHT "<PON number='9195550195'>A</PON>",
	N192),
    {"an attribute of the list", "/p",
	"<PortOutValidationRequest>" RIGHT "<TelephoneNumbers to='0199'>" N192
	"</TelephoneNumbers></PortOutValidationRequest>",
	"7598", NULL},
    {"a number in an attribute of the root", "/p",
	"<PortOutValidationRequest n='+19195550195'>" RIGHT
	"<TelephoneNumbers>" N192
	"</TelephoneNumbers></PortOutValidationRequest>",
	"7598", NULL},
    UNKNOWN("an international prefix", RIGHT, NUMBER("0019195550192")),
    UNKNOWN("a zero in front", RIGHT, NUMBER("09195550192")),
    UNKNOWN("zeros in front", RIGHT, NUMBER("00009195550192")),
    UNKNOWN("a plus and ten digits", RIGHT, NUMBER("+9195550192x")),
    UNKNOWN("two pluses", RIGHT, NUMBER("++19195550192")),
    UNKNOWN("separators", RIGHT, NUMBER("(919) 555-0192")),
    UNKNOWN("a range of digits", RIGHT, NUMBER("9195550192-5")),
    UNKNOWN("two numbers in one", RIGHT, NUMBER("9195550192 9195550195")),
    UNKNOWN("a scheme", RIGHT, NUMBER("tel:+19195550192")),
    {"another document with everything right in it", "/p",
	"<PortOutInquiry>" RIGHT "<TelephoneNumbers>" N192
	"</TelephoneNumbers></PortOutInquiry>",
	"7598", NULL},
    {"the same as JSON", "/p",
	"{\"AccountNumber\":\"AC-900\",\"Pin\":\"0042\",\"ZipCode\":"
	"\"02154\",\"TelephoneNumbers\":{\"TelephoneNumber\":\"9195550192\"}}",
	"7598", NULL},
    {"values too long for the answer", "/tell",
	REQUEST(SEVEN, NUMBER("9195550198")), "7511 7515",
	"<AcceptableValues><TelephoneNumbers><TelephoneNumber>9195550198"},
    {"policy: malformed", "/open", "<PortOut", "", NULL},
    {"policy: refused all the same", "/open", REQUEST("", N192),
	"7510 7512 7514", NULL},
};

#endif
