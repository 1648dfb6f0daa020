import type { StateStore } from '../../journal/index.ts';
import { noticeGroup, type Page } from './page/page.ts';
import { pageKind, pageOf, storedPage } from './page/stored.ts';

/** How long pages are kept after their end, and how many of those at most. */
const RETENTION_MS = 30 * 86_400_000;
const MOST_ENDED = 2000;

/** One page at a time for each group of each receiver. */
export function pageKey({ receiver, group }: Pick<Page, 'receiver' | 'group'>): string {
  return JSON.stringify([receiver, group]);
}

/** Pages on disk and in memory. */
export class PageBook {
  readonly #state: StateStore;
  readonly #tenant: string;
  readonly #pages = new Map<string, Page>();
  readonly #open = new Map<string, string>();
  readonly #notices = new Map<string, Page>();

  constructor(state: StateStore, tenant: string) {
    this.#state = state;
    this.#tenant = tenant;
  }

  load(): void {
    for (const { value } of this.#state.list(pageKind, this.#tenant)) this.#remember(pageOf(value));
  }

  /** Resolves when it is durable. */
  async put(page: Page): Promise<void> {
    await this.#state.put(pageKind, this.#tenant, page.id, storedPage(page));
    this.#remember(page);
  }

  /** To another group, in memory and at once: nobody opens a page for its alerts there meanwhile. */
  move(before: Page, after: Page): void {
    const key = pageKey(before);
    if (this.#open.get(key) === before.id) this.#open.delete(key);
    this.#remember(after);
  }

  get(id: string): Page | undefined {
    return this.#pages.get(id);
  }

  /** The one of a group that has not ended. */
  openOf(key: string): Page | undefined {
    return this.get(this.#open.get(key) ?? '');
  }

  /** The page that notifications of a group are about. */
  ofNotice(group: string): Page | undefined {
    return this.#notices.get(group);
  }

  /** What notifications that are about to be handed over tell of, and is written after them. */
  announce(page: Page): void {
    this.#notices.set(noticeGroup(page), page);
  }

  /** Newest first. */
  all(): readonly Page[] {
    return [...this.#pages.values()].sort((a, b) => b.openedAt - a.openedAt);
  }

  open(): readonly Page[] {
    return [...this.#open.values()].flatMap((id) => this.get(id) ?? []);
  }

  /** Removes what ended long ago. */
  async clean(now: number): Promise<void> {
    const ended = this.all().filter(({ phase }) => phase.kind === 'ended');
    const gone = ended.filter(
      ({ phase }, i) => i >= MOST_ENDED || (phase.kind === 'ended' && phase.at < now - RETENTION_MS),
    );
    if (gone.length === 0) return;
    await this.#state.write(
      gone.map(({ id }) => ({ kind: pageKind, tenant: this.#tenant, key: id, value: undefined })),
    );
    for (const page of gone) {
      this.#pages.delete(page.id);
      this.#notices.delete(noticeGroup(page));
    }
  }

  #remember(page: Page): void {
    const key = pageKey(page);
    this.#pages.set(page.id, page);
    this.announce(page);
    if (page.phase.kind !== 'ended') this.#open.set(key, page.id);
    else if (this.#open.get(key) === page.id) this.#open.delete(key);
  }
}
