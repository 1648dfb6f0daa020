import { secretUrl } from '../addresses.ts';
import { anything, atMostOne, filePath, listOf, text } from '../yaml/decode.ts';
import { overHttp } from './kind.ts';
import { attachments, need, unsent } from './unsent.ts';

/** `mattermost_configs`: read and checked. */
export const mattermost = unsent(
  'mattermost',
  {
    ...overHttp,
    ...attachments,
    webhook_url: secretUrl,
    webhook_url_file: filePath,
    channel: text,
    username: text,
    icon_url: text,
    icon_emoji: text,
    text,
    attachments: listOf(anything),
    props: anything,
    priority: anything,
  },
  false,
  ({ place, ...written }, global) => {
    need(
      place,
      [
        written.webhook_url,
        written.webhook_url_file,
        global.mattermost_webhook_url,
        global.mattermost_webhook_url_file,
      ],
      'one of webhook_url or webhook_url_file must be configured',
    );
    atMostOne(place, { webhook_url: written.webhook_url, webhook_url_file: written.webhook_url_file });
  },
);
