import { z } from 'zod';
import type { SentEntry } from '../config/receivers/sent-kinds.ts';
import type { SlackSettings } from '../config/receivers/slack.ts';
import type { SendResult } from '../outbox/send-result.ts';
import type { ReceiverMemo } from '../pipeline/notification-log.ts';
import { attemptOverHttp, type HttpAnswer, type HttpAttempt, jsonOf, judged, retryAfter } from './http.ts';
import type { Notifier } from './notifier.ts';
import { type SlackMessage, slackMessage } from './slack-message.ts';

const POST = 'chat.postMessage';
const UPDATE = 'chat.update';

/** Why the API may say no with an answer of 200 and yes a moment later. */
const PASSING: ReadonlySet<string> = new Set([
  'ratelimited',
  'rate_limited',
  'message_limit_exceeded',
  'fatal_error',
  'internal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
]);

/** The message that was to be changed cannot be any more: a new one takes its place. */
const UNCHANGEABLE: ReadonlySet<string> = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'channel_not_found',
  'is_inactive',
]);

/**
 * A message to a channel. Over the API, later news of a group may change its first message, or be told in its thread, or both; over an
 * incoming webhook every one is a message of its own.
 */
export const slack: Notifier<SentEntry<'slack'>> = ({ http, settings }, message, deps) =>
  attemptOverHttp(http, deps, async (attempt) => {
    const api = new SlackCalls(attempt, settings, deps.clock.now());
    const body = slackMessage(settings, message);
    const { address, isApi } = await api.place();
    if (!isApi) return api.judged(await api.call(address, body)).result;
    const root = rootOf(message.memo);
    if (root === null) return await post(api, address, body);
    if (settings.updatesInPlace) {
      const { channel, ts } = root;
      const changed = api.judged(await api.call(address.replace(POST, UPDATE), { ...body, channel, ts }));
      if (UNCHANGEABLE.has(changed.error)) return await post(api, address, body);
      if (!changed.result.ok || !settings.repliesInThread) return known(changed.result, root);
    } else if (!settings.repliesInThread) return await post(api, address, body);
    const reply = { ...body, channel: root.channel, thread_ts: root.ts };
    return known(api.judged(await api.call(address, reply)).result, root);
  });

/** The first message of a group that fires. */
interface Root {
  readonly channel: string;
  readonly ts: string;
}

function rootOf(memo: ReceiverMemo | undefined): Root | null {
  const { channel, ts } = memo ?? {};
  return channel === undefined || ts === undefined ? null : { channel, ts };
}

/** Later messages look for the same root. */
function known(result: SendResult, { channel, ts }: Root): SendResult {
  return result.ok ? { ...result, memo: { channel, ts } } : result;
}

async function post(api: SlackCalls, address: string, body: SlackMessage): Promise<SendResult> {
  const { result, root } = api.judged(await api.call(address, body));
  return root === null ? result : known(result, root);
}

const answerShape = z.object({
  ok: z.boolean(),
  error: z.string().optional(),
  channel: z.string().optional(),
  ts: z.string().optional(),
});

interface Judged {
  readonly result: SendResult;
  /** Slack's word; empty where it said none. */
  readonly error: string;
  readonly root: Root | null;
}

class SlackCalls {
  readonly #attempt: HttpAttempt;
  readonly #settings: SlackSettings;
  readonly #now: number;
  #headers: Readonly<Record<string, string>> = {};

  constructor(attempt: HttpAttempt, settings: SlackSettings, now: number) {
    this.#attempt = attempt;
    this.#settings = settings;
    this.#now = now;
  }

  /** Where messages go. The API may be named as a webhook is, with its token among the headers of `http_config`. */
  async place(): Promise<{ readonly address: string; readonly isApi: boolean }> {
    const { url, appToken } = this.#settings;
    const address = await this.#attempt.secret(url);
    if (appToken !== undefined)
      this.#headers = { authorization: `Bearer ${await this.#attempt.secret(appToken)}` };
    return { address, isApi: appToken !== undefined || address.includes(`/${POST}`) };
  }

  async call(url: string, body: object): Promise<HttpAnswer> {
    const { timeoutMs } = this.#settings;
    return await this.#attempt.send({ url, body, headers: this.#headers, timeoutMs });
  }

  /** Webhooks answer with a status and a word, the API with 200 and what it thinks of the request. */
  judged(answer: HttpAnswer): Judged {
    const result = judged(answer, this.#now);
    const said = answerShape.safeParse(jsonOf(answer)).data;
    if (said === undefined || said.ok || !result.ok) {
      const { channel, ts } = said ?? {};
      const root = channel === undefined || ts === undefined ? null : { channel, ts };
      return { result, error: said?.error ?? '', root };
    }
    const error = said.error ?? 'no reason';
    return {
      error,
      root: null,
      result: {
        ok: false,
        reason: `Slack refused it: ${error}`,
        isRetryable: PASSING.has(error),
        isUncertain: false,
        retryAfterMs: retryAfter(answer.headers, this.#now),
      },
    };
  }
}
