import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { engineErrors } from '../../engine/index.ts';
import { openTestEngine, type TestEngine } from '../../engine/testing/open.ts';
import { createMemoryJournal, flushTables, type MemoryJournal } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createServiceNames } from '../../kernel/names.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { tracesSection } from '../config.ts';
import { SpanDoors } from '../ingest/doors.ts';
import { OtlpTracesService } from '../ingest/otlp/service.ts';
import { createTracesStore } from '../store/store.ts';
import { tracesTables } from '../tables.ts';
import { nanos, requestOf, spanId, traceId } from '../testing/memory-traces.ts';
import { attribute, type JsonSpan, traceProtobuf } from '../testing/otlp-json.ts';
import { EdgeSums } from './edge.ts';
import { readEdges } from './edge-table.ts';
import type { SpanGraph } from './graph.ts';
import type { MinuteCalls } from './minute-calls.ts';

/** A whole minute. */
const START = 28_333_333 * 60_000;
const MINUTE = 60_000;

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine(tracesTables);
});
afterAll(() => engine.close());

async function open(
  journal: MemoryJournal,
  clock: ManualClock,
  insert = engine.engine.insert.bind(engine.engine),
  onMinute?: (tenant: string, calls: MinuteCalls) => void,
  query = engine.engine.query.bind(engine.engine),
) {
  const { engine: real } = engine;
  const store = await createTracesStore({
    engine: {
      query,
      execute: real.execute.bind(real),
      insert,
      state: () => real.state(),
      onState: real.onState.bind(real),
    },
    journal,
    clock,
    names: createServiceNames(new Map()),
    telemetry: createTelemetry(),
    log: silentLog,
    config: tracesSection.schema.parse({}),
    breathe: () => Promise.resolve(),
    onMinute,
  });
  await store.service.start?.(new AbortController().signal);
  const breathe = () => Promise.resolve();
  const otlp = new OtlpTracesService(
    new SpanDoors({ sink: store.sink, telemetry: store.telemetry, breathe }),
  );
  const send = (tenant: string, service: string, spans: readonly JsonSpan[]) =>
    otlp.export(tenant, 'protobuf', traceProtobuf(requestOf(service, spans)));
  return { ...store, send };
}

const minutes = { from: START / MINUTE - 10, to: START / MINUTE + 20 };

async function graphOf(graph: SpanGraph, tenant: string, within = minutes) {
  return shape(await graph.read(tenant, within));
}

