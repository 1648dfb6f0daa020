import type { z } from 'zod';
import { iso } from '../../http/times.ts';
import type { AnalysisSources, Scope } from '../sources.ts';
import { episodesOf } from './evidence.ts';
import type { Explainer } from './explain.ts';
import { type Facts, readFacts } from './facts.ts';
import { confidenceOf, MOST_SUSPECTS, rankSuspects } from './rank.ts';
import type { rootCauseAnswer } from './shapes.ts';
import type { Suspect } from './suspect.ts';
import { timelineOf } from './timeline.ts';

type Answer = z.input<typeof rootCauseAnswer>;

/**
 * Ranked suspects with their evidence. All services are looked at; `scope.keep` leaves out suspects that neither are a wanted
 * service nor make one suffer.
 */
export async function findRootCause(
  sources: AnalysisSources,
  scope: Scope,
  { explainer, live }: { readonly explainer: Explainer; readonly live: boolean },
): Promise<Answer> {
  const { keep } = scope;
  const all = await readFacts(sources, scope, live);
  const facts = { ...all, known: all.known.filter(keep) };
  const suspects = rankSuspects(facts)
    .filter(({ name, service, affected }) => keep(service === '' ? name : service) || affected.some(keep))
    .slice(0, MOST_SUSPECTS);
  const confidence = confidenceOf(suspects);
  const explanation = await explainer.explain(facts, suspects, confidence);
  return {
    timestamp: iso(scope.to),
    window: scope.window,
    method: 'statistical',
    confidence,
    services: servicesOf(facts, suspects).filter(({ name }) => keep(name)),
    suspects: suspects.map(suspectRenderer()),
    timeline: timelineOf(facts)
      .filter(({ service }) => service === '' || keep(service))
      .map((one) => ({ ...one, at: iso(one.at) })),
    explanation: {
      ...explanation,
      key_findings: [...explanation.key_findings],
      recommendations: [...explanation.recommendations],
    },
    warnings: [...facts.warnings],
  };
}

/** Every service that is known now, or was not well in the window. */
function servicesOf(facts: Facts, suspects: readonly Suspect[]): Answer['services'] {
  const rankOf = (name: string): number | null => {
    const at = suspects.findIndex((suspect) => suspect.kind === 'service' && suspect.name === name);
    return at < 0 ? null : at + 1;
  };
  const live = facts.services.map(({ name, status, since, causedBy }) => ({
    name,
    status,
    since: iso(since),
    caused_by: [...causedBy],
    suspect: rankOf(name),
  }));
  const known = new Set(live.map(({ name }) => name));
  const past = [...episodesOf(facts)]
    .filter(([name]) => !known.has(name))
    .map(([name, { episode }]) => ({
      name,
      status: episode.to === null ? episode.worst : ('unknown' as const),
      since: iso(episode.to ?? episode.from),
      caused_by: episode.to === null ? [...episode.causedBy] : [],
      suspect: rankOf(name),
    }));
  return [...live, ...past].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Writes down the suspects of one answer, one after the other: ranks and the numbers of their evidence go on from each to the next. */
export function suspectRenderer(): (suspect: Suspect) => Answer['suspects'][number] {
  let rank = 0;
  let told = 0;
  return ({ kind, name, service, score, since, affected, evidence }) => ({
    rank: ++rank,
    kind,
    name,
    service,
    score,
    since: since === null ? null : iso(since),
    affected: [...affected],
    evidence: evidence.map((one) => ({
      id: `e${++told}`,
      kind: one.kind,
      service: one.service,
      at: one.at === null ? null : iso(one.at),
      weight: one.weight,
      message: one.message,
      link: one.link,
    })),
    actions: [...new Set(evidence.map(({ action }) => action).filter((action) => action !== ''))],
  });
}
