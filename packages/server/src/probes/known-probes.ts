import { probeErrors } from './errors.ts';
import type { KnownProbe } from './known.ts';
import { unknownProbe } from './store.ts';

type Counts = Record<'healthy' | 'degraded' | 'unhealthy' | 'unknown' | 'paused', number>;

/** The probes that run, by tenant and id, and the heartbeats by the token of their address. */
export class KnownProbes {
  readonly #probes = new Map<string, Map<string, KnownProbe>>();
  readonly #tokens = new Map<string, KnownProbe>();
  /** By name; made when it is asked for. */
  readonly #sorted = new Map<string, readonly KnownProbe[]>();

  tenants(): readonly string[] {
    return [...this.#probes.keys()];
  }

  /** By name. */
  all(tenant: string): readonly KnownProbe[] {
    let sorted = this.#sorted.get(tenant);
    if (sorted === undefined) {
      const probes = [...(this.#probes.get(tenant)?.values() ?? [])];
      sorted = probes.sort((a, b) => (a.definition.name < b.definition.name ? -1 : 1));
      this.#sorted.set(tenant, sorted);
    }
    return sorted;
  }

  find(tenant: string, id: string): KnownProbe | undefined {
    return this.#probes.get(tenant)?.get(id);
  }

  /** Throws `unknown`. */
  get(tenant: string, id: string): KnownProbe {
    const found = this.find(tenant, id);
    if (found === undefined) throw unknownProbe(id);
    return found;
  }

  /** One that may be changed over the API. Throws `unknown` or `configured`. */
  own(tenant: string, id: string): KnownProbe {
    const probe = this.get(tenant, id);
    if (probe.version === null)
      throw probeErrors.make(
        'configured',
        `the probe "${probe.definition.name}" comes from the configuration file`,
      );
    return probe;
  }

  /** Throws `exists` when another probe has the name. */
  refuseName(tenant: string, name: string, except?: string): void {
    for (const { id, definition } of this.#probes.get(tenant)?.values() ?? [])
      if (definition.name === name && id !== except)
        throw probeErrors.make('exists', `name: there is a probe "${name}" already`, {
          details: { problems: [{ field: 'body.name', problem: `there is a probe "${name}" already` }] },
        });
  }

  put(probe: KnownProbe, token: string | null): void {
    let probes = this.#probes.get(probe.tenant);
    if (probes === undefined) this.#probes.set(probe.tenant, (probes = new Map<string, KnownProbe>()));
    probes.set(probe.id, probe);
    this.#sorted.delete(probe.tenant);
    if (token !== null) this.#tokens.set(token, probe);
  }

  delete(probe: KnownProbe): void {
    this.#probes.get(probe.tenant)?.delete(probe.id);
    this.#sorted.delete(probe.tenant);
    if (probe.compiled.look !== null) return;
    for (const [token, owner] of this.#tokens) if (owner === probe) this.#tokens.delete(token);
  }

  byToken(token: string): KnownProbe | undefined {
    return this.#tokens.get(token);
  }

  counts(): Counts {
    const counts: Counts = { healthy: 0, degraded: 0, unhealthy: 0, unknown: 0, paused: 0 };
    for (const probes of this.#probes.values())
      for (const { definition, state } of probes.values())
        counts[definition.paused ? 'paused' : state.status]++;
    return counts;
  }
}
