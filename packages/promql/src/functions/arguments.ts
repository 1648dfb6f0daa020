import type { ScalarValue, Value, VectorValue } from '../eval/value.ts';

/** The arguments of a type-checked call; a wrong type here is a bug in the checker. */
export function vectorArgument(args: readonly Value[], index: number): VectorValue {
  const value = args[index];
  if (value?.type !== 'vector') throw new TypeError(`argument ${index} is no instant vector`);
  return value;
}

export function scalarArgument(args: readonly Value[], index: number): Float64Array {
  const value: Value | undefined = args[index];
  if (value?.type !== 'scalar') throw new TypeError(`argument ${index} is no scalar`);
  return value.values;
}

export function stringArgument(args: readonly Value[], index: number): string {
  const value = args[index];
  if (value?.type !== 'string') throw new TypeError(`argument ${index} is no string`);
  return value.value;
}

export function scalarOf(values: Float64Array): ScalarValue {
  return { type: 'scalar', values };
}
