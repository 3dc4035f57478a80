import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findChromium, startChromium } from './chromium.js';
import { startPageServer } from './page-server.js';

/** The whole page, from the browser's start on. */
const PAGE_TIMEOUT_MS = 120_000;

const chromium = findChromium();

test('in Chromium', {
  skip: chromium === null && 'there is no Chromium: install it or name it in $KEYSPAN_CHROMIUM',
}, async (t) => {
  const server = await startPageServer();
  const browser = startChromium(chromium!, server.url);
  try {
    for (const phase of ['first', 'second']) {
      const results = await server.results(phase, PAGE_TIMEOUT_MS).catch((error: Error) => {
        throw new Error(`${error.message}\n${browser.output()}`);
      });
      assert.ok(results.length > 0, `the ${phase} page has no tests`);
      for (const { name, error } of results) {
        await t.test(name, () => {
          if (error !== null) assert.fail(error);
        });
      }
    }
    assert.deepEqual(
      [...server.served].filter((path) => /^\/src\/(server|cli|testing|adapters)\//.test(path)),
      [],
      'rooms that a page does not need were loaded',
    );
  } finally {
    await browser.stop();
    await server.stop();
  }
});
