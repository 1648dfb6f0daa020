import type { Pharos } from '@pharos/node';
import { CircuitOpenError, TimeoutError } from '@pharos/node';
import type { Upstream } from './clients.ts';
import { isShopError, ShopError } from './errors.ts';
import type { ServiceTokens } from './jwt.ts';
import type { ServiceName } from './ports.ts';
import type { Transport } from './transport.ts';

const TRY_TIMEOUT_MS = 2_000;
const ATTEMPTS = 2;
const BASE_DELAY_MS = 50;

export interface UpstreamDeps {
  readonly pharos: Pick<Pharos, 'breakers' | 'policy'>;
  readonly target: ServiceName;
  readonly baseUrl: string;
  readonly transport: Transport;
  readonly tokens: Pick<ServiceTokens, 'header'>;
}

/** Internal calls to one service, through the breaker `<target>-client`. */
export function createUpstream({ pharos, target, baseUrl, transport, tokens }: UpstreamDeps): Upstream {
  const breaker = pharos.breakers.create(`${target}-client`);
  const policy = pharos.policy({
    breaker,
    timeout: TRY_TIMEOUT_MS,
    // A call that timed out is not tried again: its caller waits as well, and a slow service needs no more load.
    retry: {
      attempts: ATTEMPTS,
      baseDelay: BASE_DELAY_MS,
      retryable: (error) => !(error instanceof TimeoutError),
    },
  });
  return {
    call: async ({ method, path, body }) => {
      const headers: Record<string, string> = { authorization: await tokens.header(target) };
      const payload = body === undefined ? undefined : JSON.stringify(body);
      if (payload !== undefined) headers['content-type'] = 'application/json';
      try {
        const answer = await policy.execute(async (signal) => {
          const raw = await transport.send(baseUrl, { method, path, headers, body: payload }, signal);
          if (raw.status >= 500) throw new ShopError('unavailable', `${target} answered ${raw.status}`);
          return raw;
        });
        return { status: answer.status, body: parsed(answer.body, target) };
      } catch (error) {
        throw asFailure(error, target);
      }
    },
  };
}

/** Whether a service behind gave no usable answer, for whatever reason. */
export function isUnavailable(error: unknown): boolean {
  return (
    error instanceof CircuitOpenError ||
    isShopError(error, 'unavailable') ||
    isShopError(error, 'timeout') ||
    isShopError(error, 'bad_gateway')
  );
}

/** An open breaker stays what it is, so that it is classified as one; the rest becomes the shop's own failures. */
function asFailure(error: unknown, target: string): Error {
  if (error instanceof CircuitOpenError || error instanceof ShopError) return error;
  if (error instanceof TimeoutError) {
    return new ShopError('timeout', `${target} did not answer within ${error.timeoutMs} ms`, {
      cause: error,
    });
  }
  return new ShopError('unavailable', `${target} cannot be reached`, { cause: error });
}

function parsed(body: Buffer, target: string): unknown {
  try {
    return body.length === 0 ? null : JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new ShopError('bad_gateway', `${target} answered something that is no JSON`, { cause: error });
  }
}
