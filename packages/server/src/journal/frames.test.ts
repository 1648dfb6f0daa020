import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeGroup, encodeGroup, groupBytes, invalidFrame } from './frames.ts';
import { readSegment, type SegmentEvent } from './reader.ts';
import { SEGMENT_HEADER_BYTES } from './segment.ts';
import { createMemoryFileSystem } from './testing/memory-fs.ts';
import type { Frame } from './types.ts';

const names = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'samples', 'PhG1', 'PhG2', 'ü'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
);
const frames = fc.record({
  table: names,
  tenant: names,
  schemaVersion: fc.integer({ min: 1, max: 0xffff }),
  day: fc.integer({ min: 0, max: 49_709 }),
  rows: fc.integer({ min: 1, max: 250_000 }),
  payload: fc.uint8Array({ minLength: 1, maxLength: 300 }),
});
const requests = fc.array(fc.array(frames, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 });
const salts = fc.integer({ min: 0, max: 0xffff_ffff });

function encodeAll(groups: readonly (readonly Frame[])[], salt: number): { bytes: Buffer; starts: number[] } {
  const bytes = Buffer.alloc(
    SEGMENT_HEADER_BYTES + groups.reduce((sum, group) => sum + groupBytes(group), 0),
  );
  const starts: number[] = [];
  let end = SEGMENT_HEADER_BYTES;
  for (const [index, group] of groups.entries()) {
    starts.push(end);
    end = encodeGroup(bytes, end, group, { position: 2 ** 32 + index, writtenAt: 1_700_000_000, salt });
  }
  expect(end).toBe(bytes.length);
  return { bytes, starts };
}

async function readAll(
  bytes: Uint8Array,
  salt: number,
  sealed: boolean,
  to = bytes.length,
): Promise<SegmentEvent[]> {
  const fs = createMemoryFileSystem();
  const file = await fs.open('/x', 'create');
  await file.write(bytes, 0);
  const events: SegmentEvent[] = [];
  for await (const event of readSegment({ file, salt, from: SEGMENT_HEADER_BYTES, to, sealed, after: 0 }))
    events.push(event);
  return events;
}

const framesOf = (events: readonly SegmentEvent[]) =>
  events.flatMap((event) => (event.kind === 'group' ? [plain(event.group.frames)] : []));
const plain = (group: readonly Frame[]) => group.map((frame) => ({ ...frame, payload: [...frame.payload] }));

/** Events cover the range without gap or overlap: nothing disappears silently. */
function expectCovered(events: readonly SegmentEvent[], end: number): void {
  let at = SEGMENT_HEADER_BYTES;
  for (const event of events) {
    expect(event.from).toBe(at);
    at = event.to;
  }
  expect(at).toBe(end);
}

