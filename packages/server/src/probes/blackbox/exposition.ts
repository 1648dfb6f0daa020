import type { ProbeSample } from '../probers/types.ts';

/** What each metric means; a name without an entry has none in the text. */
const HELP: Readonly<Record<string, string>> = {
  probe_success: 'Whether the probe succeeded.',
  probe_duration_seconds: 'How long the probe took.',
  probe_dns_lookup_time_seconds: 'Time taken by the lookup of the name.',
  probe_failed_due_to_regex: 'Whether a pattern made the probe fail.',
  probe_http_status_code: 'Status of the answer, 0 without one.',
  probe_http_duration_seconds: 'Duration of the request by phase, summed over redirects.',
  probe_http_redirects: 'Number of redirects followed.',
  probe_http_ssl: 'Whether the last answer came over TLS.',
  probe_http_version: 'Version of HTTP of the answer.',
  probe_http_content_length: 'Length that the answer declares, -1 when it does not.',
  probe_http_uncompressed_body_length: 'Bytes of the body that were read.',
  probe_http_last_modified_timestamp_seconds: 'Last-Modified of the answer.',
  probe_ssl_earliest_cert_expiry: 'When the first certificate of the chain expires.',
  probe_ssl_last_chain_info: 'The certificate of the server.',
  probe_tls_version_info: 'Version of TLS used.',
  probe_tls_cipher_info: 'Cipher of TLS used.',
  probe_ip_protocol: 'Whether the target was reached by IPv4 or IPv6.',
  probe_icmp_duration_seconds: 'Duration of the echo by phase.',
  probe_dns_duration_seconds: 'Duration of the query by phase.',
  probe_dns_answer_rrs: 'Records in the section answer.',
  probe_dns_authority_rrs: 'Records in the section authority.',
  probe_dns_additional_rrs: 'Records in the section additional.',
  probe_dns_query_succeeded: 'Whether the name server answered.',
  probe_dns_serial: 'Serial of the zone.',
};

/** Samples as Prometheus text 0.0.4, one family after the other. */
export function exposition(samples: readonly ProbeSample[]): string {
  const families = new Map<string, ProbeSample[]>();
  for (const sample of samples) {
    const family = families.get(sample.name);
    if (family === undefined) families.set(sample.name, [sample]);
    else family.push(sample);
  }
  let text = '';
  for (const [name, members] of families) {
    if (HELP[name] !== undefined) text += `# HELP ${name} ${HELP[name]}\n`;
    text += `# TYPE ${name} gauge\n`;
    for (const { labels, value } of members) text += `${name}${labelText(labels)} ${valueText(value)}\n`;
  }
  return text;
}

function labelText(labels: ProbeSample['labels']): string {
  if (labels === undefined) return '';
  const pairs = Object.entries(labels).map(
    ([name, value]) =>
      `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
  );
  return `{${pairs.join(',')}}`;
}

function valueText(value: number): string {
  return Number.isNaN(value)
    ? 'NaN'
    : value === Number.POSITIVE_INFINITY
      ? '+Inf'
      : value === Number.NEGATIVE_INFINITY
        ? '-Inf'
        : String(value);
}
