import { expect, it } from 'vitest';
import { facetsOf, fieldsSchema } from './fields.ts';

it('puts fields that tell groups apart first, and leaves out what has a place of its own', () => {
  const field = (label: string, cardinality: number, parsers: string[] | null = null) => ({
    label,
    cardinality,
    isLabel: false,
    parsers,
    values: [{ value: 'x', count: 1 }],
  });
  const answer = fieldsSchema.parse({
    lines: 1000,
    fields: [
      field('request_id', 990),
      field('status', 4, ['json']),
      field('service_name', 5),
      field('k8s.pod', 2),
      field('env', 1),
    ],
  });
  expect(facetsOf(answer).map(({ name, parser }) => [name, parser])).toEqual([
    ['env', undefined],
    ['status', 'json'],
    ['request_id', undefined],
  ]);
});
