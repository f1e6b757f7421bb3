#!/usr/bin/perl
# The step of cgi.py in Perl, as its manual would have it: core modules, and
# DBI for what is kept (BENCH_STORE names the file).
use strict;
use warnings;
use JSON::PP qw(decode_json);
use MIME::Base64 qw(decode_base64);

my %staff = (1 => ['sales', '+19195550101'], 2 => ['support', '+19195550102']);
my %escape = ('&' => '&amp;', '<' => '&lt;', '>' => '&gt;', '"' => '&quot;');

sub xml {
	my ($s) = @_;
	$s =~ s/([&<>"])/$escape{$1}/g;
	return $s;
}

sub answer {
	my ($status, $type, $body, @more) = @_;
	print join("\r\n", "Status: $status", "Content-Type: $type",
	    'Content-Length: ' . length $body, @more, '', $body);
	exit 0;
}

read STDIN, my $body, $ENV{CONTENT_LENGTH} || 0;
my ($pair) = ($ENV{HTTP_AUTHORIZATION} // '') =~ /^Basic +(\S+)$/i;
answer('401 Unauthorized', 'text/plain', "missing\n",
	'WWW-Authenticate: Basic realm="bench"')
	unless defined $pair and decode_base64($pair) eq 'bandwidth:' . $ENV{BENCH_PASSWORD};
my $event = decode_json($body);
if ($ENV{BENCH_STORE}) {
	require DBI;
	my $db = DBI->connect("dbi:SQLite:$ENV{BENCH_STORE}", '', '', {RaiseError => 1});
	$db->do('PRAGMA journal_mode=WAL');
	$db->do('PRAGMA synchronous=FULL');
	$db->do('CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY, key TEXT UNIQUE, type TEXT, body BLOB)');
	$db->do('INSERT OR IGNORE INTO event (key, type, body) VALUES (?, ?, ?)', undef,
		"$event->{callId} $event->{eventTime}", $event->{eventType}, $body);
}
my $who = $staff{$event->{digits} // ''};
answer('200 OK', 'application/xml; charset=utf-8', $who
	? '<Response><SpeakSentence voice="julie">Connecting you to ' . xml($who->[0])
	. '.</SpeakSentence><Transfer transferCompleteUrl="/voice/transferred"><PhoneNumber>'
	. xml($who->[1]) . '</PhoneNumber></Transfer></Response>'
	: '<Response><Hangup/></Response>');
