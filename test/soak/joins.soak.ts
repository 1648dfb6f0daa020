import process from 'node:process';
import { expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { startDemo } from '../support/demo.ts';
import { failuresSince, figuresOf, followJoins, WITHIN_MS } from '../support/joins.ts';

const REQUESTS = Number(process.env['SOAK_REQUESTS'] ?? 100);
const OTHERS = 20;

it(`leads from ${REQUESTS} random failed requests to their traces, logs and metrics within ${WITHIN_MS} ms each`, async () => {
  const { url, stop } = await startDemo();
  const browser = await launchBrowser();
  const post = (path: string, body: object) =>
    fetch(`${url}/api/controller/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  // Fewer failures than open the gateway's breaker: behind an open one a request reaches nobody.
  const fault = { kind: 'error_spike', service: 'catalog', params: { rate: 0.2 } };
  try {
    // The controller comes up a moment after the server.
    await expect.poll(async () => (await post('faults', fault)).status, { timeout: 60_000 }).toBe(201);
    await post('traffic', { mode: 'steady', rate: 15 });
    const failures = await failuresSince(url, Date.now(), REQUESTS);
    const reached = await followJoins(browser, url, failures, { traces: REQUESTS, others: OTHERS });
    console.table(figuresOf(reached));
    const slow = reached.filter(({ ms }) => ms > WITHIN_MS);
    for (const { start, join, request, ms, answers } of slow)
      console.log(`${start} to ${join} of ${request.traceId} ${Math.round(ms)} ms\n${answers.join('\n')}`);
    expect(slow.map(({ start, join, ms }) => `${start} to ${join} ${Math.round(ms)} ms`)).toEqual([]);
  } finally {
    await browser.close();
    await stop();
  }
});
