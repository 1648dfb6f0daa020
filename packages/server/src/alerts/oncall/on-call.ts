import type { Service } from '../../kernel/services.ts';
import { labelSet } from '../labels/label-set.ts';
import type { OutboxItem } from '../outbox/item.ts';
import type { OnCallConfig } from './config/load.ts';
import { type EscalationDeps, Escalations } from './escalations.ts';
import { LinkTokens } from './links/tokens.ts';
import type { Page } from './page/page.ts';
import { Rota } from './rota.ts';

export interface OnCallDeps extends Omit<EscalationDeps, 'rota'> {
  /** Where Pharos is, for links. */
  externalUrl(): string;
}

/** How long a link to acknowledge works, from when its notification was decided. */
const LINK_MS = 3 * 86_400_000;
/** The annotation that notifications of a page have. */
const LINK_ANNOTATION = 'acknowledge_url';

/** Who is on call, pages on their way to them, and the links that these hold. */
export class OnCall {
  readonly rota: Rota;
  readonly escalations: Escalations;
  readonly tokens: LinkTokens;
  /** Those that must be there before groups flush. */
  readonly services: readonly Service[];
  /** Those that need groups. */
  readonly lateServices: readonly Service[];
  readonly #deps: OnCallDeps;

  constructor(deps: OnCallDeps) {
    this.#deps = deps;
    this.rota = new Rota(deps);
    this.escalations = new Escalations({ ...deps, rota: this.rota });
    this.tokens = new LinkTokens(deps.state, deps.tenant);
    this.services = [this.rota, this.tokens, this.escalations];
    this.lateServices = [this.escalations.timers];
  }

  configure(config: OnCallConfig): void {
    this.rota.configure(config);
    this.escalations.configure(config);
  }

  /** A notification of a page, with the link to acknowledge it; any other as it is. All attempts have the same link. */
  withLinks(item: OutboxItem): OutboxItem {
    const page = this.escalations.book.ofNotice(item.group);
    if (page === undefined || item.firing.length === 0) return item;
    const url = this.#link(page, item);
    const alerts = item.alerts.map((alert) => ({
      ...alert,
      annotations: labelSet([...alert.annotations, [LINK_ANNOTATION, url]]),
    }));
    return { ...item, alerts };
  }

  #link(page: Page, { receiver, plannedAt }: OutboxItem): string {
    const to = page.told.find((one) => one.receiver === receiver)?.person ?? '';
    const grant = { purpose: 'page', of: page.id, to, expiresAt: plannedAt + LINK_MS } as const;
    return `${this.#deps.externalUrl()}/acknowledge?token=${this.tokens.sign(grant)}`;
  }
}
