// A browser that a test drives: reads commands from its input, one JSON object a
// line, and writes one object for each: {"value": what it found, "said": what
// the console, the policy and the network said meanwhile}, or {"error": why}.
// Needs playwright-core and axe-core.
'use strict';

const fs = require('fs');
const readline = require('readline');
const { chromium } = require('playwright-core');

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic',
  '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
const PATIENCE = Number(process.argv[3]) * 1000;

const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

let browser, context, page, said = [];

// What is on the page as a reader sees it.
const textOf = (what) => [...document.querySelectorAll(what)]
  .map((e) => e.innerText ?? e.textContent);

// Scripts of the debugger are not subject to the policy of the page.
const examine = async () => {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, {
    resultTypes: ['violations'],
  }));
  return found.violations.map((v) => ({
    id: v.id, impact: v.impact,
    nodes: v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200)),
  }));
};

const commands = {
  // A browser of its own: scheme, width, script, user and password.
  async open(c) {
    if (context)
      await context.close();
    context = await browser.newContext({
      colorScheme: c.scheme || 'light', javaScriptEnabled: c.script !== false,
      viewport: { width: c.width || 1280, height: 800 },
      permissions: ['clipboard-read', 'clipboard-write'],
      ...(c.user && { httpCredentials: { username: c.user,
        password: c.password } }),
    });
    context.setDefaultTimeout(PATIENCE);
    page = await context.newPage();
    page.on('console', (m) => said.push(`${m.type()}: ${m.text()}`));
    page.on('pageerror', (e) => said.push(`error: ${e.message}`));
    page.on('requestfailed', (r) => {
      // A page that is left takes back what it has asked for.
      if (r.failure().errorText !== 'net::ERR_ABORTED')
        said.push(`failed: ${r.url()} ${r.failure().errorText}`);
    });
  },
  async go(c) {
    const answer = await page.goto(c.url, { waitUntil: 'load' });
    return answer.status();
  },
  async width() {
    return page.evaluate(() => Math.max(0,
      document.documentElement.scrollWidth - window.innerWidth));
  },
  axe: examine,
  async texts(c) { return page.evaluate(textOf, c.what); },
  async count(c) { return page.locator(c.what).count(); },
  async attribute(c) {
    return page.locator(c.what).first().getAttribute(c.name);
  },
  async address() { return page.url(); },
  // Until the part of the page has the text, or with none, is there.
  async wait(c) {
    let at = page.locator(c.what);
    if (c.text !== undefined)
      at = at.filter({ hasText: c.text });
    await at.first().waitFor({ state: c.state || 'attached' });
  },
  async click(c) {
    let at = page.locator(c.what);
    if (c.text !== undefined)
      at = at.filter({ hasText: c.text });
    await at.first().click();
  },
  // The same for a form that loads a page.
  async send(c) {
    await Promise.all([page.waitForEvent('load'), commands.click(c)]);
  },
  async type(c) { await page.locator(c.what).first().fill(c.text); },
  async press(c) {
    await page.waitForLoadState('load'); // the script is there
    await page.keyboard.press(c.key);
  },
  async copied() {
    return page.evaluate(() => navigator.clipboard.readText());
  },
  async picture(c) { await page.screenshot({ fullPage: true, path: c.path }); },
};

async function main() {
  browser = await chromium.launch({
    executablePath: process.argv[2], headless: true, args: FLAGS });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const c = JSON.parse(line);
    let answer;
    try {
      answer = { value: await commands[c.do](c) };
    } catch (e) {
      answer = { error: `${e.message || e}\n${page.url()}\n` +
        (await page.evaluate(textOf, 'main').catch(String)) };
    }
    console.log(JSON.stringify({ ...answer, said }));
    said = [];
  }
  await browser.close();
}

main().catch((e) => { console.error(e); process.exit(1); });
