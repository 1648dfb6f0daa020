import { url } from '../addresses.ts';
import { filePath, given, secret, text } from '../yaml/decode.ts';
import { overHttp } from './kind.ts';
import { need, unsent } from './unsent.ts';

/** `wechat_configs`: read and checked. */
export const wechat = unsent(
  'wechat',
  {
    ...overHttp,
    api_secret: secret,
    api_secret_file: filePath,
    corp_id: text,
    message: text,
    api_url: url,
    to_user: text,
    to_party: text,
    to_tag: text,
    agent_id: text,
    message_type: text,
  },
  false,
  ({ place, ...written }, global) => {
    const type = given(written.message_type) ? written.message_type : 'text';
    if (type !== 'text' && type !== 'markdown')
      place
        .at('message_type')
        .refuse(`weChat message type "${type}" does not match valid options ^(text|markdown)$`);
    need(
      place,
      [written.api_secret, written.api_secret_file, global.wechat_api_secret, global.wechat_api_secret_file],
      'no global Wechat ApiSecret set',
    );
    need(place, [written.corp_id, global.wechat_api_corp_id], 'no global Wechat CorpID set');
  },
);
