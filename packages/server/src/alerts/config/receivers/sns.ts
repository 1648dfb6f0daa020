import { flag, given, mapOf, secret, struct, text } from '../yaml/decode.ts';
import { overHttp } from './kind.ts';
import { unsent } from './unsent.ts';

const sigv4 = struct({
  region: text,
  access_key: secret,
  secret_key: secret,
  profile: text,
  role_arn: text,
  external_id: text,
  use_fips_sts_endpoint: flag,
});

/** `sns_configs`: read and checked. */
export const sns = unsent(
  'sns',
  {
    ...overHttp,
    api_url: text,
    sigv4,
    topic_arn: text,
    phone_number: text,
    target_arn: text,
    subject: text,
    message: text,
    attributes: mapOf(text),
  },
  true,
  ({ place, ...written }) => {
    const [target, topic, phone] = [written.target_arn, written.topic_arn, written.phone_number].map(given);
    // As Alertmanager compares them: with an even number of the three there is no telling which is meant.
    if ((!target !== !topic) !== !phone)
      place.refuse('must provide either a Target ARN, Topic ARN, or Phone Number for SNS config');
  },
);
