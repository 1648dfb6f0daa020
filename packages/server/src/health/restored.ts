import type { Judgement, ServiceState } from './state.ts';
import type { SourceVerdict } from './verdict.ts';

/** After a restart: no look is in yet, or only first ones of a service that was down before and fails them again. */
export function saysNothingYet({ sources }: Judgement, restored: Pick<ServiceState, 'status'>): boolean {
  return sources.every((source) => restored.status === 'unhealthy' && isFirstFailure(source));
}

/** Of a new service: nothing was looked at, or nothing listened yet at the first look at its metrics. */
export function saysTooLittle({ status, sources }: Judgement): boolean {
  return sources.length === 0 || (status === 'degraded' && sources.some(firstScrapeFailed));
}

function firstScrapeFailed(source: SourceVerdict): boolean {
  return source.kind === 'scrape' && source.refused === true && isFirstFailure(source);
}

function isFirstFailure(source: SourceVerdict): boolean {
  return source.failing && source.status === 'degraded';
}
