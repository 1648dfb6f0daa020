import type { Clock } from '../../shared/clock.ts';
import type { Transport } from '../../shared/transport.ts';

const TIMEOUT_MS = 12_000;

export interface ShopAnswer {
  /** 0 when there was no answer. */
  readonly status: number;
  readonly body: unknown;
}

export interface ShopRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly token?: string | null;
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. */
  readonly rawBody?: string;
}

/** A shopper's browser: talks to the gateway, never throws. */
export type AskShop = (request: ShopRequest) => Promise<ShopAnswer>;

export function createAskShop(transport: Transport, gatewayUrl: string, clock: Clock): AskShop {
  return async ({ method, path, token, body, rawBody }) => {
    const headers: Record<string, string> = {};
    if (token != null) headers['authorization'] = `Bearer ${token}`;
    const payload = rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
    if (payload !== undefined) headers['content-type'] = 'application/json';
    const patience = new AbortController();
    const timer = clock.after(TIMEOUT_MS, () => patience.abort(new Error('gave up waiting')));
    try {
      const answer = await transport.send(
        gatewayUrl,
        { method, path, headers, body: payload },
        patience.signal,
      );
      return { status: answer.status, body: parsed(answer.body) };
    } catch {
      return { status: 0, body: null };
    } finally {
      timer.cancel();
    }
  };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}
