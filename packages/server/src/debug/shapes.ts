import { z } from 'zod';
import { windowParam, windowQuery } from '../http/times.ts';

/** What all answers begin with. */
const head = {
  timestamp: z.string(),
  window: z.string(),
};
/** The doors that tell of Pharos alone name it as the one service. */
const ofPharos = { ...head, services: z.array(z.object({ name: z.literal('pharos') })) };

export const configAnswer = z.object({
  ...ofPharos,
  appliedAt: z.string().describe('When this configuration was taken.'),
  lastReloadSucceeded: z.boolean(),
  config: z
    .unknown()
    .describe(
      'What is in effect, with all defaults; durations in milliseconds, sizes in bytes, secrets masked.',
    ),
  settings: z
    .array(
      z.object({
        setting: z.string(),
        from: z
          .string()
          .describe(
            'File with line and column, environment variable, flag, or `built in` for what the command brings.',
          ),
        written: z.unknown().describe('As it was written, secrets masked.'),
      }),
    )
    .describe('What was set; everything else has its default.'),
});

const count = z.number().nullable();

const queue = z.object({
  name: z.string(),
  what: z.string(),
  unit: z.enum(['bytes', 'items']),
  depth: count.describe('How much waits; null where it is not counted.'),
  capacity: count.describe('How much may wait, in the same unit; null where no setting says so.'),
  oldestSeconds: count.describe('How long the oldest has been waiting; null where it is not known.'),
  lost: count.describe('What was refused or dropped since the start; null where nothing can be.'),
  parts: z.record(z.string(), z.number()).describe('The depth by part, where the queue has some.'),
});

export const queuesAnswer = z.object({ ...ofPharos, queues: z.array(queue) });

const health = z.enum(['up', 'down', 'unknown']);

const target = z.object({
  service: z.string(),
  instance: z.string(),
  url: z.string(),
  health,
  lastScrape: z.string().nullable(),
  lastDurationSeconds: z.number(),
  lastError: z.string(),
  interval: z.string(),
  timeout: z.string(),
  series: z.number().describe('Series it is known to expose.'),
  limits: z.array(z.string()).describe('Limits that left samples of the last scrape out.'),
});

const counts = { up: z.number(), down: z.number(), unknown: z.number() };

export const targetsQuery = windowQuery.extend({
  pool: z.string().optional().describe('Only this scrape job.'),
  health: health.optional().describe('Only targets in this state.'),
  limit: z.coerce.number().int().min(1).max(10_000).default(1000).describe('Most targets in all.'),
});

export const targetsAnswer = z.object({
  ...head,
  services: z.array(z.object({ name: z.string(), ...counts })),
  pools: z.array(
    z.object({
      name: z.string(),
      ...counts,
      dropped: z.number().describe('Discovered and then dropped by relabelling.'),
      targets: z.array(target),
    }),
  ),
  total: z.number().describe('Targets that match.'),
  truncated: z.boolean().describe('Whether there are more than the limit.'),
});

export const engineAnswer = z.object({
  ...ofPharos,
  state: z.enum(['starting', 'ready', 'down', 'stopped']),
  pid: z.number().nullable(),
  uptimeSeconds: count.describe('Since it was last ready; null while it is not.'),
  restarts: z.number().describe('Times it went down without being asked to.'),
  memoryBytes: z.number().describe('Of its own, without the pages of its library.'),
  statements: z
    .array(z.object({ purpose: z.string(), class: z.string(), seconds: z.number() }))
    .describe('What runs or waits for a session, oldest first.'),
  tables: z
    .array(
      z.object({
        name: z.string(),
        rows: z.number(),
        parts: z.number(),
        bytes: z.number(),
        plainBytes: z.number().describe('Before compression.'),
      }),
    )
    .nullable()
    .describe('Largest first; null while the engine does not answer.'),
  tablesError: z.string().nullable(),
});

const level = z.enum(['debug', 'info', 'warn', 'error']);

export const logsQuery = windowQuery.extend({
  window: windowParam('1d'),
  level: level.default('debug').describe('This level and above.'),
  limit: z.coerce.number().int().min(1).max(2000).default(200).describe('Most lines, newest first.'),
});

export const logsAnswer = z.object({
  ...ofPharos,
  lines: z.array(
    z.object({
      at: z.string().nullable(),
      level,
      message: z.string(),
      facts: z.unknown().describe('What else the line says, secrets masked.'),
    }),
  ),
  kept: z.number().describe('Lines in memory.'),
  dropped: z.number().describe('Lines since the start that had to go for newer ones.'),
});
