import { createLogTail, type LogTail } from '@pharos/logql';
import { Labels } from '@pharos/promql';
import { expect, it } from 'vitest';
import { ManualClock } from '../../kernel/clock.ts';
import { ChunkWriter, type LineChunk } from '../store/chunk.ts';
import { timeOfNanos } from '../time.ts';
import { type TailFrame, TailSession } from './session.ts';

const STREAMS = [Labels.fromRecord({ app: 'a' }), Labels.fromRecord({ app: 'b' })];

/** Lines of streams 0 and 1 in turn, at these times. */
function chunk(times: readonly number[], text = 'line'): LineChunk {
  const writer = new ChunkWriter('default', 0);
  for (const [i, time] of times.entries())
    writer.add(
      {
        time: timeOfNanos(BigInt(time)),
        stream: { low: i % 2, high: 0 },
        id: { low: i, high: time },
        service: '',
        level: 'info',
        ids: { trace: '', span: '', request: '' },
        metadata: [],
      },
      Buffer.from(`${text} ${time}`),
    );
  return writer.take();
}

function open(query: string, delayMs = 0, changed: Partial<LogTail> = {}) {
  const clock = new ManualClock(0);
  const frames: TailFrame[] = [];
  const state = { room: true, dropped: 0, failed: [] as unknown[], broken: false };
  const session = new TailSession({
    clock,
    tail: { ...createLogTail(query, { now: () => 0 }), ...changed },
    delayMs,
    labelsOf: (low) => STREAMS[low],
    hasRoom: () => state.room,
    send: (frame) => {
      if (state.broken) throw new Error('cannot be sent');
      frames.push(frame);
    },
    dropped: (lines) => (state.dropped += lines),
    failed: (error) => state.failed.push(error),
    breathe: () => Promise.resolve(),
  });
  const lines = (): string[] => frames.flatMap(({ entries }) => entries.map(({ line }) => line));
  return { clock, session, frames, state, lines };
}

it('sends what the query keeps of the streams it selects, in order of time, after its delay', async () => {
  const { clock, session, lines, frames } = open(
    '{app="a"} != "3" | line_format "<{{.detected_level}} {{__line__}}>"',
    1000,
  );
  session.begin([]);
  session.offer(chunk([5, 6, 3, 4, 1, 2]));
  await clock.advance(900);
  expect(lines()).toEqual([]);
  await clock.advance(400);
  expect(lines()).toEqual(['<info line 1>', '<info line 5>']);
  session.close();
  session.offer(chunk([9]));
  await clock.advance(5000);
  expect(frames).toHaveLength(1);
});

it('sends history first, and no line of it again', async () => {
  const { clock, session, lines } = open('{app=~".+"}');
  session.offer(chunk([1, 2, 3]));
  await clock.advance(1000);
  expect(lines()).toEqual([]);
  const known = { stream: STREAMS[0] ?? Labels.EMPTY, metadata: Labels.EMPTY, parsed: Labels.EMPTY };
  session.begin([{ timestamp: 1n, line: 'line 1', labels: known }]);
  await clock.advance(1000);
  expect(lines()).toEqual(['line 1', 'line 2', 'line 3']);
});

it('holds a bounded number of lines for a slow reader, and tells it which it missed', async () => {
  const { clock, session, lines, frames, state } = open('{app="a"}');
  session.begin([]);
  state.room = false;
  for (let part = 0; part < 30; part++) {
    session.offer(chunk(Array.from({ length: 1000 }, (_, i) => part * 1000 + i)));
    await clock.advance(200);
  }
  expect(state.dropped).toBe(5000);
  state.room = true;
  await clock.advance(200);
  expect(lines()).toHaveLength(10_000);
  expect(lines()[0]).toBe('line 10000');
  const dropped = frames.flatMap((frame) => frame.dropped);
  expect(dropped).toHaveLength(100);
  expect(dropped[0]).toEqual({ labels: STREAMS[0], timestamp: 0n });
});

it('counts labels that a query makes as memory of its lines', async () => {
  const { clock, session, lines, state } = open('{app="a"} | label_format big=`{{repeat 100000 .app}}`');
  session.begin([]);
  state.room = false;
  session.offer(chunk(Array.from({ length: 400 }, (_, i) => i)));
  await clock.advance(200);
  // Of 200 lines of its stream as many as there is room for.
  expect(state.dropped).toBe(117);
  state.room = true;
  await clock.advance(200);
  expect(lines()).toHaveLength(83);
});

it('drops chunks that come faster than they are looked at', async () => {
  const { clock, session, frames, state } = open('{app="b"}');
  session.begin([]);
  const wide = chunk([1, 2, 3, 4], 'x'.repeat(3_000_000));
  for (let i = 0; i < 4; i++) session.offer(wide);
  await clock.advance(1000);
  expect(state.dropped).toBeGreaterThan(0);
  expect(frames.flatMap(({ dropped }) => dropped)[0]?.labels).toEqual(STREAMS[1]);
});

it('ends with the fault of its own query, and tells it once', async () => {
  const fault = new RangeError('NaN cannot be converted to a BigInt');
  const fails = (): never => {
    throw fault;
  };
  const read = open('{app="a"}', 0, { process: fails });
  const selecting = open('{app="a"}', 0, { selects: fails });
  for (const { session, clock } of [read, selecting]) {
    session.begin([]);
    session.offer(chunk([1, 2, 3, 4]));
    await clock.advance(1000);
    session.offer(chunk([5]));
    await clock.advance(1000);
  }
  const dropping = open('{app="a"}', 0, { selects: fails });
  for (let i = 0; i < 2; i++) dropping.session.offer(chunk([1, 2], 'x'.repeat(9_000_000)));
  const sending = open('{app="a"}');
  sending.session.begin([]);
  sending.session.offer(chunk([1]));
  sending.state.broken = true;
  await sending.clock.advance(1000);
  expect([read, selecting, dropping].map(({ state }) => state.failed)).toEqual([[fault], [fault], [fault]]);
  expect(sending.state.failed).toEqual([new Error('cannot be sent')]);
  expect([read, selecting, dropping, sending].flatMap(({ frames }) => frames)).toEqual([]);
});
