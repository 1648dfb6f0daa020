import { expect, it } from 'vitest';
import { countedIds } from './counted-ids.ts';

it('makes UUIDs of version 8, each another one, and other ones than another process', () => {
  const bytes = (value: number) => (size: number) => new Uint8Array(size).fill(value);
  const [one, other] = [countedIds(bytes(0xff)), countedIds(bytes(0))];
  expect([one(), one(), other()]).toEqual([
    'ffffffff-ffff-8fff-bfff-000000000000',
    'ffffffff-ffff-8fff-bfff-000000000001',
    '00000000-0000-8000-8000-000000000000',
  ]);
  const drawn = [countedIds(), countedIds()].flatMap((make) => [make(), make()]);
  expect(new Set(drawn).size).toBe(4);
  for (const id of drawn)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
