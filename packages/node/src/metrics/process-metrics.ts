import process from 'node:process';
import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import type { Clock } from '../clock.ts';

/** CPU use over less than this is noise; the last value is given again. */
const MIN_INTERVAL_MS = 1_000;
const BYTES_PER_MB = 1024 * 1024;

/** `cpu_percent`, `memory_used_mb` and prom-client's process and Node.js defaults. */
export function processMetrics(registry: Registry, clock: Clock, cpuUsage = process.cpuUsage): void {
  collectDefaultMetrics({ register: registry });
  let at = clock.monotonic();
  let used = micros(cpuUsage());
  let percent = 0;
  new Gauge({
    name: 'cpu_percent',
    help: 'CPU time used since the last look, 100 = one core busy.',
    registers: [registry],
    collect() {
      const now = clock.monotonic();
      if (now - at >= MIN_INTERVAL_MS) {
        const total = micros(cpuUsage());
        percent = ((total - used) / 1_000 / (now - at)) * 100;
        at = now;
        used = total;
      }
      this.set(percent);
    },
  });
  new Gauge({
    name: 'memory_used_mb',
    help: 'Resident memory of the process in MiB.',
    registers: [registry],
    collect() {
      this.set(process.memoryUsage.rss() / BYTES_PER_MB);
    },
  });
}

function micros(usage: NodeJS.CpuUsage): number {
  return usage.user + usage.system;
}
