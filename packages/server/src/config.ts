import { z } from 'zod';
import {
  alertingSection,
  alertmanagerSection,
  incidentsSection,
  logRuleFilesSection,
  onCallSection,
  ruleFilesSection,
  rulesSection,
} from './alerts/index.ts';
import { analysisSection, llmSection } from './analysis/index.ts';
import { dashboardsSection } from './dashboards/index.ts';
import { shopSection } from './demo/config.ts';
import { egressSection } from './egress/index.ts';
import { errorsSection } from './errors/index.ts';
import { eventsSection } from './events/index.ts';
import { healthSection } from './health/index.ts';
import { webSection } from './http/config.ts';
import { type ConfigOf, defineSection } from './kernel/config/section.ts';
import { duration, size, sizeFrom } from './kernel/config/values.ts';
import { logsSection } from './logs/index.ts';
import {
  forwardSection,
  globalSection,
  metricsSection,
  otlpSection,
  scrapeSection,
} from './metrics/index.ts';
import { modulesSection, probesSection } from './probes/index.ts';
import { slosSection } from './slos/index.ts';
import { tracesSection } from './traces/index.ts';

const flushInterval = duration.refine((ms) => ms >= 100 && ms <= 3_600_000, {
  message: 'must be from 100ms to 1h',
});

/** Where data lives, how much memory the engine may take, and how long each signal is kept. */
const storageSection = defineSection(
  'storage',
  z
    .strictObject({
      path: z.string().min(1).default('data'),
      memory: size.prefault('500MB'),
      /** Unflushed bytes at which ingest is refused with 503. */
      journal_limit: sizeFrom(2 ** 20).prefault('1GB'),
      /** Longest time until acknowledged rows are in the engine; queries see them at once. */
      flush_interval: flushInterval.prefault('30s'),
      /** Free disk space below which ingest is refused. */
      free_disk: size.prefault('256MB'),
      retention: z
        .strictObject({
          metrics: duration.prefault('15d'),
          /** Of metrics: buckets of 5 minutes and of 1 hour, which outlive the samples they were made of. */
          metrics_5m: duration.prefault('90d'),
          metrics_1h: duration.prefault('1y'),
          logs: duration.prefault('7d'),
          traces: duration.prefault('7d'),
          events: duration.prefault('90d'),
          state: duration.prefault('90d'),
        })
        .prefault({}),
      /** Real bytes on disk a signal may take; over it, its oldest days go before their time. No limit where absent. */
      retention_bytes: z
        .strictObject({
          metrics: size.optional(),
          metrics_5m: size.optional(),
          metrics_1h: size.optional(),
          logs: size.optional(),
          traces: size.optional(),
          events: size.optional(),
          state: size.optional(),
        })
        .prefault({}),
    })
    .prefault({}),
  [
    { variable: 'PHAROS_DATA', path: ['path'], as: 'string', about: 'The data directory.' },
    {
      variable: 'PHAROS_MEMORY',
      path: ['memory'],
      as: 'string',
      about: 'Memory the engine may take, such as 500MB.',
    },
  ],
);

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** Levels as Python names them. */
const OTHER_LEVELS: ReadonlyMap<string, string> = new Map([
  ['warning', 'warn'],
  ['critical', 'error'],
]);

function levelName(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const lower = value.toLowerCase();
  return OTHER_LEVELS.get(lower) ?? lower;
}

/** Other tools read the variable DEBUG too, as a pattern. */
function saysYes(text: string): boolean {
  return /^(?:true|1|yes|on)$/i.test(text);
}

const logSection = defineSection(
  'log',
  z
    .strictObject({
      level: z.preprocess(levelName, z.enum(LEVELS)).prefault('info'),
      /** Whatever the level says, log everything. */
      debug: z.union([z.boolean(), z.string().transform(saysYes)]).default(false),
      /** Has the log too, besides standard error; below the data directory unless it is absolute. `off` for none. */
      file: z.string().min(1).default('logs/monitoring.log'),
    })
    .prefault({})
    .transform(({ level, debug, file }) => ({
      level: debug ? ('debug' as const) : level,
      file: file === 'off' ? null : file,
    })),
  [
    {
      variable: 'DEBUG',
      path: ['debug'],
      as: 'string',
      about: 'True logs everything; False by default. Any other text means nothing.',
    },
    {
      variable: 'LOG_FILE',
      path: ['file'],
      as: 'string',
      about:
        'File that has the log too, below the data directory unless it is absolute; logs/monitoring.log by default, off for none.',
    },
    {
      variable: 'LOG_LEVEL',
      path: ['level'],
      as: 'string',
      about: 'The same as PHAROS_LOG_LEVEL, which wins; DEBUG, INFO, WARNING, ERROR and CRITICAL too.',
    },
    {
      variable: 'PHAROS_LOG_LEVEL',
      path: ['level'],
      as: 'string',
      about: "Level of Pharos' own log: debug, info, warn, error or silent.",
    },
  ],
);

const namesSection = defineSection('service_aliases', z.record(z.string(), z.string()).default({}));

const hostSection = defineSection(
  'host_metrics',
  z.strictObject({ enabled: z.boolean().default(true) }).prefault({}),
);

const selfSection = defineSection(
  'self_metrics',
  z
    .strictObject({
      enabled: z.boolean().default(true),
      /** How often Pharos looks at its own metrics. */
      interval: duration
        .refine((ms) => ms >= 1000 && ms <= 60_000, { error: 'must be from 1s to 1m' })
        .prefault('15s'),
    })
    .prefault({}),
);

const scrapeFile = z.string().regex(/^[^*]*(?:\*[^*/]*)?\.(?:json|yml|yaml)$/i, {
  error: 'must end in .json, .yml or .yaml, with at most one * in its last part',
});

/** In YAML, a key with nothing but comments below it. */
const empty = <T extends z.ZodType>(nothing: unknown, schema: T) =>
  z.preprocess((value) => value ?? nothing, schema);

/** Files with more `scrape_configs`. */
const scrapeFilesSection = defineSection('scrape_config_files', empty([], z.array(scrapeFile)));

/** Sections of Prometheus that cannot be honoured yet. Empty ones, as its own example has them, ask for nothing. */
const remoteReadSection = defineSection(
  'remote_read',
  empty(
    [],
    z
      .array(z.unknown())
      .max(0, { error: 'other servers are not read from; forward their samples here, or leave it out' }),
  ),
);

/** Every section of the configuration file; each slice owns its own. */
export const SECTIONS = {
  web: webSection,
  storage: storageSection,
  log: logSection,
  names: namesSection,
  global: globalSection,
  scrapes: { ...scrapeSection, besideFile: true },
  scrapeFiles: scrapeFilesSection,
  ruleFiles: ruleFilesSection,
  logRuleFiles: logRuleFilesSection,
  rules: rulesSection,
  slos: slosSection,
  alerting: alertingSection,
  alertmanager: { ...alertmanagerSection, besideFile: true },
  onCall: { ...onCallSection, besideFile: true },
  incidents: incidentsSection,
  remotes: { ...forwardSection, besideFile: true },
  remoteReads: remoteReadSection,
  metrics: metricsSection,
  logs: logsSection,
  traces: tracesSection,
  errors: errorsSection,
  events: eventsSection,
  analysis: analysisSection,
  llm: llmSection,
  otlp: otlpSection,
  health: healthSection,
  egress: egressSection,
  probes: probesSection,
  modules: modulesSection,
  host: hostSection,
  self: selfSection,
  dashboards: dashboardsSection,
  shop: shopSection,
};

export type PharosConfig = ConfigOf<typeof SECTIONS>;
