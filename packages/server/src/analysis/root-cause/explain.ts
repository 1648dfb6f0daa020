import { listed } from '../words.ts';
import type { Facts } from './facts.ts';
import type { Suspect } from './suspect.ts';

/** What the ranking says in words. A model may say it better; it adds no evidence and changes no rank. */
interface Explanation {
  /** Who wrote it. */
  readonly by: 'statistics' | 'model';
  readonly model: string | null;
  readonly analysis: string;
  readonly severity: 'NORMAL' | 'WARNING' | 'CRITICAL';
  readonly key_findings: readonly string[];
  readonly recommendations: readonly string[];
  /** 0..1. */
  readonly confidence: number;
}

/** Puts a ranking into words: the statistics here, a model where one is configured. */
export interface Explainer {
  explain(facts: Facts, suspects: readonly Suspect[], confidence: number | null): Promise<Explanation>;
}

const MOST_FINDINGS = 8;
const MOST_RECOMMENDATIONS = 6;

/** The explanation without any model: the same facts give the same words. */
export const statisticalExplainer: Explainer = {
  explain: (facts, suspects, confidence) => Promise.resolve(explained(facts, suspects, confidence)),
};

function explained(facts: Facts, suspects: readonly Suspect[], confidence: number | null): Explanation {
  const head = { by: 'statistics', model: null } as const;
  const [first] = suspects;
  if (first === undefined)
    return {
      ...head,
      analysis:
        'Nothing is wrong: no service was degraded or unhealthy, and nothing is far from its own past.',
      severity: 'NORMAL',
      key_findings: [],
      recommendations: ['Nothing needs to be done.'],
      confidence: known(facts) ? 1 : 0,
    };
  const affected =
    first.affected.length === 0
      ? ''
      : ` ${listed(first.affected)} suffer${first.affected.length === 1 ? 's' : ''} from it.`;
  const [why] = first.evidence;
  const findings = suspects.flatMap(({ evidence }) => evidence.map(({ message }) => message));
  const actions = suspects.flatMap(({ evidence }) => evidence.map(({ action }) => action));
  return {
    ...head,
    analysis: `The likeliest cause is ${nameOf(first)}: ${why?.message ?? ''}.${affected}`,
    severity: severityOf(facts),
    key_findings: [...new Set(findings)].slice(0, MOST_FINDINGS),
    recommendations: [...new Set(actions.filter((action) => action !== ''))].slice(0, MOST_RECOMMENDATIONS),
    confidence: confidence ?? 0,
  };
}

function nameOf({ kind, name, service }: Suspect): string {
  switch (kind) {
    case 'service':
      return `the service ${name}`;
    case 'dependency':
      return `${name}, on which others depend`;
    case 'endpoint':
      return `${name} of ${service}`;
    case 'change':
      return `the change "${name}" of ${service}`;
  }
}

/** Whether anything is watched at all: of nothing, nothing can be said. */
function known({ services, deviations, incidents }: Facts): boolean {
  return services.some(({ status }) => status !== 'unknown') || deviations.length > 0 || incidents.length > 0;
}

function severityOf({ incidents, from }: Facts): Explanation['severity'] {
  const worst = incidents.flatMap(({ services }) =>
    services.filter(({ to }) => to === null || to >= from).map((one) => one.worst),
  );
  return worst.includes('unhealthy') ? 'CRITICAL' : 'WARNING';
}