function shape(edges: EdgeSums) {
  return Object.fromEntries(
    [...edges.values()]
      .map(
        ({ caller, callee, type, calls, errors, duration, buckets }) =>
          [
            `${caller} > ${type} ${callee}`,
            [calls, errors, duration, [...buckets.values()].reduce((sum, n) => sum + n, 0)],
          ] as const,
      )
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** A call of the shop: who calls what, when (ms), how long (ms), whether it failed. */
interface Call {
  readonly caller: string;
  readonly callee: string;
  readonly at: number;
  readonly ms: number;
  readonly failed: boolean;
}

/** The spans of a call: a request from outside into the caller, its client span, and the called side where that is a service. */
function spansOf(call: Call, n: number): (readonly [service: string, span: JsonSpan])[] {
  const { caller, callee, at, ms, failed } = call;
  const base = { traceId: traceId(n * 16 + 5), status: { code: failed ? 2 : 0 } };
  const times = (from: number, length: number) => ({
    startTimeUnixNano: nanos(START + from),
    endTimeUnixNano: nanos(START + from + length),
  });
  const root = { ...base, ...times(at, 1), spanId: spanId(n * 16 + 1), name: 'in', kind: 2 };
  const client = {
    ...base,
    ...times(at, ms),
    spanId: spanId(n * 16 + 2),
    parentSpanId: root.spanId,
    name: 'c',
    kind: 3,
  };
  if (callee === 'sqlite')
    return [
      [caller, root],
      [
        caller,
        { ...client, attributes: [attribute('db.system.name', 'sqlite'), attribute('db.namespace', caller)] },
      ],
    ];
  const server = {
    ...base,
    ...times(at + 1, ms),
    spanId: spanId(n * 16 + 3),
    parentSpanId: client.spanId,
    name: 's',
    kind: 2,
  };
  return [
    [caller, root],
    [caller, { ...client, attributes: [attribute('server.address', `${callee}.local`)] }],
    [callee, server],
    [
      callee,
      {
        ...server,
        ...times(at + 1, 1),
        spanId: spanId(n * 16 + 4),
        parentSpanId: server.spanId,
        name: 'work',
        kind: 1,
      },
    ],
  ];
}

/** The graph as anyone would count it from the calls. */
function modelOf(calls: readonly Call[]) {
  const edges = new Map<string, number[]>();
  const add = (key: string, failed: boolean, ms: number): void => {
    const [n = 0, errors = 0, sum = 0] = edges.get(key) ?? [];
    edges.set(key, [n + 1, errors + (failed ? 1 : 0), sum + ms * 1e6, n + 1]);
  };
  for (const { caller, callee, failed, ms } of calls) {
    add(` > service ${caller}`, failed, 1);
    add(
      callee === 'sqlite' ? `${caller} > database sqlite/${caller}` : `${caller} > service ${callee}`,
      failed,
      ms,
    );
  }
  return Object.fromEntries([...edges].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Cut anywhere, to the millisecond or by steps, the parts are the whole. */
async function expectParts(graph: SpanGraph, tenant: string, calls: readonly Call[]): Promise<void> {
  const cut = START + (calls[0]?.at ?? 0) + 1;
  const both = new EdgeSums();
  for (const part of [
    { from: START - MINUTE, to: cut },
    { from: cut, to: START + 10 * MINUTE },
  ])
    for (const edge of (await graph.readExactly(tenant, part))?.values() ?? []) both.add(edge);
  expect(shape(both)).toEqual(modelOf(calls));
  const early = [...((await graph.readExactly(tenant, { from: START - MINUTE, to: cut }))?.values() ?? [])];
  // A request comes in when the call is made; a called service has it a millisecond later.
  expect(early.filter(({ caller }) => caller === '').reduce((sum, edge) => sum + edge.calls, 0)).toBe(
    calls.filter(({ at }) => START + at < cut).length,
  );
  const between = { caller: 'order', callee: { type: 'service', callee: 'user' } } as const;
  const steps = await graph.readSteps(tenant, { ...minutes, step: 3, between });
  const wanted = calls.filter(({ caller, callee }) => caller === 'order' && callee === 'user');
  const counts = new Map<number, number>();
  for (const { at } of wanted) {
    const step = Math.floor((10 + Math.floor((at + 1) / MINUTE)) / 3);
    counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  expect(new Map([...steps].map(([step, sum]) => [step, sum.calls]))).toEqual(counts);
}

const call = fc
  .record({
    caller: fc.constantFrom('gateway', 'order'),
    callee: fc.constantFrom('catalog', 'user', 'sqlite'),
    at: fc.integer({ min: 0, max: 5 * MINUTE }),
    ms: fc.integer({ min: 1, max: 20_000 }),
    failed: fc.boolean(),
  })
  .map((record): Call => record);

const step = fc.constantFrom('flush', 'round', 'restart', 'read', 'advance', 'crash', 'nothing');

describe('the graph of services', () => {
  let tenants = 0;

  it('is what a plain count of the calls says, however spans, flushes, jobs, restarts and failed writes fall', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(call, fc.infiniteStream(fc.nat()), step, fc.boolean()), {
          minLength: 1,
          maxLength: 12,
        }),
        async (drawn) => {
          const tenant = `g${tenants++}`;
          const journal = createMemoryJournal();
          const clock = new ManualClock(START + MINUTE);
          let crash: 'before' | 'after' | null = null;
          // What a kill does between the write and what is remembered of it.
          const insert: typeof engine.engine.insert = async (...args) => {
            if (crash === 'before') throw new Error('killed before the write');
            await engine.engine.insert(...args);
            if (crash === 'after') throw new Error('killed after the write');
          };
          let store = await open(journal, clock, insert);
          const calls = drawn.map(([one]) => one);
          const sent = drawn.flatMap(([one, order, what, after], n) =>
            spansOf(one, n + 1).map(([service, span]) => ({
              service,
              span,
              what,
              after,
              order: order.next().value,
            })),
          );
          sent.sort((a, b) => a.order - b.order);
          for (const { service, span, what, after } of sent) {
            await store.send(tenant, service, [span]);
            if (what === 'flush') await flushTables(engine.engine, journal, tracesTables);
            else if (what === 'advance') await clock.advance(2 * MINUTE);
            else if (what === 'read') await graphOf(store.graph, tenant);
            else if (what === 'round') await store.graph.round();
            else if (what === 'restart') {
              await store.service.stop?.(new AbortController().signal);
              store = await open(journal, clock, insert);
            } else if (what === 'crash') {
              crash = after ? 'after' : 'before';
              await store.graph.round();
              await store.service.stop?.(new AbortController().signal);
              crash = null;
              store = await open(journal, clock, insert);
            }
          }
          await clock.advance(10_000);
          expect(await graphOf(store.graph, tenant)).toEqual(modelOf(calls));
          // All of it is stored: nothing is left to be computed from spans.
          await clock.advance(20 * MINUTE);
          await store.graph.round();
          await store.graph.round();
          expect(shape(await readEdges(engine.engine, tenant, minutes, []))).toEqual(modelOf(calls));
          await expectParts(store.graph, tenant, calls);
          await store.service.stop?.(new AbortController().signal);
        },
      ),
      { numRuns: 8 },
    );
  });

  it('tells of all calls of a minute each time it is stored, and of none that are long past', async () => {
    const journal = createMemoryJournal();
    const clock = new ManualClock(START + 3 * MINUTE);
    const tenant = `g${tenants++}`;
    const told: string[] = [];
    const store = await open(journal, clock, undefined, (of, { minute, edges }) => {
      // Others left minutes in the engine.
      if (of !== tenant) return;
      for (const { edge, calls } of edges)
        told.push(
          `${minute - START / MINUTE}: ${edge.caller} > ${edge.callee} ${calls.counts.reduce((sum, n) => sum + n)} ${calls.failed} ${calls.slowest?.traceId}`,
        );
    });
    const send = async (n: number, at: number) => {
      const made = { caller: 'gateway', callee: 'order', at, ms: 100 * n, failed: n === 2 };
      for (const [service, span] of spansOf(made, n)) await store.send(tenant, service, [span]);
      await store.graph.round();
    };
    await send(1, 10);
    await send(2, 20);
    await clock.advance(20 * MINUTE);
    await send(3, 30);
    expect(told).toEqual([`0: gateway > order 1 0 ${traceId(21)}`, `0: gateway > order 2 1 ${traceId(37)}`]);
    expect(await graphOf(store.graph, tenant)).toMatchObject({ 'gateway > service order': [3, 1, 600e6, 3] });
    await store.service.stop?.(new AbortController().signal);
  });

  it('leaves a minute alone that cannot be computed, for others and for a while', async () => {
    const tenant = `g${tenants++}`;
    const journal = createMemoryJournal();
    const clock = new ManualClock(START + 20 * MINUTE);
    let isBroken = true;
    let attempts = 0;
    const bad = START / MINUTE + 3;
    const query: typeof engine.engine.query = (statement, options) => {
      const [from = 0, to = 0] = [...statement.text.matchAll(/fromUnixTimestamp64Nano\((\d+)/g)].map(
        ([, nanos]) => Number(BigInt(nanos ?? '0') / 60_000_000_000n),
      );
      // Callers are looked for a minute around.
      if (options.purpose !== 'traces.edges' || from + 1 > bad || to - 1 <= bad)
        return engine.engine.query(statement, options);
      attempts++;
      if (!isBroken) return engine.engine.query(statement, options);
      return Promise.reject(engineErrors.make('undecodable', 'no such answer'));
    };
    const { graph, service, send } = await open(journal, clock, undefined, undefined, query);
    const callAt = (minute: number): Call => ({
      caller: 'gateway',
      callee: 'order',
      at: minute * MINUTE,
      ms: 5,
      failed: false,
    });
    for (const [n, minute] of [0, 3, 6].entries())
      for (const [from, span] of spansOf(callAt(minute), n + 1)) await send(tenant, from, [span]);
    await flushTables(engine.engine, journal, tracesTables);
    await graph.round();
    const others = modelOf([callAt(0), callAt(6)]);
    expect(shape(await readEdges(engine.engine, tenant, minutes, []))).toEqual(others);
    expect(await graphOf(graph, tenant)).toEqual(others);
    const tried = attempts;
    await graph.round();
    expect(attempts).toBe(tried);
    isBroken = false;
    await clock.advance(MINUTE);
    await graph.round();
    expect(attempts).toBeGreaterThan(tried);
    const all = modelOf([callAt(0), callAt(3), callAt(6)]);
    expect(shape(await readEdges(engine.engine, tenant, minutes, []))).toEqual(all);
    await service.stop?.(new AbortController().signal);
  });

  it('computes spans in smaller shares where the engine has no room for them at once', async () => {
    const tenant = `g${tenants++}`;
    const journal = createMemoryJournal();
    const clock = new ManualClock(START + 20 * MINUTE);
    const refused: string[] = [];
    const query: typeof engine.engine.query = (statement, options) => {
      const [, of = ''] = / % (\d+) = \d+$/.exec(statement.text) ?? [];
      if (options.purpose !== 'traces.edges' || of === '' || Number(of) >= 4)
        return engine.engine.query(statement, options);
      refused.push(of);
      return Promise.reject(engineErrors.make('resource', 'too many bytes', { details: { code: 396 } }));
    };
    const { graph, service, send } = await open(journal, clock, undefined, undefined, query);
    const calls = Array.from({ length: 12 }, (_, n): Call => {
      const callee = n % 2 === 0 ? 'order' : 'sqlite';
      return { caller: 'gateway', callee, at: n * 1000, ms: 5, failed: n % 3 === 0 };
    });
    for (const [n, call] of calls.entries())
      for (const [from, span] of spansOf(call, n + 1)) await send(tenant, from, [span]);
    await flushTables(engine.engine, journal, tracesTables);
    await graph.round();
    expect(shape(await readEdges(engine.engine, tenant, minutes, []))).toEqual(modelOf(calls));
    expect(refused.length).toBeGreaterThan(0);
    await service.stop?.(new AbortController().signal);
  });

  it('asks a full engine for little that is smaller: the round ends, and the next one tries again', async () => {
    const tenant = `g${tenants++}`;
    const journal = createMemoryJournal();
    const clock = new ManualClock(START + 20 * MINUTE);
    let isBusy = true;
    let asked = 0;
    const query: typeof engine.engine.query = (statement, options) => {
      if (options.purpose !== 'traces.edges' || !isBusy || !/ % \d+ = \d+$/.test(statement.text))
        return engine.engine.query(statement, options);
      asked++;
      return Promise.reject(
        engineErrors.make('resource', '(total) memory limit exceeded', {
          details: { code: 241, isBusy: true },
        }),
      );
    };
    const { graph, service, send } = await open(journal, clock, undefined, undefined, query);
    const calls = [0, 3, 6].map(
      (minute): Call => ({ caller: 'gateway', callee: 'order', at: minute * MINUTE, ms: 5, failed: false }),
    );
    for (const [n, call] of calls.entries())
      for (const [from, span] of spansOf(call, n + 1)) await send(tenant, from, [span]);
    await flushTables(engine.engine, journal, tracesTables);
    await graph.round();
    asked = 0;
    await graph.round();
    // A whole one, a half and a quarter.
    expect(asked).toBe(3);
    isBusy = false;
    await graph.round();
    expect(shape(await readEdges(engine.engine, tenant, minutes, []))).toEqual(modelOf(calls));
    await service.stop?.(new AbortController().signal);
  });

  it('loses an edge when a service is no longer called, and shows the past as it was', async () => {
    const journal = createMemoryJournal();
    const clock = new ManualClock(START + MINUTE);
    const { send, graph, service } = await open(journal, clock);
    const tenant = `g${tenants++}`;
    for (const [n, at] of [0, 1000, 3 * MINUTE].entries()) {
      const one = { caller: 'a', callee: n === 2 ? 'c' : 'b', at, ms: 5, failed: false };
      for (const [of, span] of spansOf(one, n + 1)) await send(tenant, of, [span]);
    }
    const minute = START / MINUTE;
    const at = async (from: number, to: number) =>
      Object.keys(await graphOf(graph, tenant, { from: minute + from, to: minute + to }));
    for (let round = 0; round < 2; round++) {
      expect(await at(0, 4)).toEqual([' > service a', 'a > service b', 'a > service c']);
      expect(await at(3, 4)).toEqual([' > service a', 'a > service c']);
      expect(await at(0, 1)).toEqual([' > service a', 'a > service b']);
      await flushTables(engine.engine, journal, tracesTables);
      await clock.advance(10 * MINUTE);
      await graph.round();
    }
    await service.stop?.(new AbortController().signal);
  });

  it('asks the engine who called whom when edges were stored or a minute went by, and not for ever while there are none', async () => {
    const query = vi.spyOn(engine.engine, 'query');
    const asked = (): number => query.mock.calls.filter(([, of]) => of.purpose === 'traces.topology').length;
    const journal = createMemoryJournal();
    const clock = new ManualClock(START + MINUTE);
    const { send, graph, service } = await open(journal, clock);
    const tenant = `g${tenants++}`;
    const minute = START / MINUTE;
    const calledBy = async (from: number) => {
      const before = asked();
      const calls = await graph.storedCalls(tenant, { from: minute + from, to: minute + from + 60 });
      return { called: [...(calls.get('a') ?? [])], asked: asked() - before };
    };
    expect(await calledBy(-9)).toEqual({ called: [], asked: 1 });
    expect(await calledBy(-8)).toEqual({ called: [], asked: 0 });
    const one = { caller: 'a', callee: 'b', at: 0, ms: 5, failed: false };
    for (const [of, span] of spansOf(one, 1)) await send(tenant, of, [span]);
    await flushTables(engine.engine, journal, tracesTables);
    await clock.advance(10 * MINUTE);
    // The first may be one that began earlier.
    await graph.round();
    await graph.round();
    expect(await calledBy(-7)).toEqual({ called: ['b'], asked: 1 });
    expect(await calledBy(-7)).toEqual({ called: ['b'], asked: 0 });
    expect(await calledBy(1)).toEqual({ called: [], asked: 1 });
    await service.stop?.(new AbortController().signal);
    query.mockRestore();
  });
});
