import {
  type Arguments,
  GoObject,
  isList,
  StringMap,
  type TemplateBudget,
  TemplateError,
  type Value,
} from '@pharos/gotemplate';
import { compareText, type Labels } from '@pharos/promql';

/** One sample of a query's answer: a number, or a histogram as a text. */
export interface QuerySample {
  readonly labels: Labels;
  readonly value: number;
}

const SAMPLE = 'template.sample';
const RESULT = 'template.queryResult';

/** What `query` gives: samples with `Labels` and `Value`. */
export function queryResult(samples: readonly QuerySample[]): Value {
  return GoObject.named(
    RESULT,
    samples.map(({ labels, value }) =>
      GoObject.struct(
        SAMPLE,
        new Map<string, Value>([
          ['Labels', new StringMap(() => labels.toMap())],
          ['Value', value],
        ]),
      ),
    ),
  );
}

function samplesOf(args: Arguments, index: number): readonly Value[] {
  const value = args.at(index);
  if (value instanceof GoObject && value.type === RESULT && isList(value.plain)) return value.plain;
  throw args.wrong(index, RESULT);
}

function fieldsOf(args: Arguments, index: number): ReadonlyMap<string, Value> {
  const value = args.at(index);
  if (value instanceof GoObject && value.type === SAMPLE && value.fields !== undefined) return value.fields;
  throw args.wrong(index, `*${SAMPLE}`);
}

export function firstOf(args: Arguments): Value {
  const [first] = samplesOf(args, 0);
  if (first === undefined) throw new TemplateError('first() called on vector with no elements');
  return first;
}

/** A label of the sample at a position; empty where it has none. */
export function labelOf(args: Arguments, index: number, name: string): string {
  const labels = fieldsOf(args, index).get('Labels');
  return labels instanceof StringMap ? labels.get(name) : '';
}

export function valueOf(args: Arguments): Value {
  return fieldsOf(args, 0).get('Value');
}

/** `sortByLabel "instance" samples`; samples of equal labels stay in order. */
export function sortedByLabel(args: Arguments, budget: TemplateBudget): Value {
  const name = args.text(0);
  const samples = samplesOf(args, 1);
  const keyed = samples.map((sample) => {
    budget.step();
    const labels = sample instanceof GoObject ? sample.fields?.get('Labels') : undefined;
    return { sample, key: labels instanceof StringMap ? labels.get(name) : '' };
  });
  keyed.sort((a, b) => compareText(a.key, b.key));
  return GoObject.named(
    RESULT,
    keyed.map(({ sample }) => sample),
  );
}
