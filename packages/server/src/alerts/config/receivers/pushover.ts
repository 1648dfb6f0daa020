import { atMostOne, filePath, flag, goDuration, secret, text } from '../yaml/decode.ts';
import { overHttp } from './kind.ts';
import { need, unsent } from './unsent.ts';

/** `pushover_configs`: read and checked. */
export const pushover = unsent(
  'pushover',
  {
    ...overHttp,
    user_key: secret,
    user_key_file: filePath,
    token: secret,
    token_file: filePath,
    title: text,
    message: text,
    url: text,
    url_title: text,
    device: text,
    sound: text,
    priority: text,
    retry: goDuration,
    expire: goDuration,
    ttl: goDuration,
    html: flag,
    monospace: flag,
  },
  true,
  ({ place, ...written }) => {
    need(
      place,
      [written.user_key, written.user_key_file],
      'one of user_key or user_key_file must be configured',
    );
    atMostOne(place, { user_key: written.user_key, user_key_file: written.user_key_file });
    need(place, [written.token, written.token_file], 'one of token or token_file must be configured');
    atMostOne(place, { token: written.token, token_file: written.token_file });
    if (written.html === true && written.monospace === true)
      place.refuse('at most one of monospace & html must be configured');
  },
);
