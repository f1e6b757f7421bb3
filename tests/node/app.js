// A small voice application with the vendor's SDK: a menu, a transfer,
// voicemail. It answers any event at a path it knows, and asks for no
// credentials. With "broken" as its argument, key 3 leads to a path it does
// not know. The port it listens at is the first line of its output.
'use strict';

const http = require('http');
const { Bxml } = require('bandwidth-sdk');

const broken = process.argv[2] === 'broken';

const say = (text) => new Bxml.SpeakSentence(text, { voice: 'julie' });
const answer = (...verbs) => new Bxml.Response(verbs).toBxml();
const bye = (text) => answer(say(text), new Bxml.Hangup());

const menu = (round) => answer(new Bxml.Gather({
  gatherUrl: `/menu?round=${round}`, maxDigits: 1, firstDigitTimeout: 6,
}, [say('To talk to us, press 1. To leave a message, press 2.')]));

function chosen(event, round) {
  switch (event.digits) {
    case '1':
      return answer(say('One moment, please.'), new Bxml.Transfer(
        { transferCompleteUrl: '/transferred', callTimeout: 20 },
        [new Bxml.PhoneNumber('+19195550111')]));
    case '2':
      return answer(say('Please leave a message, and press pound.'),
        new Bxml.Record({ recordCompleteUrl: '/recorded',
          recordingAvailableUrl: '/available', maxDuration: 60 }));
    case '3':
      if (broken) return answer(new Bxml.Redirect({ redirectUrl: '/gone' }));
      break;
    case '':
      if (round === '2') return bye('Goodbye.');
      break;
  }
  return menu('2');
}

const paths = {
  '/voice': (event) => (event.eventType === 'initiate' ? menu('1') : null),
  '/menu': (event, query) => chosen(event, query.get('round')),
  '/transferred': (event) => (event.cause === 'hangup'
    ? answer(new Bxml.Hangup()) : bye('Nobody is there. Goodbye.')),
  '/recorded': () => bye('Thank you. Goodbye.'),
  '/available': () => null,
};

const server = http.createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const handle = paths[url.pathname];
    if (!handle) return response.writeHead(404).end();
    const body = handle(JSON.parse(Buffer.concat(parts)), url.searchParams);
    if (body === null) return response.writeHead(204).end();
    return response.writeHead(200, { 'Content-Type': 'application/xml' })
      .end(body);
  });
});

server.listen(0, '127.0.0.1', () => console.log(server.address().port));
