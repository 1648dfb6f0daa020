import type { Entry } from '../pipeline/entry.ts';
import type { TemplateBudget } from './budget.ts';
import { TemplateError } from './template-error.ts';
import type { GoTime } from './time.ts';
import type { Value } from './values.ts';
import { isTime, typeName } from './values.ts';

/** What a function may ask for besides its arguments. */
export interface CallContext {
  readonly entry: Entry;
  readonly budget: TemplateBudget;
  /** Now in ms since the Unix epoch. */
  readonly now: () => number;
}

/** The arguments of one call, read by position with the types Go's functions declare. */
export class Arguments {
  readonly values: readonly Value[];

  constructor(values: readonly Value[]) {
    this.values = values;
  }

  get count(): number {
    return this.values.length;
  }

  at(index: number): Value {
    return this.values[index];
  }

  text(index: number): string {
    const value = this.values[index];
    if (typeof value === 'string') return value;
    throw this.#wrong(index, 'string');
  }

  integer(index: number): bigint {
    const value = this.values[index];
    if (typeof value === 'bigint') return value;
    throw this.#wrong(index, 'int');
  }

  /** An integer for lengths and counts, kept where a number is exact. */
  size(index: number): number {
    const value = this.integer(index);
    return value > 1_000_000_000n ? 1e9 : value < -1_000_000_000n ? -1e9 : Number(value);
  }

  time(index: number): GoTime {
    const value = this.values[index];
    if (isTime(value)) return value;
    throw this.#wrong(index, 'time.Time');
  }

  #wrong(index: number, wanted: string): TemplateError {
    return new TemplateError(
      `wrong type for argument ${index + 1}: expected ${wanted}; got ${typeName(this.values[index])}`,
    );
  }
}

export interface TemplateFunction {
  readonly fewest: number;
  /** Infinity for any number. */
  readonly most: number;
  /** Throws a TemplateError for what the arguments say wrong. */
  readonly call: (args: Arguments, context: CallContext) => Value;
}

/** A function of a fixed number of arguments. */
export function fixed(count: number, call: TemplateFunction['call']): TemplateFunction {
  return { fewest: count, most: count, call };
}

export function variadic(fewest: number, call: TemplateFunction['call']): TemplateFunction {
  return { fewest, most: Number.POSITIVE_INFINITY, call };
}
