/**
 * Which metrics of a tenant have native histograms in the engine, so that queries of all others never ask for any. While
 * `complete` is false (the engine has not been asked yet), every metric may have some.
 */
export class HistogramMetrics {
  complete = false;
  readonly #byTenant = new Map<string, Set<number>>();

  add(tenant: string, metric: number): void {
    let metrics = this.#byTenant.get(tenant);
    if (metrics === undefined) this.#byTenant.set(tenant, (metrics = new Set()));
    metrics.add(metric);
  }

  mayHave(tenant: string, metric: number): boolean {
    return !this.complete || this.#byTenant.get(tenant)?.has(metric) === true;
  }
}
