import { url } from '../addresses.ts';
import { atMostOne, filePath, goDuration, integer, secret } from '../yaml/decode.ts';
import { overHttp } from './kind.ts';
import { need, unsent } from './unsent.ts';

/** `incidentio_configs`: read and checked. */
export const incidentio = unsent(
  'incidentio',
  {
    ...overHttp,
    url,
    url_file: filePath,
    alert_source_token: secret,
    alert_source_token_file: filePath,
    max_alerts: integer,
    timeout: goDuration,
  },
  true,
  ({ place, ...written }) => {
    need(place, [written.url, written.url_file], 'one of url or url_file must be configured');
    atMostOne(place, { url: written.url, url_file: written.url_file });
    atMostOne(place, {
      alert_source_token: written.alert_source_token,
      alert_source_token_file: written.alert_source_token_file,
    });
    need(
      place,
      [written.alert_source_token, written.alert_source_token_file, written.http_config?.authorization],
      'at least one of alert_source_token, alert_source_token_file or http_config.authorization must be configured',
    );
  },
);
