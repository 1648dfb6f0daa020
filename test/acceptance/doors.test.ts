import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FUZZ_CONFIG, fuzzDoors } from '../support/door-fuzz/door-fuzz.ts';
import { readDoors } from '../support/door-fuzz/doors.ts';
import { UNREACHED, VALID } from '../support/door-fuzz/valid.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

/** A share of `npm run soak -- doors-fuzz`. */
const REQUESTS = 1500;

let pharos: RunningPharos;
beforeAll(async () => {
  pharos = await startPharosProcess({ config: FUZZ_CONFIG });
});
afterAll(async () => {
  await pharos.stop();
  await removeData(pharos);
});

describe('the doors of events, errors, probes, breakers, health, status page and analysis', () => {
  it('that write are all known to the fuzz test: a new one needs a valid request in test/support/door-fuzz/valid.ts', async () => {
    const doors = (await readDoors(pharos.url)).map(({ name }) => name);
    const writing = doors.filter((name) => !name.startsWith('GET ') && !UNREACHED.has(name));
    expect(writing.filter((name) => VALID[name] === undefined)).toEqual([]);
    expect(Object.keys(VALID).filter((name) => !doors.includes(name))).toEqual([]);
  });

  it('take any request without a fault of their own, and keep what is valid', async () => {
    const found = await fuzzDoors(() => pharos.url, { requests: REQUESTS, seed: 1 });
    expect(found.faults).toEqual([]);
    expect(found.unreached.filter((name) => !UNREACHED.has(name))).toEqual([]);
    expect(pharos.child.exitCode).toBeNull();
  }, 120_000);
});
