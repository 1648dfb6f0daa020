import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { testPharos } from '../testing/harness.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { Receiver } from '../testing/spans.ts';

function linesOf(receiver: Receiver): unknown[] {
  return receiver.at('/api/logs').flatMap(({ body }) =>
    gunzipSync(body)
      .toString()
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line)),
  );
}

it('sends every line in order, masked, a second late or at the end', async () => {
  const [receiver, clock] = [new Receiver(), new ManualClock()];
  const { pharos, logs } = testPharos({
    clock,
    push: { url: 'http://pharos.test', transport: receiver.transport },
  });
  pharos.logger.info('first', { password: 'hunter2' });
  pharos.logger.warn('second');
  await clock.advance(1_000);
  await expect.poll(() => linesOf(receiver).length).toBe(2);
  pharos.logger.error('third');
  await pharos.stop();
  expect(linesOf(receiver)).toEqual(logs.lines);
  expect(logs.messages()).toEqual(['first', 'second', 'third']);
  expect(JSON.stringify(linesOf(receiver))).not.toContain('hunter2');
  expect(receiver.at('/api/logs')[0]?.headers).toMatchObject({ 'content-encoding': 'gzip' });
});

it('keeps lines while Pharos is away, the newest, and says once that it is', async () => {
  const clock = new ManualClock();
  const receiver = new Receiver();
  let away = true;
  const { pharos, logs } = testPharos({
    clock,
    push: {
      url: 'http://pharos.test',
      maxBufferBytes: 600,
      healthInterval: 1e9,
      interval: 1e9,
      transport: async (delivery) =>
        away ? { status: 503, retryAfterSeconds: undefined } : await receiver.transport(delivery),
    },
  });
  pharos.logger.info('first');
  await clock.advance(1_000);
  await expect.poll(() => logs.messages()).toContain('pushing logs to Pharos failed');
  for (let i = 0; i < 8; i++) {
    pharos.logger.info(`line ${i}`);
    await clock.advance(1_000);
  }
  away = false;
  await pharos.stop();
  const failures = logs.messages().filter((message) => message === 'pushing logs to Pharos failed');
  expect(failures).toHaveLength(1);
  expect(linesOf(receiver)).toContainEqual(expect.objectContaining({ message: 'line 7' }));
  expect(linesOf(receiver).length).toBeLessThan(10);
});

it('stays out of it where it is told to, or where there is no Pharos', async () => {
  const receiver = new Receiver();
  const { pharos } = testPharos({
    push: { url: 'http://pharos.test', transport: receiver.transport },
    logs: { push: false },
  });
  pharos.logger.info('not sent');
  await pharos.stop();
  expect(receiver.at('/api/logs')).toEqual([]);
});
