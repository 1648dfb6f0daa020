import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../packages/server/src/kernel/random.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

const BODIES = Number(process.env['ERROR_BODIES'] ?? 100_000);
const AT_ONCE = 16;

const PIECES = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  '\n',
  '{}',
  '{"type":"event","length":',
  '2}',
  'null',
  '1e999',
  '-1',
  '"__proto__":{}',
  '{"message":"x"}',
  '"exception"',
  '{"values":[',
  '"stacktrace":{"frames":[{"lineno":1e99}]}',
  '\u0000',
  '\ud800',
  '\u00e9',
  '{"event_id":5}',
  '{"errors":[',
  '"stack":"Error\\n at a (b:1:2)"',
];

/** What a broken or hostile sender may send, with a valid error beside it in some: that one must be kept. */
describe('the doors of errors', () => {
  it('take any body without a fault of their own, and lose no valid error', async () => {
    const pharos: RunningPharos = await startPharosProcess({
      config: 'errors: { rate_limit: 100000000, max_groups: 100 }',
    });
    const random = seededRandom(BODIES);
    const bad = (): string =>
      Array.from(
        { length: 1 + Math.floor(random() * 14) },
        () => PIECES[Math.floor(random() * PIECES.length)],
      ).join('');
    let valid = 0;
    const next = (index: number): { url: string; body: string } => {
      const id = index.toString(16).padStart(32, '0');
      const event = JSON.stringify({ event_id: id, message: 'valid', tags: { service: 'valid' } });
      const withValid = index % 3 === 0;
      if (withValid) valid++;
      const kind = Math.floor(random() * 3);
      if (kind === 0) {
        const line = JSON.stringify({ id, service: 'valid', message: 'valid' });
        // On a line of its own, so that what is around it is not part of it.
        return { url: '/api/errors', body: withValid ? `${line}\n${bad().replaceAll('\n', ' ')} ]{` : bad() };
      }
      if (kind === 1) {
        const item = `{"type":"event","length":${Buffer.byteLength(event)}}\n${event}\n`;
        return { url: '/api/1/envelope/?sentry_key=a', body: withValid ? `{}\n${item}${bad()}` : bad() };
      }
      return { url: '/api/1/store/?sentry_key=a', body: withValid ? event : bad() };
    };
    const faults: string[] = [];
    for (let at = 0; at < BODIES; at += AT_ONCE)
      await Promise.all(
        Array.from({ length: AT_ONCE }, async (_, i) => {
          const { url, body } = next(at + i);
          const answer = await fetch(`${pharos.url}${url}`, { method: 'POST', body: Buffer.from(body) });
          await answer.arrayBuffer();
          if (answer.status >= 500) faults.push(`${answer.status} ${url} ${body}`);
        }),
      );
    expect(faults).toEqual([]);
    const answer = await fetch(`${pharos.url}/monitoring/errors/stats?window=1d&service=valid`);
    const stats: unknown = await answer.json();
    expect(stats).toMatchObject({ total: valid });
    await pharos.stop();
    await removeData(pharos);
  });
});
