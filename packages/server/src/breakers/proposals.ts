import { z } from 'zod';
import type { Transition } from './model.ts';

export const proposal = z.object({
  service: z.string(),
  name: z.string(),
  setting: z.enum(['failureThreshold', 'timeout']),
  current: z.number(),
  proposed: z.number(),
  why: z.string(),
  evidence: z.record(z.string(), z.number()),
});
export type Proposal = z.output<typeof proposal>;

/** What is known of one breaker over a window. */
export interface BreakerPast {
  readonly service: string;
  readonly name: string;
  readonly settings: Readonly<Record<string, number>>;
  readonly windowMs: number;
  /** Calls that met it closed, and how many of them failed; both over the window. */
  readonly calls: number;
  readonly failures: number;
  /** Oldest first, all instances. */
  readonly transitions: readonly Transition[];
}

const DAY_MS = 86_400_000;
/** Fewer calls say nothing about how often failures follow each other by chance. */
const MIN_CALLS = 1_000;
const MIN_OUTAGES = 3;
/** A breaker that opens by chance once in so many days is well set. */
const CHANCE_DAYS = 90;
const MIN_THRESHOLD = 3;
const MAX_THRESHOLD = 100;
const MIN_TIMEOUT_MS = 5_000;
const MAX_TIMEOUT_MS = 300_000;

/** Settings that would have served better over the past, each with its evidence. Pure; nothing is ever applied by itself. */
export function proposalsFor(past: BreakerPast): Proposal[] {
  return [...thresholdProposal(past), ...timeoutProposal(past)];
}

/**
 * Failures that are independent follow each other k times in a row about calls · p^k · (1 − p) times (runs of Bernoulli trials; Feller,
 * An Introduction to Probability Theory, vol. 1, XIII.7). The threshold is well set where that happens by chance seldom, and no
 * higher, because a dead upstream is noticed after that many failed calls.
 */
function thresholdProposal({ service, name, settings, windowMs, calls, failures }: BreakerPast): Proposal[] {
  const current = settings['failureThreshold'];
  if (current === undefined || calls < MIN_CALLS || failures === 0 || failures >= calls / 2) return [];
  const ratio = failures / calls;
  const perDay = (calls * DAY_MS) / windowMs;
  const byChance = (threshold: number): number => perDay * ratio ** threshold * (1 - ratio);
  let enough = MIN_THRESHOLD;
  while (enough < MAX_THRESHOLD && byChance(enough) * CHANCE_DAYS > 1) enough++;
  const evidence = {
    calls_per_day: round(perDay),
    failure_ratio: round(ratio),
    openings_by_chance_per_day_now: round(byChance(current)),
    openings_by_chance_per_day_then: round(byChance(enough)),
  };
  const base = { service, name, setting: 'failureThreshold' as const, current, proposed: enough, evidence };
  if (byChance(current) * 30 > 1 && enough > current) {
    const why = `${percent(ratio)} of the calls fail on ordinary days; ${current} failures in a row come by chance too often, ${enough} less than once in ${CHANCE_DAYS} days`;
    return [{ ...base, why }];
  }
  if (enough * 2 > current) return [];
  const why = `only ${percent(ratio)} of the calls fail on ordinary days; ${enough} failures in a row are no chance, and a dead upstream would be noticed after ${enough} calls in place of ${current}`;
  return [{ ...base, why }];
}

/** How long the upstream was really away, compared with how long the breaker stays open before it looks again. */
function timeoutProposal({ service, name, settings, transitions }: BreakerPast): Proposal[] {
  const current = settings['timeout'];
  const outages = outagesOf(transitions);
  if (current === undefined || outages.length < MIN_OUTAGES) return [];
  const durations = outages.map(({ ms }) => ms).sort((a, b) => a - b);
  const median = durations[durations.length >> 1];
  const probes = outages.reduce((sum, { failedProbes }) => sum + failedProbes, 0);
  const evidence = { outages: outages.length, median_outage_ms: median, failed_probe_rounds: probes };
  const base = { service, name, setting: 'timeout' as const, current, evidence };
  const longer = nice(Math.min(MAX_TIMEOUT_MS, median));
  if (probes >= outages.length * 2 && longer > current * 1.5) {
    const why = `of ${outages.length} outages half lasted over ${seconds(median)}, and ${probes} rounds of probes failed meanwhile; each sends calls to an upstream that is down`;
    return [{ ...base, proposed: longer, why }];
  }
  const shorter = nice(Math.min(MAX_TIMEOUT_MS, Math.max(MIN_TIMEOUT_MS, current / 2)));
  if (probes === 0 && shorter < current) {
    const why = `in all of ${outages.length} outages the upstream was well again when it was first tried; it could have been tried earlier`;
    return [{ ...base, proposed: shorter, why }];
  }
  return [];
}

interface Outage {
  readonly ms: number;
  readonly failedProbes: number;
}

/** From opening by failures to closing by probes, per instance; those that a command began or ended say nothing. */
function outagesOf(transitions: readonly Transition[]): Outage[] {
  const running = new Map<string, { from: number; failedProbes: number }>();
  const outages: Outage[] = [];
  for (const { instance, at, reason } of transitions) {
    const outage = running.get(instance);
    if (reason === 'tripped') running.set(instance, { from: at, failedProbes: 0 });
    else if (reason === 'probe_failed' && outage !== undefined) outage.failedProbes++;
    else if (reason === 'probes_succeeded' && outage !== undefined) {
      outages.push({ ms: at - outage.from, failedProbes: outage.failedProbes });
      running.delete(instance);
    } else if (reason !== 'timeout_passed') running.delete(instance);
  }
  return outages;
}

/** Milliseconds as people set them: whole 5 s below a minute, whole 30 s above. */
function nice(ms: number): number {
  const step = ms < 60_000 ? 5_000 : 30_000;
  return Math.max(step, Math.round(ms / step) * step);
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}

function percent(ratio: number): string {
  return `${round(ratio * 100)} %`;
}

function seconds(ms: number): string {
  return `${round(ms / 1000)} s`;
}
