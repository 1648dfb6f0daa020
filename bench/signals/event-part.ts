/*
 * The part of events in a process of its own: what earlier parts left in the heap would be collected while answers are timed. Its parent hears
 * what was measured. Argument: seconds of each load.
 */
import process from 'node:process';
import { eventCost } from './event-cost.ts';

const cost = await eventCost(Number(process.argv[2]));
process.send?.(cost, () => process.disconnect());
