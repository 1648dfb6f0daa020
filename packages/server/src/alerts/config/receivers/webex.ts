import { url } from '../addresses.ts';
import { text } from '../yaml/decode.ts';
import { overHttp } from './kind.ts';
import { need, unsent } from './unsent.ts';

/** `webex_configs`: read and checked. */
export const webex = unsent(
  'webex',
  { ...overHttp, api_url: url, message: text, room_id: text },
  true,
  ({ place, ...written }) => {
    need(place, [written.room_id], 'missing room_id on webex_config');
    need(place, [written.http_config?.authorization], 'missing webex_configs.http_config.authorization');
  },
);
