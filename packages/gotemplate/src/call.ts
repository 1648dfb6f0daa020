import type { TemplateBudget } from './budget.ts';
import { TemplateError } from './template-error.ts';
import type { GoTime } from './time.ts';
import type { Value } from './values.ts';
import { bare, isTime, typeName } from './values.ts';

/** What every function may ask for besides its arguments. */
export interface CallContext {
  readonly budget: TemplateBudget;
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
    const value = bare(this.values[index]);
    if (typeof value === 'string') return value;
    throw this.wrong(index, 'string');
  }

  integer(index: number): bigint {
    const value = bare(this.values[index]);
    if (typeof value === 'bigint') return value;
    throw this.wrong(index, 'int');
  }

  /** An integer for lengths and counts, kept where a number is exact. */
  size(index: number): number {
    const value = this.integer(index);
    return value > 1_000_000_000n ? 1e9 : value < -1_000_000_000n ? -1e9 : Number(value);
  }

  time(index: number): GoTime {
    const value = bare(this.values[index]);
    if (isTime(value)) return value;
    throw this.wrong(index, 'time.Time');
  }

  /** The error for an argument of another type. */
  wrong(index: number, wanted: string): TemplateError {
    return new TemplateError(
      `wrong type for argument ${index + 1}: expected ${wanted}; got ${typeName(this.values[index])}`,
    );
  }
}

/** `C` is what the functions of one dialect may ask for besides the arguments and the budget. */
export interface TemplateFunction<C = unknown> {
  readonly fewest: number;
  /** Infinity for any number. */
  readonly most: number;
  /** Throws a TemplateError for what the arguments say wrong. */
  readonly call: (args: Arguments, context: C & CallContext) => Value;
}

/** A function of a fixed number of arguments. */
export function fixed<C = unknown>(count: number, call: TemplateFunction<C>['call']): TemplateFunction<C> {
  return { fewest: count, most: count, call };
}

export function variadic<C = unknown>(
  fewest: number,
  call: TemplateFunction<C>['call'],
): TemplateFunction<C> {
  return { fewest, most: Number.POSITIVE_INFINITY, call };
}
