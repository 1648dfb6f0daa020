import { readdirSync } from 'node:fs';
import { getHeapSpaceStatistics } from 'node:v8';
import type { Telemetry } from './telemetry.ts';

/** What the process is asked for; tests give their own. */
export interface ProcessFacts {
  /** Seconds of processor time since the start, in the program and in the kernel for it. */
  cpuSeconds(): number;
  residentBytes(): number;
  /** When the process began, seconds since the Unix epoch. */
  readonly startedAtSeconds: number;
  /** Undefined where the system does not tell. */
  openFiles(): number | undefined;
  heapSpaces(): readonly { readonly space: string; readonly committed: number; readonly used: number }[];
}

export const thisProcess: ProcessFacts = {
  cpuSeconds: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
  residentBytes: () => process.memoryUsage.rss(),
  startedAtSeconds: performance.timeOrigin / 1000,
  openFiles: () => {
    try {
      // The directory itself is open while it is read.
      return readdirSync('/proc/self/fd').length - 1;
    } catch {
      return undefined;
    }
  },
  heapSpaces: () =>
    getHeapSpaceStatistics()
      .filter(({ space_size }) => space_size > 0)
      .map(({ space_name, space_size, space_used_size }) => ({
        space: space_name.replace(/_space$/, ''),
        committed: space_size,
        used: space_used_size,
      })),
};

/**
 * The process under the names that every client library gives them, so that dashboards made for any service show Pharos too. Read when
 * exposed, nothing runs between.
 * Source: Prometheus client library guidelines, "Process metrics" and "Runtime metrics".
 */
export function processTelemetry(telemetry: Telemetry, facts: ProcessFacts): void {
  let counted = 0;
  telemetry.counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time of the server, without the engine process.',
    collect: (counter) => {
      const total = Math.max(counted, facts.cpuSeconds());
      counter.inc(total - counted);
      counted = total;
    },
  });
  telemetry
    .gauge({ name: 'process_start_time_seconds', help: 'When the process began, since the Unix epoch.' })
    .set(facts.startedAtSeconds);
  telemetry.gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory of the server, without the engine process.',
    value: () => facts.residentBytes(),
  });
  telemetry.gauge({
    name: 'process_open_fds',
    help: 'Open file descriptors.',
    collect: (gauge) => {
      const open = facts.openFiles();
      if (open === undefined) gauge.reset();
      else gauge.set(open);
    },
  });
  heapTelemetry(telemetry, facts);
}

function heapTelemetry(telemetry: Telemetry, facts: ProcessFacts): void {
  telemetry.gauge({
    name: 'nodejs_heap_space_size_total_bytes',
    help: "Bytes that each space of the runtime's heap holds.",
    labels: ['space'],
    collect: (gauge) => {
      for (const { space, committed } of facts.heapSpaces()) gauge.set({ space }, committed);
    },
  });
  telemetry.gauge({
    name: 'nodejs_heap_space_size_used_bytes',
    help: "Bytes in use in each space of the runtime's heap.",
    labels: ['space'],
    collect: (gauge) => {
      for (const { space, used } of facts.heapSpaces()) gauge.set({ space }, used);
    },
  });
}
