import {
  type HostCollector,
  type HostFamily,
  type HostSample,
  linesOf,
  numberOf,
  single,
} from '../family.ts';

const PATH = '/proc/stat';
/** The kernel counts CPU time in hundredths of a second on every supported platform (USER_HZ). */
const TICKS_PER_SECOND = 100;
const MODES = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;

const SINGLES: Readonly<Record<string, readonly [name: string, type: 'counter' | 'gauge', help: string]>> = {
  btime: ['node_boot_time_seconds', 'gauge', 'When the host started, Unix time.'],
  ctxt: ['node_context_switches_total', 'counter', 'Context switches.'],
  intr: ['node_intr_total', 'counter', 'Interrupts serviced.'],
  processes: ['node_forks_total', 'counter', 'Processes and threads created.'],
  procs_running: ['node_procs_running', 'gauge', 'Processes that could run.'],
  procs_blocked: ['node_procs_blocked', 'gauge', 'Processes waiting for I/O.'],
};

/** CPU time by CPU and mode, boot time, context switches, interrupts, forks, run queue. */
export const stat: HostCollector = {
  files: [PATH],
  collect(files) {
    const seconds: HostSample[] = [];
    const guest: HostSample[] = [];
    const families: HostFamily[] = [];
    for (const line of linesOf(files, PATH)) {
      const [key = '', ...words] = line.split(/\s+/);
      const cpu = /^cpu(\d+)$/.exec(key)?.[1];
      if (cpu !== undefined) {
        seconds.push(...cpuSamples(cpu, MODES, words));
        guest.push(...cpuSamples(cpu, ['user', 'nice'], words.slice(MODES.length)));
      } else if (Object.hasOwn(SINGLES, key)) {
        const known = SINGLES[key];
        const value = numberOf(words[0]);
        if (known !== undefined && value !== null) families.push(single(...known, value));
      }
    }
    return [
      {
        name: 'node_cpu_seconds_total',
        type: 'counter',
        help: 'Seconds each CPU spent in each mode.',
        samples: seconds,
      },
      {
        name: 'node_cpu_guest_seconds_total',
        type: 'counter',
        help: 'Seconds each CPU spent running guests, part of its user and nice time.',
        samples: guest,
      },
      ...families,
    ];
  },
};

function cpuSamples(cpu: string, modes: readonly string[], words: readonly string[]): HostSample[] {
  return modes.flatMap((mode, i) => {
    const ticks = numberOf(words[i]);
    if (ticks === null) return [];
    return [
      {
        labels: [
          ['cpu', cpu],
          ['mode', mode],
        ],
        value: ticks / TICKS_PER_SECOND,
      },
    ];
  });
}
