import { type HostCollector, linesOf, single } from '../family.ts';

const MICROSECONDS = 1e6;

/** Which line of which file becomes which metric; the CPU has no "full" line that means anything for the whole host. */
const METRICS: readonly (readonly [file: string, line: 'some' | 'full', name: string, help: string])[] = [
  ['cpu', 'some', 'cpu_waiting', 'Seconds in which some process waited for a CPU.'],
  ['io', 'some', 'io_waiting', 'Seconds in which some process waited for I/O.'],
  ['io', 'full', 'io_stalled', 'Seconds in which every process waited for I/O.'],
  ['memory', 'some', 'memory_waiting', 'Seconds in which some process waited for memory.'],
  ['memory', 'full', 'memory_stalled', 'Seconds in which every process waited for memory.'],
];

/** Pressure stall information; absent on kernels without it. */
export const pressure: HostCollector = {
  files: ['cpu', 'io', 'memory'].map((name) => `/proc/pressure/${name}`),
  collect: (files) =>
    METRICS.flatMap(([file, wanted, name, help]) => {
      const line = linesOf(files, `/proc/pressure/${file}`).find((text) => text.startsWith(`${wanted} `));
      const total = /\btotal=(\d+)/.exec(line ?? '')?.[1];
      return total === undefined
        ? []
        : [single(`node_pressure_${name}_seconds_total`, 'counter', help, Number(total) / MICROSECONDS)];
    }),
};
