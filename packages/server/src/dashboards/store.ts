import { type StateStore, type StateWrite, stateErrors } from '../journal/index.ts';
import type { Clock } from '../kernel/clock.ts';
import { dashboardErrors } from './errors.ts';
import type { Dashboard } from './model.ts';
import { type Current, currentKind, type Saved, starKind, versionKey, versionKind } from './records.ts';

/** All kept versions of one dashboard together, bytes of JSON; the oldest go first. */
const MAX_HISTORY_BYTES = 4 * 1024 * 1024;
const MAX_DASHBOARD_BYTES = 512 * 1024;
const MAX_PER_TENANT = 2000;
/** Before 1970 there was no Pharos: built-in dashboards have no time of their own. */
const BUILT_IN: Pick<Current, 'version' | 'savedAt' | 'savedBy' | 'message' | 'createdAt' | 'createdBy'> = {
  version: 1,
  savedAt: 0,
  savedBy: 'Pharos',
  message: 'comes with Pharos',
  createdAt: 0,
  createdBy: 'Pharos',
};

export interface Stored extends Current {
  /** Comes with Pharos and cannot be changed. */
  readonly builtIn: boolean;
}

export interface SaveRequest {
  readonly tenant: string;
  readonly user: string;
  readonly dashboard: Dashboard;
  readonly message: string;
  /** The version the change was made on; `absent` for a new dashboard, `any` to replace whatever is there. */
  readonly expected: number | 'absent' | 'any';
}

/**
 * Dashboards with their past, durable in the StateStore. Two people who change the same version: one is told who was first.
 * Built-in ones belong to every tenant, stand beside its own and cannot be written.
 */
export class DashboardStore {
  readonly #state: StateStore;
  readonly #clock: Clock;
  readonly #versionsKept: number;
  readonly #builtIn: ReadonlyMap<string, Stored>;

