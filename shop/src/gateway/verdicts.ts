import { AsyncResource } from 'node:async_hooks';
import type { Policy } from '@pharos/node';
import { CircuitBreaker } from '@pharos/node';
import { z } from 'zod';
import type { VerdictMode } from '../shared/config.ts';
import { ShopError } from '../shared/errors.ts';
import type { Kit } from '../shared/kit.ts';
import type { MetricFactory } from '../shared/metrics.ts';

const DECISIONS = ['CONTINUE', 'RETRY', 'REPROCESS', 'ESCALATE', 'HALT'] as const;
type Decision = (typeof DECISIONS)[number];

const verdictAnswer = z.object({
  id: z.string(),
  status: z.string(),
  decision: z.enum(DECISIONS),
  reasoning: z.string(),
  issues: z
    .array(z.object({ field: z.string(), value: z.unknown(), limit: z.unknown(), message: z.string() }))
    .default([]),
});
type Verdict = z.output<typeof verdictAnswer>;

/** Questions under way at once: a Pharos that hangs must not hold the gateway's memory. */
const MOST_ASKED = 64;
const FAILURES = 5;
const REST_MS = 10_000;
const HALT_RETRY_SECONDS = 30;
const ENDPOINT = '/api/v1/monitoring/events';

/** What an order asks for, as far as it can be read; the order service is who judges its form. */
const orderAsked = z.object({
  product_id: z.string().max(64).optional().catch(undefined),
  quantity: z.number().optional().catch(undefined),
});

export function verdictMetrics(metrics: MetricFactory) {
  return {
    verdicts: metrics.counter(
      'order_verdicts_total',
      'Verdicts of Pharos on events of orders; none: it did not answer in time, or was not asked.',
      ['mode', 'decision'],
    ),
  };
}

/** An order that was answered. */
interface OrderAnswered {
  readonly status: number;
  readonly ms: number;
}

/** Asks Pharos whether orders may go on. */
export interface Verdicts {
  readonly mode: VerdictMode;
  change(mode: VerdictMode): void;
  /**
   * An order was asked for. In shadow mode it resolves at once; in enforce mode it throws `halted` or `refused` when the verdict says
   * so. No answer lets the order go on.
   */
  requested(body: unknown): Promise<void>;
  /** An order was answered; never waits. */
  answered(answer: OrderAnswered): void;
}

export interface VerdictsDeps {
  readonly kit: Pick<Kit, 'config' | 'clock' | 'pharos' | 'transport' | 'life'>;
  readonly metrics: ReturnType<typeof verdictMetrics>;
}

/** Verdicts on the gateway's orders; of a shop without Pharos, or where they are off, nothing is asked. */
export function createVerdicts({ kit, metrics }: VerdictsDeps): Verdicts {
  const { config, pharos } = kit;
  const { url } = config.verdicts;
  let mode = url === null ? 'off' : config.verdicts.mode;
  const ask = url === null ? null : createAsk(kit, url);
  const judged = async (event: OrderEvent): Promise<Verdict | null> => {
    const asked = mode;
    const verdict = ask === null ? null : await ask(event);
    metrics.verdicts.inc({ mode: asked, decision: verdict?.decision.toLowerCase() ?? 'none' });
    if (verdict !== null && verdict.decision !== 'CONTINUE') {
      const { id, status, decision, reasoning } = verdict;
      pharos.logger.warn(`verdict on ${event.event_type}: ${decision}`, {
        mode: asked,
        event_id: id,
        verdict_status: status,
        decision,
        reasoning,
      });
    }
    return verdict;
  };
  return {
    get mode() {
      return mode;
    },
    change(next) {
      if (url === null && next !== 'off')
        throw new ShopError('conflict', 'PHAROS_URL is not set: there is nobody to ask for a verdict');
      mode = next;
    },
    async requested(body) {
      if (mode === 'off') return;
      const order = orderOf(body);
      // Not an order at all: the service behind says so.
      if (order === null) return;
      const answer = judged(eventOf('order.requested', order, pharos));
      if (mode === 'shadow') return;
      const verdict = await answer;
      const refusal = verdict === null ? null : refusalOf(verdict);
      if (refusal !== null) throw refusal;
    },
    answered({ status, ms }) {
      if (mode === 'off') return;
      const data = {
        status_code: status,
        status: status < 400 ? 'success' : status < 500 ? 'refused' : 'failed',
      };
      // Beside the data: times of single orders vary too much to be compared with their own history.
      const event = eventOf('order.answered', data, pharos);
      void judged({ ...event, metadata: { ...event.metadata, response_time: Math.round(ms) } });
    },
  };
}

