<?php
// The step of cgi.py in PHP (BENCH_STORE names the file of what is kept).
$staff = ['1' => ['sales', '+19195550101'], '2' => ['support', '+19195550102']];

function answer($status, $type, $body) {
	header("Status: $status");
	header("Content-Type: $type");
	header('Content-Length: ' . strlen($body));
	echo $body;
	exit;
}

$body = file_get_contents('php://input');
$pair = preg_match('/^Basic +(\S+)$/i', $_SERVER['HTTP_AUTHORIZATION'] ?? '', $m) ? base64_decode($m[1]) : '';
if ($pair !== 'bandwidth:' . getenv('BENCH_PASSWORD')) {
	header('WWW-Authenticate: Basic realm="bench"');
	answer('401 Unauthorized', 'text/plain', "missing\n");
}
$event = json_decode($body, true);
if ($store = getenv('BENCH_STORE')) {
	$db = new SQLite3($store);
	$db->exec('PRAGMA journal_mode=WAL');
	$db->exec('PRAGMA synchronous=FULL');
	$db->exec('CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY, key TEXT UNIQUE, type TEXT, body BLOB)');
	$q = $db->prepare('INSERT OR IGNORE INTO event (key, type, body) VALUES (?, ?, ?)');
	$q->bindValue(1, "{$event['callId']} {$event['eventTime']}");
	$q->bindValue(2, $event['eventType']);
	$q->bindValue(3, $body, SQLITE3_BLOB);
	$q->execute();
}
$who = $staff[$event['digits']] ?? null;
answer('200 OK', 'application/xml; charset=utf-8', $who
	? '<Response><SpeakSentence voice="julie">Connecting you to ' . htmlspecialchars($who[0])
	. '.</SpeakSentence><Transfer transferCompleteUrl="/voice/transferred"><PhoneNumber>'
	. htmlspecialchars($who[1]) . '</PhoneNumber></Transfer></Response>'
	: '<Response><Hangup/></Response>');
