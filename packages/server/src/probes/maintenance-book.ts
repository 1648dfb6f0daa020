import type { Clock } from '../kernel/clock.ts';
import { probeErrors } from './errors.ts';
import { concerns, isOpen, type MaintenanceWindow } from './maintenance.ts';
import { type ProbeStore, unknownWindow } from './store.ts';

/** A window and where it comes from. */
export interface KnownWindow {
  readonly id: string;
  readonly window: MaintenanceWindow;
  /** Null for those of the configuration file. */
  readonly version: number | null;
  readonly open: boolean;
}

export interface MaintenanceBookDeps {
  readonly clock: Clock;
  readonly store: ProbeStore;
  /** Of the configuration file, for its tenant. */
  readonly configured: readonly MaintenanceWindow[];
  readonly tenant: string;
}

/** The maintenance windows of the configuration file and of the API. */
export class MaintenanceBook {
  readonly #deps: MaintenanceBookDeps;
  #configured: readonly MaintenanceWindow[];

  constructor(deps: MaintenanceBookDeps) {
    this.#deps = deps;
    this.#configured = deps.configured;
  }

  configure(windows: readonly MaintenanceWindow[]): void {
    this.#configured = windows;
  }

  /** Those of the configuration file first. */
  list(tenant: string): readonly KnownWindow[] {
    const { clock, store } = this.#deps;
    const now = clock.now();
    const configured = tenant === this.#deps.tenant ? this.#configured : [];
    return [
      ...configured.map((window, i) => ({
        id: `file-${i}`,
        window,
        version: null,
        open: isOpen(window, now),
      })),
      ...store.windows(tenant).map((stored) => ({ ...stored, open: isOpen(stored.window, now) })),
    ];
  }

  /** Says of each probe of a tenant whether a window that is open now concerns it. */
  judge(tenant: string): (probe: { readonly name: string; readonly tags: readonly string[] }) => boolean {
    const open = this.list(tenant).filter((known) => known.open);
    return (probe) => open.some(({ window }) => concerns(window, probe));
  }

  async create(tenant: string, window: MaintenanceWindow): Promise<KnownWindow> {
    return this.#known(await this.#deps.store.createWindow(tenant, window));
  }

  async replace(
    tenant: string,
    id: string,
    window: MaintenanceWindow,
    expected?: number,
  ): Promise<KnownWindow> {
    this.#own(tenant, id);
    return this.#known(await this.#deps.store.replaceWindow(tenant, id, window, expected));
  }

  async remove(tenant: string, id: string): Promise<void> {
    this.#own(tenant, id);
    await this.#deps.store.removeWindow(tenant, id);
  }

  #known(stored: Omit<KnownWindow, 'open'>): KnownWindow {
    return { ...stored, open: isOpen(stored.window, this.#deps.clock.now()) };
  }

  /** Throws when it is not there, or comes from the configuration file. */
  #own(tenant: string, id: string): void {
    const found = this.list(tenant).find((known) => known.id === id);
    if (found === undefined) throw unknownWindow(id);
    if (found.version === null)
      throw probeErrors.make(
        'configured',
        `the window "${found.window.title}" comes from the configuration file`,
      );
  }
}
