import { equalHistograms } from '../../histogram/equal.ts';
import type { Histogram } from '../../histogram/histogram.ts';
import { compactHistogram, divideHistogram, HistogramSum, scaleHistogram } from '../../histogram/sum.ts';
import { trimHistogram } from '../../histogram/trim.ts';
import type { Binary, BinaryOperator } from '../../parse/ast.ts';
import type { EvalContext } from '../context.ts';
import type { SampleValue } from '../value.ts';
import type { FloatOperator } from './operators.ts';

/**
 * What an operator makes of two samples: a value, and for a comparison whether it holds. Nothing where the kinds do not
 * go together, which an annotation tells.
 */
export interface Operated {
  readonly value: SampleValue;
  readonly holds: boolean;
}

/** An operator over samples of either kind; `floats` answers two floats. */
export function operateSamples(
  context: EvalContext,
  node: Binary,
  floats: FloatOperator,
): (left: SampleValue, right: SampleValue) => Operated | undefined {
  const refuse = (left: SampleValue, right: SampleValue): undefined => {
    context.annotations.incompatibleTypes(node.span, node.op, kindOf(left), kindOf(right));
  };
  const valued = (value: SampleValue): Operated => ({ value, holds: true });
  return (left, right) => {
    if (typeof left === 'number' && typeof right === 'number') {
      if (node.op === '</' || node.op === '>/') return refuse(left, right);
      const value = floats(left, right);
      return { value, holds: value !== 0 };
    }
    if (typeof left === 'number') {
      const scales = node.op === '*' && typeof right !== 'number';
      return scales ? valued(scaleHistogram(right, left)) : refuse(left, right);
    }
    if (typeof right === 'number') {
      const operate = WITH_NUMBER[node.op];
      return operate === undefined ? refuse(left, right) : valued(operate(left, right));
    }
    if (node.op === '+' || node.op === '-') return addHistograms(context, node, left, right);
    if (node.op === '==') return { value: left, holds: equalHistograms(left, right) };
    if (node.op === '!=') return { value: left, holds: !equalHistograms(left, right) };
    return refuse(left, right);
  };
}

/** What a histogram and a number on its right can do. */
const WITH_NUMBER: Partial<Record<BinaryOperator, (histogram: Histogram, value: number) => Histogram>> = {
  '*': scaleHistogram,
  '/': divideHistogram,
  '</': (histogram, value) => trimHistogram(histogram, 'below', value),
  '>/': (histogram, value) => trimHistogram(histogram, 'above', value),
};

function addHistograms(
  { annotations }: EvalContext,
  { op, span }: Binary,
  left: Histogram,
  right: Histogram,
): Operated | undefined {
  const operation = op === '+' ? 'addition' : 'subtraction';
  const sum = new HistogramSum(left);
  const outcome = sum.add(right, op === '+' ? 1 : -1);
  if (outcome === 'incompatible') {
    annotations.incompatibleBuckets(span, op);
    return undefined;
  }
  if (sum.resetsCollide) annotations.conflictingResets(span, operation);
  if (outcome === 'reconciled') annotations.reconciledBuckets(span, operation);
  return { value: compactHistogram(op === '+' ? sum.toHistogram() : sum.toHistogram('gauge')), holds: true };
}

function kindOf(sample: SampleValue): 'float' | 'histogram' {
  return typeof sample === 'number' ? 'float' : 'histogram';
}
