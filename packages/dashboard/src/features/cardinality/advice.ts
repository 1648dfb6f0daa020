import type { Report } from './contracts.ts';

/** Something that would make fewer series, with a rule ready to copy. */
export interface Advice {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  /** For `metric_relabel_configs` of the job. */
  readonly rule: string;
  /** Where to look at the series first, as a selector. */
  readonly selector: string;
}

/** Labels that tell targets apart are meant to have many values. */
const STRUCTURAL = new Set(['__name__', 'instance', 'job', 'le', 'quantile']);
/** Ids of requests, sessions, people and processes make a series each. */
const LOOKS_LIKE_ID =
  /(?:^|_)(?:id|uid|uuid|guid|session|request|trace|user|email|token|path|url|uri|query)(?:_|$)/i;
const MANY_VALUES = 100;
const LONG_VALUE = 500;
/** Under this there is nothing worth saving. */
const MANY_SERIES = 1000;

/** As RE2 takes it: everything that means something is escaped. */
function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

/** A label name may hold anything in quotes. */
function matcherName(name: string): string {
  return /^[a-z_]\w*$/i.test(name) ? name : JSON.stringify(name);
}

function share(part: number, whole: number): string {
  return `${Math.round((100 * part) / whole)} %`;
}

/** What to do about the series there are, the most useful first; nothing when they are few. */
export function adviceOf(report: Report): readonly Advice[] {
  const { totals, labels, metrics, churning } = report;
  const advice: Advice[] = [];
  for (const { name, values, series, longest } of labels) {
    if (STRUCTURAL.has(name)) continue;
    const idLike = LOOKS_LIKE_ID.test(name);
    if (totals.series >= MANY_SERIES && values >= MANY_VALUES && (idLike || values > totals.series / 10))
      advice.push({
        id: `label ${name}`,
        title: `Drop the label ${name}`,
        why: `It has ${values.toLocaleString('en')} values on ${series.toLocaleString('en')} series${
          idLike ? ', and its name suggests one value per request, person or thing' : ''
        }. Without it those series fold into fewer; make sure that what is left still tells them apart.`,
        rule: `metric_relabel_configs:\n  - action: labeldrop\n    regex: ${literal(name)}`,
        selector: `{${matcherName(name)}!=""}`,
      });
    else if (longest >= LONG_VALUE)
      advice.push({
        id: `long ${name}`,
        title: `Shorten the label ${name}`,
        why: `Its longest value has ${longest.toLocaleString('en')} characters: such texts belong in logs.`,
        rule: `label_value_length_limit: ${LONG_VALUE}`,
        selector: `{${matcherName(name)}!=""}`,
      });
  }
  const [largest] = metrics;
  if (largest !== undefined && totals.series >= MANY_SERIES && largest.series > totals.series / 5)
    advice.push(
      dropMetric(
        largest.name,
        `It alone is ${share(largest.series, totals.series)} of all series. If no dashboard and no alert uses it, it can go.`,
      ),
    );
  const [churner] = churning;
  if (
    churner !== undefined &&
    churner.fresh >= MANY_SERIES &&
    churner.fresh > churner.series / 2 &&
    churner.name !== largest?.name
  )
    advice.push(
      dropMetric(
        churner.name,
        `${churner.fresh.toLocaleString('en')} of its ${churner.series.toLocaleString('en')} series are less than an hour old: a label of it changes all the time.`,
      ),
    );
  return advice.slice(0, 6);
}

function dropMetric(name: string, why: string): Advice {
  return {
    id: `metric ${name}`,
    title: `Drop or thin out ${name}`,
    why,
    rule: `metric_relabel_configs:\n  - action: drop\n    source_labels: [__name__]\n    regex: ${literal(name)}`,
    selector: `{__name__=${JSON.stringify(name)}}`,
  };
}
