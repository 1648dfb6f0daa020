import process from 'node:process';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

const BODIES = Number(process.env['SOAK_REQUESTS'] ?? 100_000);
const TOGETHER = 50;
const batchAnswer = z.looseObject({ accepted: z.number(), duplicates: z.number(), total: z.number() });

let pharos: RunningPharos;
beforeAll(async () => {
  pharos = await startPharosProcess();
});
afterAll(async () => {
  await pharos.stop();
  await removeData(pharos);
});

const names = ['source', 'event_type', 'data', 'metadata', 'timestamp', 'id', '__proto__', 'constructor'];
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom('success', 'error', null, 1e308, -1, 'NaN'),
);
const fields = [
  'latency',
  'output',
  'status',
  'status_code',
  'error',
  'password',
  'processed',
  '__proto__',
] as const;
const valid = fc
  .record({
    source: fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== ''),
    event_type: fc.constantFrom('a', 'b'),
    data: fc.dictionary(fc.constantFrom(...fields), value),
  })
  .map((event) => ({ text: JSON.stringify(event), valid: 1 }));
const loose = fc
  .dictionary(fc.constantFrom(...names), value)
  .map((event) => ({ text: JSON.stringify(event), valid: 0 }));
const noise = fc
  .string({ maxLength: 60 })
  // Without what would begin a text or another item: such noise takes its neighbours along.
  .map((text) => ({ text: text.replaceAll(/["\\[\]{},\n]/g, '.'), valid: 0 }));
const items = fc.array(fc.oneof(valid, loose, noise), { minLength: 1, maxLength: 5 });
const body = fc.tuple(items, fc.boolean()).map(([all, asLines]) => ({
  text: asLines
    ? `{}\n${all.map(({ text }) => text).join('\n')}`
    : `[${all.map(({ text }) => text).join(',')}]`,
  valid: all.reduce((sum, one) => sum + one.valid, 0),
}));

async function post(path: string, text: string): Promise<{ status: number; body: unknown }> {
  const ask = () => fetch(`${pharos.url}/api/v1/monitoring${path}`, { method: 'POST', body: text });
  // An idle connection may end just when it is used again; a body that ends its connection does so twice.
  const answer = await ask().catch((error: unknown) => {
    if (!isReset(error)) throw error;
    resets++;
    return ask();
  });
  return { status: answer.status, body: await answer.json() };
}

let resets = 0;
function isReset(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNRESET';
}

it(`${BODIES} bodies: none is a failure of the server, no valid item is lost`, async () => {
  for (let round = 0; round < BODIES / TOGETHER / 2; round++) {
    const batches = fc.sample(body, { numRuns: TOGETHER, seed: round });
    const singles = fc.sample(fc.oneof(loose, noise, valid), { numRuns: TOGETHER, seed: round });
    await Promise.all([
      ...batches.map(async (one) => {
        const answer = await post('/events/batch?verdicts=none', one.text);
        expect(answer.status, one.text).toBeLessThan(500);
        if (one.valid === 0) return;
        const { accepted, duplicates } = batchAnswer.parse(answer.body);
        expect(accepted + duplicates, one.text).toBeGreaterThanOrEqual(one.valid);
      }),
      ...singles.map(async (one) => {
        const answer = await post('/events', one.text);
        expect(answer.status, one.text).toBeLessThan(500);
        if (one.valid === 1) expect(answer.status, one.text).toBe(200);
      }),
    ]);
  }
  console.log(`${BODIES} bodies, ${resets} connections that had ended`);
}, 1_800_000);
