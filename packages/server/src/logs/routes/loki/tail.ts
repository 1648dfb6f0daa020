import {
  createLogTail,
  groupByAllLabels,
  groupByStream,
  type LogEntry,
  type LogQueryEngine,
} from '@pharos/logql';
import type { WebSocket } from 'ws';
import type { SocketRequest, SocketRoute } from '../../../http/sockets.ts';
import type { HttpApp } from '../../../http/types.ts';
import type { Clock } from '../../../kernel/clock.ts';
import { logsErrors } from '../../errors.ts';
import type { LogsStore } from '../../store/store.ts';
import { type TailFrame, TailSession } from '../../tail/session.ts';
import { documented } from './docs.ts';
import { fromQueryError } from './guarded.ts';
import { labelsJson, streamText } from './json.ts';
import { LokiParams } from './params.ts';
import { wantsCategories } from './query.ts';

export interface TailRouteDeps {
  readonly store: Pick<LogsStore, 'reader' | 'follow' | 'telemetry'>;
  readonly engine: LogQueryEngine;
  readonly clock: Clock;
  readonly maxTails: number;
  readonly maxEntries: number;
  readonly breathe: () => Promise<void>;
}

const TAIL_PATH = '/loki/api/v1/tail';
const PING_MS = 1000;
/** Bytes on their way to a reader, over which it gets no more for now. */
const MOST_BUFFERED = 4 * 2 ** 20;
/** A reader who takes nothing for so long is gone. */
const STUCK_MS = 60_000;
const MOST_DELAY_S = 5;
const DEFAULT_LIMIT = 100;
/** "Internal error" (RFC 6455, 7.4.1), which Loki closes with (LQ-7). */
const INTERNAL = 1011;

/** What a plain request is told: Grafana takes the 400 as a sign that tailing works. */
export function registerTailRoute(app: HttpApp): void {
  app.get(
    TAIL_PATH,
    {
      ...documented('Lines as they come, over a WebSocket.', [
        ['query', 'LogQL log query'],
        ['start', 'seconds, nanoseconds or RFC 3339; lines from then on come first; default an hour ago'],
        ['limit', 'most of them; default 100'],
        ['delay_for', 'seconds that lines wait for late ones, up to 5; default 0'],
        [
          'encoding_flags',
          'what X-Loki-Response-Encoding-Flags says, for browsers, whose WebSockets have no headers',
        ],
      ]),
    },
    () => {
      throw logsErrors.make(
        'badParameter',
        'tailing needs a WebSocket: the request has no Upgrade: websocket',
      );
    },
  );
}

/** `GET /loki/api/v1/tail` (LQ-7). */
export function lokiTailSocket(deps: TailRouteDeps): SocketRoute {
  let open = 0;
  return {
    path: TAIL_PATH,
    accept(request) {
      const wanted = wantedOf(request, deps);
      if (open >= deps.maxTails)
        throw logsErrors.make(
          'tooManyQueries',
          `${open} queries are tailed, at most ${deps.maxTails} may be`,
          {
            retryAfterSeconds: 1,
          },
        );
      return (socket) => {
        // Only now: a handshake that fails opens nothing, and nobody would tell that it closed.
        open++;
        deps.store.telemetry.tails.set(open);
        socket.once('close', () => {
          open--;
          deps.store.telemetry.tails.set(open);
        });
        void run(deps, wanted, socket);
      };
    },
  };
}

interface Wanted {
  readonly tenant: string;
  readonly query: string;
  readonly tail: ReturnType<typeof createLogTail>;
  readonly start: bigint;
  readonly limit: number;
  readonly delayMs: number;
  readonly categorize: boolean;
}

