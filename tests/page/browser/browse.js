// Loads pages of <inspector> in Chromium, and tells what is wrong with each:
//   node browse.js URL USER PASSWORD PICTURES PATH...
// Prints one line of JSON for each page, scheme and width. PICTURES is a folder
// for pictures of the pages, or "-". Needs playwright-core and axe-core.
'use strict';

const fs = require('fs');
const os = require('os');
const path = require('path');
const { chromium } = require('playwright-core');

const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic',
  '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

async function look(page, url) {
  const said = [];
  const note = (text) => said.push(text);
  page.on('console', (m) => note(`${m.type()}: ${m.text()}`));
  page.on('pageerror', (e) => note(`error: ${e.message}`));
  page.on('requestfailed', (r) => note(`failed: ${r.url()}`));
  const answer = await page.goto(url, { waitUntil: 'load' });
  const wide = await page.evaluate(() =>
    document.documentElement.scrollWidth - window.innerWidth);
  return { status: answer.status(), said, wide: Math.max(0, wide) };
}

// Scripts of the debugger are not subject to the policy of the page.
async function examine(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, {
    resultTypes: ['violations'],
  }));
  return found.violations.map((v) => ({
    id: v.id, impact: v.impact,
    nodes: v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200)),
  }));
}

async function main() {
  const [url, username, password, pictures, ...paths] = process.argv.slice(2);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'browse-'));
  try {
    for (const colorScheme of ['light', 'dark']) {
      for (const width of [1280, 390]) {
        const context = await chromium.launchPersistentContext(
          path.join(folder, `${colorScheme}-${width}`), {
            executablePath: '/usr/bin/chromium', headless: true, args: FLAGS,
            colorScheme, viewport: { width, height: 800 },
            httpCredentials: { username, password },
          });
        for (const each of paths) {
          const page = await context.newPage();
          const result = await look(page, url + each);
          result.axe = await examine(page);
          if (pictures !== '-') {
            const name = each.replace(/^\//, '').replace(/[^a-z0-9]+.*/i, '');
            await page.screenshot({ fullPage: true, path: path.join(
              pictures, `${name || 'now'}-${width}-${colorScheme}.png`) });
          }
          console.log(JSON.stringify({ path: each, colorScheme, width,
            ...result }));
          await page.close();
        }
        await context.close();
      }
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((e) => { console.error(e); process.exit(1); });
