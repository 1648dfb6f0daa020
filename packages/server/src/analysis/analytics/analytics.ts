import type { z } from 'zod';
import { iso } from '../../http/times.ts';
import type { Grid, Line } from '../../overview/index.ts';
import { type Deviation, FAR, type SignalName } from '../deviation.ts';
import { type EndpointFigures, readEndpoints } from '../endpoints.ts';
import { deviationsIn, pastOf, readSignals, type SignalLines } from '../signal-lines.ts';
import type { AnalysisSources, Scope } from '../sources.ts';
import { deviationWords } from '../words.ts';
import { type BusinessFigure, type BusinessMetrics, readBusiness } from './business.ts';
import type { analyticsAnswer } from './shapes.ts';
import { meanOf, trendOf } from './trend.ts';

type Answer = z.input<typeof analyticsAnswer>;

const TOP_ENDPOINTS = 20;
const MOST_ANOMALIES = 100;
/** Differences below these are no trend, whatever the ratio. */
const LEAST = { request_rate: 0.1, error_ratio: 0.005, latency_p95: 0.01 } as const;

/** Traffic, errors and business beside the window before, the busiest endpoints, and what is far from its own past. */
export async function analyse(
  sources: AnalysisSources,
  scope: Scope,
  business: BusinessMetrics,
): Promise<Answer> {
  const { tenant, from, to, keep, signal } = scope;
  const [lines, endpoints, figures, errors] = await Promise.all([
    readSignals(sources, scope),
    readEndpoints(sources, scope),
    readBusiness(sources, scope, business),
    sources.errors(tenant, { from, to }, signal),
  ]);
  const states = new Map(sources.services(tenant).map(({ name, status }) => [name, status]));
  const names = [...new Set([...states.keys(), ...lines.services.keys()])].filter(keep).sort();
  const deviations = deviationsIn(lines, from);
  return {
    timestamp: iso(to),
    window: scope.window,
    method: 'statistical',
    confidence: confidenceOf(lines, scope),
    baseline: { start: iso(from - pastOf(scope)), end: iso(from) },
    services: names.map((name) => ({
      name,
      status: states.get(name) ?? ('unknown' as const),
      ...trendsOf(lines, name, scope),
      anomalies: deviations.filter(({ service }) => service === name).length,
      errors: errorCounts(errors.findings.filter(({ service }) => service === name)),
    })),
    business: figures.map(renderFigure),
    top_endpoints: endpointsOf(endpoints),
    anomalies: deviations.slice(0, MOST_ANOMALIES).map(renderAnomaly),
    warnings: [...errors.warnings],
  };
}

function trendsOf(
  { grid, services }: SignalLines,
  name: string,
  { from, to }: Scope,
): Pick<Answer['services'][number], 'traffic' | 'error_ratio' | 'latency_p95'> {
  const one = (signal: keyof typeof LEAST) => {
    const line = services.get(name)?.[signal] ?? [];
    const mean = (start: number, end: number): number | null => meanOf(line, grid, start, end);
    return {
      ...trendOf(mean(from, to + 1), mean(2 * from - to, from), LEAST[signal]),
      series: seriesOf(line, grid, from),
    };
  };
  return { traffic: one('request_rate'), error_ratio: one('error_ratio'), latency_p95: one('latency_p95') };
}

/** The points of the window; none of a line that is not known. */
function seriesOf(line: Line, { start, step }: Grid, from: number) {
  const first = Math.max(0, Math.ceil((from - start) / step));
  return { start: start + first * step, step, values: line.slice(first) };
}

/** How much of what the answer rests on is known: of the points of all request rates in the window and its past. */
function confidenceOf({ services, grid }: SignalLines, { from, to }: Scope): number {
  let [known, all] = [0, 0];
  for (const { request_rate: line } of services.values()) {
    if (line === undefined) continue;
    all += line.length;
    known += line.filter((value) => value !== null).length;
  }
  return all === 0 || to <= from || grid.step <= 0 ? 0 : known / all;
}

function errorCounts(findings: readonly { readonly why: string }[]) {
  const many = (why: string): number => findings.filter((finding) => finding.why === why).length;
  return { new_groups: many('new'), regressed_groups: many('regressed'), rising_groups: many('rising') };
}

function renderFigure({ trend, ...figure }: BusinessFigure): Answer['business'][number] {
  return { ...figure, labels: { ...figure.labels }, ...trend };
}

function endpointsOf(endpoints: readonly EndpointFigures[]): Answer['top_endpoints'] {
  const all = endpoints.reduce((sum, { requests }) => sum + requests, 0);
  return endpoints
    .filter(({ requests }) => requests > 0)
    .slice(0, TOP_ENDPOINTS)
    .map(({ service, method, route, requests, requestsBefore, failed, p95, p95Before }) => ({
      service,
      method,
      route,
      requests,
      previous_requests: requestsBefore,
      share: all === 0 ? 0 : requests / all,
      error_ratio: failed / requests,
      p95,
      previous_p95: p95Before,
    }));
}

const SEVERE = 2;

/** What is twice as far as anything usual would be is critical. */
function renderAnomaly(deviation: Deviation & { readonly service: string }): Answer['anomalies'][number] {
  const { service, signal, direction, from, to, value, usual, score, confidence } = deviation;
  const severe = isBad(signal) && score >= SEVERE * FAR;
  return {
    service,
    signal,
    direction,
    from: iso(from),
    to: to === null ? null : iso(to),
    value,
    usual,
    score,
    confidence,
    severity: severe ? 'critical' : isBad(signal) ? 'warning' : 'info',
    message: deviationWords(deviation),
  };
}

/** More traffic, or less, is news and no trouble by itself. */
function isBad(signal: SignalName): boolean {
  return signal !== 'request_rate';
}
