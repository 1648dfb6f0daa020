import { createHash } from 'node:crypto';
import { Labels } from '@pharos/promql';
import { durationMs } from '../../kernel/config/values.ts';
import type { TargetGroup } from '../discovery/types.ts';
import type { MutableLabels, Relabeler } from '../relabel/relabel.ts';
import { MAX_INTERVAL_MS } from './config.ts';
import { durationText } from './duration.ts';
import type { ScrapeJob } from './job.ts';

/** What to scrape: decided labels, address and timing. Two with the same key are the same target. */
export interface TargetSpec {
  readonly key: string;
  /** Labels every series of the target gets. */
  readonly labels: Labels;
  /** All labels before relabelling. */
  readonly discoveredLabels: Labels;
  readonly url: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

export type TargetResult =
  | { readonly kind: 'target'; readonly target: TargetSpec }
  | { readonly kind: 'dropped'; readonly discoveredLabels: Labels }
  | { readonly kind: 'invalid'; readonly discoveredLabels: Labels; readonly message: string };

/** Builds the target of one discovered label set: the job's defaults, the relabelling, then the checks. */
export function buildTarget(
  job: ScrapeJob,
  group: TargetGroup,
  own: Readonly<Record<string, string>>,
  relabel: Relabeler,
): TargetResult {
  const labels: MutableLabels = new Map([...Object.entries(group.labels), ...Object.entries(own)]);
  for (const [name, value] of defaultsOf(job)) if ((labels.get(name) ?? '') === '') labels.set(name, value);
  const discoveredLabels = Labels.fromMap(labels);
  if (!relabel(labels)) return { kind: 'dropped', discoveredLabels };
  const invalid = (message: string): TargetResult => ({ kind: 'invalid', discoveredLabels, message });

  const address = labels.get('__address__') ?? '';
  if (address === '') return invalid('no address');
  const intervalMs = durationMs(labels.get('__scrape_interval__') ?? '');
  const timeoutMs = durationMs(labels.get('__scrape_timeout__') ?? '');
  if (intervalMs === undefined || intervalMs === 0 || intervalMs > MAX_INTERVAL_MS) {
    return invalid(`"${labels.get('__scrape_interval__')}" is no scrape interval`);
  }
  if (timeoutMs === undefined || timeoutMs === 0) {
    return invalid(`"${labels.get('__scrape_timeout__')}" is no scrape timeout`);
  }
  if (timeoutMs > intervalMs) return invalid('the scrape timeout is longer than the scrape interval');
  const url = targetUrl(job, labels, address);
  if (url === null) return invalid(`"${address}" is not a valid target address`);

  for (const name of labels.keys()) if (name.startsWith('__')) labels.delete(name);
  if ((labels.get('instance') ?? '') === '') labels.set('instance', address);
  const target = Labels.fromMap(labels);
  return {
    kind: 'target',
    target: {
      key: `${target.key}\u0000${url}`,
      labels: target,
      discoveredLabels,
      url,
      intervalMs,
      timeoutMs,
    },
  };
}

function defaultsOf(job: ScrapeJob): [string, string][] {
  const defaults: [string, string][] = [
    ['job', job.name],
    ['__scrape_interval__', durationText(job.intervalMs)],
    ['__scrape_timeout__', durationText(job.timeoutMs)],
    ['__metrics_path__', job.config.metrics_path],
    ['__scheme__', job.config.scheme],
  ];
  for (const [name, values] of Object.entries(job.config.params)) {
    const [first] = values;
    if (first !== undefined) defaults.push([`__param_${name}`, first]);
  }
  return defaults;
}

/** `scheme://address/path?params`; the address may hold nothing but host and port. */
function targetUrl(job: ScrapeJob, labels: MutableLabels, address: string): string | null {
  if (/[/\s?#@\\]/.test(address)) return null;
  const scheme = labels.get('__scheme__') ?? 'http';
  if (scheme !== 'http' && scheme !== 'https') return null;
  const path = labels.get('__metrics_path__') ?? '';
  const params = new URLSearchParams();
  const byName = new Map(Object.entries(job.config.params).map(([name, values]) => [name, [...values]]));
  for (const [name, value] of labels) {
    if (!name.startsWith('__param_')) continue;
    const param = name.slice('__param_'.length);
    byName.set(param, [value, ...(byName.get(param) ?? []).slice(1)]);
  }
  for (const [name, values] of [...byName].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const value of values) params.append(name, value);
  }
  const query = params.toString();
  const own = path.includes('?') ? '&' : '?';
  try {
    return new URL(
      `${scheme}://${address}${path.startsWith('/') ? '' : '/'}${path}${query === '' ? '' : own + query}`,
    ).href;
  } catch {
    return null;
  }
}

/** A stable number in [0, 2^48) from a target's identity: spreads targets over the interval, the same after a restart. */
export function targetHash(key: string): number {
  return createHash('md5').update(key, 'utf8').digest().readUIntBE(0, 6);
}
