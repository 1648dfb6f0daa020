import { type Status, worse } from './status.ts';
import type { Reason, SourceVerdict } from './verdict.ts';

/** One target's latest looks, newest state first. */
export interface Look {
  readonly instance: string;
  readonly ok: boolean;
  /** Looks in a row with this outcome, at least 1. */
  readonly inARow: number;
  /** Wall-clock ms of the latest look. */
  readonly at: number;
  readonly error?: string | undefined;
  /** Nothing listened at the address: its process does not run, or is still starting. */
  readonly refused?: boolean | undefined;
  /** What the service says of itself, for a poll that was answered. */
  readonly says?: { readonly status: Exclude<Status, 'unknown'>; readonly details: string } | undefined;
}

/** Failed looks in a row that make a target count as down. */
const DOWN_AFTER = 2;

const WORD: Readonly<Record<'scrape' | 'poll', string>> = { scrape: 'its metrics', poll: '/health' };

/** What the looks of one source at all instances of a service come to. At least one look. */
export function judgeLooks(kind: 'scrape' | 'poll', looks: readonly Look[]): SourceVerdict {
  const down = looks.filter((look) => !look.ok && look.inARow >= DOWN_AFTER);
  const shaky = looks.filter((look) => !look.ok && look.inARow < DOWN_AFTER);
  const reasons: Reason[] = [];
  const of = looks.length === 1 ? '' : ` (${down.length} of ${looks.length} instances)`;
  for (const look of down) {
    reasons.push({
      source: kind,
      severity: 'critical',
      message: `${look.instance} does not answer ${WORD[kind]}${of}: ${look.error ?? 'no reason given'}`,
    });
  }
  for (const look of shaky) {
    reasons.push({
      source: kind,
      severity: 'warning',
      message: `${look.instance} failed to answer ${WORD[kind]} once: ${look.error ?? 'no reason given'}`,
    });
  }
  const unwell = looks.filter(({ ok, says }) => ok && says?.status === 'unhealthy');
  let status: Status = 'healthy';
  // No instance is left that serves, whether it is silent or says so itself.
  if (down.length + unwell.length === looks.length) status = 'unhealthy';
  else if (down.length + shaky.length > 0) status = 'degraded';
  for (const { instance, ok, says } of looks) {
    if (!ok || says === undefined || says.status === 'healthy') continue;
    status = worse(status, 'degraded');
    reasons.push({
      source: kind,
      severity: says.status === 'unhealthy' ? 'critical' : 'warning',
      message: `${instance} says it is ${says.status}${says.details === '' ? '' : `: ${says.details}`}`,
    });
  }
  return {
    kind,
    status,
    failing: looks.every((look) => !look.ok),
    refused: looks.every((look) => look.ok || look.refused === true),
    at: Math.max(...looks.map((look) => look.at)),
    reasons,
  };
}
