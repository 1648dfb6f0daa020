/**
 * Whether a text may name a label under Prometheus 3's UTF-8 rules: anything but empty and broken Unicode
 * (U+FFFD stands for bytes that were no UTF-8).
 */
export function isLabelName(name: string): boolean {
  return name !== '' && !/[\ud800-\udfff\ufffd]/u.test(name);
}
