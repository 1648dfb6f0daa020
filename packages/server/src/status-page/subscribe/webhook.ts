import type { Channel } from './subscriptions.ts';

/** One request: the answer's status. Rejects when there is none in time. */
export type Post = (request: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}) => Promise<number>;

/** Letters as JSON, posted; any 2xx is an arrival. */
export function webhookChannel(post: Post): Channel {
  return async (address, letter) => {
    const status = await post({
      url: address,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ version: 1, ...letter }),
    });
    if (status < 200 || status > 299) throw new Error(`it answered ${status}`);
  };
}