describe('a segment of requests', () => {
  it('reads groups that were written with CRC-32C, as files of an earlier version hold them', () => {
    const written = Buffer.from(
      'UGhHMfXwYRAHAAAAAAAAAFkAAAACAAAAAwAAAADxU2VQaEYx7ppRNgEABAcgTgAAAgAAABAAAAByb3dzZGVmYXVsdDAxMjM0NTY3ODlhYmNkZWZQaEYxlZ4C5AMABgchTgAAAQAAAAEAAABzZXJpZXNncsO2w59leFBoQzEoB6sJBwAAAAAAAAA=',
      'base64',
    );
    const reading = decodeGroup(written, 0, 0x1234abcd);
    expect(reading.ok && reading.group).toEqual({
      position: 7,
      rows: 3,
      writtenAt: 1_700_000_000,
      frames: [
        {
          table: 'rows',
          schemaVersion: 1,
          tenant: 'default',
          day: 20_000,
          rows: 2,
          payload: Buffer.from('0123456789abcdef'),
        },
        {
          table: 'series',
          schemaVersion: 3,
          tenant: 'größe',
          day: 20_001,
          rows: 1,
          payload: Buffer.from('x'),
        },
      ],
    });
    for (let at = 0; at < written.length; at++) {
      const damaged = Buffer.from(written);
      damaged[at] = damaged[at]! ^ 1;
      expect(decodeGroup(damaged, 0, 0x1234abcd).ok).toBe(false);
    }
    expect(decodeGroup(written, 0, 0x1234abce).ok).toBe(false);
  });

  it('reads back as written', async () => {
    await fc.assert(
      fc.asyncProperty(requests, salts, async (groups, salt) => {
        const { bytes } = encodeAll(groups, salt);
        const events = await readAll(bytes, salt, true);
        expect(framesOf(events)).toEqual(groups.map(plain));
        expectCovered(events, bytes.length);
      }),
    );
  });

  it('torn anywhere keeps the whole requests before the tear', async () => {
    await fc.assert(
      fc.asyncProperty(
        requests,
        salts,
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (groups, salt, where) => {
          const { bytes, starts } = encodeAll(groups, salt);
          const cut = SEGMENT_HEADER_BYTES + Math.floor((bytes.length - SEGMENT_HEADER_BYTES) * where);
          const whole = starts.filter((_, index) => (starts[index + 1] ?? bytes.length) <= cut).length;
          const events = await readAll(bytes.subarray(0, cut), salt, false);
          expect(framesOf(events)).toEqual(groups.slice(0, whole).map(plain));
          expectCovered(events, cut);
          expect(events.every((event) => event.kind !== 'damage')).toBe(true);
          const sealed = await readAll(bytes.subarray(0, cut), salt, true, bytes.length);
          expect(framesOf(sealed)).toEqual(groups.slice(0, whole).map(plain));
          expectCovered(sealed, bytes.length);
        },
      ),
    );
  });

  it('with a flipped bit loses that request alone, and says so', async () => {
    await fc.assert(
      fc.asyncProperty(requests, salts, fc.nat(), fc.nat(7), async (groups, salt, where, bit) => {
        const { bytes, starts } = encodeAll(groups, salt);
        const at = SEGMENT_HEADER_BYTES + (where % (bytes.length - SEGMENT_HEADER_BYTES));
        const hit = starts.findLastIndex((start) => start <= at);
        bytes[at]! ^= 1 << bit;
        const events = await readAll(bytes, salt, true);
        expect(framesOf(events)).toEqual(groups.filter((_, index) => index !== hit).map(plain));
        expect(events.filter((event) => event.kind === 'damage')).toHaveLength(1);
        expectCovered(events, bytes.length);
      }),
    );
  });

  it('followed by zeros or foreign bytes reads the same', async () => {
    const tails = fc.oneof(
      fc.nat(5000).map((n) => new Uint8Array(n)),
      fc.uint8Array({ maxLength: 500 }),
    );
    await fc.assert(
      fc.asyncProperty(requests, salts, tails, async (groups, salt, tail) => {
        const { bytes } = encodeAll(groups, salt);
        const events = await readAll(Buffer.concat([bytes, tail]), salt, false);
        expect(framesOf(events)).toEqual(groups.map(plain));
        expectCovered(events, bytes.length + tail.length);
      }),
    );
  });

  it('never takes a request that a sender hid in its payload', async () => {
    await fc.assert(
      fc.asyncProperty(requests, salts, salts, async (groups, salt, guess) => {
        fc.pre(guess !== salt);
        const forged = encodeAll(groups, guess).bytes.subarray(SEGMENT_HEADER_BYTES);
        const carrier = [{ table: 't', tenant: 'evil', schemaVersion: 1, day: 1, rows: 1, payload: forged }];
        const { bytes } = encodeAll([carrier], salt);
        bytes[SEGMENT_HEADER_BYTES + 9]! ^= 1;
        expect(framesOf(await readAll(bytes, salt, true))).toEqual([]);
      }),
    );
  });

  it('of any bytes at all never throws and never loses count', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 2000 }),
        salts,
        fc.boolean(),
        async (noise, salt, sealed) => {
          const bytes = Buffer.concat([Buffer.alloc(SEGMENT_HEADER_BYTES), noise]);
          const events = await readAll(bytes, salt, sealed);
          expect(framesOf(events)).toEqual([]);
          expectCovered(events, bytes.length);
        },
      ),
    );
  });

  it('of several windows reads every request, also one longer than a window', async () => {
    const sizes = [900_000, 300_000, 2_500_000, 10, 1_048_576];
    const groups = sizes.map((size) => [
      { table: 't', tenant: 'a', schemaVersion: 1, day: 1, rows: 1, payload: Buffer.alloc(size, size % 251) },
    ]);
    const { bytes, starts } = encodeAll(groups, 5);
    const whole = await readAll(bytes, 5, true);
    expect(whole.map((event) => event.kind)).toEqual(sizes.map(() => 'group'));
    bytes[starts[2]! + 1_700_000]! ^= 1;
    const damaged = await readAll(bytes, 5, true);
    expect(damaged.map((event) => event.kind)).toEqual(['group', 'group', 'damage', 'group', 'group']);
  });
});

it('a group with frames swapped does not pass', () => {
  const frame = (id: number): Frame => ({
    table: 't',
    tenant: 'a',
    schemaVersion: 1,
    day: 1,
    rows: 1,
    payload: Buffer.from([id]),
  });
  const bytes = Buffer.alloc(groupBytes([frame(1), frame(2)]));
  encodeGroup(bytes, 0, [frame(1), frame(2)], { position: 1, writtenAt: 0, salt: 9 });
  const size = (bytes.length - 48) / 2;
  const first = Buffer.from(bytes.subarray(32, 32 + size));
  bytes.copyWithin(32, 32 + size, 32 + 2 * size);
  first.copy(bytes, 32 + size);
  expect(decodeGroup(bytes, 0, 9)).toMatchObject({ ok: false, fault: 'mark' });
});

it('names what is wrong with a frame', () => {
  const good: Frame = {
    table: 't',
    tenant: 'a',
    schemaVersion: 1,
    day: 20_000,
    rows: 1,
    payload: Buffer.from('x'),
  };
  expect(invalidFrame(good)).toBeNull();
  expect(invalidFrame({ ...good, tenant: 'x'.repeat(256) })).toBe('tenant has 256 bytes, expected 1 to 255');
  expect(invalidFrame({ ...good, table: '' })).toBe('table has 0 bytes, expected 1 to 255');
  expect(invalidFrame({ ...good, day: 49_710 })).toMatch(/^day is 49710, expected/);
  expect(invalidFrame({ ...good, day: 1.5 })).toMatch(/^day is 1.5/);
  expect(invalidFrame({ ...good, rows: 0 })).toBe('rows is 0, expected at least 1');
  expect(invalidFrame({ ...good, schemaVersion: 0 })).toMatch(/^schemaVersion is 0/);
  expect(invalidFrame({ ...good, payload: new Uint8Array() })).toMatch(/^payload is empty/);
});
