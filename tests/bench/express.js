// Contender d: the step in Node, with Express and the vendor's SDK, as its
// users write it: two processes, JSON parsed, credentials compared, BXML made
// by the SDK's classes.
//
//   node express.js NODE_MODULES SOCKET USER PASSWORD
"use strict";

const cluster = require("cluster");
const path = require("path");

const [modules, socket, user, password] = process.argv.slice(2);

if (cluster.isPrimary) {
	cluster.fork();
	cluster.fork();
	// A worker gone for good is a benchmark gone wrong.
	cluster.on("exit", () => process.exit(1));
	process.on("SIGTERM", () => process.exit(0));
} else {
	const express = require(path.join(modules, "express"));
	const { Bxml } = require(path.join(modules, "bandwidth-sdk"));
	const wanted = "Basic " +
		Buffer.from(`${user}:${password}`).toString("base64");
	const staff = {
		1: { name: "sales", phone: "+19195550101" },
		2: { name: "support", phone: "+19195550102" },
	};
	const app = express();

	app.use(express.json());
	app.post("/express", (request, response) => {
		if (request.headers.authorization !== wanted) {
			response.set("WWW-Authenticate", 'Basic realm="bench"');
			response.status(401).send("missing\n");
			return;
		}
		const who = staff[request.body.digits];
		const verbs = who === undefined ? [new Bxml.Hangup()] : [
			new Bxml.SpeakSentence(`Connecting you to ${who.name}.`,
				{ voice: "julie" }),
			new Bxml.Transfer(
				{ transferCompleteUrl: "/voice/transferred" },
				[new Bxml.PhoneNumber(who.phone)]),
		];
		response.type("application/xml");
		response.send(new Bxml.Response(verbs).toBxml());
	});
	app.listen(socket);
}