function wantedOf({ tenant, params, headers }: SocketRequest, { clock, maxEntries }: TailRouteDeps): Wanted {
  const read = new LokiParams({ raw: { url: `?${params.toString()}`, headers: {} } });
  const query = read.query();
  const delay = read.text('delay_for');
  if (delay !== '' && !(/^\d{1,3}$/.test(delay) && Number(delay) <= MOST_DELAY_S))
    throw logsErrors.make(
      'badParameter',
      `delay_for: ${JSON.stringify(delay.slice(0, 100))}, expected 0 to ${MOST_DELAY_S} seconds`,
    );
  const now = BigInt(Math.floor(clock.now())) * 1_000_000n;
  return {
    tenant,
    query,
    tail: compiled(query, clock),
    start: read.time('start', now - 3_600_000_000_000n),
    limit: read.count('limit', DEFAULT_LIMIT, maxEntries),
    delayMs: Number(delay) * 1000,
    categorize: wantsCategories({
      headers: {
        'x-loki-response-encoding-flags':
          params.get('encoding_flags') ?? headers['x-loki-response-encoding-flags'],
      },
    }),
  };
}

function compiled(query: string, clock: Clock): ReturnType<typeof createLogTail> {
  try {
    return createLogTail(query, { now: () => clock.now() });
  } catch (error) {
    throw fromQueryError(error);
  }
}

async function run(deps: TailRouteDeps, wanted: Wanted, socket: WebSocket): Promise<void> {
  const { store, clock, breathe } = deps;
  const session = new TailSession({
    clock,
    tail: wanted.tail,
    delayMs: wanted.delayMs,
    labelsOf: (low, high) => store.follow.labelsOf(wanted.tenant, low, high),
    hasRoom: () => socket.readyState === socket.OPEN && socket.bufferedAmount < MOST_BUFFERED,
    send: (frame) => socket.send(frameText(frame, wanted.categorize)),
    dropped: (lines) => store.telemetry.tailDropped.inc(lines),
    failed: (error) => {
      store.telemetry.tailsFailed.inc();
      closeWith(socket, error);
    },
    breathe,
  });
  const unsubscribe = store.follow.subscribe(wanted.tenant, (chunk) => session.offer(chunk));
  const gone = new AbortController();
  let stuckSince = clock.monotonic();
  const ping = clock.every(PING_MS, () => {
    if (socket.bufferedAmount < MOST_BUFFERED) stuckSince = clock.monotonic();
    if (clock.monotonic() - stuckSince > STUCK_MS) socket.terminate();
    else if (socket.readyState === socket.OPEN) socket.ping();
  });
  socket.once('close', () => {
    unsubscribe();
    session.close();
    ping.cancel();
    gone.abort();
  });
  try {
    session.begin(await history(deps, wanted, gone.signal));
  } catch (error) {
    session.fail(error);
  }
}

/** The newest lines up to now, oldest first. */
async function history(
  { engine, store, clock }: TailRouteDeps,
  { tenant, query, start, limit }: Wanted,
  signal: AbortSignal,
): Promise<readonly LogEntry[]> {
  const end = BigInt(Math.floor(clock.now()) + 1) * 1_000_000n;
  if (start >= end) return [];
  const result = await engine.range({
    query,
    start,
    end,
    stepNs: 1,
    limit,
    direction: 'backward',
    storage: store.reader(tenant),
    signal,
  });
  return result.type === 'streams' ? [...result.entries].reverse() : [];
}

/** A reason has 123 bytes (RFC 6455, 5.5). */
function closeWith(socket: WebSocket, error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  socket.close(INTERNAL, Buffer.from(text).subarray(0, 120).toString('utf8').replaceAll('\ufffd', ''));
}

function frameText({ entries, dropped }: TailFrame, categorize: boolean): string {
  const streams = categorize ? groupByStream(entries) : groupByAllLabels(entries);
  const texts = streams.map((stream) => [...streamText(stream, categorize)].join(''));
  const lost = dropped.map(
    ({ labels, timestamp }) => `{"labels":${labelsJson(labels)},"timestamp":"${timestamp}"}`,
  );
  const droppedText = lost.length === 0 ? '' : `,"dropped_entries":[${lost.join(',')}]`;
  const flags = categorize ? ',"encodingFlags":["categorize-labels"]' : '';
  return `{"streams":[${texts.join(',')}]${droppedText}${flags}}`;
}
