/** What a scrape's error usually means and what to do, by what its text holds; the first that fits. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [
    /ECONNREFUSED|connection refused/i,
    'Nothing listens at this address. Is the process running, and is the port right?',
  ],
  [
    /ENOTFOUND|EAI_AGAIN|no such host|getaddrinfo/i,
    'The host name cannot be resolved. Check its spelling and the DNS of this machine.',
  ],
  [
    /EHOSTUNREACH|ENETUNREACH|no route/i,
    'There is no way to this host. Check the network and its firewalls.',
  ],
  [
    /ECONNRESET|socket hang up|other side closed/i,
    'The target closed the connection in the middle. It may have crashed or restarted.',
  ],
  [
    /timeout|timed out|deadline|ETIMEDOUT/i,
    'The target did not answer within the scrape timeout. It is overloaded or exposes too much; raise scrape_timeout or make it answer sooner.',
  ],
  [
    /certificate|self.signed|TLS|SSL|unable to verify/i,
    'The TLS certificate is not accepted. Set tls_config.ca_file, or check name and date of the certificate.',
  ],
  [
    /\b401\b|\b403\b/,
    'The target wants credentials that it did not get. Set basic_auth or authorization for this job.',
  ],
  [/\b404\b/, 'There is no such path. Check metrics_path of this job.'],
  [/\b5\d\d\b/, 'The target itself failed while it wrote its metrics. Its log knows why.'],
  [
    /sample_limit|label_limit|label_name_length|label_value_length|target_limit|too many|limit/i,
    'The target exposes more than its limits allow, so that the whole scrape was refused. The cardinality page shows what to drop.',
  ],
  [/body_size|too large|size limit/i, 'The answer is larger than body_size_limit.'],
  [/content.type|unsupported media/i, 'The answer is no metrics page. Is this the right port and path?'],
  [
    /parse|invalid|expected|unexpected|malformed/i,
    'A line of the answer is no valid exposition text, and so the whole scrape was refused, as Prometheus does.',
  ],
];

/** The error of a scrape in words; "" when its text says all there is. */
export function errorInWords(error: string): string {
  return error === '' ? '' : (MEANINGS.find(([pattern]) => pattern.test(error))?.[1] ?? '');
}
