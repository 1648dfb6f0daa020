import { url } from '../addresses.ts';
import { atMostOne, filePath, mapOf, secret, text } from '../yaml/decode.ts';
import { overHttp } from './kind.ts';
import { need, unsent } from './unsent.ts';

const VICTOROPS_RESERVED = [
  'routing_key',
  'message_type',
  'state_message',
  'entity_display_name',
  'monitoring_tool',
  'entity_id',
  'entity_state',
];

/** `victorops_configs`: read and checked. */
export const victorops = unsent(
  'victorops',
  {
    ...overHttp,
    api_key: secret,
    api_key_file: filePath,
    api_url: url,
    routing_key: text,
    message_type: text,
    state_message: text,
    entity_display_name: text,
    monitoring_tool: text,
    custom_fields: mapOf(text),
  },
  true,
  ({ place, ...written }, global) => {
    need(place, [written.routing_key], 'missing Routing key in VictorOps config');
    atMostOne(place, { api_key: written.api_key, api_key_file: written.api_key_file });
    for (const name of VICTOROPS_RESERVED)
      if (written.custom_fields?.has(name) === true)
        place
          .at('custom_fields')
          .refuse(
            `victorOps config contains custom field ${name} which cannot be used as it conflicts with the fixed/static fields`,
          );
    need(
      place,
      [written.api_key, written.api_key_file, global.victorops_api_key, global.victorops_api_key_file],
      'no global VictorOps API Key set',
    );
  },
);
