import { describe, expect, it } from 'vitest';
import { type ProcessFacts, processTelemetry, thisProcess } from './process-telemetry.ts';
import { createTelemetry } from './telemetry.ts';

function samplesOf(text: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(' ')),
      Number(line.slice(line.lastIndexOf(' ') + 1)),
    ]),
  );
}

describe('processTelemetry', () => {
  it('exposes what the process says at that moment', async () => {
    let cpu = 1.5;
    let files: number | undefined = 12;
    const facts: ProcessFacts = {
      cpuSeconds: () => cpu,
      residentBytes: () => 1000,
      startedAtSeconds: 77,
      openFiles: () => files,
      heapSpaces: () => [{ space: 'old', committed: 20, used: 10 }],
    };
    const telemetry = createTelemetry();
    processTelemetry(telemetry, facts);
    expect(samplesOf(await telemetry.expose())).toEqual({
      process_cpu_seconds_total: 1.5,
      process_start_time_seconds: 77,
      process_resident_memory_bytes: 1000,
      process_open_fds: 12,
      'nodejs_heap_space_size_total_bytes{space="old"}': 20,
      'nodejs_heap_space_size_used_bytes{space="old"}': 10,
    });
    cpu = 2.25;
    files = undefined;
    const later = samplesOf(await telemetry.expose());
    expect(later['process_cpu_seconds_total']).toBe(2.25);
    cpu = 2;
    expect(samplesOf(await telemetry.expose())['process_cpu_seconds_total']).toBe(2.25);
  });

  it('reads the real process', () => {
    expect(thisProcess.cpuSeconds()).toBeGreaterThan(0);
    expect(thisProcess.residentBytes()).toBeGreaterThan(1_000_000);
    expect(thisProcess.startedAtSeconds * 1000).toBeLessThanOrEqual(Date.now());
    expect(thisProcess.openFiles()).toBeGreaterThan(2);
    expect(thisProcess.heapSpaces().map(({ space }) => space)).toContain('old');
  });
});
