import { z } from 'zod';
import type { Clock } from '../../../kernel/clock.ts';
import { jitter, type Random } from '../../../kernel/random.ts';
import type { HttpClient } from '../../http-client/client.ts';
import { httpClientErrors } from '../../http-client/errors.ts';
import { lines } from './lines.ts';
import type { Metadata } from './objects.ts';
import { keyOf } from './world.ts';

/*
 *            list (pages)            watch from its version
 *   start ───────────────▶ synced ─────────────────────────▶ added, modified, deleted, bookmark
 *              ▲                        │ ended, broken: watch again from the newest version
 *              └── 410: version too old ┘ (with growing pauses after failures)
 *
 * Source: Kubernetes API concepts, "efficient detection of changes".
 */

export interface InformerOptions<Thing> {
  readonly client: HttpClient;
  /** URL of the list, without query. */
  readonly url: string;
  /** Where its objects are kept; informers of other namespaces may share it. */
  readonly items: Map<string, Thing>;
  /** Label and field selectors. */
  readonly query: Readonly<Record<string, string>>;
  readonly schema: z.ZodType<Thing>;
  readonly clock: Clock;
  readonly random: Random;
  readonly onChange: () => void;
  readonly onFailure: (error: unknown) => void;
}

const PAGE = 500;
const MAX_PAGE_BYTES = 64 * 2 ** 20;
const MAX_LINE_BYTES = 16 * 2 ** 20;
const LIST_TIMEOUT_MS = 60_000;
const WATCH_SECONDS = 300;
/** Past its own end a watch is broken: the connection died without a word. */
const WATCH_GRACE_MS = 30_000;
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;
const GONE = 410;

const pageSchema = z.object({
  metadata: z.object({ resourceVersion: z.string().default(''), continue: z.string().optional() }),
  items: z
    .array(z.unknown())
    .nullish()
    .transform((items) => items ?? []),
});

const eventSchema = z.object({
  type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']),
  object: z.unknown(),
});
const versionSchema = z.object({ metadata: z.object({ resourceVersion: z.string() }) });
const statusSchema = z.object({ code: z.number().optional(), message: z.string().optional() });

/** Keeps a copy of one kind of object as the cluster has it. An object that cannot be read counts as absent. */
export class Informer<Thing extends { readonly metadata: Metadata }> {
  /** The first list is in. */
  synced = false;
  readonly #options: InformerOptions<Thing>;
  readonly #stop = new AbortController();
  readonly #own = new Set<string>();
  #version: string | null = null;

  constructor(options: InformerOptions<Thing>) {
    this.#options = options;
  }

  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    const { clock, random, onFailure } = this.#options;
    let pause = FIRST_PAUSE_MS;
    while (!this.#stop.signal.aborted) {
      try {
        this.#version ??= await this.#list();
        await this.#watch(this.#version);
        pause = FIRST_PAUSE_MS;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        onFailure(error);
        await clock.sleep(jitter(random, pause), this.#stop.signal).catch(() => undefined);
        pause = Math.min(MAX_PAUSE_MS, pause * 2);
      }
    }
  }

  /** Replaces everything; answers the version to watch from. */
  async #list(): Promise<string> {
    const found = new Map<string, Thing>();
    for (let next: string | undefined; ; ) {
      const page = await this.#page(next);
      for (const item of page.items) {
        const thing = this.#options.schema.safeParse(item).data;
        if (thing !== undefined) found.set(keyOfThing(thing), thing);
      }
      next = page.metadata.continue;
      if (next !== undefined && next !== '') continue;
      for (const key of this.#own) if (!found.has(key)) this.#forget(key);
      for (const [key, thing] of found) this.#keep(key, thing);
      this.synced = true;
      this.#options.onChange();
      return page.metadata.resourceVersion;
    }
  }

  async #page(next: string | undefined): Promise<z.output<typeof pageSchema>> {
    const { client } = this.#options;
    const url = this.#url({
      limit: String(PAGE),
      ...(next === undefined || next === '' ? {} : { continue: next }),
    });
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(LIST_TIMEOUT_MS)]);
    const answer = await client.text(url, { headers: JSON_ONLY, signal, maxBytes: MAX_PAGE_BYTES });
    if (answer.status !== 200) throw refused(url, answer.status);
    try {
      return pageSchema.parse(JSON.parse(answer.body));
    } catch (cause) {
      throw httpClientErrors.make('content', `${pathOf(url)} did not answer with a list`, { cause });
    }
  }

  async #watch(from: string): Promise<void> {
    const { client, random } = this.#options;
    const seconds = Math.round(jitter(random, WATCH_SECONDS, 0.3));
    const url = this.#url({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: from,
      timeoutSeconds: String(seconds),
    });
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(seconds * 1000 + WATCH_GRACE_MS)]);
    const answer = await client.stream(url, { headers: JSON_ONLY, signal });
    if (answer.status === GONE) this.#version = null;
    if (answer.status !== 200) throw refused(url, answer.status);
    for await (const line of lines(answer.body, MAX_LINE_BYTES)) this.#event(url, line);
  }

  #event(url: string, line: string): void {
    let event: z.output<typeof eventSchema>;
    try {
      event = eventSchema.parse(JSON.parse(line));
    } catch (cause) {
      throw httpClientErrors.make('content', `${pathOf(url)} sent an event that is none`, { cause });
    }
    if (event.type === 'ERROR') {
      const status = statusSchema.safeParse(event.object).data;
      if (status?.code === GONE) this.#version = null;
      throw httpClientErrors.make(
        'status',
        `the watch of ${pathOf(url)} ended: ${status?.message ?? 'no reason given'}`,
      );
    }
    const version = versionSchema.safeParse(event.object).data?.metadata.resourceVersion;
    if (version !== undefined) this.#version = version;
    const thing = event.type === 'BOOKMARK' ? undefined : this.#options.schema.safeParse(event.object).data;
    if (thing === undefined) return;
    if (event.type === 'DELETED') this.#forget(keyOfThing(thing));
    else this.#keep(keyOfThing(thing), thing);
    this.#options.onChange();
  }

  #keep(key: string, thing: Thing): void {
    this.#own.add(key);
    this.#options.items.set(key, thing);
  }

  #forget(key: string): void {
    this.#own.delete(key);
    this.#options.items.delete(key);
  }

  #url(query: Readonly<Record<string, string>>): string {
    return `${this.#options.url}?${new URLSearchParams({ ...this.#options.query, ...query }).toString()}`;
  }
}

const JSON_ONLY = { accept: 'application/json' };

function keyOfThing({ metadata }: { readonly metadata: Metadata }): string {
  return keyOf(metadata.namespace, metadata.name);
}

function pathOf(url: string): string {
  return new URL(url).pathname;
}

function refused(url: string, status: number): Error {
  return httpClientErrors.make('status', `${pathOf(url)} answered ${status}, expected 200`);
}
