import { listed, sentence } from '../words.ts';
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
  if (first === undefined) {
    const { analysis, sure } = quiet(facts);
    return {
      ...head,
      analysis,
      severity: 'NORMAL',
      key_findings: [],
      recommendations: ['Nothing needs to be done.'],
      confidence: sure,
    };
  }
  const affected =
    first.affected.length === 0
      ? ''
      : ` ${listed(first.affected)} suffer${first.affected.length === 1 ? 's' : ''} from it.`;
  const [why] = first.evidence;
  const findings = suspects.flatMap(({ evidence }) => evidence.map(({ message }) => message));
  const actions = suspects.flatMap(({ evidence }) => evidence.map(({ action }) => action));
  return {
    ...head,
    analysis: `${sentence(`The likeliest cause is ${nameOf(first)}: ${why?.message ?? ''}`)}${affected}`,
    severity: severityOf(facts, suspects),
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

/** What no suspect means: nothing is known, nothing is wrong, or only what nobody asked about. */
function quiet({ known, deviations, incidents }: Facts): {
  readonly analysis: string;
  readonly sure: number;
} {
  if (known.length === 0)
    return {
      analysis: 'Nothing is known of any service that was asked for: none is scraped, probed or reports.',
      sure: 0,
    };
  if (incidents.length > 0 || deviations.length > 0)
    return { analysis: 'Nothing is wrong with what was asked for; others are not well.', sure: 1 };
  return {
    analysis: 'Nothing is wrong: no service was degraded or unhealthy, and nothing is far from its own past.',
    sure: 1,
  };
}

/** By the worst state of the suspects and of those that suffer from them. */
function severityOf({ incidents, from }: Facts, suspects: readonly Suspect[]): Explanation['severity'] {
  const meant = new Set(suspects.flatMap(({ name, service, affected }) => [name, service, ...affected]));
  const worst = incidents.flatMap(({ services }) =>
    services
      .filter(({ service, to }) => meant.has(service) && (to === null || to >= from))
      .map((one) => one.worst),
  );
  return worst.includes('unhealthy') ? 'CRITICAL' : 'WARNING';
}