/** What may stop an order. Other decisions speak of what is already done (RETRY), or call people (ESCALATE): the order goes on. */
const REFUSALS: Readonly<Partial<Record<Decision, (verdict: Verdict) => ShopError>>> = {
  REPROCESS: (verdict) =>
    new ShopError('refused', `the order was refused by Pharos: ${verdict.reasoning}`, detailsOf(verdict)),
  HALT: (verdict) =>
    new ShopError('halted', `orders are halted by Pharos: ${verdict.reasoning}`, {
      ...detailsOf(verdict),
      retryAfterSeconds: HALT_RETRY_SECONDS,
    }),
};

/** Why a verdict stops an order; null when it does not. */
function refusalOf(verdict: Verdict): ShopError | null {
  return REFUSALS[verdict.decision]?.(verdict) ?? null;
}

function detailsOf({ issues }: Verdict) {
  return {
    details: issues.map(({ field, value, limit }) => ({ field, value, expected: String(limit) })),
  };
}

interface OrderEvent {
  readonly source: string;
  readonly event_type: string;
  readonly data: object;
  readonly metadata: object;
}

/**
 * No `id`: it would have to come from what the client says, and a repeat gets the verdict of the first, so that one harmless order
 * would open the door to all of its name.
 */
function eventOf(type: string, data: object, pharos: Kit['pharos']): OrderEvent {
  const context = pharos.context();
  const metadata = { request_id: context?.requestId, trace_id: context?.trace?.traceId };
  return { source: 'gateway', event_type: type, data, metadata };
}

function orderOf(body: unknown): object | null {
  if (!Buffer.isBuffer(body)) return null;
  try {
    const order = orderAsked.safeParse(JSON.parse(body.toString('utf8')));
    return order.success ? order.data : null;
  } catch {
    return null;
  }
}

/** Asks once, within the deadline and behind a breaker; null when there is no answer. Never rejects. */
function createAsk(
  { config, clock, pharos, transport, life }: VerdictsDeps['kit'],
  url: string,
): (event: OrderEvent) => Promise<Verdict | null> {
  const policy: Policy = pharos.policy({
    breaker: quietBreaker(pharos, clock),
    timeout: config.verdicts.timeoutMs,
  });
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (config.verdicts.token !== null) headers['authorization'] = `Bearer ${config.verdicts.token}`;
  // Outside of the request that it is asked for: who watches has no part in the trace of what is watched.
  const outside = new AsyncResource('verdicts');
  let asked = 0;
  return async (event) => {
    if (asked >= MOST_ASKED || life.dead) return null;
    asked++;
    try {
      return await outside.runInAsyncScope(() =>
        policy.execute(async (signal) => {
          const body = JSON.stringify(event);
          const answer = await transport.send(url, { method: 'POST', path: ENDPOINT, headers, body }, signal);
          if (answer.status !== 200) throw new ShopError('bad_gateway', `Pharos answered ${answer.status}`);
          return verdictAnswer.parse(JSON.parse(answer.body.toString('utf8')));
        }),
      );
    } catch {
      return null;
    } finally {
      asked--;
    }
  };
}

/** Not one of the service's own breakers: whether Pharos answers says nothing about the gateway's health. */
function quietBreaker(pharos: Kit['pharos'], clock: Kit['clock']): CircuitBreaker {
  return new CircuitBreaker('verdicts', { failureThreshold: FAILURES, timeout: REST_MS }, clock, {
    changed: (_breaker, { to }) => {
      if (to === 'OPEN') pharos.logger.warn('Pharos gives no verdicts; orders go on without', {});
    },
    held: () => {},
    callbackFailed: () => {},
  });
}
