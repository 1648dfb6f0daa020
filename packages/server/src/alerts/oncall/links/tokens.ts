import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { StateKind, StateStore } from '../../../journal/index.ts';
import type { Service } from '../../../kernel/services.ts';

/** What a link allows. */
export interface Grant {
  /** `page`: to acknowledge a page. `calendar`: to read a schedule. */
  readonly purpose: 'page' | 'calendar';
  /** Id of the page, or name of the schedule. */
  readonly of: string;
  /** Whom it was given to: a person, or a receiver. */
  readonly to: string;
  /** Epoch ms; 0 for never. */
  readonly expiresAt: number;
}

const grantSchema = z.tuple([z.enum(['page', 'calendar']), z.string(), z.string(), z.number()]);

const keySchema = z.strictObject({ key: z.string() });
/** The one key that links are signed with. */
const keyKind: StateKind<z.output<typeof keySchema>> = {
  name: 'alerts.link_key',
  version: 1,
  schema: keySchema,
};
const KEY = 'key';
const KEY_BYTES = 32;
const MOST_TOKEN_CHARS = 2000;

/** Signs links and reads them back. The key is made at the first start and kept with the state: links outlive restarts. */
export class LinkTokens implements Service {
  readonly name = 'alert-link-tokens';
  readonly dependsOn = ['alert-state'];
  readonly #state: StateStore;
  readonly #tenant: string;
  #key: Buffer = randomBytes(KEY_BYTES);

  constructor(state: StateStore, tenant: string) {
    this.#state = state;
    this.#tenant = tenant;
  }

  async start(): Promise<void> {
    const known = this.#state.get(keyKind, this.#tenant, KEY)?.value.key;
    if (known === undefined)
      await this.#state.put(keyKind, this.#tenant, KEY, { key: this.#key.toString('base64url') });
    else this.#key = Buffer.from(known, 'base64url');
  }

  /** Fit for a URL. */
  sign({ purpose, of, to, expiresAt }: Grant): string {
    const body = Buffer.from(JSON.stringify([purpose, of, to, expiresAt])).toString('base64url');
    return `${body}.${this.#mac(body).toString('base64url')}`;
  }

  /** What we signed, whether or not its time is over; null for anything else. */
  read(token: string): Grant | null {
    if (token.length > MOST_TOKEN_CHARS) return null;
    const [body = '', mac = ''] = token.split('.', 2);
    const given = Buffer.from(mac, 'base64url');
    const right = this.#mac(body);
    if (given.length !== right.length || !timingSafeEqual(given, right)) return null;
    const parsed: unknown = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
    const [purpose, of, to, expiresAt] = grantSchema.parse(parsed);
    return { purpose, of, to, expiresAt };
  }

  #mac(body: string): Buffer {
    return createHmac('sha256', this.#key).update(body).digest();
  }
}

export function isExpired({ expiresAt }: Grant, now: number): boolean {
  return expiresAt !== 0 && expiresAt <= now;
}
