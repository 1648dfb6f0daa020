import { Labels, type Matcher } from '@pharos/promql';
import { z } from 'zod';
import type { HttpApp } from '../../http/types.ts';
import { metricsErrors } from '../errors.ts';
import type { RelabelConfig } from '../relabel/config.ts';
import { relabelSteps } from '../relabel/relabel.ts';
import type { ActiveTarget, TargetRetriever } from '../scrape/targets.ts';
import type { MetricMetadata } from '../sink.ts';
import { isoTime, sendSmall } from './prometheus-json.ts';
import { Params } from './prometheus-params.ts';
import { documented } from './route-docs.ts';

/** `/api/v1/targets` and what stands below it, and `/api/v1/scrape_pools`. */
export function registerTargetRoutes(app: HttpApp, targets: TargetRetriever | null): void {
  app.route({
    method: 'GET',
    url: '/api/v1/targets',
    ...documented('Scrape targets and their state.', [
      ['state', 'active, dropped or any'],
      ['scrapePool', 'one job'],
    ]),
    handler: (request, reply) => sendSmall(reply, targetsOf(targets, new Params(request))),
  });
  app.route({
    method: 'GET',
    url: '/api/v1/targets/metadata',
    ...documented('What each target says of its metrics.', [
      ['match_target', 'selector of target labels'],
      ['metric', 'one family; all when absent'],
      ['limit', 'most targets; all when absent'],
    ]),
    handler: (request, reply) => sendSmall(reply, metadataOf(targets, new Params(request))),
  });
  app.route({
    method: 'GET',
    url: '/api/v1/targets/relabel_steps',
    ...documented('What each relabel rule of a job does to a target.', [
      ['scrapePool', 'the job'],
      ['labels', "the target's discovered labels, as a JSON object"],
    ]),
    handler: (request, reply) => sendSmall(reply, relabelStepsOf(targets, new Params(request))),
  });
  app.route({
    method: 'GET',
    url: '/api/v1/scrape_pools',
    ...documented('Names of the scrape jobs.', []),
    handler: (_request, reply) => sendSmall(reply, { scrapePools: targets?.scrapePools() ?? [] }),
  });
}

function targetsOf(targets: TargetRetriever | null, params: Params): object {
  const state = params.text('state').toLowerCase();
  const pool = params.text('scrapePool');
  const inPool = (target: { readonly scrapePool: string }): boolean =>
    pool === '' || target.scrapePool === pool;
  const active = state === 'dropped' ? [] : (targets?.activeTargets().filter(inPool) ?? []);
  const dropped = state === 'active' ? [] : (targets?.droppedTargets().filter(inPool) ?? []);
  const counts = state === 'active' ? [] : [...(targets?.droppedTargetCounts() ?? [])];
  return {
    activeTargets: active.map(activeTarget),
    droppedTargets: dropped.map((target) => ({
      discoveredLabels: target.discoveredLabels.toRecord(),
      scrapePool: target.scrapePool,
    })),
    droppedTargetCounts: Object.fromEntries(counts),
  };
}

function activeTarget(target: ActiveTarget): object {
  return {
    discoveredLabels: target.discoveredLabels.toRecord(),
    labels: target.labels.toRecord(),
    scrapePool: target.scrapePool,
    scrapeUrl: target.scrapeUrl,
    globalUrl: target.globalUrl,
    lastError: target.lastError,
    lastScrape: isoTime(target.lastScrape),
    lastScrapeDuration: target.lastScrapeDuration,
    health: target.health,
    scrapeInterval: target.scrapeInterval,
    scrapeTimeout: target.scrapeTimeout,
    series: target.series,
    ...(target.limits.length === 0 ? {} : { limits: target.limits }),
  };
}

interface TargetMetadata extends MetricMetadata {
  readonly target: Readonly<Record<string, string>>;
  /** Left out when the caller named the metric. */
  readonly metric?: string;
}

function metadataOf(targets: TargetRetriever | null, params: Params): TargetMetadata[] {
  const selector = params.text('match_target');
  const matchers = selector === '' ? [] : params.selector('match_target');
  const metric = params.text('metric');
  const limitText = params.text('limit');
  if (!/^([+-]?\d{1,15})?$/.test(limitText))
    throw metricsErrors.make('badParameter', 'limit must be a number');
  const limit = limitText === '' ? Number.POSITIVE_INFINITY : Number(limitText);
  const found: TargetMetadata[] = [];
  let answered = 0;
  for (const target of targets?.activeTargets() ?? []) {
    if (limit >= 0 && answered >= limit) break;
    if (!accepts(matchers, target.labels)) continue;
    answered++;
    const labels = target.labels.toRecord();
    if (metric === '') {
      for (const [name, one] of target.metadata) found.push({ target: labels, metric: name, ...one });
    } else {
      const one = target.metadata.get(metric);
      if (one !== undefined) found.push({ target: labels, ...one });
    }
  }
  if (found.length === 0) throw metricsErrors.make('unknownPath', 'specified metadata not found');
  return found;
}

function accepts(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every((matcher) => matcher.matches(labels.get(matcher.name)));
}

const labelSet = z.record(z.string(), z.string());

function relabelStepsOf(targets: TargetRetriever | null, params: Params): object {
  const pool = params.text('scrapePool');
  if (pool === '') throw metricsErrors.make('badParameter', 'no scrapePool parameter provided');
  const text = params.text('labels');
  if (text === '') throw metricsErrors.make('badParameter', 'no labels parameter provided');
  const labels = labelsOf(text);
  const rules = targets?.relabelRules(pool);
  if (rules === undefined)
    throw metricsErrors.make(
      'badParameter',
      `error retrieving scrape config: unknown scrape pool ${JSON.stringify(pool)}`,
    );
  return {
    steps: relabelSteps(rules, labels).map(({ rule, output, keep }) => ({
      rule: ruleOf(rule),
      output: Labels.fromMap(output).toRecord(),
      keep,
    })),
  };
}

function labelsOf(text: string): Map<string, string> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw metricsErrors.make('badParameter', 'error parsing labels: expected a JSON object', { cause });
  }
  const result = labelSet.safeParse(content);
  if (!result.success)
    throw metricsErrors.make(
      'badParameter',
      'error parsing labels: expected a JSON object whose values are texts',
    );
  return new Map(Object.entries(result.data));
}

/** The rule with what its defaults are, as Prometheus shows it. */
function ruleOf(rule: RelabelConfig): object {
  return {
    ...(rule.source_labels !== undefined && { source_labels: rule.source_labels }),
    separator: rule.separator ?? ';',
    regex: rule.regex ?? '(.*)',
    ...((rule.modulus ?? 0) !== 0 && { modulus: rule.modulus }),
    ...(rule.target_label !== undefined && { target_label: rule.target_label }),
    replacement: rule.replacement ?? '$1',
    action: rule.action,
  };
}
