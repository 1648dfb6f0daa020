import fc from 'fast-check';
import { z } from 'zod';
import type { Random } from '../../../packages/server/src/kernel/random.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What breaks programs that did not think of it. */
const HOSTILE: readonly Json[] = [
  null,
  true,
  -1,
  0,
  0.5,
  1e308,
  -1e308,
  2 ** 53,
  '',
  ' ',
  'x',
  '__proto__',
  'constructor',
  '\u0000',
  '\ud800',
  '🜂'.repeat(60),
  'a'.repeat(70_000),
  '9'.repeat(400),
  '../../etc/passwd',
  '%00%zz',
  "'; DROP TABLE events; --",
  '<script>alert(1)</script>',
  '{data.a}{{7*7}}${x}',
  '(a+)+$',
  '(?<=a)[',
  '2026-02-30T25:61:61Z',
  '+275760-09-13T00:00:00.001Z',
  '-5m',
  '999999999999d',
  '1e999',
  'http://[::1]:1/',
  'file:///etc/passwd',
  [],
  {},
  [[]],
  [null],
  { $ref: '#' },
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":1}}') as Json,
  nested(60),
];
const WORDS = ['a', 'kept', 'fuzz-1', 'order', 'order-service', '5m', '1h', '10', 'GET', '200'] as const;
const WHOLE: readonly string[] = [
  '',
  'null',
  '[]',
  '"x"',
  '{',
  '{"a":1}{"b":2}',
  '{"__proto__":{"a":1}}',
  '\u0000\u0001',
  '['.repeat(5000),
  `${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`,
  '\ufeff{}',
  'a=1&b=2',
];

function nested(depth: number): Json {
  return depth === 0 ? 'deep' : depth % 2 === 0 ? [nested(depth - 1)] : { a: nested(depth - 1) };
}

export function pick<T>(random: Random, list: readonly T[]): T {
  const one = list[Math.floor(random() * list.length)];
  if (one === undefined) throw new Error('nothing to pick from');
  return one;
}

const schemaShape = z.looseObject({
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  const: z.json().optional(),
  enum: z.array(z.json()).optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).default([]),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
  pattern: z.string().optional(),
  format: z.string().optional(),
  minLength: z.number().default(0),
  maxLength: z.number().default(1e6),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minItems: z.number().default(0),
});

/** A value as a JSON schema describes it, as far as a schema can: what it says in words is not kept. */
export function valueOf(schema: unknown, random: Random, depth = 0): Json {
  const read = schemaShape.safeParse(schema);
  if (!read.success || depth > 8) return pick(random, HOSTILE);
  const known = read.data;
  const choices = known.anyOf ?? known.oneOf;
  if (choices !== undefined && choices.length > 0) return valueOf(pick(random, choices), random, depth + 1);
  if (known.const !== undefined) return known.const;
  if (known.enum !== undefined && known.enum.length > 0) return pick(random, known.enum);
  const type = Array.isArray(known.type) ? pick(random, known.type) : known.type;
  const make = MAKERS.get(type ?? '');
  return make === undefined ? pick(random, HOSTILE) : make(known, random, depth);
}

type Schema = z.output<typeof schemaShape>;

function objectOf({ properties, required, additionalProperties }: Schema, random: Random, depth: number) {
  const made: Record<string, Json> = {};
  for (const [name, schema] of Object.entries(properties ?? {}))
    if (required.includes(name) || random() < 0.4) made[name] = valueOf(schema, random, depth + 1);
  if (typeof additionalProperties === 'object' && random() < 0.5)
    made[pick(random, WORDS)] = valueOf(additionalProperties, random, depth + 1);
  return made;
}

function numberOf({ minimum = 0, maximum = 1000 }: Schema, random: Random): number {
  return pick(random, [minimum, maximum, 1, Math.floor(random() * 100)]);
}

type Maker = (schema: Schema, random: Random, depth: number) => Json;

const MAKERS: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ['string', textOf],
  ['number', numberOf],
  ['integer', numberOf],
  ['boolean', (_, random) => random() < 0.5],
  ['null', () => null],
  [
    'array',
    ({ minItems, items }, random, depth) =>
      Array.from({ length: Math.max(minItems, Math.floor(random() * 3)) }, () =>
        valueOf(items, random, depth + 1),
      ),
  ],
  ['object', objectOf],
]);

const matching = new Map<string, readonly string[]>();

function textOf({ pattern, format, minLength, maxLength }: Schema, random: Random): string {
  if (format === 'date-time') return new Date(Date.now() - random() * 3_600_000).toISOString();
  if (format === 'uri') return 'http://192.0.2.1/';
  if (pattern !== undefined) return pick(random, textsOf(pattern));
  const word: string = pick(random, WORDS);
  return word.padEnd(minLength, 'x').slice(0, maxLength);
}

function textsOf(pattern: string): readonly string[] {
  let texts = matching.get(pattern);
  if (texts === undefined) {
    try {
      texts = fc.sample(fc.stringMatching(new RegExp(pattern)), { numRuns: 20, seed: 1 });
    } catch {
      // A pattern that cannot be turned round.
      texts = WORDS;
    }
    matching.set(pattern, texts);
  }
  return texts;
}

/** A value with one to three of its places made bad: replaced, taken away, repeated, or joined by what nobody asked for. */
export function spoiled(value: Json, random: Random): Json {
  const root: { value: Json } = { value: structuredClone(value) };
  const times = 1 + Math.floor(random() * 3);
  for (let i = 0; i < times; i++) spoilOne(root, random);
  return root.value;
}

function spoilOne(root: { value: Json }, random: Random): void {
  const places: (() => void)[] = [];
  const bad = (): Json => structuredClone(pick(random, HOSTILE));
  const walk = (one: Json, put: (value: Json) => void): void => {
    places.push(() => put(bad()));
    if (Array.isArray(one)) {
      places.push(() => one.push(bad()));
      for (const [i, inner] of one.entries()) walk(inner, (value) => (one[i] = value));
    } else if (one !== null && typeof one === 'object') {
      const further = { value: bad(), enumerable: true, writable: true, configurable: true };
      places.push(() => Object.defineProperty(one, pick(random, [...WORDS, '__proto__']), further));
      for (const [key, inner] of Object.entries(one)) {
        places.push(() => delete one[key]);
        walk(inner, (value) => (one[key] = value));
      }
    }
  };
  walk(root.value, (value) => (root.value = value));
  pick(random, places)();
}

/** A body as text: mostly well-formed JSON, sometimes cut off, or no JSON at all. */
export function bodyText(value: Json, random: Random): string {
  const chance = random();
  if (chance < 0.08) return pick(random, WHOLE);
  const text = JSON.stringify(value);
  return chance < 0.16 ? text.slice(0, Math.floor(random() * text.length)) : text;
}

export function hostileText(random: Random): string {
  const value = pick(random, HOSTILE);
  // Longer than that no address may be.
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 3000);
}