  constructor(options: {
    readonly state: StateStore;
    readonly clock: Clock;
    readonly versionsKept: number;
    readonly builtIn: readonly Dashboard[];
  }) {
    this.#state = options.state;
    this.#clock = options.clock;
    this.#versionsKept = options.versionsKept;
    this.#builtIn = new Map(
      options.builtIn.map((dashboard) => [dashboard.uid, { ...BUILT_IN, dashboard, builtIn: true }]),
    );
  }

  /** The tenant's own and the built-in ones, by title. */
  list(tenant: string): readonly Stored[] {
    const own = this.#state
      .list(currentKind, tenant)
      .map(({ value }): Stored => ({ ...value, builtIn: false }));
    return [...own, ...this.#builtIn.values()].sort((a, b) =>
      a.dashboard.title.localeCompare(b.dashboard.title, 'en'),
    );
  }

  find(tenant: string, uid: string): Stored | undefined {
    const builtIn = this.#builtIn.get(uid);
    if (builtIn !== undefined) return builtIn;
    const entry = this.#state.get(currentKind, tenant, uid);
    return entry === undefined ? undefined : { ...entry.value, builtIn: false };
  }

  get(tenant: string, uid: string): Stored {
    const found = this.find(tenant, uid);
    if (found === undefined) throw dashboardErrors.make('unknown', `there is no dashboard "${uid}"`);
    return found;
  }

  /** Durable when it resolves. `conflict` says who saved in between, and when. */
  async save(request: SaveRequest): Promise<Stored> {
    const { tenant, dashboard, expected } = request;
    this.#refuseBuiltIn(dashboard.uid);
    const bytes = JSON.stringify(dashboard).length;
    if (bytes > MAX_DASHBOARD_BYTES) {
      throw dashboardErrors.make(
        'tooLarge',
        `the dashboard has ${bytes} bytes as JSON, ${MAX_DASHBOARD_BYTES} are allowed`,
      );
    }
    const entry = this.#state.get(currentKind, tenant, dashboard.uid);
    this.#expect(entry?.value, expected, dashboard.uid);
    if (entry === undefined && this.#state.list(currentKind, tenant).length >= MAX_PER_TENANT)
      throw dashboardErrors.make('tooMany', `there are ${MAX_PER_TENANT} dashboards already`);
    const now = this.#clock.now();
    const saved: Saved = {
      version: (entry?.value.version ?? 0) + 1,
      savedAt: now,
      savedBy: request.user,
      message: request.message,
      dashboard,
    };
    const next: Current = {
      ...saved,
      createdAt: entry?.value.createdAt ?? now,
      createdBy: entry?.value.createdBy ?? request.user,
    };
    await this.#write(tenant, dashboard.uid, [
      {
        kind: currentKind,
        tenant,
        key: dashboard.uid,
        value: next,
        expected: entry?.version ?? 'absent',
      },
      { kind: versionKind, tenant, key: versionKey(dashboard.uid, saved.version), value: saved },
      ...this.#surplus(tenant, dashboard.uid, bytes),
    ]);
    return { ...next, builtIn: false };
  }

  /** Its past goes with it. */
  async remove(tenant: string, uid: string, expected: number | 'any'): Promise<void> {
    this.#refuseBuiltIn(uid);
    const entry = this.#state.get(currentKind, tenant, uid);
    if (entry === undefined) throw dashboardErrors.make('unknown', `there is no dashboard "${uid}"`);
    this.#expect(entry.value, expected, uid);
    const erase = (kind: StateWrite['kind'], key: string): StateWrite => ({
      kind,
      tenant,
      key,
      value: undefined,
    });
    await this.#write(tenant, uid, [
      { ...erase(currentKind, uid), expected: entry.version },
      ...this.versions(tenant, uid).map(({ version }) => erase(versionKind, versionKey(uid, version))),
      ...this.#state
        .list(starKind, tenant)
        .filter(({ key }) => key.endsWith(`/${uid}`))
        .map(({ key }) => erase(starKind, key)),
    ]);
  }

  /** Newest first. */
  versions(tenant: string, uid: string): readonly Saved[] {
    const builtIn = this.#builtIn.get(uid);
    if (builtIn !== undefined) return [builtIn];
    return this.#state
      .list(versionKind, tenant)
      .filter(({ key }) => key.slice(0, key.lastIndexOf('/')) === uid)
      .map(({ value }) => value)
      .reverse();
  }

  version(tenant: string, uid: string, version: number): Saved {
    this.get(tenant, uid);
    const found = this.versions(tenant, uid).find((candidate) => candidate.version === version);
    if (found === undefined) {
      throw dashboardErrors.make('unknownVersion', `dashboard "${uid}" has no version ${version} any more`);
    }
    return found;
  }

  /** Saves an older version as the newest. */
  async restore(tenant: string, user: string, uid: string, version: number): Promise<Stored> {
    const { dashboard } = this.version(tenant, uid, version);
    return this.save({
      tenant,
      user,
      dashboard,
      message: `version ${version} restored`,
      expected: this.get(tenant, uid).version,
    });
  }

  stars(tenant: string, user: string): ReadonlySet<string> {
    const prefix = `${user}/`;
    return new Set(
      this.#state
        .list(starKind, tenant)
        .filter(({ key }) => key.startsWith(prefix))
        .map(({ key }) => key.slice(prefix.length)),
    );
  }

  async star(tenant: string, user: string, uid: string, on: boolean): Promise<void> {
    this.get(tenant, uid);
    if (on) await this.#state.put(starKind, tenant, `${user}/${uid}`, true);
    else await this.#state.delete(starKind, tenant, `${user}/${uid}`);
  }

  #refuseBuiltIn(uid: string): void {
    if (this.#builtIn.has(uid))
      throw dashboardErrors.make('builtIn', `"${uid}" comes with Pharos and cannot be changed`);
  }

  #expect(present: Current | undefined, expected: number | 'absent' | 'any', uid: string): void {
    if (expected === 'any') return;
    if (expected === 'absent') {
      if (present !== undefined)
        throw dashboardErrors.make('exists', `there is a dashboard "${uid}" already`, {
          details: facts(present),
        });
      return;
    }
    if (present === undefined)
      throw dashboardErrors.make(
        'unknown',
        `there is no dashboard "${uid}" any more; version ${expected} was expected`,
      );
    if (present.version !== expected) throw this.#conflict(present, expected);
  }

  #conflict(present: Current, expected: number | undefined): Error {
    const who = present.savedBy === '' ? 'somebody' : present.savedBy;
    const when = new Date(present.savedAt).toISOString();
    return dashboardErrors.make(
      'conflict',
      `${who} saved version ${present.version} at ${when}${expected === undefined ? '' : `; the change was made on version ${expected}`}`,
      { details: facts(present) },
    );
  }

  /** Oldest versions beyond the count or the bytes that are kept; the newest kept one stays in any case. */
  #surplus(tenant: string, uid: string, newBytes: number): StateWrite[] {
    let bytes = newBytes;
    return this.versions(tenant, uid).flatMap((old, index) => {
      bytes += JSON.stringify(old.dashboard).length;
      const kept = index + 1 < this.#versionsKept && bytes <= MAX_HISTORY_BYTES;
      return kept ? [] : [{ kind: versionKind, tenant, key: versionKey(uid, old.version), value: undefined }];
    });
  }

  /** A write that lost a race against another is told who won. */
  async #write(tenant: string, uid: string, writes: readonly StateWrite[]): Promise<void> {
    try {
      await this.#state.write(writes);
    } catch (error) {
      const present = this.#state.get(currentKind, tenant, uid)?.value;
      if (present !== undefined && stateErrors.is(error, 'conflict'))
        throw this.#conflict(present, undefined);
      throw error;
    }
  }
}

function facts(present: Current): Readonly<Record<string, unknown>> {
  return { version: present.version, savedAt: present.savedAt, savedBy: present.savedBy };
}
