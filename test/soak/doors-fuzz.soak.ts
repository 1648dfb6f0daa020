import process from 'node:process';
import { expect, it } from 'vitest';
import { FUZZ_CONFIG, fuzzDoors } from '../support/door-fuzz/door-fuzz.ts';
import { UNREACHED } from '../support/door-fuzz/valid.ts';
import { removeData, startPharosProcess } from '../support/pharos.ts';

const REQUESTS = Number(process.env['SOAK_REQUESTS'] ?? 145_000);
/** Valid rounds ask one door after the other, and some of them hold their answer. */
const ROUND = 3000;
const AT_ONCE = 64;
const SEED = Number(process.env['SOAK_SEED'] ?? 12);

it(`${REQUESTS} requests: none is a failure of the server, what is valid is kept, over a restart too`, async () => {
  let pharos = await startPharosProcess({ config: FUZZ_CONFIG });
  const { requests, bodies, faults, unreached, check } = await fuzzDoors(() => pharos.url, {
    requests: REQUESTS,
    seed: SEED,
    round: ROUND,
    atOnce: AT_ONCE,
    progress: (line) => console.log(line),
  });
  console.log(`${requests} requests, ${bodies} bodies, ${faults.length} faults (seed ${SEED})`);
  expect(faults).toEqual([]);
  expect(unreached.filter((name) => !UNREACHED.has(name))).toEqual([]);
  await pharos.stop('SIGKILL');
  pharos = await startPharosProcess({ config: FUZZ_CONFIG, directory: pharos.directory });
  await check();
  await pharos.stop();
  await removeData(pharos);
}, 3_600_000);
