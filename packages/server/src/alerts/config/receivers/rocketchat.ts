import { url } from '../addresses.ts';
import { atMostOne, filePath, flag, secret, text } from '../yaml/decode.ts';
import { overHttp } from './kind.ts';
import { attachments, need, unsent } from './unsent.ts';

/** `rocketchat_configs`: read and checked. */
export const rocketchat = unsent(
  'rocketchat',
  {
    ...overHttp,
    ...attachments,
    api_url: url,
    token_id: secret,
    token_id_file: filePath,
    token: secret,
    token_file: filePath,
    channel: text,
    color: text,
    title: text,
    title_link: text,
    text,
    short_fields: flag,
    emoji: text,
    icon_url: text,
    image_url: text,
    thumb_url: text,
    link_names: flag,
  },
  false,
  ({ place, ...written }, global) => {
    atMostOne(place, { token: written.token, token_file: written.token_file });
    atMostOne(place, { token_id: written.token_id, token_id_file: written.token_id_file });
    need(
      place,
      [written.token_id, written.token_id_file, global.rocketchat_token_id, global.rocketchat_token_id_file],
      'no global Rocketchat TokenID set either inline or in a file',
    );
    need(
      place,
      [written.token, written.token_file, global.rocketchat_token, global.rocketchat_token_file],
      'no global Rocketchat Token set either inline or in a file',
    );
  },
);
