/*
 * A process of its own that writes request bodies into a file, each behind its length (32 bits): what is sent is made before the clock
 * runs. Arguments: kind, file, plan (JSON), from, to. Its parent hears what was made.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import process from 'node:process';
import { z } from 'zod';
import { lineBodies } from './line-bodies.ts';
import { spanBodies } from './span-bodies.ts';

const time = { start: z.number(), windowMs: z.number() };
const linePlan = z.object({ lines: z.number(), ...time });
const tracePlan = z.object({ traces: z.number(), ...time });

const [kind = '', file = '', planText = '{}', from = '0', to = '0'] = process.argv.slice(2);
const plan: unknown = JSON.parse(planText);
const bodies =
  kind === 'lines'
    ? lineBodies(linePlan.parse(plan), Number(from), Number(to))
    : spanBodies(tracePlan.parse(plan), Number(from), Number(to));
const handle = openSync(file, 'w');
const length = Buffer.alloc(4);
const made = { rows: 0, rawBytes: 0, sentBytes: 0, bodies: 0 };
for (const { bytes, rows, rawBytes } of bodies) {
  length.writeUInt32LE(bytes.length);
  writeSync(handle, length);
  writeSync(handle, bytes);
  made.rows += rows;
  made.rawBytes += rawBytes;
  made.sentBytes += bytes.length;
  made.bodies++;
}
closeSync(handle);
process.send?.(made, () => process.disconnect());
