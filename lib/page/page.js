"use strict";
/*
 * Everything works without this. It follows what comes in, plays without loading,
 * copies, and adds keys. It writes text and elements, never markup.
 */
(() => {
	const SVG = "http://www.w3.org/2000/svg";
	const one = (what, where = document) => where.querySelector(what);
	const all = (what) => [...document.querySelectorAll(what)];
	const put = (parent, name, text, attributes = {}) => {
		const e = document.createElement(name);

		e.textContent = text;
		for (const [key, value] of Object.entries(attributes))
			e.setAttribute(key, value);
		parent.append(e);
		return e;
	};

	/* From ["td", {"class": "n"}, "5"] to an element. */
	const build = (tree, base, inSvg = false) => {
		const svg = inSvg || tree[0] === "svg";
		const e = svg ? document.createElementNS(SVG, tree[0])
			: document.createElement(tree[0]);

		for (const [name, value] of Object.entries(tree[1]))
			e.setAttribute(name, name === "href" ? base + value : value);
		for (const part of tree.slice(2))
			e.append(typeof part === "string" ? part
				: build(part, base, svg));
		return e;
	};

	/* Replace the content of this page by that of another answer. */
	const load = (url, form) => {
		const x = new XMLHttpRequest();

		x.open(form ? "POST" : "GET", url);
		x.responseType = "document";
		x.onload = () => {
			const main = x.response && one("main", x.response);

			if (!main)
				return;
			one("main").replaceWith(document.adoptNode(main));
			document.title = x.response.title;
			/* Without the password that an address may have. */
			const at = new URL(x.responseURL);

			history.replaceState(null, "", at.pathname + at.search);
			begin();
		};
		x.send(form);
	};

	/* Following. */
	const MOST = {now: 10, rows: 50};
	let live, after, source, timer, paused, rows, state, told, left, round = 0;

	const stop = () => {
		round++;
		clearTimeout(timer);
		if (source)
			source.close();
		source = null;
	};

	const say = (word) => {
		if (live)
			one("span", live).textContent = word;
	};

	const address = (name) => {
		const q = new URLSearchParams(
			live.dataset.how === "rows" ? location.search : "");

		if (live.dataset.call)
			q.set("call", live.dataset.call);
		if (live.dataset.how === "now")
			q.set("now", "1");
		for (const [key, value] of [...q])
			if (!value)
				q.delete(key);
		q.set("after", after);
		return live.dataset.base + name + "?" + q;
	};

	const tell = () => {
		if (Date.now() - told < 10000)
			return;
		told = Date.now();
		one("[role=status]", live).textContent = "New events came in";
	};

	const putRow = (body, tree) => {
		const row = build(tree, live.dataset.base);
		const old = one(`[data-seq="${Number(row.dataset.seq)}"]`, body);

		if (old) {
			old.replaceWith(row);
			return;
		}
		row.className = "new";
		body.prepend(row);
		if (body.rows.length > MOST[live.dataset.how])
			body.lastChild.remove();
	};

	/* Draw what has come, not more than twice a second. */
	const draw = () => {
		const body = one("table.events tbody");

		if (paused || !live || (!rows.length && !state))
			return;
		if (rows.length)
			tell();
		if (live.dataset.how === "page" || (rows.length && !body)) {
			rows = [];
			load(location.href);
			return;
		}
		for (const tree of rows.splice(0).slice(-50))
			putRow(body, tree);
		if (state)
			one("main .cols").replaceWith(build(state,
				live.dataset.base));
		state = null;
	};

	/* More has come than is sent: how many, if that is known. */
	const gap = (n) => {
		const now = live.dataset.how === "now";
		const link = one("a", live) || put(live, "a", "", {href: now
			? live.dataset.base + "events" : location.href});

		left += n || 0;
		link.textContent = (left ? left.toLocaleString("en") + " more"
			: "More") + " events came: " +
			(now ? "show the list" : "load again");
	};

	const signedOut = () => {
		stop();
		say("Signed out: load the page again");
	};

	const poll = async () => {
		const mine = round, begun = Date.now();
		let wait = 10000;

		say("Live");
		try {
			const answer = await fetch(address("poll"));

			if (mine !== round)
				return;
			if (answer.status === 401 || answer.status === 403) {
				signedOut();
				return;
			}
			const got = await answer.json();

			after = got.after;
			rows.push(...got.rows);
			state = got.state || state;
			if (got.gap)
				gap();
			/* One that does not wait is asked each five seconds. */
			wait = got.rows.length ? 1000
				: Date.now() - begun > 3000 ? 100 : 5000;
		} catch {
			say("Not reached: trying again");
		}
		if (mine === round)
			timer = setTimeout(poll, wait);
	};

	const follow = () => {
		let opened = false;

		stop();
		source = new EventSource(address("stream"));
		source.onopen = () => {
			opened = true;
			say("Live");
		};
		source.onerror = () => {
			say("Not reached: trying again");
			if (source.readyState === EventSource.CLOSED) {
				stop();
				poll();
			}
		};
		source.addEventListener("row", (e) => {
			after = Math.max(after, Number(e.lastEventId));
			rows.push(JSON.parse(e.data));
			rows.splice(0, rows.length - 200);
		});
		source.addEventListener("state", (e) => {
			state = JSON.parse(e.data);
		});
		source.addEventListener("gap", (e) => {
			gap(JSON.parse(e.data).rows);
		});
		/* Something on the way keeps the answer until its end. */
		timer = setTimeout(() => {
			if (!opened) {
				stop();
				poll();
			}
		}, 5000);
	};

	const beginLive = () => {
		stop();
		live = one("#live");
		if (!live)
			return;
		after = Number(live.dataset.after);
		rows = [];
		state = null;
		paused = false;
		left = 0;
		told = Date.now();
		put(live, "span", "", {class: "s wait"});
		live.append(" ");
		put(live, "span", "", {role: "status", class: "skip"});
		put(live, "button", "Pause").onclick = (e) => {
			paused = !paused;
			e.target.textContent = paused ? "Go on" : "Pause";
		};
		if (!document.hidden)
			follow();
	};

	document.addEventListener("visibilitychange", () => {
		if (live && document.hidden)
			stop();
		else if (live)
			follow();
	});
	setInterval(draw, 500);

	/* Copying, and playing without loading. */
	const beginCopies = () => {
		for (const text of all("pre[data-copy]")) {
			const button = document.createElement("button");

			button.textContent = "Copy";
			button.className = "copy";
			button.onclick = async () => {
				await navigator.clipboard.writeText(
					text.textContent);
				button.textContent = "Copied";
			};
			text.before(button);
		}
	};

	document.addEventListener("submit", (e) => {
		if (!e.target.closest(".telephone"))
			return;
		const form = new URLSearchParams(new FormData(e.target));

		if (e.submitter && e.submitter.name)
			form.append(e.submitter.name, e.submitter.value);
		e.preventDefault();
		load(e.target.action, form);
	});

	const begin = () => {
		beginLive();
		beginCopies();
		if (one(".telephone[data-runs]"))
			setTimeout(() => load(location.href), 1000);
	};

	/* Keys, never while somebody writes. */
	const KEYS = [["/", "search"], ["j k", "next and previous row"],
		["Enter", "open the row"], ["u", "up"], ["r", "load again"],
		["0-9 * #", "press a key of the telephone"]];
	let going = false;

	const move = (step) => {
		const links = all("tbody td:first-child a, .ladder a");
		const at = links.indexOf(document.activeElement);
		const to = links[at < 0 ? 0 : at + step];

		if (to)
			to.focus();
	};

	const help = () => {
		const box = put(document.body, "dialog", "");
		const list = put(box, "dl", "", {class: "facts"});

		for (const [key, words] of [...KEYS, ...all("nav [data-key]").map(
			(a) => ["g " + a.dataset.key, a.textContent])]) {
			put(list, "dt", key);
			put(list, "dd", words);
		}
		put(box, "button", "Close").onclick = () => box.close();
		box.onclose = () => box.remove();
		box.showModal();
	};

	const click = (what) => {
		const e = one(what);

		if (e)
			e.click();
		return e;
	};

	document.addEventListener("keydown", (e) => {
		const k = e.key;

		if (e.ctrlKey || e.metaKey || e.altKey || one("dialog") ||
		    e.target.closest("input, select, textarea"))
			return;
		if (going)
			click(`nav [data-key="${CSS.escape(k)}"]`);
		else if (/^[0-9*#]$/.test(k))
			click(`.telephone [name=keys][value="${k}"]`);
		else if (k === "/")
			one("[type=search]").focus();
		else if (k === "j" || k === "k")
			move(k === "j" ? 1 : -1);
		else if (k === "u")
			click("nav [aria-current]");
		else if (k === "r")
			location.reload();
		else if (k === "?")
			help();
		else if (k !== "g")
			return;
		going = !going && k === "g";
		e.preventDefault();
	});

	begin();
})();
