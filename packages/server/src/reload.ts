import { isDeepStrictEqual } from 'node:util';
import { type PharosConfig, SECTIONS } from './config.ts';
import type { Clock } from './kernel/clock.ts';
import type { ConfigOrigin, ConfigResult } from './kernel/config/load.ts';
import { problemLine } from './kernel/config/load.ts';
import { defineErrors } from './kernel/errors.ts';
import type { Log } from './kernel/log.ts';
import type { Notifications } from './kernel/notifications.ts';
import type { Telemetry } from './kernel/telemetry.ts';

const reloadErrors = defineErrors('reload', {
  refused: { kind: 'bad_request', hint: 'The configuration that was in effect stays.' },
});

/** Takes its part of a new, valid configuration; leaves what did not change as it runs. */
export interface Reloadable {
  readonly name: string;
  /** What a well-formed configuration still lacks for it to be taken, such as a file that cannot be read; asked of all before any takes it. */
  problems?(config: PharosConfig): readonly string[] | Promise<readonly string[]>;
  applyConfig(config: PharosConfig): void;
}

export interface ReloaderDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly notifications: Notifications;
  /** Reads the configuration again from where it came. */
  read(): Promise<ConfigResult<PharosConfig>>;
  /** In the order they take the new configuration. */
  readonly parts: readonly Reloadable[];
}

/** Sections that take effect while running; all others are read once, at start. */
const LIVE = new Set<keyof PharosConfig>([
  'global',
  'ruleFiles',
  'logRuleFiles',
  'slos',
  'alerting',
  'scrapes',
  'scrapeFiles',
  'remotes',
  'probes',
  'modules',
  'alertmanager',
  'onCall',
]);

type Loaded = Pick<Extract<ConfigResult<PharosConfig>, { readonly ok: true }>, 'config' | 'written'>;

const FAILED = 'Configuration reload has failed.';

/** Reads the configuration again on demand: refused as a whole when anything is wrong with it, else applied part by part. */
export class ConfigReloader {
  readonly #deps: ReloaderDeps;
  #config: PharosConfig;
  #written: Readonly<Record<string, unknown>>;
  #origins: readonly ConfigOrigin[];
  #appliedAt: number;
  #success = true;
  #running: Promise<void> = Promise.resolve();

  constructor(deps: ReloaderDeps, first: Loaded & { readonly origins: readonly ConfigOrigin[] }) {
    this.#deps = deps;
    this.#config = first.config;
    this.#written = first.written;
    this.#origins = first.origins;
    this.#appliedAt = deps.clock.now();
    deps.telemetry.gauge({
      name: 'pharos_config_last_reload_successful',
      help: 'Whether the last reading of the configuration was applied.',
      value: () => (this.#success ? 1 : 0),
    });
    deps.telemetry.gauge({
      name: 'pharos_config_last_reload_success_timestamp_seconds',
      help: 'When the configuration in effect was applied.',
      value: () => this.#appliedAt / 1000,
    });
  }

  /** The configuration in effect; holds secrets. */
  get config(): PharosConfig {
    return this.#config;
  }

  /** Where the settings of `written` come from. */
  get origins(): readonly ConfigOrigin[] {
    return this.#origins;
  }

  /** The configuration in effect as it was written: file, environment and flags merged. */
  get written(): Readonly<Record<string, unknown>> {
    return this.#written;
  }

  get state(): { readonly success: boolean; readonly appliedAt: number } {
    return { success: this.#success, appliedAt: this.#appliedAt };
  }

  /** One at a time. Rejects with `refused`, which says every problem; then nothing has changed. */
  async reload(): Promise<void> {
    const turn = this.#running.then(() => this.#reload());
    this.#running = turn.catch(() => {});
    await turn;
  }

  async #reload(): Promise<void> {
    const { clock, log, notifications, parts } = this.#deps;
    const result = await this.#deps.read();
    const problems = result.ok ? await this.#problemsOf(result) : result.problems.map(problemLine);
    if (!result.ok || problems.length > 0) {
      this.#success = false;
      notifications.raise(FAILED);
      log.error({ problems }, 'the configuration was read again and refused; the old one stays');
      throw reloadErrors.make('refused', problems.join('; '));
    }
    for (const part of parts) part.applyConfig(result.config);
    this.#config = result.config;
    this.#written = result.written;
    this.#origins = result.origins;
    this.#appliedAt = clock.now();
    this.#success = true;
    notifications.clear(FAILED);
    log.info({}, 'the configuration was read again and applied');
  }

  async #problemsOf(next: Loaded): Promise<string[]> {
    const own = await Promise.all(this.#deps.parts.map(async (part) => await part.problems?.(next.config)));
    return [
      ...frozenChanges({ config: this.#config, written: this.#written }, next),
      ...own.flatMap((found) => found ?? []),
    ];
  }
}

/** Changes that only a restart can honour; saying yes to them would be a lie. */
function frozenChanges(before: Loaded, after: Loaded): string[] {
  return Object.entries(SECTIONS).flatMap(([name, { key }]) => {
    if (isLive(name)) return [];
    // What is written tells, since a value may hold what it made while it was used; what it means tells too, since words differ.
    const isSame =
      isDeepStrictEqual(before.written[key], after.written[key]) ||
      isDeepStrictEqual(Reflect.get(before.config, name), Reflect.get(after.config, name));
    return isSame ? [] : [`section "${name}" has changed, which takes effect only with a restart`];
  });
}

function isLive(name: string): boolean {
  for (const live of LIVE) if (live === name) return true;
  return false;
}
