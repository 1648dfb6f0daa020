import type { Page } from '../oncall/page/page.ts';

/** A page as an alert of it shows it. */
interface PagedAlert {
  readonly id: string;
  readonly state: Page['phase']['kind'];
  /** Empty while nobody has. */
  readonly acknowledged_by: string;
  /** Epoch ms. */
  readonly acknowledged_at: number | null;
}

/** Open pages, by the fingerprints of their alerts. */
export type PagedAlerts = ReadonlyMap<string, readonly PagedAlert[]>;

/** Which alerts somebody is told of, and who said that it is seen. */
export function pagedAlerts(open: readonly Page[]): PagedAlerts {
  const paged = new Map<string, PagedAlert[]>();
  for (const { id, phase, fingerprints } of open) {
    const acknowledged = phase.kind === 'acknowledged' ? phase : null;
    const one: PagedAlert = {
      id,
      state: phase.kind,
      acknowledged_by: acknowledged?.by ?? '',
      acknowledged_at: acknowledged?.at ?? null,
    };
    for (const fingerprint of fingerprints) {
      const others = paged.get(fingerprint);
      if (others === undefined) paged.set(fingerprint, [one]);
      else others.push(one);
    }
  }
  return paged;
}
