import { createHttpClient } from '../http-client/client.ts';
import { httpClientErrors } from '../http-client/errors.ts';
import type { ReadText } from '../http-client/headers.ts';
import { type HttpSdConfig, targetGroupsSchema } from './config.ts';
import { createRefreshDiscoverer, type RefreshDeps } from './refresh.ts';
import { groupsOf } from './static.ts';
import type { Discoverer, TargetGroup } from './types.ts';

export interface HttpDiscoveryDeps extends RefreshDeps {
  readonly readText: ReadText;
}

const MAX_BYTES = 32 * 2 ** 20;
const JSON_TYPE = /^\s*application\/json\s*(;|$)/i;

/** `http_sd_configs`: target groups as JSON from a URL, asked every interval; labelled `__meta_url`. */
export function createHttpDiscoverer(config: HttpSdConfig, deps: HttpDiscoveryDeps): Discoverer {
  const client = createHttpClient({ config, readText: deps.readText });
  const headers = {
    accept: 'application/json',
    'x-prometheus-refresh-interval-seconds': String(config.refresh_interval / 1000),
  };
  const look = async (signal: AbortSignal): Promise<TargetGroup[]> => {
    const answer = await client.text(config.url, { headers, signal, maxBytes: MAX_BYTES });
    if (answer.status !== 200)
      throw httpClientErrors.make('status', `${config.url} answered ${answer.status}, expected 200`);
    const type = answer.header('content-type') ?? '';
    if (!JSON_TYPE.test(type))
      throw httpClientErrors.make(
        'content',
        `${config.url} answered Content-Type "${type}", expected application/json`,
      );
    return parseGroups(config.url, answer.body);
  };
  return createRefreshDiscoverer(
    {
      mechanism: 'http',
      source: config.url,
      intervalMs: config.refresh_interval,
      look,
      close: () => client.close(),
    },
    deps,
  );
}

/** Throws with the reason when the text is not a list of target groups. */
export function parseGroups(url: string, text: string): TargetGroup[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw httpClientErrors.make('content', `${url} did not answer with JSON`, { cause });
  }
  const result = targetGroupsSchema.safeParse(content);
  if (!result.success) {
    const [issue] = result.error.issues;
    const at = (issue?.path ?? []).join('.') || 'the list';
    throw httpClientErrors.make('content', `${url}: ${at}: ${issue?.message}`);
  }
  return groupsOf(result.data, url).map((group) => ({
    ...group,
    labels: { ...group.labels, __meta_url: url },
  }));
}
