import type { StateKind, StateStore } from '../../journal/index.ts';
import type { Service } from '../../kernel/services.ts';
import { alertErrors } from '../errors.ts';
import type { LabelSet } from '../labels/label-set.ts';
import { maintenanceSchema, type WrittenWindow, windowOf } from './schema.ts';
import { type MaintenanceWindow, maintaining, openUntil } from './window.ts';

/** Windows that were made over the API; by id. */
const windowKind: StateKind<WrittenWindow> = {
  name: 'alerts.maintenance',
  version: 1,
  schema: maintenanceSchema,
};

/** A window and where it comes from. */
export interface KnownWindow {
  readonly id: string;
  /** Of the configuration file, which alone can change it. */
  readonly isConfigured: boolean;
  readonly written: WrittenWindow;
  readonly window: MaintenanceWindow;
}

export interface MaintenanceDeps {
  readonly state: StateStore;
  readonly tenant: string;
  readonly configured: readonly WrittenWindow[];
  newId(): string;
}

/** A script that runs wild must not fill the state. */
const MOST_WINDOWS = 5000;

/** Maintenance windows of the configuration file and of the API. */
export class MaintenanceBook implements Service {
  readonly name = 'alert-maintenance';
  readonly dependsOn = ['alert-state'];
  readonly #deps: MaintenanceDeps;
  #configured: readonly KnownWindow[];
  #made: readonly KnownWindow[] = [];
  /** Those that are open at an instant: all alerts of a flush ask of the same. */
  #open: { readonly at: number; readonly windows: readonly MaintenanceWindow[] } | null = null;

  constructor(deps: MaintenanceDeps) {
    this.#deps = deps;
    this.#configured = knownOf(deps.configured);
  }

  start(): void {
    this.#read();
  }

  configure(configured: readonly WrittenWindow[]): void {
    this.#configured = knownOf(configured);
    this.#open = null;
  }

  /** Those of the file first. */
  all(): readonly KnownWindow[] {
    return [...this.#configured, ...this.#made];
  }

  /** Names of the windows that an alert is in. */
  maintaining(labels: LabelSet, at: number): readonly string[] {
    if (this.#open?.at !== at) {
      const windows = this.all().map(({ window }) => window);
      this.#open = { at, windows: windows.filter(({ times }) => openUntil(times, at) !== null) };
    }
    return maintaining(this.#open.windows, labels);
  }

  /** Resolves when it is durable. Rejects with `maintenance`. */
  async add(written: WrittenWindow): Promise<KnownWindow> {
    const { state, tenant, newId } = this.#deps;
    if (this.#made.length >= MOST_WINDOWS)
      throw alertErrors.make('maintenance', `there are ${MOST_WINDOWS} windows already; delete old ones`);
    const id = newId();
    await state.put(windowKind, tenant, id, written);
    this.#read();
    return { id, isConfigured: false, written, window: windowOf(written) };
  }

  /** Resolves when it is durable. Rejects with `unknownMaintenance`. */
  async remove(id: string): Promise<void> {
    const { state, tenant } = this.#deps;
    if (!this.#made.some((one) => one.id === id))
      throw alertErrors.make('unknownMaintenance', `there is no maintenance window "${id}" of the API`);
    await state.delete(windowKind, tenant, id);
    this.#read();
  }

  #read(): void {
    const { state, tenant } = this.#deps;
    this.#made = state
      .list(windowKind, tenant)
      .map(({ key, value }) => ({ id: key, isConfigured: false, written: value, window: windowOf(value) }));
    this.#open = null;
  }
}

function knownOf(configured: readonly WrittenWindow[]): readonly KnownWindow[] {
  return configured.map((written, i) => ({
    id: `file-${i}`,
    isConfigured: true,
    written,
    window: windowOf(written),
  }));
}
