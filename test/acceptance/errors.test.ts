import {
  addBreadcrumb,
  captureException,
  captureMessage,
  close,
  flush,
  init,
  setTag,
  setUser,
  withScope,
} from '@sentry/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';
import { freePort } from '../support/ports.ts';

interface Group {
  readonly id: string;
  readonly name: string;
  readonly message: string;
  readonly status: string;
  readonly count: number;
  readonly users: number;
}

/** The official SDK of Sentry for Node.js reports to the built server, and what it reported outlives a kill. */
describe("Sentry's SDK", () => {
  let pharos: RunningPharos;
  let at: readonly string[];

  beforeAll(async () => {
    // Its sender knows this port only, also after the kill: nobody may be given it meanwhile.
    at = ['--set', `web.port=${await freePort()}`];
    pharos = await startPharosProcess({ args: at });
    init({
      dsn: `${pharos.url.replace('://', '://public@')}/42`,
      release: 'shop@1.4.2',
      environment: 'acceptance',
      integrations: (defaults) => defaults.filter(({ name }) => KEPT.has(name)),
    });
  });

  afterAll(async () => {
    await close(2_000);
    await pharos.stop();
    await removeData(pharos);
  });

  const ask = async <T>(path: string, body?: object): Promise<T> => {
    const answer = await fetch(`${pharos.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    expect(answer.status, path).toBe(200);
    return (await answer.json()) as T;
  };
  const groups = async (query = '') =>
    (await ask<{ groups: Group[] }>(`/api/v1/errors/groups?service=pay${query}`)).groups;

  it('reports errors with causes, users and steps; the same error is one group', async () => {
    setTag('service', 'pay-service');
    for (const [user, order] of [
      ['jo', 17],
      ['al', 4711],
      ['jo', 9],
    ] as const) {
      setUser({ id: user });
      addBreadcrumb({ category: 'cart', message: `put ${order}` });
      captureException(chargeFailed(order));
    }
    withScope((scope) => {
      scope.setFingerprint(['nightly', 'job']);
      captureMessage('the job took 5 minutes', 'warning');
    });
    expect(await flush(10_000)).toBe(true);
    const found = await groups('&sort=count');
    expect(found).toMatchObject([
      {
        name: 'Error',
        message: expect.stringMatching(/^order \d+ could not be charged$/),
        count: 3,
        users: 2,
        releases: ['shop@1.4.2'],
      },
      { name: 'Message', message: 'the job took 5 minutes', count: 1, severity: 'medium' },
    ]);
    const { events } = await ask<{ events: { id: string }[] }>(
      `/api/v1/errors/groups/${found[0]?.id}/events`,
    );
    const details = await Promise.all(
      events.map(({ id }) =>
        ask<{
          exceptions: { name: string; frames: { function: string; in_app: boolean }[] }[];
          breadcrumbs: { category: string; message: string }[];
        }>(`/api/v1/errors/events/${id}`),
      ),
    );
    for (const { exceptions } of details) {
      expect(exceptions.map(({ name }) => name)).toEqual(['Error', 'RangeError']);
      expect(exceptions[0]?.frames[0]).toMatchObject({ function: 'chargeFailed', in_app: true });
    }
    // Which is listed first is open: they may be of the same millisecond.
    const steps = details.map(({ breadcrumbs }) => breadcrumbs.map(({ message }) => message));
    expect(steps.toSorted((one, other) => one.length - other.length)).toEqual([
      ['put 17'],
      ['put 17', 'put 4711'],
      ['put 17', 'put 4711', 'put 9'],
    ]);
  });

  it('keeps counts and decisions over a kill, and marks what returns as regressed', async () => {
    const [before] = await groups('&sort=count');
    await ask(`/api/v1/errors/groups/${before?.id}/resolve`, {});
    await pharos.stop('SIGKILL');
    pharos = await startPharosProcess({ directory: pharos.directory, args: at });
    expect(await groups('&sort=count')).toMatchObject([
      { id: before?.id, status: 'resolved', count: 3, users: 2 },
      { count: 1 },
    ]);
    captureException(chargeFailed(3));
    expect(await flush(10_000)).toBe(true);
    expect(await groups('&sort=count')).toMatchObject([
      { id: before?.id, status: 'regressed', count: 4 },
      { count: 1 },
    ]);
    const analysis = await ask<{ regressed_groups: string[]; total: number }>(
      '/api/errors/analysis?window=15m&service=pay',
    );
    expect(analysis).toMatchObject({ total: 5, regressed_groups: [before?.id] });
  });

  it('takes exceptions of spans and error lines with a stack as one error of their trace', async () => {
    const traceId = 'abcdef0123456789abcdef0123456789';
    const stack = 'TypeError: no stock of 5\n    at reserve (/app/src/stock.js:3:9)';
    const now = Date.now();
    const nanos = `${now}000000`;
    const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
    const exception = [
      text('exception.type', 'TypeError'),
      text('exception.message', 'no stock of 5'),
      text('exception.stacktrace', stack),
    ];
    await ask('/v1/traces', {
      resourceSpans: [
        {
          resource: { attributes: [text('service.name', 'stock')] },
          scopeSpans: [
            {
              spans: ['a', 'b'].map((id) => ({
                traceId,
                spanId: id.repeat(16),
                name: `reserve ${id}`,
                kind: 2,
                startTimeUnixNano: nanos,
                endTimeUnixNano: nanos,
                events: [{ timeUnixNano: nanos, name: 'exception', attributes: exception }],
              })),
            },
          ],
        },
      ],
    });
    await ask('/api/logs', {
      service: 'stock',
      level: 'error',
      message: stack,
      trace_id: traceId,
      timestamp: new Date(now).toISOString(),
    });
    await expect
      .poll(async () => (await ask<{ events: object[] }>(`/api/v1/errors/events?trace_id=${traceId}`)).events)
      .toMatchObject([{ service: 'stock', name: 'TypeError', origin: 'span' }]);
  });
});

/** Those that say something of an error; the others would instrument the process that runs the tests. */
const KEPT = new Set(['LinkedErrors', 'ContextLines', 'NodeContext', 'InboundFilters', 'EventFilters']);

function chargeFailed(order: number): Error {
  return new Error(`order ${order} could not be charged`, {
    cause: new RangeError(`balance ${order * 3} is too low`),
  });
}
